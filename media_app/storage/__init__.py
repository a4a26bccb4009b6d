"""The only room that knows disks, S3 and R2: `store()` is the one that the settings choose."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from media_app.storage.base import (
    BadKey,
    LifecycleOutcome,
    LifecycleRule,
    ObjectMissing,
    Part,
    PartsMismatch,
    Store,
    StoredObject,
    StoreFull,
    StoreRefused,
    StoreSettings,
    StoreUnreachable,
    Upload,
    UploadGone,
    bare_etag,
    check_key,
    content_type_of,
    disposition,
)
from media_app.storage.local import LocalStore

__all__ = [
    "BadKey",
    "LifecycleOutcome",
    "LifecycleRule",
    "ObjectMissing",
    "Part",
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
    "store",
]


def store() -> Store:
    """The configured store: one for each set of settings, so that tests may change them."""
    return _open(_read_settings())


@lru_cache(maxsize=16)
def _open(chosen: StoreSettings) -> Store:
    if chosen.backend != "s3":
        return LocalStore(chosen)
    # Here and not above: boto3 takes half a second that a machine with local files need not wait.
    from media_app.storage.s3 import S3Store

    return S3Store(chosen)


def _read_settings() -> StoreSettings:
    return StoreSettings(
        backend=getattr(settings, "STORAGE_BACKEND", "local"),
        root=Path(getattr(settings, "MEDIA_STORE_ROOT", "var/store")),
        url_expires=getattr(settings, "STORAGE_URL_EXPIRES", 6 * 3600),
        public_url=getattr(settings, "PUBLIC_URL", ""),
        bucket=getattr(settings, "S3_BUCKET", ""),
        endpoint_url=getattr(settings, "S3_ENDPOINT_URL", ""),
        public_endpoint_url=getattr(settings, "S3_PUBLIC_ENDPOINT_URL", ""),
        access_key=getattr(settings, "S3_ACCESS_KEY_ID", ""),
        secret_key=getattr(settings, "S3_SECRET_ACCESS_KEY", ""),
        region=getattr(settings, "S3_REGION", "auto"),
    )
