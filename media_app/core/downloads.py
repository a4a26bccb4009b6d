"""What an answer to a GET says of the file that it brings: pure readings of its headers, named in small letters."""

import mimetypes
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)")
_NAMED = re.compile(r"filename\s*=\s*(?:\"([^\"]*)\"|([^;\s]+))", re.IGNORECASE)
_NAMED_UTF8 = re.compile(r"filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)", re.IGNORECASE)
#: What `mimetypes` does not know everywhere.
_EXTENSIONS = {
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
}


def validator_of(headers: Mapping[str, str]) -> str:
    """What proves that the rest of a file is of the same file: its strong ETag, else its time of change; empty for neither."""
    etag = headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else headers.get("last-modified", "")


def range_of(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Where a partial answer begins, and the size of the whole; None for what it does not say."""
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None:
        return None, None
    return int(found[1]) if found[1] else None, int(found[2]) if found[2] != "*" else None


def length_of(headers: Mapping[str, str]) -> int | None:
    """The announced size of a body."""
    text = headers.get("content-length", "").strip()
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def type_of(headers: Mapping[str, str]) -> str:
    """The plain content type, as an upload would name it."""
    plain = headers.get("content-type", "").split(";")[0].strip().lower()
    return plain if plain.isascii() and plain.isprintable() and len(plain) <= 100 else ""


def filename_of(url: str, headers: Mapping[str, str]) -> str:
    """The file's name: as the answer gives it, else the end of its address; with an extension by its type where it has none."""
    said = headers.get("content-disposition", "")
    utf8, plain = _NAMED_UTF8.search(said), _NAMED.search(said)
    name = unquote(utf8[1]) if utf8 else (plain[1] or plain[2] or "") if plain else ""
    name = (name or unquote(urlsplit(url).path)).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(char for char in name if char.isprintable()).strip() or "download"
    if "." in name.strip("."):
        return name
    return name + (_EXTENSIONS.get(type_of(headers)) or mimetypes.guess_extension(type_of(headers)) or "")
