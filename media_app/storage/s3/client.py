"""The boto3 client, made as R2 wants it."""

import os
from functools import lru_cache
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

from media_app.core.files.parts import MIB

TRANSFER = TransferConfig(multipart_threshold=64 * MIB, multipart_chunksize=16 * MIB, max_concurrency=3)


@lru_cache(maxsize=8)
def client(endpoint_url: str, access_key: str, secret_key: str, region: str) -> Any:
    """One client for all threads: making one takes a fifth of a second, and a client may be shared where the resources
    of django-storages may not. Path-style addresses wherever the endpoint is named: then any server and host name can answer.
    """
    behind = S3Storage(
        access_key=access_key or None,
        secret_key=secret_key or None,
        endpoint_url=endpoint_url or None,
        region_name=region,
        default_acl=None,
        file_overwrite=True,
        querystring_auth=True,
        transfer_config=TRANSFER,
        client_config=Config(
            signature_version="s3v4",
            region_name=region,
            s3={"addressing_style": "path" if endpoint_url else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "max_attempts": 5},
            max_pool_connections=32,
            connect_timeout=5,
            read_timeout=60,
        ),
    )
    return behind.connection.meta.client


# A forked worker must not speak on its parent's connections.
os.register_at_fork(after_in_child=client.cache_clear)
