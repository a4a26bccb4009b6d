"""Pictures, fonts and LUTs are known by their first bytes, and nothing else passes for one."""

import struct
import zlib

import pytest

from media_app.core.files import plain
from media_app.core.files.accept import refuse_upload
from media_app.core.files.faults import EmptyFile, NotMedia, OutOfRange
from media_app.core.files.plain import PlainFile


def png(width: int, height: int) -> bytes:
    data = b"IHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + data + struct.pack(">I", zlib.crc32(data))


def jpeg(width: int, height: int) -> bytes:
    size = struct.pack(">HBHH", 17, 8, height, width) + bytes(10)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", 5002) + bytes(5000) + b"\xff\xff\xdb\0\x03\0\xff\xc2" + size


def exif(orientation: int, order: str = "<") -> bytes:
    """A JPEG's segment that says how it was held, with another tag before."""
    entries = struct.pack(f"{order}HHIHxxHHIHxx", 0x0100, 3, 1, 7, 0x0112, 3, 1, orientation)
    tiff = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HIH", 42, 8, 2) + entries
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


def webp(form: bytes, body: bytes) -> bytes:
    return b"RIFF" + bytes(4) + b"WEBP" + form + bytes(4) + body + bytes(20)


FILES = {
    "logo.png": (png(640, 360), PlainFile("image", "png", 640, 360)),
    "photo.JPG": (jpeg(4000, 3000), PlainFile("image", "jpeg", 4000, 3000)),
    "held.jpg": (exif(6) + jpeg(400, 300)[2:], PlainFile("image", "jpeg", 300, 400)),
    "held.jpeg": (exif(8, ">") + jpeg(400, 300)[2:], PlainFile("image", "jpeg", 300, 400)),
    "upside.jpg": (exif(3) + jpeg(400, 300)[2:], PlainFile("image", "jpeg", 400, 300)),
    "unsaid.jpg": (exif(6).replace(b"II", b"XX") + jpeg(400, 300)[2:], PlainFile("image", "jpeg", 400, 300)),
    "a.webp": (
        webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 320, 180)),
        PlainFile("image", "webp", 320, 180),
    ),
    "b.webp": (webp(b"VP8L", b"\x2f" + (319 | 179 << 14).to_bytes(4, "little")), PlainFile("image", "webp", 320, 180)),
    "c.webp": (webp(b"VP8X", bytes(4) + b"\x3f\x01\0\xb3\0\0"), PlainFile("image", "webp", 320, 180)),
    "sans.ttf": (b"\0\1\0\0" + bytes(60), PlainFile("other", "font")),
    "sans.otf": (b"OTTO" + bytes(60), PlainFile("other", "font")),
    "warm.cube": (b'TITLE "Warm"\nLUT_3D_SIZE 33\n0 0 0\n', PlainFile("other", "lut")),
}


@pytest.mark.parametrize("name", FILES)
def test_each_is_known_with_its_size(name):
    data, found = FILES[name]
    assert plain.look(data, name) == found
    assert refuse_upload(name, "application/octet-stream", len(data), max_bytes=1 << 30, plain=True) is None
    assert refuse_upload(name, "application/octet-stream", len(data), max_bytes=1 << 30).field == "filename"


@pytest.mark.parametrize("name", FILES)
def test_a_cut_or_false_one_is_refused_with_a_sentence(name):
    data, _ = FILES[name]
    for wrong in (
        data[:3],
        b"<svg onload=alert(1)>",
        b"\xff\xd8" + b"\xff" * 100,
        bytes(100),
        b"RIFF0000WEBPVP8L" + bytes(20),
    ):
        with pytest.raises(NotMedia, match=r"Export it again.*\.$"):
            plain.look(wrong, name)
    with pytest.raises(EmptyFile):
        plain.look(b"", name)


@pytest.mark.parametrize("size", [(0, 10), (100_000, 100_000)])
def test_a_picture_of_no_size_or_far_too_many_pixels_is_refused(size):
    with pytest.raises(OutOfRange, match="pixels"):
        plain.look(png(*size), "a.png")


@pytest.mark.parametrize("name", ["a.svg", "a.gif", "a.woff2", "a.png.exe", "png"])
def test_other_names_are_no_plain_files(name):
    assert not plain.is_plain(name)
    assert refuse_upload(name, "", 1, max_bytes=10, plain=True).field == "filename"
