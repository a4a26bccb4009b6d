"""Where one picture gives way to another at once, from small gray copies of the frames."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
#: Gray levels that the mean of a frame's pixels must move by, and how much more than around it.
LEAST, OVER_AROUND = 9.0, 3.0
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


def cuts(frames: list[Gray]) -> list[int]:
    """The numbers of the frames that begin a new shot, without the first."""
    change = changes(frames)
    found = []
    for number in range(1, len(change)):
        if change[number] < LEAST:
            continue
        first, last = max(1, number - AROUND), min(len(change), number + AROUND + 1)
        around = np.delete(change[first:last], number - first)
        calm = float(np.median(around)) if around.size else 0.0
        if change[number] > OVER_AROUND * calm + LEAST / 2 and not _flash(frames, number, float(change[number])):
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
