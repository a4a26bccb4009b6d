"""Addresses of files in Studio's own store, as clients write them: `s3://bucket/key`, or `studio://key` on a local store."""

from urllib.parse import urlsplit

_OWN = "studio://"
_BUCKET = "s3://"


class BadUri(ValueError):
    """An address of no file in Studio's store; the message says why."""


class LocalPath(BadUri):
    """A path on somebody's disk, which Studio reads for nobody."""


def uri_of(key: str, bucket: str) -> str:
    """The address of an object; `bucket` is empty for a local store."""
    return f"{_BUCKET}{bucket}/{key}" if bucket else f"{_OWN}{key}"


def key_of(uri: str, bucket: str) -> str:
    """The key that an address names. Raises BadUri, LocalPath."""
    if uri.startswith(_OWN):
        return uri.removeprefix(_OWN)
    if uri.startswith(_BUCKET):
        named, _, key = uri.removeprefix(_BUCKET).partition("/")
        if not bucket or named != bucket:
            raise BadUri(
                "This bucket does not belong to Studio. Use the uri that Studio gives for a file, or upload the file."
            )
        return key
    if uri.startswith(("/", ".", "~", "file:", "\\")) or _scheme(uri) == "":
        raise LocalPath(
            "Studio does not read paths of a disk. Use the uri that Studio gives for a file, or upload the file."
        )
    raise BadUri("Studio takes s3:// and studio:// addresses of its own store here. Upload the file instead.")


def is_remote(uri: str) -> bool:
    """Whether an address is to be fetched from the network."""
    return _scheme(uri) in ("http", "https")


def _scheme(uri: str) -> str:
    try:
        return urlsplit(uri).scheme
    except ValueError:
        return "?"
