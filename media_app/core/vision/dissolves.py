"""Where one picture fades into another, from small gray copies of the frames: only where all between the two is proven to be their
blend.

Between a frame and a later one that shows something else, each frame is held against the blend of the two that is nearest to it. In
a dissolve nothing is left over, and the later one's share grows from nothing to all; a pan, a zoom or a wipe leaves much.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.core.vision.cuts import Gray, coarse, light, likeness, likeness_moved

#: Seconds of the windows that are looked at; a dissolve is three quarters as long at most.
WINDOWS_S = (0.8, 1.6, 3.2, 6.4)
#: Windows begin a twelfth of their length after each other; so many frames of each are held against a blend.
PER_WINDOW, HELD = 12, 17
#: Gray levels that the two pictures must differ by on average in full light, and how alike they may be; each has at least this deviation.
LEAST, ALIKE, FLAT = 10.0, 0.75, 5.0
#: In less light than this the copies have too few levels to tell.
DARKEST = 0.08
#: Two pictures are one that has moved where so many pixels to any side make them so alike.
MOVED, ALIKE_MOVED = 4, 0.55
#: How far a share may fall back, and how much it may grow from one frame that is held to the next: more is a cut.
BACK, JUMP = 0.04, 0.45

Picture = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dissolve:
    """By numbers of frames: where it begins, where half of it is done, and where it has ended."""

    start: int
    middle: int
    end: int


@dataclass(frozen=True, slots=True)
class _Strictness:
    """What may be left over, as a share of the difference of the two pictures; and how much may have begun at an eighth of the window,
    or be left an eighth before its end."""

    left_over: float
    at_ends: float


#: Of frames as they are, and of blocks of so many pixels: a hand that shakes moves little between them, but then much else looks
#: like a blend.
AS_THEY_ARE, BLOCK, IN_BLOCKS = _Strictness(0.3, 0.08), 6, _Strictness(0.26, 0.05)


@dataclass(frozen=True, slots=True)
class _Proven:
    dissolve: Dissolve
    left_over: float


def dissolves(frames: Sequence[Gray], rate: float, cuts: Sequence[int]) -> list[Dissolve]:
    """The dissolves in the order of time. `cuts`: numbers of frames that begin a shot at once; no dissolve lies across one."""
    lengths = [max(HELD, round(seconds * rate)) for seconds in WINDOWS_S]
    blocks = [coarse(frame, BLOCK) for frame in frames]
    proven = [one for length in lengths for one in _in_windows(frames, blocks, length, cuts)]
    kept: list[Dissolve] = []
    for one in sorted(proven, key=lambda each: each.left_over):
        if all(one.dissolve.end < other.start or one.dissolve.start > other.end for other in kept):
            kept.append(one.dissolve)
    return sorted(kept, key=lambda one: one.start)


def _in_windows(
    frames: Sequence[Gray], blocks: Sequence[Picture], length: int, cuts: Sequence[int]
) -> Iterator[_Proven]:
    """By the frames as they are, or, of a camera in a hand, by blocks of them."""
    for first in range(0, len(frames) - length, max(1, length // PER_WINDOW)):
        last = first + length
        if _unlike(frames[first], frames[last]) and not any(first < cut <= last for cut in cuts):
            found = _proven(frames, (first, last), AS_THEY_ARE) or _proven(blocks, (first, last), IN_BLOCKS)
            if found is not None and likeness_moved(frames[first], frames[last], MOVED) < ALIKE_MOVED:
                yield found


def _unlike(before: Gray, after: Gray) -> bool:
    """Whether they are two pictures, and neither is the other in another light, nor empty."""
    share = min(1.0, max(DARKEST, light(before), light(after)))
    if float(np.abs(before.astype(np.int16) - after).mean()) < LEAST * share:
        return False
    if min(float(before.std()), float(after.std())) < FLAT * share:
        return False
    return likeness(before, after) < ALIKE


def _proven(frames: Sequence[NDArray[Any]], window: tuple[int, int], strict: _Strictness) -> _Proven | None:
    """The dissolve in a window, where all of it is one."""
    first, last = window
    one, other = frames[first].astype(np.float64), frames[last].astype(np.float64)
    if not float(np.square(other - one).sum()):
        return None
    middle_share, middle_left = _share(frames[(first + last) // 2], one, other)
    if middle_left > strict.left_over or not 0.02 < middle_share < 0.98:
        return None
    numbers = np.linspace(first, last, HELD).round().astype(int)
    shares, left = zip(*(_share(frames[number], one, other) for number in numbers), strict=True)
    if max(left) > strict.left_over or not _grows(shares, strict.at_ends):
        return None
    dissolve = _placed(numbers, np.array(shares))
    return None if dissolve is None else _Proven(dissolve, float(np.mean(left)))


def _share(frame: NDArray[Any], one: Picture, other: Picture) -> tuple[float, float]:
    """How much of the later picture is in a frame, and what is left over."""
    step, here = other - one, frame - one
    power = float((step * step).sum())
    share = float((here * step).sum()) / power
    rest = here - share * step
    return share, float(np.sqrt((rest * rest).sum() / power))


def _grows(shares: Sequence[float], slack: float) -> bool:
    """From nothing to all, without a jump and without a way back."""
    steps = np.diff(shares)
    eighth = len(shares) // 8
    at_ends = abs(shares[eighth]) <= slack and abs(1 - shares[-1 - eighth]) <= slack
    return bool(at_ends and steps.min() >= -BACK and steps.max() <= JUMP)


def _placed(numbers: NDArray[np.int_], shares: NDArray[np.float64]) -> Dissolve | None:
    """By the line through what is well inside it; None where there is too little of that for a line."""
    inside = (shares > 0.08) & (shares < 0.92)
    if inside.sum() < 3:
        return None
    slope, offset = np.polyfit(numbers[inside], shares[inside], 1)
    if slope <= 0:
        return None
    start, middle, end = (round(float((share - offset) / slope)) for share in (0.0, 0.5, 1.0))
    return Dissolve(max(start, int(numbers[0])), middle, min(end, int(numbers[-1])))
