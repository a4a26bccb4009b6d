"""What Studio lets in, decided from a file's name, type and size before its first byte is sent."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from media_app.core.files.keys import extension_of
from media_app.core.files.plain import is_plain

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
#: A recorder's take whose tracks are files of their own, packed to be sent as one.
TAKE = ".tar"
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
        ".tar",
        ".w64",
        ".wav",
        ".wave",
        ".wma",
    ]
)
MAX_NAME = 255
MAX_TYPE = 100
#: What cameras write that is first to be turned into video by their makers' own programs, and what to do.
_STITCH = "It holds the halves of a sphere. Export it as a flat or 360° .mp4 with {}, and upload that."
_DEVELOP = "It is camera raw, which only the manufacturer's tools decode. Export it as ProRes or H.264 with {}, and upload that."
_MADE_BY = {
    ".360": ("a GoPro MAX", _STITCH.format("GoPro Player or Quik")),
    ".insv": ("an Insta360", _STITCH.format("Insta360 Studio")),
    ".osv": ("a DJI Osmo 360", _STITCH.format("DJI Studio")),
    ".braw": ("a Blackmagic camera", _DEVELOP.format("DaVinci Resolve")),
    ".crm": ("a Canon camera", _DEVELOP.format("Cinema RAW Development or DaVinci Resolve")),
    ".r3d": ("a RED camera", _DEVELOP.format("REDCINE-X or DaVinci Resolve")),
    ".ari": ("an ARRI camera", _DEVELOP.format("ARRI Reference Tool or DaVinci Resolve")),
    ".nev": ("a Nikon camera", _DEVELOP.format("NX Studio or DaVinci Resolve")),
}
#: Extension → why a file of that kind cannot be taken as it is, and what to do.
NOT_YET_VIDEO = {
    extension: f"A {extension} file comes from {camera}. {what_to_do}"
    for extension, (camera, what_to_do) in _MADE_BY.items()
}
#: Joiners and direction marks that belong to words: Persian, emoji, names from phones set to right-to-left; emoji's flags.
_MARKS = frozenset("\u061c\u200c\u200d\u200e\u200f") | {chr(code) for code in range(0xE0020, 0xE0080)}
#: The type of a file of which nothing is known.
VAGUE = "application/octet-stream"
_VAGUE_TYPES = ("", VAGUE, "binary/octet-stream", "application/mxf", "application/ogg", "application/x-tar")


def known_extensions() -> dict[str, Any]:
    """What a page must know to refuse a file before it is offered: extensions of video and sound, and sentences for those that
    only their makers' own programs open."""
    return {"video": sorted(VIDEO_EXTENSIONS), "audio": sorted(AUDIO_EXTENSIONS), "refused": NOT_YET_VIDEO}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not let in: the request's field at fault, and a sentence."""

    field: str
    message: str


def refuse_upload(
    filename: str, content_type: str, size_bytes: int, *, max_bytes: int, plain: bool = False
) -> Refusal | None:
    """The first thing wrong with a file about to be sent, or None. An empty file passes: its ingest says what it is. `plain`:
    pictures, fonts and LUTs are taken too."""
    if plain and is_plain(filename):
        return _name_fault(filename) or _content_type_fault(content_type) or _size_fault(size_bytes, max_bytes)
    return _name_fault(filename) or _type_fault(filename, content_type) or _size_fault(size_bytes, max_bytes)


def _name_fault(filename: str) -> Refusal | None:
    if not "".join(char for char in filename if char not in _MARKS).strip(" ."):
        return Refusal("filename", "The file has no name. Give it one, with its extension.")
    if len(filename) > MAX_NAME or len(filename.encode("utf-8", "surrogatepass")) > 4 * MAX_NAME:
        return Refusal("filename", f"The file name is longer than {MAX_NAME} characters. Rename the file.")
    if any(_misleads(char) for char in filename):
        return Refusal("filename", "The file name has slashes or invisible characters in it. Rename the file.")
    return None


def _misleads(char: str) -> bool:
    """Whether a character makes a name look like another one, or like a path."""
    return char in "/\\" or (unicodedata.category(char) in ("Cc", "Cs", "Cf", "Zl", "Zp") and char not in _MARKS)


def _type_fault(filename: str, content_type: str) -> Refusal | None:
    extension = extension_of(filename)
    if extension in NOT_YET_VIDEO:
        return Refusal("filename", NOT_YET_VIDEO[extension])
    if extension not in VIDEO_EXTENSIONS | AUDIO_EXTENSIONS:
        shown = f"'{extension}'" if extension else "no extension"
        return Refusal(
            "filename",
            f"Studio takes video and sound files, and this one has {shown}. Export it as .mp4, .mov, .mkv or .wav.",
        )
    if fault := _content_type_fault(content_type):
        return fault
    plain = content_type.split(";")[0].strip().lower()
    if plain not in _VAGUE_TYPES and plain.split("/")[0] not in ("video", "audio"):
        return Refusal("contentType", f"Studio takes video/… and audio/… files, not {plain}.")
    return None


def _content_type_fault(content_type: str) -> Refusal | None:
    if len(content_type) > MAX_TYPE or not content_type.isascii() or not content_type.isprintable():
        return Refusal("contentType", "This is not a content type. Send, for example, video/mp4.")
    return None


def _size_fault(size_bytes: int, max_bytes: int) -> Refusal | None:
    if size_bytes < 0:
        return Refusal("sizeBytes", "A file's size in bytes is a whole number from 0 up.")
    if size_bytes > max_bytes:
        return Refusal(
            "sizeBytes", f"The file has {size_bytes:,} bytes and at most {max_bytes:,} are taken. Split the recording."
        )
    return None
