"""MP4 whose atoms lie."""

import struct
import zlib
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, REFUSED, Bait, Case
from tests.support.hostile.clips import honest
from tests.support.hostile.forms import box, patched


def atoms(bait: Bait) -> Iterator[Case]:
    film = honest()["clip.mp4"]
    big, most = b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"
    ftyp = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")

    def case(name: str, data: bytes, ends: str = REFUSED) -> Case:
        return Case(f"mp4-{name}", "atom", data, ends)

    # After an atom's name: 1 byte version, 3 of flags, then its fields.
    yield case("movie-scale-0", patched(film, b"mvhd", 12, b"\0\0\0\0"), EITHER)
    yield case("movie-forever", patched(film, b"mvhd", 16, big), EITHER)
    yield case("track-scale-0", patched(film, b"mdhd", 12, b"\0\0\0\0"), EITHER)
    yield case("track-scale-most", patched(film, b"mdhd", 12, most), EITHER)
    yield case("track-forever", patched(film, b"mdhd", 16, big), EITHER)
    yield case("a-million-frames-a-second", patched(film, b"mdhd", 12, struct.pack(">I", 512_000_000)), REFUSED)
    yield case("one-frame-a-day", patched(film, b"stts", 12, struct.pack(">I", 512 * 25 * 7200)), EITHER)
    yield case("times-count", patched(film, b"stts", 4, big), EITHER)
    yield case("times-repeat", patched(film, b"stts", 8, big), EITHER)
    yield case("times-repeat-many", patched(film, b"stts", 8, most), EITHER)
    yield case("times-step", patched(film, b"stts", 12, most), EITHER)
    yield case("times-step-negative", patched(film, b"stts", 12, b"\x80\0\0\0"), EITHER)
    yield case("chunks-count", patched(film, b"stsc", 4, big), EITHER)
    yield case("chunks-first", patched(film, b"stsc", 8, b"\0\0\0\0"), EITHER)
    yield case("chunk-samples", patched(film, b"stsc", 12, most), EITHER)
    yield case("sizes-count", patched(film, b"stsz", 8, big), EITHER)
    yield case("sizes-all-one", patched(film, b"stsz", 4, b"\0\0\0\1" + most), EITHER)
    yield case("sizes-all-most", patched(film, b"stsz", 4, most + most), EITHER)
    yield case("size-first-most", patched(film, b"stsz", 12, most), EITHER)
    yield case("places-count", patched(film, b"stco", 4, big), EITHER)
    yield case("places-beyond", patched(film, b"stco", 8, most), EITHER)
    yield case("edit-count", patched(film, b"elst", 4, big), EITHER)
    yield case("edit-before", patched(film, b"elst", 12, b"\x80\0\0\0"), EITHER)
    yield case("edit-long", patched(film, b"elst", 8, most), EITHER)
    yield case("edit-speed", patched(film, b"elst", 16, most), EITHER)
    yield case("picture-65535", patched(film, b"avc1", 24, b"\xff\xff\xff\xff"), EITHER)
    yield case("picture-0", patched(film, b"avc1", 24, b"\0\0\0\0"), EITHER)
    yield case("matrix-spin", patched(film, b"tkhd", 40, b"\x12\x34\x56\x78" * 9), EITHER)
    yield case("track-size-most", patched(film, b"tkhd", 76, most + most), EITHER)
    yield case("sound-65535-channels", patched(film, b"mp4a", 16, b"\xff\xff"), EITHER)
    yield case("sound-rate-most", patched(film, b"mp4a", 24, big), EITHER)
    yield case("codec-config-junk", patched(film, b"avcC", 0, b"\xff" * 16), EITHER)
    yield case("codec-unknown", film.replace(b"avc1", b"zzzz").replace(b"mp4a", b"yyyy"), REFUSED)
    yield case("encrypted", film.replace(b"avc1", b"encv").replace(b"mp4a", b"enca"), EITHER)
    yield case("no-moov", film.replace(b"moov", b"zzzz"), REFUSED)
    yield case("moov-alone", ftyp + film[film.index(b"moov") - 4 :], REFUSED)
    yield case("no-mdat", film.replace(b"mdat", b"free"), EITHER)
    yield case("ftyp-alone", ftyp, REFUSED)
    yield case("box-size-7", ftyp + struct.pack(">I", 7) + b"moov" + b"\0" * 64, REFUSED)
    yield case("box-size-most", ftyp + most + b"moov" + b"\0" * 64, REFUSED)
    yield case("box-size-2-63", ftyp + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + b"\0" * 64, REFUSED)
    yield case("box-size-2-64", ftyp + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + b"\0" * 64, REFUSED)
    nested = b""
    for _ in range(2000):
        nested = box(b"moov", nested)
    yield case("moov-in-moov", ftyp + nested, REFUSED)
    nested = b""
    for _ in range(2000):
        nested = box(b"udta", box(b"meta", nested))
    yield case("meta-in-meta", ftyp + box(b"moov", nested), REFUSED)
    yield case("moov-thrice", ftyp + film[film.index(b"moov") - 4 :] * 3, REFUSED)
    yield case("many-boxes", ftyp + box(b"free") * 200_000 + film[len(ftyp) :], EITHER)
    zipped = zlib.compress(b"\0" * (64 << 20), 9)
    cmov = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", struct.pack(">I", 2**31 - 1), zipped))
    yield case("compressed-moov-bomb", ftyp + box(b"moov", cmov), REFUSED)
    empty_track = box(
        b"trak",
        box(b"tkhd", b"\0" * 84),
        box(b"mdia", box(b"mdhd", b"\0" * 24), box(b"hdlr", b"\0" * 8 + b"vide" + b"\0" * 13)),
    )
    yield case("3000-tracks", ftyp + box(b"moov", box(b"mvhd", b"\0" * 100), empty_track * 3000), REFUSED)
    for kind, url in (("file", str(bait.secret)), ("http", f"http://127.0.0.1:{bait.port}/x.mov")):
        dref = box(b"dref", b"\0\0\0\0\0\0\0\1", box(b"url ", b"\0\0\0\0" + url.encode() + b"\0"))
        yield case(f"data-elsewhere-{kind}", _with_dref(film, dref), EITHER)
    alias = (
        b"\0\0\0\0"
        + b"\0" * 150
        + struct.pack(">HH", 2, len(str(bait.secret)))
        + str(bait.secret).encode()
        + b"\xff\xff\0\0"
    )
    yield case("data-alias", _with_dref(film, box(b"dref", b"\0\0\0\0\0\0\0\1", box(b"alis", alias))), EITHER)
    moof = box(
        b"moof",
        box(b"mfhd", b"\0" * 8),
        box(b"traf", box(b"tfhd", b"\0" * 8), box(b"trun", b"\0\0\x0f\x01" + big + b"\0" * 64)),
    )
    yield case("fragment-of-2-32", honest()["fragments.mp4"] + moof, EITHER)
    yield case("fragments-alone", ftyp + moof * 100, REFUSED)
    yield case("sidx-loop", ftyp + box(b"sidx", b"\0" * 20 + b"\xff\xff" + b"\xff" * 600) + moof, REFUSED)


def _with_dref(film: bytes, dref: bytes) -> bytes:
    """The film with its first data reference replaced, sizes of the boxes above mended."""
    at = film.index(b"dref") - 4
    old = struct.unpack(">I", film[at : at + 4])[0]
    grown = len(dref) - old
    bent = bytearray(film[:at] + dref + film[at + old :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = bytes(bent).index(name) - 4
        size = struct.unpack(">I", bent[place : place + 4])[0]
        bent[place : place + 4] = struct.pack(">I", size + grown)
    return bytes(bent)
