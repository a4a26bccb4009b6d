"""Matroska whose elements lie."""

import struct
import zlib
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, REFUSED, TAKEN, Bait, Case
from tests.support.hostile.forms import ebml


def elements(bait: Bait) -> Iterator[Case]:
    """Matroska."""
    head = ebml(0x1A45DFA3, ebml(0x4282, b"matroska") + ebml(0x4287, b"\4") + ebml(0x4285, b"\2"))
    scale, duration = ebml(0x2AD7B1, (1_000_000).to_bytes(4, "big")), ebml(0x4489, struct.pack(">d", 1000.0))
    pcm = ebml(0x86, b"A_PCM/INT/LIT")

    def track(*inside: bytes, kind: bytes = b"\2") -> bytes:
        return ebml(
            0x1654AE6B, ebml(0xAE, ebml(0xD7, b"\1") + ebml(0x73C5, b"\1") + ebml(0x83, kind) + b"".join(inside))
        )

    def audio(rate: float = 48000.0, channels: int = 1) -> bytes:
        sampling = ebml(0xB5, struct.pack(">d", rate)) + ebml(0x9F, channels.to_bytes(4, "big")) + ebml(0x6264, b"\x10")
        return pcm + ebml(0xE1, sampling)

    def cluster(time: int = 0) -> bytes:
        block = b"\x81\0\0\x80" + b"\0" * 9600
        return ebml(0x1F43B675, ebml(0xE7, time.to_bytes(8, "big")) + ebml(0xA3, block))

    def film(*inside: bytes) -> bytes:
        return head + ebml(0x18538067, b"".join(inside))

    def case(name: str, data: bytes, ends: str = EITHER) -> Case:
        return Case(f"mkv-{name}", "element", data, ends, "clip.mkv")

    info = ebml(0x1549A966, scale + duration)
    sound = track(audio())
    yield case("plain", film(info, sound, *(cluster(n * 100) for n in range(10))), TAKEN)
    for name, value in (("nan", float("nan")), ("infinite", float("inf")), ("1e300", 1e300), ("negative", -1e9)):
        yield case(
            f"duration-{name}", film(ebml(0x1549A966, scale + ebml(0x4489, struct.pack(">d", value))), sound, cluster())
        )
    yield case("scale-0", film(ebml(0x1549A966, ebml(0x2AD7B1, b"\0") + duration), sound, cluster()))
    yield case("scale-2-63", film(ebml(0x1549A966, ebml(0x2AD7B1, b"\x7f" + b"\xff" * 7) + duration), sound, cluster()))
    for name, rate in (
        ("nan", float("nan")),
        ("infinite", float("inf")),
        ("1e300", 1e300),
        ("0", 0.0),
        ("negative", -48000.0),
    ):
        yield case(f"rate-{name}", film(info, track(audio(rate)), cluster()))
    yield case("channels-2-31", film(info, track(audio(channels=2**31 - 1)), cluster()))
    yield case("channels-1000", film(info, track(audio(channels=1000)), cluster()))
    picture = ebml(0x86, b"V_UNCOMPRESSED") + ebml(
        0xE0, ebml(0xB0, b"\xff\xff\xff") + ebml(0xBA, b"\xff\xff\xff") + ebml(0x2EB524, b"I420")
    )
    yield case("picture-16-million", film(info, track(picture, kind=b"\1"), cluster()), REFUSED)
    yield case("two-days-in-two-blocks", film(info, sound, cluster(0), cluster(47 * 3600 * 1000)), REFUSED)
    yield case("an-hour-in-two-blocks", film(info, sound, cluster(0), cluster(3600 * 1000)), REFUSED)
    yield case("time-2-63", film(info, sound, cluster(2**63 - 1)))
    yield case("segment-size-2-56", head + ebml(0x18538067, info + sound + cluster(), 2**56 - 2))
    yield case("element-size-2-56", film(info, ebml(0x1654AE6B, b"", 2**56 - 2), cluster()), REFUSED)
    attachment = ebml(
        0x61A7,
        ebml(0x466E, b"../../../../etc/cron.d/harm")
        + ebml(0x4660, b"application/x-truetype-font")
        + ebml(0x465C, b"\0" * 64)
        + ebml(0x46AE, b"\1"),
    )
    yield case(
        "1000-attachments",
        film(info, sound, ebml(0x1941A469, attachment * 1000), *(cluster(n * 100) for n in range(10))),
        TAKEN,
    )
    yield case(
        "attachment-out-of-its-folder",
        film(info, sound, ebml(0x1941A469, attachment), *(cluster(n * 100) for n in range(10))),
        TAKEN,
    )
    linked = ebml(0x3EB923, b"\1" * 16) + ebml(0x3E83BB, str(bait.secret).encode())
    yield case(
        "linked-segment",
        film(ebml(0x1549A966, scale + duration + linked), sound, *(cluster(n * 100) for n in range(10))),
        TAKEN,
    )
    nested = b""
    for _ in range(500):
        nested = ebml(0x67C8, ebml(0x45A3, b"T") + nested)
    yield case("tags-in-tags", film(info, sound, ebml(0x1254C367, ebml(0x7373, nested)), cluster()))
    bomb = ebml(0x6D80, ebml(0x6240, ebml(0x5034, ebml(0x4254, b"\0"))))
    packed = zlib.compress(b"\0" * (64 << 20), 9)
    squeezed = ebml(0x1F43B675, ebml(0xE7, b"\0") + ebml(0xA3, b"\x81\0\0\x80" + packed))
    yield case("compressed-block-bomb", film(info, track(audio() + bomb), squeezed))
    seeks = ebml(0x4DBB, ebml(0x53AB, b"\x11\x4d\x9b\x74") + ebml(0x53AC, b"\0"))
    yield case("seek-to-itself", film(ebml(0x114D9B74, seeks * 2000), info, sound, cluster()))
    cues = ebml(0xBB, ebml(0xB3, b"\0") + ebml(0xB7, ebml(0xF7, b"\1") + ebml(0xF1, b"\x7f" + b"\xff" * 7)))
    yield case("cues-beyond", film(info, sound, cluster(), ebml(0x1C53BB6B, cues * 5000)))
    chapter = ebml(
        0xB6,
        ebml(0x73C4, b"\1")
        + ebml(0x91, b"\0")
        + ebml(0x92, b"\x7f" + b"\xff" * 7)
        + ebml(0x80, ebml(0x85, b"<b>x</b>\n" * 10)),
    )
    yield case(
        "10000-chapters",
        film(info, sound, ebml(0x1043A770, ebml(0x45B9, chapter * 10_000)), *(cluster(n * 100) for n in range(10))),
        EITHER,
    )
    yield case(
        "65-tracks",
        film(
            info,
            ebml(
                0x1654AE6B,
                b"".join(
                    ebml(0xAE, ebml(0xD7, bytes([n])) + ebml(0x73C5, bytes([n])) + ebml(0x83, b"\2") + audio())
                    for n in range(1, 90)
                ),
            ),
            cluster(),
        ),
        REFUSED,
    )
    yield case("no-doctype", ebml(0x1A45DFA3, b"") + ebml(0x18538067, info + sound + cluster()), EITHER)
