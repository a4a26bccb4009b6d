"""Where one picture gives way to another at once, from small gray copies of the frames."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
#: Gray levels that the mean of a frame's pixels must move by in full light, and in the dark; and how much more than around it.
LEAST, LEAST_IN_DARK, OVER_AROUND = 9.0, 1.2, 3.0
#: Mean and deviation of the gray levels of a picture in full light, together.
FULL_LIGHT = 90.0
#: Two pictures that go together so well are one in another light; flatter ones than so many levels say nothing.
ONE_PICTURE, FLAT = 0.85, 2.0
#: Frames around a cut that it is held against.
AROUND = 8
#: After a flash the picture is as it was: two frames apart by less than this share of the jump.
FLASH_SHARE = 0.5


def small(picture: NDArray[np.uint8], size: tuple[int, int] = (64, 36)) -> Gray:
    """A gray copy of a BGR picture, of so many means across and down."""
    rows, columns = (
        np.linspace(0, length, count, endpoint=False).astype(int)
        for length, count in zip(picture.shape, reversed(size), strict=False)
    )
    high, wide = np.diff([*rows, picture.shape[0]]), np.diff([*columns, picture.shape[1]])
    counts = np.maximum(1, high)[:, None] * np.maximum(1, wide)
    # Rows first: whole lines are added without a step between their pixels.
    lines = np.add.reduceat(picture, rows, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(lines, columns, axis=1).sum(axis=2)
    return np.asarray(sums // (3 * counts), np.uint8)


def changes(frames: list[Gray]) -> NDArray[np.float64]:
    """How much each frame differs from the one before it, after what moved as a whole is left out by comparing sorted blocks."""
    if not frames:
        return np.zeros(0)
    return np.array([0.0, *(_change(a, b) for a, b in pairwise(frames))])


def _change(before: Gray, after: Gray) -> float:
    """The mean difference, and that of the histograms, whichever says less: a pan moves pixels and keeps the histogram."""
    moved = float(np.mean(np.abs(before.astype(np.int16) - after)))
    one, other = np.sort(before, axis=None).astype(np.int16), np.sort(after, axis=None).astype(np.int16)
    return min(moved, 2.0 * float(np.mean(np.abs(one - other))) + 0.5 * _blocks(before, after))


def _blocks(before: Gray, after: Gray) -> float:
    """How much the means of coarse blocks differ."""
    high, wide = (before.shape[0] // 4) * 4, (before.shape[1] // 4) * 4

    def coarse(picture: Gray) -> NDArray[np.float64]:
        return np.asarray(picture[:high, :wide].reshape(4, high // 4, 4, wide // 4).mean(axis=(1, 3)))

    return float(np.mean(np.abs(coarse(before) - coarse(after))))


def coarse(picture: NDArray[np.generic], factor: int = 4) -> NDArray[np.float64]:
    """The means of blocks of so many pixels: a hand that shakes moves little between them."""
    high, wide = (length // factor * factor for length in picture.shape)
    blocks = picture[:high, :wide].reshape(high // factor, factor, wide // factor, factor)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float64)


def light(picture: Gray) -> float:
    """How much light is in a picture: 1 in full light, and above."""
    return float(picture.mean() + picture.std()) / FULL_LIGHT


def likeness(before: Gray, after: Gray) -> float:
    """How well two pictures go together whatever their light, as they are or by blocks; 0 where one shows nothing."""
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = [(before, after), (coarse(before), coarse(after))]
    seen = [(one, other) for one, other in pairs if min(one.std(), other.std()) >= FLAT]
    return max((float(np.corrcoef(one.ravel(), other.ravel())[0, 1]) for one, other in seen), default=0.0)


def likeness_moved(before: Gray, after: Gray, farthest: int) -> float:
    """How well two pictures go together at best where one is moved by so many pixels at most to any side."""
    high, wide = (length - 2 * farthest for length in before.shape)
    inner = before[farthest : farthest + high, farthest : farthest + wide]
    places = [(y, x) for y in range(2 * farthest + 1) for x in range(2 * farthest + 1)]
    return max(likeness(inner, after[y : y + high, x : x + wide]) for y, x in places)


def cuts(frames: list[Gray], least: float = LEAST_IN_DARK) -> list[int]:
    """The numbers of the frames that begin a new shot, without the first. `least`: gray levels that every cut must move by; LEAST
    leaves out those that only darkness tells."""
    change = changes(frames)
    found = []
    for number in range(1, len(change)):
        if change[number] < least:
            continue
        before, after = frames[number - 1], frames[number]
        needed = max(least, min(LEAST, LEAST * max(light(before), light(after))))
        first, last = max(1, number - AROUND), min(len(change), number + AROUND + 1)
        around = np.delete(change[first:last], number - first)
        calm = float(np.median(around)) if around.size else 0.0
        stands_out = change[number] >= max(needed, OVER_AROUND * calm + needed / 2)
        if stands_out and likeness(before, after) < ONE_PICTURE and not _flash(frames, number, float(change[number])):
            found.append(number)
    return [number for number in found if number - 1 not in found]


def _flash(frames: list[Gray], number: int, jump: float) -> bool:
    """Whether the picture is what it was before, one to three frames later; or is back to what it was so many frames ago."""
    before, here = frames[number - 1], frames[number]
    comes_back = any(
        _change(before, frames[n]) < FLASH_SHARE * jump for n in range(number + 1, min(len(frames), number + 4))
    )
    came_back = any(_change(frames[n], here) < FLASH_SHARE * jump for n in range(max(0, number - 4), number - 1))
    return comes_back or came_back
