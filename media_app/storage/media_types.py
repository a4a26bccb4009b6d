"""The media types that keys stand for, and the names of downloads."""

import mimetypes

from django.utils.http import content_disposition_header

#: What Python's own table lacks or names otherwise than browsers do.
_MEDIA_TYPES = {
    "aac": "audio/aac",
    "dat": "application/octet-stream",
    "flac": "audio/flac",
    "m2ts": "video/mp2t",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "m3u8": "application/vnd.apple.mpegurl",
    "mkv": "video/x-matroska",
    "mpd": "application/dash+xml",
    "mts": "video/mp2t",
    "mxf": "application/mxf",
    "ts": "video/mp2t",
    "wav": "audio/wav",
    "webp": "image/webp",
}


def content_type_of(key: str) -> str:
    """The media type that the key's extension stands for."""
    extension = key.rpartition(".")[2].lower()
    return _MEDIA_TYPES.get(extension) or mimetypes.guess_type(key)[0] or "application/octet-stream"


def disposition(filename: str) -> str:
    """The Content-Disposition header of a download of this name; what cannot stand in a header becomes "_"."""
    safe = "".join(char if char.isprintable() and char not in "/\\" else "_" for char in filename)
    return content_disposition_header(True, safe) or "attachment"
