"""Files of the registry that are no recordings: pictures, fonts and LUTs. Their first bytes say what they are."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from media_app.core.files.faults import EmptyFile, NotMedia, OutOfRange
from media_app.core.files.keys import extension_of
from media_app.core.files.streams import MAX_PIXELS

PICTURES = frozenset([".png", ".jpg", ".jpeg", ".webp"])
FONTS = frozenset([".ttf", ".otf"])
LUTS = frozenset([".cube"])
EXTENSIONS = PICTURES | FONTS | LUTS
#: How much of a file is looked at: a JPEG's size may stand behind a long profile and a preview.
HEAD_BYTES = 1 << 20
_FONTS = (b"\0\1\0\0", b"OTTO", b"true")
_LUT = re.compile(rb"^\s*LUT_[13]D_SIZE\s+\d{1,5}\s*$", re.MULTILINE)
#: JPEG segments that hold the size, and those that have no length.
_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
#: Exif's orientations whose rows and columns are exchanged.
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class PlainFile:
    """What a file is: `kind` image or other, its form, and a picture's size in pixels as it is shown."""

    kind: str
    form: str
    width: int | None = None
    height: int | None = None


def is_plain(filename: str) -> bool:
    """Whether a file is taken as it is, by its name."""
    return extension_of(filename) in EXTENSIONS


def look(head: bytes, filename: str) -> PlainFile:
    """What a file is by its first `HEAD_BYTES`. Raises EmptyFile, NotMedia, OutOfRange, each with a sentence."""
    if not head:
        raise EmptyFile("The file is empty (0 bytes). Send it again.")
    extension = extension_of(filename)
    if extension in FONTS and head.startswith(_FONTS):
        return PlainFile("other", "font")
    if extension in LUTS and _LUT.search(head):
        return PlainFile("other", "lut")
    if extension in PICTURES and (found := _picture(head)) is not None:
        form, width, height = found
        if not 0 < width * height <= MAX_PIXELS:
            raise OutOfRange(
                f"The picture has {width}×{height} pixels; at most {MAX_PIXELS:,} are taken. Make it smaller."
            )
        if form == "jpeg" and _lies(head):
            width, height = height, width
        return PlainFile("image", form, width, height)
    raise NotMedia(
        f"This is no {extension[1:].upper()} file that can be read. Export it again, and send it under its own name."
    )


def _picture(head: bytes) -> tuple[str, int, int] | None:
    """Form, width and height."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and len(head) >= 24:
        return ("png", *struct.unpack(">II", head[16:24]))
    if head.startswith(b"\xff\xd8"):
        return _jpeg(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
        return _webp(head)
    return None


def _jpeg(head: bytes) -> tuple[str, int, int] | None:
    for marker, at in _segments(head):
        if marker in _SOF:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return "jpeg", width, height
    return None


def _segments(head: bytes) -> Iterator[tuple[int, int]]:
    """Each marker of a JPEG, and where it stands."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        yield marker, at
        # A marker may be filled up with more 0xFF.
        at += 1 if marker == 0xFF else 2 if marker in _BARE else 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]


def _lies(head: bytes) -> bool:
    """Whether a JPEG is stored on its side, as its Exif says; decoders set it upright."""
    for marker, at in _segments(head):
        if marker == 0xE1 and head[at + 4 : at + 10] == b"Exif\0\0":
            return _orientation(head[at + 10 : at + 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]]) in _ON_ITS_SIDE
    return False


def _orientation(tiff: bytes) -> int:
    """The tag 0x0112 of a TIFF's first directory (Exif 2.3, 4.6.4); 0 where there is none."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 0
    start = struct.unpack(f"{order}I", tiff[4:8])[0]
    count = struct.unpack(f"{order}H", tiff[start : start + 2])[0] if start + 2 <= len(tiff) else 0
    for at in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, value = struct.unpack(f"{order}H6xH", tiff[at : at + 10])
        if tag == 0x0112:
            return int(value)
    return 0


def _webp(head: bytes) -> tuple[str, int, int] | None:
    form = head[12:16]
    if form == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return "webp", width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return "webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X":
        return "webp", int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    return None
