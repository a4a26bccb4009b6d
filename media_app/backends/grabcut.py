"""What a person marked in a picture, cut out by GrabCut (Rother and others, 2004) through OpenCV, with a fixed seed: no net that
segments whatever is pointed at is to be had in a package, so this is colors and edges alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.backends.faces import OPENCV
from media_app.backends.held import THREADS
from media_app.core.vision.masks import Mask, Shares, edge_lines
from media_app.core.vision.prompts import Prompt

Picture = NDArray[np.uint8]
#: Pixels of the longer side that are cut; the edge is then laid along the full picture.
SIDE, ROUNDS = 640, 5
#: How much a color may differ from that under a point to be flooded from it, in times of how it varies there, and at least.
SPREAD, LEAST_SPREAD = 2.5, 10.0
#: Pixels about a point that certainly belong to it, and of the square whose edge follows the picture.
TOUCH, EDGE = 3, 3
#: Half axes of the ellipse in the middle of a box whose colors are learned as those of what is wanted, as shares of the box; and the
#: rounds in which it is free to go again.
MIDDLE, FREE_ROUNDS = (0.18, 0.3), 3
#: A part of a selection smaller than this share of its largest is a speck.
SPECK = 0.1

_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Seed:
    """One way to begin: OpenCV's random numbers, how much wider colors are flooded, how much of a box's border certainly is
    background, as a share of its size, and whether a box's middle is taken for what is wanted at first."""

    number: int
    spread: float = 1.0
    inset: float = 0.0
    middle: bool = False


FIRST, SECOND = Seed(1, middle=True), Seed(2, spread=1.25, inset=0.04)


def read(path: Path) -> Picture:
    """A picture, BGR, 8 bits."""
    found: Picture = OPENCV.load().imread(str(path))
    return found


def write(path: Path, mask: Picture) -> Path:
    """One gray channel as PNG."""
    OPENCV.load().imwrite(str(path), mask)
    return path


def small_of(picture: Picture) -> Picture:
    """As large as is cut."""
    scale = SIDE / max(picture.shape[:2])
    return (
        picture if scale >= 1 else _resized(picture, (round(picture.shape[1] * scale), round(picture.shape[0] * scale)))
    )


def cut(picture: Picture, prompt: Prompt, seed: Seed) -> Mask:
    """What the marks select in a small picture."""
    with _seeded(seed) as cv2:
        marks = _marks(cv2, picture, prompt, seed)
        background = (marks == cv2.GC_BGD) | (marks == cv2.GC_PR_BGD)
        if background.any() and not background.all():
            models = np.zeros((1, 65)), np.zeros((1, 65))
            middle = _middle(cv2, marks, prompt) if seed.middle else np.zeros_like(background)
            marks[middle] = cv2.GC_FGD
            cv2.grabCut(picture, marks, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
            if middle.any():
                marks[middle] = cv2.GC_PR_FGD
                cv2.grabCut(picture, marks, None, *models, FREE_ROUNDS, cv2.GC_EVAL)
        return _without_specks(cv2, (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD), prompt)


def on_full(mask: Mask, small: Picture, full: Picture) -> Mask:
    """A mask of the small picture on the full one, its edge where the picture has one."""
    cv2 = OPENCV.load()

    def means(values: Shares, radius: int) -> Shares:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)), np.float32)

    lines = edge_lines(mask.astype(np.float32), _gray(small), EDGE, means)
    slope, height = (_resized(line, (full.shape[1], full.shape[0])) for line in lines)
    return np.asarray(slope * _gray(full) + height > 0.5)


def feathered(mask: Mask, radius: float) -> Picture:
    """255 inside, 0 outside, and so many pixels of slope to each side of the edge."""
    hard = mask.astype(np.uint8) * 255
    return np.asarray(OPENCV.load().GaussianBlur(hard, (0, 0), radius / 2), np.uint8) if radius > 0 else hard


@contextmanager
def _seeded(seed: Seed) -> Iterator[Any]:
    """OpenCV, whose random numbers begin here; they are of the process, so nobody else draws any meanwhile."""
    cv2 = OPENCV.load()
    with _one_at_a_time:
        cv2.setNumThreads(THREADS)
        cv2.setRNGSeed(seed.number)
        yield cv2


def _marks(cv2: Any, picture: Picture, prompt: Prompt, seed: Seed) -> Picture:
    """Each pixel as OpenCV wants it: certainly or probably in front or behind."""
    size = picture.shape[1], picture.shape[0]
    if prompt.box is None:
        marks = np.full(picture.shape[:2], cv2.GC_PR_BGD, np.uint8)
        marks[_flooded(cv2, picture, prompt, seed)] = cv2.GC_PR_FGD
    else:
        marks = np.full(picture.shape[:2], cv2.GC_BGD, np.uint8)
        box = prompt.box.grown(1 - seed.inset)
        left, top = (int(share * side) for share, side in zip((box.x, box.y), size, strict=True))
        right, bottom = (
            int(np.ceil(share * side))
            for share, side in zip((box.x + box.width, box.y + box.height), size, strict=True)
        )
        marks[top:bottom, left:right] = cv2.GC_PR_FGD
    for wanted, value in ((True, cv2.GC_FGD), (False, cv2.GC_BGD)):
        _drawn(cv2, marks, prompt, wanted, value)
    return marks


def _middle(cv2: Any, marks: Picture, prompt: Prompt) -> Mask:
    """The middle of a box; nothing where a person marked something in it that is not wanted."""
    inside = np.zeros(marks.shape, np.uint8)
    if prompt.box is not None:
        (high, wide), (x, y) = marks.shape, prompt.box.center
        axes = int(prompt.box.width * wide * MIDDLE[0]), int(prompt.box.height * high * MIDDLE[1])
        cv2.ellipse(inside, (int(x * wide), int(y * high)), axes, 0, 0, 360, 1, -1)
    if (marks[inside > 0] == cv2.GC_BGD).any():
        inside[:] = 0
    return np.asarray((inside > 0) & (marks == cv2.GC_PR_FGD))


def _drawn(cv2: Any, marks: Picture, prompt: Prompt, wanted: bool, value: int) -> None:
    high, wide = marks.shape
    for point in (one for one in prompt.points if one.wanted is wanted):
        cv2.circle(marks, _pixel(point.x, point.y, wide, high), TOUCH, value, -1)
    for stroke in (one for one in prompt.strokes if one.wanted is wanted):
        line = np.array([_pixel(x, y, wide, high) for x, y in stroke.places], np.int32)
        cv2.polylines(marks, [line], False, value, max(1, round(stroke.width * max(wide, high))))


def _flooded(cv2: Any, picture: Picture, prompt: Prompt, seed: Seed) -> Mask:
    """All that is reached from a wanted point through colors like the one there; fine texture is smoothed away before."""
    smooth = cv2.GaussianBlur(cv2.medianBlur(picture, 5), (0, 0), 2)
    high, wide = picture.shape[:2]
    reached = np.zeros((high + 2, wide + 2), np.uint8)
    for place in prompt.wanted:
        x, y = _pixel(*place, wide, high)
        near = smooth[max(0, y - 8) : y + 9, max(0, x - 8) : x + 9].reshape(-1, 3)
        spread = tuple(float(one) for one in seed.spread * np.maximum(LEAST_SPREAD, SPREAD * near.std(axis=0)))
        if not reached[y + 1, x + 1]:
            how = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
            cv2.floodFill(smooth, reached, (x, y), 0, spread, spread, how)
    return np.asarray(reached[1:-1, 1:-1] == 1)


def _without_specks(cv2: Any, mask: Mask, prompt: Prompt) -> Mask:
    """The parts that a wanted point lies in; without a point, the largest and those that are not much smaller. Holes as small
    as specks are closed."""
    count, parts, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return mask
    sizes = facts[1:, cv2.CC_STAT_AREA]
    high, wide = mask.shape
    places = [_pixel(x, y, wide, high) for x, y in prompt.wanted]
    touched = {int(parts[y, x]) for x, y in places} - {0}
    kept = touched or {number + 1 for number, size in enumerate(sizes) if size >= SPECK * sizes.max()}
    chosen = np.isin(parts, list(kept))
    return _without_holes(cv2, chosen)


def _without_holes(cv2: Any, mask: Mask) -> Mask:
    count, parts, facts, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    most = 0.01 * np.count_nonzero(mask)
    small = [number for number in range(1, count) if facts[number, cv2.CC_STAT_AREA] < most]
    return np.asarray(mask | np.isin(parts, small))


def _pixel(x: float, y: float, wide: int, high: int) -> tuple[int, int]:
    return min(wide - 1, int(x * wide)), min(high - 1, int(y * high))


def _gray(picture: Picture) -> Shares:
    cv2 = OPENCV.load()
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32) / np.float32(255)


def _resized(values: Any, size: tuple[int, int]) -> Any:
    cv2 = OPENCV.load()
    larger = size[0] > values.shape[1]
    return cv2.resize(values, size, interpolation=cv2.INTER_LINEAR if larger else cv2.INTER_AREA)
