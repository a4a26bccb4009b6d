"""Where a picture fades to one color, or out of it, from small gray copies of the frames: its contrast goes to nothing along a line, and
what is left of it is the same picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_app.core.vision.cuts import Gray, likeness_moved

OUT, IN, THROUGH = "fade_out", "fade_in", "fade_through"
#: Deviation of the gray levels in a picture of one color; and in the last one of a fade, as a share of the picture's.
FLAT, FLAT_SHARE = 2.0, 0.06
#: Seconds that one way of a fade lasts at most, frames that it lasts at least, and seconds of one color between the two ways.
LONGEST_S, SHORTEST, HELD_S = 5.0, 4, 3.0
#: Frames in which the contrast no longer grows by this share are of the picture before the fade.
STEADY, GROWTH = 5, 0.02
#: How well every picture of a fade goes together with that so many frames before it, and how far its contrast may lie off the line.
ALIKE, SHORTLY, OFF_LINE = 0.6, 2, 0.08
#: Of the contrast, what lies on the line for certain.
LOW, HIGH = 0.12, 0.9


@dataclass(frozen=True, slots=True)
class Fade:
    """By numbers of frames: where it begins, where the picture is of one color, and where it has ended."""

    kind: str
    start: int
    middle: int
    end: int


def fades(frames: Sequence[Gray], rate: float) -> list[Fade]:
    """The fades in the order of time; one out and one in around the same color are one through it."""
    contrast = np.array([float(frame.std()) for frame in frames])
    found: list[Fade] = []
    for first, last in _flat(contrast):
        out = _ramp(contrast[: last + 1], frames, first, rate)
        mirrored = _ramp(contrast[first:][::-1], frames[first:][::-1], len(contrast) - 1 - last, rate)
        into = None if mirrored is None else tuple(len(contrast) - 1 - one for one in mirrored)
        found += _named(out, into, (first, last), rate)
    return found


def _flat(contrast: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """First and last of frames in a row that are of one color, or have least of a picture that is nearly gone."""
    around = np.array([contrast[max(0, n - 60) : n + 61].max() for n in range(len(contrast))])
    low = contrast <= np.maximum(FLAT, FLAT_SHARE * around)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(np.int8), [0]])))
    for first, beyond in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(beyond) - 1


def _ramp(contrast: NDArray[np.float64], frames: Sequence[Gray], bottom: int, rate: float) -> tuple[int, int] | None:
    """Where a fade to the frames of one color begins and ends, by the line through its contrast; None where none is proven."""
    top = _top(contrast, bottom, rate)
    full = float(np.median(contrast[max(0, top - STEADY) : top + 1])) if top >= 0 else 0.0
    numbers = np.arange(max(0, top), bottom + 1)
    inside = (contrast[numbers] > LOW * full) & (contrast[numbers] < HIGH * full)
    if full < 2 * FLAT or inside.sum() < 2:
        return None
    slope, offset = np.polyfit(numbers[inside], contrast[numbers[inside]], 1)
    if (
        slope >= 0
        or np.abs(np.polyval((slope, offset), numbers[inside]) - contrast[numbers[inside]]).max() > OFF_LINE * full
    ):
        return None
    start, end = (round(float((level - offset) / slope)) for level in (full, 0.0))
    if not SHORTEST <= end - start <= LONGEST_S * rate or not _one_picture(frames, numbers[inside]):
        return None
    return max(0, start), min(end, len(contrast) - 1)


def _top(contrast: NDArray[np.float64], bottom: int, rate: float) -> int:
    """The last frame before a fade, going back from its end until the contrast grows no more."""
    at = bottom
    for number in range(bottom - 1, max(-1, bottom - round(LONGEST_S * rate) - STEADY), -1):
        if contrast[number] > contrast[at] * (1 + GROWTH):
            at = number
        elif at - number >= STEADY and contrast[at] > FLAT:
            break
    return at


def _one_picture(frames: Sequence[Gray], numbers: NDArray[np.int_]) -> bool:
    """Whether each of the frames shows what was there shortly before, only with less contrast."""
    return all(
        likeness_moved(frames[numbers[max(0, place - SHORTLY)]], frames[number], 1) >= ALIKE
        for place, number in enumerate(numbers)
        if place
    )


def _named(
    out: tuple[int, int] | None, into: tuple[int, ...] | None, flat: tuple[int, int], rate: float
) -> Iterator[Fade]:
    if out and into and into[1] - out[1] <= HELD_S * rate:
        yield Fade(THROUGH, out[0], round((out[1] + into[1]) / 2), into[0])
        return
    if out:
        yield Fade(OUT, out[0], out[1], out[1])
    if into:
        yield Fade(IN, into[1], into[1], into[0])
