"""Files of another kind altogether, and files of two kinds at once."""

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, REFUSED, TAKEN, Bait, Case
from tests.support.hostile.clips import honest
from tests.support.hostile.forms import box, wav


def others(bait: Bait) -> Iterator[Case]:
    """What is something else altogether, and what says that it is two things."""
    film = honest()["clip.mp4"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (20 << 20))
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)
    made = {
        "empty": b"", "one-byte": b"\0", "zip-bomb": packed.getvalue(), "gzip-bomb": gzip.compress(b"\0" * (20 << 20)),
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/URI/URI(http://127.0.0.1)>>>>endobj\n" * 500,
        "elf": b"\x7fELF" + bytes(range(256)) * 16, "exe": b"MZ" + bytes(range(256)) * 16, "png-bomb": png,
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03" + b"\0" * 64,
        "gif": b"GIF89a\xff\xff\xff\xff\0\0\0" + b"\0" * 64, "webp": b"RIFF\x10\0\0\0WEBPVP8X" + b"\xff" * 32,
        "heic": box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", b"\0" * 64), "tiff": b"II*\0" + b"\xff" * 64,
        "bmp": b"BM" + struct.pack("<I", 64) + b"\xff" * 58, "psd": b"8BPS\0\1" + b"\xff" * 64, "jxl": b"\xff\x0a" + b"\xff" * 64,
        "rar": b"Rar!\x1a\x07\x00" + b"\xff" * 64, "7z": b"7z\xbc\xaf\x27\x1c" + b"\xff" * 64, "tar": b"clip.mp4".ljust(257, b"\0") + b"ustar\0" + b"\0" * 512,
        "midi": b"MThd\0\0\0\6\0\1\0\1\0\1MTrk" + b"\xff" * 64, "swf": b"CWS\x09" + struct.pack("<I", 2**31) + zlib.compress(b"\0" * (1 << 20)),
        "pickle": b"\x80\x04cposix\nsystem\n(S'touch /tmp/harm'\ntR.", "noise": random.Random(1).randbytes(200_000),
        "sqlite": b"SQLite format 3\0" + b"\0" * 1000, "wasm": b"\0asm\1\0\0\0" + b"\0" * 64, "java": b"\xca\xfe\xba\xbe" + b"\0" * 64,
        "ico": b"\0\0\1\0\1\0\0\0" + b"\xff" * 64, "exr": b"\x76\x2f\x31\x01" + b"\xff" * 64, "dpx": b"SDPX" + b"\xff" * 2048,
    }  # fmt: skip
    for name, data in made.items():
        yield Case(f"other-{name}", "other", data)
    both = {
        "html-before": (b"<html><script>alert(1)</script></html>" + film, REFUSED),
        "pdf-before": (b"%PDF-1.4\n%%EOF\n" + film, REFUSED),
        "zip-behind": (film + packed.getvalue(), REFUSED),
        "html-inside": (box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + box(b"free", b"<script>alert(1)</script>") + film, REFUSED),
        "php-behind": (film + box(b"free", b"<?php system($_GET[0]); ?>"), TAKEN),
        "hls-behind": (film + f"\n#EXTM3U\n#EXTINF:1,\nfile://{bait.secret}\n".encode(), EITHER),
        "jpeg-before": (b"\xff\xd8\xff\xe0" + film, REFUSED),
        "film-twice": (film + film, EITHER),
        "wav-film": (wav(more=b"junk" + struct.pack("<I", len(film)) + film), REFUSED),
        "mp3-tag-with-zip": (b"ID3\3\0\0" + bytes([0, 0, len(packed.getvalue()) >> 7 & 127, len(packed.getvalue()) & 127]) + packed.getvalue(), EITHER),
    }  # fmt: skip
    for name, (data, ends) in both.items():
        yield Case(f"polyglot-{name}", "polyglot", data, ends)
