"""The only module that knows disks, S3 and R2: `store()` is the one that the settings choose."""

from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from media_app.storage.base import Store
from media_app.storage.checks import bare_etag, check_key
from media_app.storage.errors import (
    BadKey,
    ObjectMissing,
    PartsMismatch,
    StoreFull,
    StoreRefused,
    StoreUnreachable,
    UploadGone,
)
from media_app.storage.local import LocalStore
from media_app.storage.media_types import content_type_of, disposition
from media_app.storage.partial import PartialCopy
from media_app.storage.values import LifecycleOutcome, LifecycleRule, Part, StoredObject, StoreSettings, Upload

__all__ = [
    "BadKey",
    "LifecycleOutcome",
    "LifecycleRule",
    "ObjectMissing",
    "Part",
    "PartialCopy",
    "PartsMismatch",
    "Store",
    "StoreFull",
    "StoreRefused",
    "StoreSettings",
    "StoreUnreachable",
    "StoredObject",
    "Upload",
    "UploadGone",
    "bare_etag",
    "check_key",
    "content_type_of",
    "disposition",
    "fronted",
    "store",
]


#: In the order of StoreSettings.
_chosen = attrgetter(
    "STORAGE_BACKEND",
    "MEDIA_STORE_ROOT",
    "STORAGE_URL_EXPIRES",
    "PUBLIC_URL",
    "S3_BUCKET",
    "S3_ENDPOINT_URL",
    "S3_PUBLIC_ENDPOINT_URL",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "S3_REGION",
)


def store() -> Store:
    """The configured store: one for each set of settings, so that tests may change them."""
    return _open(*_chosen(settings))


def fronted(url: str) -> str:
    """A signed link, led through MEDIA_CDN_URL where there is one: the same path and signature at another address."""
    if not settings.MEDIA_CDN_URL:
        return url
    link = urlsplit(url)
    return f"{settings.MEDIA_CDN_URL}{link.path}{'?' if link.query else ''}{link.query}"


@lru_cache(maxsize=16)
def _open(backend: str, root: str | Path, *others: Any) -> Store:
    chosen = StoreSettings(backend, Path(root), *others)
    if chosen.backend != "s3":
        return LocalStore(chosen)
    from media_app.storage.s3 import S3Store  # noqa: PLC0415 (boto3 takes half a second, and local files need none of it)

    return S3Store(chosen)
