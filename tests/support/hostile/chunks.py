"""Sound and Flash files whose headers lie."""

import re
import struct
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, REFUSED, TAKEN, Bait, Case
from tests.support.hostile.clips import honest
from tests.support.hostile.forms import patched, wav


def chunks(bait: Bait) -> Iterator[Case]:
    quiet = b"\0" * 9600

    def sound(name: str, ends: str, data: bytes, filename: str = "clip.wav") -> Case:
        return Case(f"sound-{name}", "header", data, ends, filename)

    yield sound("rate-1", REFUSED, wav(rate=1))
    yield sound("rate-0", REFUSED, wav(rate=0))
    yield sound("rate-4e9", REFUSED, wav(rate=4_000_000_000))
    yield sound("channels-0", REFUSED, wav(channels=0))
    yield sound("channels-65535", REFUSED, wav(channels=65535))
    yield sound("channels-255", REFUSED, wav(channels=255))
    yield sound("bits-0", EITHER, wav(bits=0))
    yield sound("bits-7", EITHER, wav(bits=7))
    yield sound("bits-4096", EITHER, wav(bits=4096))
    yield sound("align-0", EITHER, wav(align=0))
    yield sound("align-65535", EITHER, wav(align=65535))
    yield sound("tag-junk", REFUSED, wav(tag=0x7777))
    yield sound("data-size-most", EITHER, wav(data_size=2**32 - 2))
    yield sound("riff-size-most", EITHER, wav(riff_size=2**32 - 1))
    yield sound("riff-size-0", TAKEN, wav(riff_size=0))
    yield sound("nan", TAKEN, wav(tag=3, bits=32, data=struct.pack("<f", float("nan")) * 24000))
    yield sound("infinite", TAKEN, wav(tag=3, bits=32, data=struct.pack("<ff", float("inf"), -float("inf")) * 12000))
    yield sound("10000-lists", TAKEN, wav(more=(b"LIST" + struct.pack("<I", 4) + b"INFO") * 10_000))
    yield sound(
        "title-4-MB",
        EITHER,
        wav(
            more=b"LIST" + struct.pack("<I", 4_000_012) + b"INFOINAM" + struct.pack("<I", 4_000_000) + b"A" * 4_000_000
        ),
    )
    yield sound("list-size-most", REFUSED, wav(more=b"LIST" + struct.pack("<I", 2**32 - 1)))
    yield sound(
        "fmt-size-most", REFUSED, b"RIFF" + struct.pack("<I", 64) + b"WAVEfmt " + struct.pack("<I", 2**31 - 1) + quiet
    )
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, 2**63 - 1, 2**63 - 1, 2**63 - 1, 0)
    yield sound("rf64-2-63", EITHER, b"RF64\xff\xff\xff\xffWAVE" + ds64 + wav()[12:])
    yield sound("bext-bomb", TAKEN, wav(more=b"bext" + struct.pack("<I", 602) + b"\xff" * 602))
    flac = honest()["clip.flac"]
    info = flac.index(b"fLaC") + 8
    bent = bytearray(flac)
    bent[info + 10 : info + 18] = b"\xff" * 8
    yield sound("flac-info-most", EITHER, bytes(bent), "clip.flac")
    yield sound(
        "flac-picture-bomb",
        EITHER,
        b"fLaC" + flac[4:42] + b"\x06\xff\xff\xff" + b"\xff" * 1000 + flac[42:],
        "clip.flac",
    )
    yield sound("id3-256-MB", EITHER, b"ID3\4\0\0\x7f\x7f\x7f\x7f" + honest()["clip.mp3"], "clip.mp3")
    yield sound("id3-in-id3", EITHER, b"ID3\4\0\0\0\0\0\x0a" * 5000 + honest()["clip.mp3"], "clip.mp3")
    mp3 = honest()["clip.mp3"]
    at = mp3.find(b"Xing") if b"Xing" in mp3 else mp3.find(b"Info")
    yield sound("mp3-frames-2-32", REFUSED, mp3[: at + 8] + b"\xff\xff\xff\xff" + mp3[at + 12 :], "clip.mp3")
    ogg = honest()["clip.ogg"]
    pages = [found.start() for found in re.finditer(b"OggS", ogg)]
    yield sound(
        "ogg-position-2-63", EITHER, ogg[: pages[-1] + 6] + b"\xff" * 7 + b"\x7f" + ogg[pages[-1] + 14 :], "clip.ogg"
    )
    storm = b"".join(
        b"OggS\0\2" + b"\0" * 8 + struct.pack("<II", n, 0) + b"\0\0\0\0\1\x1e\1vorbis" + b"\0" * 23 for n in range(2000)
    )
    yield sound("ogg-2000-streams", REFUSED, storm, "clip.ogg")
    aiff = honest()["clip.aiff"]
    yield sound("aiff-rate-infinite", EITHER, patched(aiff, b"COMM", 12, b"\x7f\xff\x80\0\0\0\0\0\0\0"), "clip.aiff")
    yield sound("aiff-channels", REFUSED, patched(aiff, b"COMM", 4, b"\x7f\xff"), "clip.aiff")
    yield sound("caf-rate-nan", REFUSED, patched(honest()["clip.caf"], b"desc", 8, b"\x7f\xf8" + b"\0" * 6), "clip.caf")
    w64 = honest()["clip.w64"]
    yield sound("w64-size-2-63", EITHER, w64[:16] + struct.pack("<Q", 2**63 - 1) + w64[24:], "clip.w64")
    avi = honest()["clip.avi"]
    for name, at, new in (
        ("frame-time-0", 8, b"\0\0\0\0"), ("streams-most", 32, b"\xff\xff\xff\xff"), ("width-most", 40, b"\xff\xff\xff\x7f"),
    ):  # fmt: skip
        bent = bytearray(avi)
        start = avi.index(b"avih") + at
        bent[start : start + 4] = new
        yield Case(f"avi-{name}", "header", bytes(bent), EITHER, "clip.avi")
    strh, strf = avi.index(b"strh") + 8, avi.index(b"strf") + 8
    for name, at, new in (
        ("scale-0", strh + 20, b"\0\0\0\0"), ("rate-0", strh + 24, b"\0\0\0\0"), ("rate-most", strh + 24, b"\xff\xff\xff\x7f"),
        ("length-most", strh + 32, b"\xff\xff\xff\x7f"), ("picture-most", strf + 4, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"),
        ("picture-30000", strf + 4, struct.pack("<II", 30000, 30000)),
    ):  # fmt: skip
        yield Case(f"avi-{name}", "header", avi[:at] + new + avi[at + len(new) :], EITHER, "clip.avi")
    flv = honest()["clip.flv"]
    yield Case(
        "flv-nested-script", "header", flv[:13] + _flv_script(b"\x0a\0\0\0\1" * 3000) + flv[13:], EITHER, "clip.flv"
    )
    duration = flv.index(b"duration") + 9
    yield Case(
        "flv-forever", "header", flv[:duration] + struct.pack(">d", 1e300) + flv[duration + 8 :], EITHER, "clip.flv"
    )


def _flv_script(body: bytes) -> bytes:
    body = b"\2\0\x0aonMetaData" + body
    return b"\x12" + len(body).to_bytes(3, "big") + b"\0" * 7 + body + struct.pack(">I", len(body) + 11)
