"""What moves in a picture by itself: two small gray copies compared, after the camera's own movement is taken away.

The camera's movement is a shift of the whole picture (phase correlation; Kuglin and Hines, 1975). Zooms and turns are no shifts:
what is left of a small one is under the tolerance of a pixel, and a large one moves so much that no subject is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_app.core.vision.boxes import Box, Found
from media_app.core.vision.cuts import Gray

#: The copies that are compared, in pixels across and down, and the cells that they are looked at in.
SIZE, CELL = (160, 90), 10
#: Gray levels that a pixel must leave what was around it by.
NOISE = 14.0
#: A cell in which fewer of its pixels move is still; more of the picture than this is no single subject.
LEAST_OF_CELL, MOST_OF_PICTURE = 0.12, 0.5
#: A cell has something to see with this deviation; a camera moves where so many cells have and so many of them agree.
TEXTURE, TEXTURED, AGREEING = 5.0, 0.35, 0.6
#: A camera that moves farther between two pictures is not followed.
FARTHEST = 0.25
#: So many shifts are tried.
PEAKS = 6

#: Cells so far apart, across or down, are of one thing.
NEAR = range(-2, 3)

Plane = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Moved:
    """How the camera moved, in shares of the picture to the right and down; the share of it that moves besides; and where."""

    camera: tuple[float, float]
    share: float
    places: tuple[Found, ...]


def moved(before: Gray, after: Gray) -> Moved:
    """What moves between two copies of SIZE."""
    one, other = before.astype(np.float64), after.astype(np.float64)
    across, down = _camera(one, other)
    moving = _moving(one, other, (across, down))
    share = float(moving.mean())
    places = tuple(_places(moving)) if share <= MOST_OF_PICTURE else ()
    return Moved((across / SIZE[0], down / SIZE[1]), share, places)


def _camera(one: Plane, other: Plane) -> tuple[int, int]:
    """By how many pixels the whole picture went to the right and down; 0, 0 where most of what is seen does not say so."""
    textured = _cells(other**2) - _cells(other) ** 2 > TEXTURE**2
    if textured.mean() < TEXTURED:
        return 0, 0
    still = _cells(np.abs(other - one))

    def agreeing(shift: tuple[int, int]) -> float:
        return float((_cells(np.abs(other - _shifted(one, shift))) < 0.7 * still)[textured].mean())

    best = max(_shifts(one, other), key=agreeing)
    return best if agreeing(best) >= AGREEING else (0, 0)


def _shifts(one: Plane, other: Plane) -> list[tuple[int, int]]:
    """Where the phases of the two spectra agree best: with the camera, or with something in the picture."""
    window = np.hanning(one.shape[0])[:, None] * np.hanning(one.shape[1])
    first, second = (np.fft.rfft2((plane - plane.mean()) * window) for plane in (one, other))
    product = second * np.conj(first)
    surface = np.fft.irfft2(product / np.maximum(np.abs(product), 1e-9), s=one.shape)
    found = [_signed(int(place), one.shape) for place in np.argsort(surface, axis=None)[: -PEAKS - 1 : -1]]
    near = [(x, y) for x, y in found if abs(x) <= FARTHEST * SIZE[0] and abs(y) <= FARTHEST * SIZE[1]]
    return near or [(0, 0)]


def _signed(place: int, shape: tuple[int, ...]) -> tuple[int, int]:
    """A place in the surface as a shift: its far half is to the left and up."""
    (down, across), (high, wide) = divmod(place, shape[1]), shape
    return across - wide if across > wide // 2 else across, down - high if down > high // 2 else down


def _shifted(plane: Plane, shift: tuple[int, int]) -> Plane:
    return np.roll(plane, (shift[1], shift[0]), axis=(0, 1))


def _moving(one: Plane, other: Plane, shift: tuple[int, int]) -> Mask:
    """Pixels unlike all those around the same place before; what the camera has only just come to see is none of them."""
    around = np.stack(
        [_shifted(one, (shift[0] + across, shift[1] + down)) for across in (-1, 0, 1) for down in (-1, 0, 1)]
    )
    unlike: Mask = np.maximum(other - around.max(axis=0), around.min(axis=0) - other) > NOISE
    return unlike & _seen_before(one.shape, shift)


def _seen_before(shape: tuple[int, ...], shift: tuple[int, int]) -> Mask:
    """All but the edge that the camera moved to, and the pixel that the tolerance takes."""
    seen = np.zeros(shape, bool)
    (across, down), (high, wide) = shift, shape
    rows = slice(max(0, down) + 1, high + min(0, down) - 1)
    columns = slice(max(0, across) + 1, wide + min(0, across) - 1)
    seen[rows, columns] = True
    return seen


def _cells(plane: NDArray[np.generic]) -> Plane:
    """The mean of each cell."""
    high, wide = SIZE[1] // CELL, SIZE[0] // CELL
    return np.asarray(plane.reshape(high, CELL, wide, CELL).mean(axis=(1, 3)))


def _places(moving: Mask) -> Iterator[Found]:
    """Cells that move side by side, each group as the box of its pixels; as sure as the box is full."""
    for group in _groups(_cells(moving) >= LEAST_OF_CELL):
        inside = moving & np.kron(group, np.ones((CELL, CELL), bool))
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        left, top = int(columns[0]), int(rows[0])
        wide, high = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
        box = Box(left / SIZE[0], top / SIZE[1], wide / SIZE[0], high / SIZE[1])
        yield Found(box, float(inside.sum() / (wide * high)))


def _groups(cells: Mask) -> Iterator[Mask]:
    """The cells that lie side by side, or with one between them: the middle of what moves may look as it did."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(cells), strict=True)}
    while left:
        waiting, group = [min(left)], np.zeros_like(cells)
        left.discard(waiting[0])
        while waiting:
            row, column = waiting.pop()
            group[row, column] = True
            near = {(row + down, column + across) for down in NEAR for across in NEAR} & left
            left -= near
            waiting += sorted(near)
        yield group
