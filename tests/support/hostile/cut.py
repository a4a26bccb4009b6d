"""Files that end too early."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, REFUSED, Bait, Case
from tests.support.hostile.clips import honest


def cut(bait: Bait) -> Iterator[Case]:
    """Each container cut in its head, its middle and its tail; those that say how long they are must be found out."""
    declares = {"clip.mp4", "clip.mkv", "clip.avi", "clip.wav", "clip.flac", "clip.mxf"}
    for name, data in honest().items():
        for share in (0.02, 0.5):
            ends = REFUSED if name in declares and share == 0.5 else EITHER
            yield Case(f"cut-{name}-{share:.0%}", "cut", data[: int(len(data) * share)], ends, name)
    film = honest()["clip.mp4"]
    at = 0
    while at + 8 <= len(film):
        size, kind = struct.unpack(">I4s", film[at : at + 8])
        yield Case(f"cut-mp4-before-{kind.decode()}-{at}", "cut", film[:at], REFUSED)
        yield Case(f"cut-mp4-inside-{kind.decode()}-{at}", "cut", film[: at + size // 2], REFUSED)
        at += size
