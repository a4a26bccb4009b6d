"""Lifecycle and CORS rules as S3 takes them."""

from collections.abc import Sequence
from typing import Any

from media_app.storage.values import LifecycleRule

_READ_HEADERS = ("content-type", "range", "if-range", "if-match", "if-none-match")
_SHOWN_HEADERS = ("ETag", "Accept-Ranges", "Content-Range", "Content-Length", "Content-Type", "Last-Modified")


def lifecycle(rules: Sequence[LifecycleRule], abort_uploads_days: int) -> list[dict[str, Any]]:
    """The bucket's own rules: those about a prefix, and one that aborts unfinished uploads."""
    abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": abort_uploads_days}}
    own = [_rule(rule.name, rule.prefix, Expiration={"Days": rule.days}) for rule in rules if not rule.folder]
    return [_rule("studio-unfinished-uploads", "", **abort), *own]


def cors(origins: Sequence[str]) -> dict[str, Any]:
    """Leave for pages of these origins to upload and read."""
    return {
        "AllowedOrigins": list(origins),
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": list(_READ_HEADERS),
        "ExposeHeaders": list(_SHOWN_HEADERS),
        "MaxAgeSeconds": 3600,
    }


def _rule(name: str, prefix: str, **action: Any) -> dict[str, Any]:
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, **action}
