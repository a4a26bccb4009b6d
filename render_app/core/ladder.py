"""The ladder of a streaming package: three rungs of one picture, none above what there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media_app.core.ffmpeg import fit, h264_level

TOP_SIDE, LONG_SIDE = 1080, 4096
#: Each rung's side as a share of the one above it: 1080, 720, 480.
STEP = Fraction(2, 3)
RUNGS = 3
#: Bits per pixel and frame that x264 needs for a clean picture of talking people; fewer frames need more each.
BITS = 0.085
AUDIO_KBITS = 128
MIN_KBITS = 120


@dataclass(frozen=True, slots=True)
class Rung:
    """A size of the picture and what it may take: `kbits` on average; `peak_kbits` at most, where a packager can hold to it."""

    name: str
    width: int
    height: int
    kbits: int
    level: str

    @property
    def peak_kbits(self) -> int:
        return self.kbits * 3 // 2


def ladder(width: int, height: int, rate: Fraction) -> tuple[Rung, ...]:
    """Three rungs for a picture of this size and rate, the highest first."""
    rungs, side = [], Fraction(min(TOP_SIDE, width, height))
    for number in range(RUNGS):
        wide, high = fit(width, height, short_side=max(2, int(side)), long_side=LONG_SIDE)
        level = h264_level(wide, high, rate)
        kbits = round(wide * high * float(min(rate, Fraction(60))) * BITS / 1000)
        kbits = min(max(MIN_KBITS, kbits), level.kbits * 2 // 3)
        rungs.append(Rung(f"v{number}", wide, high, kbits, level.name))
        side *= STEP
    return tuple(rungs)


def rung_facts(rungs: Sequence[Rung]) -> list[dict[str, Any]]:
    """The ladder as plain values."""
    return [{"name": r.name, "width": r.width, "height": r.height, "kbits": r.kbits} for r in rungs]
