"""What Studio lets in, decided from a file's name, type and size before its first byte is sent."""

import unicodedata
from dataclasses import dataclass

from media_app.core.files.keys import extension_of

VIDEO_EXTENSIONS = frozenset(
    [
        ".3g2",
        ".3gp",
        ".asf",
        ".avi",
        ".dv",
        ".flv",
        ".m2t",
        ".m2ts",
        ".m2v",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogv",
        ".qt",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
    ]
)
AUDIO_EXTENSIONS = frozenset(
    [
        ".aac",
        ".aif",
        ".aifc",
        ".aiff",
        ".amr",
        ".bwf",
        ".caf",
        ".flac",
        ".m4a",
        ".mka",
        ".mp2",
        ".mp3",
        ".oga",
        ".ogg",
        ".opus",
        ".rf64",
        ".w64",
        ".wav",
        ".wave",
        ".wma",
    ]
)
MAX_NAME = 255
MAX_TYPE = 100
#: The type of a file of which nothing is known.
VAGUE = "application/octet-stream"
_VAGUE_TYPES = ("", VAGUE, "binary/octet-stream", "application/mxf", "application/ogg")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not let in: the request's field at fault, and a sentence."""

    field: str
    message: str


def refuse_upload(filename: str, content_type: str, size_bytes: int, *, max_bytes: int) -> Refusal | None:
    """The first thing wrong with a file about to be sent, or None. An empty file passes: its ingest says what it is."""
    return _name_fault(filename) or _type_fault(filename, content_type) or _size_fault(size_bytes, max_bytes)


def _name_fault(filename: str) -> Refusal | None:
    if not filename.strip(" ."):
        return Refusal("filename", "The file has no name. Give it one, with its extension.")
    if len(filename) > MAX_NAME or len(filename.encode("utf-8", "surrogatepass")) > 4 * MAX_NAME:
        return Refusal("filename", f"The file name is longer than {MAX_NAME} characters. Rename the file.")
    if (
        any(unicodedata.category(char) in ("Cc", "Cs", "Cf") for char in filename)
        or "/" in filename
        or "\\" in filename
    ):
        return Refusal("filename", "The file name has slashes or invisible characters in it. Rename the file.")
    return None


def _type_fault(filename: str, content_type: str) -> Refusal | None:
    extension = extension_of(filename)
    if extension not in VIDEO_EXTENSIONS | AUDIO_EXTENSIONS:
        shown = f"'{extension}'" if extension else "no extension"
        return Refusal(
            "filename",
            f"Studio takes video and sound files, and this one has {shown}. Export it as .mp4, .mov, .mkv or .wav.",
        )
    plain = content_type.split(";")[0].strip().lower()
    if len(content_type) > MAX_TYPE or not content_type.isascii() or not content_type.isprintable():
        return Refusal("contentType", "The content type is not one. Send, for example, video/mp4.")
    if plain not in _VAGUE_TYPES and plain.split("/")[0] not in ("video", "audio"):
        return Refusal("contentType", f"Studio takes video/… and audio/… files, not {plain}.")
    return None


def _size_fault(size_bytes: int, max_bytes: int) -> Refusal | None:
    if size_bytes < 0:
        return Refusal("sizeBytes", "A file's size in bytes is a whole number from 0 up.")
    if size_bytes > max_bytes:
        return Refusal(
            "sizeBytes", f"The file has {size_bytes:,} bytes and at most {max_bytes:,} are taken. Split the recording."
        )
    return None
