"""Where a picture lies in a frame of another shape so that its subject stays in sight: one calm path for each shot.

A path is planned with the whole shot in view. It stays where it is as long as the subject is in a zone around the wished place,
sets out early enough to be there in time, and is never faster than FASTEST; where that cannot be, it comes as near as it can. What was
planned is then the mean of itself over WINDOW_MS at each time, so that no speed changes faster than by QUICKEST a second; the subject
keeps the room that this may take.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from media_app.core.vision.boxes import Box

RATIOS = {"9:16": 9 / 16, "16:9": 16 / 9, "4:5": 4 / 5, "1:1": 1.0}
CENTER, THIRDS = "center", "rule_of_thirds"
STYLES = (CENTER, THIRDS)
NO_SUBJECT = "no_subject"
#: Shares of the frame that a picture goes in a second.
FASTEST = 0.25
#: By how much the speed changes in a second. The mean over a window of a path that is never faster than FASTEST changes its speed by
#: 2 × FASTEST over the window at most, and lies no farther from the path than a quarter of the way through the window.
QUICKEST = 0.6
WINDOW_MS = 2000 * FASTEST / QUICKEST
OFF_PATH = FASTEST * WINDOW_MS / 4000
#: Milliseconds between the points of a curved path, and between those that a mean is taken of.
POINT_MS, FINE_MS = 100, 10
#: How far from the wished place a subject may be without being followed, in shares of the frame.
DEAD_ZONE = 0.1
#: How much larger than needed a picture is so that a subject can stand on a third.
ROOM_FOR_THIRDS = 1.15
#: Kept back at an edge that moves, as pixels are whole.
INSET = 0.004
#: A face's box is not all of the head.
GROWN = 1.3
#: Values closer than this to a straight line are on it.
STRAIGHT = 1e-4


@dataclass(frozen=True, slots=True)
class Look:
    """Where the subject is at a time, in shares of the picture; None where there is none."""

    time_ms: float
    box: Box | None


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of a clip without a cut."""

    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Key:
    """A keyframe; `holds`: the value jumps at the next one, which begins another shot."""

    time_ms: float
    value: float
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Framing:
    """A picture and a frame by their ratios of width to height, how the clip is laid (fit, fill or stretch), and the style.
    `zoom`: how much larger than needed the picture is."""

    picture: float
    frame: float
    scale_mode: str = "fit"
    style: str = CENTER
    zoom: float = 1.0

    @property
    def scale(self) -> float:
        """The clip's scale with which no border shows."""
        room = self.zoom * (ROOM_FOR_THIRDS if self.style == THIRDS else 1.0)
        if self.scale_mode != "fit":
            return room
        return ceil(1e6 * room * max(self.picture / self.frame, self.frame / self.picture)) / 1e6

    @property
    def size(self) -> tuple[float, float]:
        """The picture's width and height in shares of the frame's."""
        room = self.zoom * (ROOM_FOR_THIRDS if self.style == THIRDS else 1.0)
        if self.scale_mode == "stretch":
            return room, room
        return room * max(1.0, self.picture / self.frame), room * max(1.0, self.frame / self.picture)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Keyframes of the three properties, and of each shot why it is not framed on a subject; empty where it is."""

    position_x: tuple[Key, ...]
    position_y: tuple[Key, ...]
    scale: tuple[Key, ...]
    reasons: tuple[str, ...]


def suggest(looks: Sequence[Look], shots: Sequence[Shot], framing: Framing) -> Suggestion:
    """A path for each shot."""
    across: list[Key] = []
    down: list[Key] = []
    reasons = []
    for shot in shots:
        within = [one for one in looks if shot.start_ms <= one.time_ms < shot.end_ms]
        boxes = [one.box for one in within if one.box]
        reasons.append("" if boxes else NO_SUBJECT)
        wish_x, wish_y = _wishes(boxes, framing.style)
        times = [shot.start_ms, *(one.time_ms for one in within if one.time_ms > shot.start_ms)]
        spans = {one.time_ms: one.box.grown(GROWN).inside() for one in within if one.box}
        for keys, axis, wish in ((across, 0, wish_x), (down, 1, wish_y)):
            places = {time: _span(box, axis) for time, box in spans.items()}
            keys += _keys(*_smoothed(times, _path(times, places, framing.size[axis], wish), shot))
    return Suggestion(_ended(across), _ended(down), (Key(0.0, framing.scale),), tuple(reasons))


def _wishes(boxes: Sequence[Box], style: str) -> tuple[float, float]:
    """Where in the frame the subject is wished: in its middle, or on the upper third and the nearer one of the two at the sides."""
    if style == CENTER or not boxes:
        return 0.5, 0.5
    middle = sum(one.center[0] for one in boxes) / len(boxes)
    return (1 / 3 if middle < 0.5 else 2 / 3), 1 / 3


def _span(box: Box, axis: int) -> tuple[float, float]:
    """From where to where a subject is on one axis."""
    return (box.x, box.x + box.width) if axis == 0 else (box.y, box.y + box.height)


@dataclass(frozen=True, slots=True)
class _Zone:
    """Positions from `low` to `high`."""

    low: float
    high: float

    def nearest(self, value: float) -> float:
        """The position in it that is nearest to a value."""
        return min(max(value, self.low), self.high)

    def within(self, other: "_Zone") -> "_Zone":
        """What both have, or else the place of the other that is nearest to this one."""
        return _Zone(other.nearest(self.low), other.nearest(self.high))

    def wider(self, by: float) -> "_Zone":
        """Grown to both sides."""
        return _Zone(self.low - by, self.high + by)


def _path(times: Sequence[float], places: dict[float, tuple[float, float]], size: float, wish: float) -> list[float]:
    """The picture's position at each time."""
    whole = _range(size)
    zones = [_zone(places[time], size, wish, whole) if time in places else whole for time in times]
    steps = [FASTEST * (later - earlier) / 1000 for earlier, later in pairwise(times)]
    # From the end: where one has to be so that all that comes can be reached.
    ahead = [zones[-1]]
    for zone, step in zip(reversed(zones[:-1]), reversed(steps), strict=True):
        ahead.append(ahead[-1].wider(step).within(zone))
    ahead.reverse()
    path = [ahead[0].nearest(_first(times, places, size, wish))]
    for zone, step in zip(ahead[1:], steps, strict=True):
        here = path[-1]
        path.append(_Zone(here - step, here + step).nearest(zone.nearest(here)))
    return path


def _range(size: float) -> _Zone:
    """Positions at which no border shows."""
    low, high = 1 - size / 2 + INSET, size / 2 - INSET
    return _Zone(low, high) if low <= high else _Zone(0.5, 0.5)


def _zone(span: tuple[float, float], size: float, wish: float, whole: _Zone) -> _Zone:
    """Positions at which the subject is near the wished place and all in sight, as far as that can be."""
    start, end = span
    near = _wished(span, size, wish)
    zone = _Zone(near - DEAD_ZONE, near + DEAD_ZONE)
    low, high = (0.5 - start) * size, 1 - (end - 0.5) * size
    if low <= high:
        room = min(OFF_PATH, (high - low) / 2)
        zone = zone.within(_Zone(low + room, high - room))
    return zone.within(whole)


def _smoothed(times: Sequence[float], path: Sequence[float], shot: Shot) -> tuple[list[float], list[float]]:
    """Times and positions of the path as its mean over a window. It rests where the shot begins and ends."""
    if not _moves(path, 0):
        return [times[0]], [path[0]]
    fine = np.arange(times[0], shot.end_ms, FINE_MS)
    half = round(WINDOW_MS / 2 / FINE_MS)
    planned = np.pad(np.interp(fine, times, path), half, mode="edge")
    means = np.convolve(planned, np.full(2 * half + 1, 1 / (2 * half + 1)), mode="valid")
    every = POINT_MS // FINE_MS
    points = sorted({*range(0, len(fine), every), len(fine) - 1})
    return [float(fine[point]) for point in points], [float(means[point]) for point in points]


def _wished(span: tuple[float, float], size: float, wish: float) -> float:
    return wish + (0.5 - (span[0] + span[1]) / 2) * size


def _first(times: Sequence[float], places: dict[float, tuple[float, float]], size: float, wish: float) -> float:
    """Where a shot begins: as its first subject wishes, in the middle without any."""
    spans = [places[time] for time in times if time in places]
    return _wished(spans[0], size, wish) if spans else 0.5


def _keys(times: Sequence[float], path: Sequence[float]) -> Iterable[Key]:
    """The path's corners; the last one holds until the next shot."""
    kept = [0]
    for number in range(1, len(path) - 1):
        if not _is_straight(times, path, kept[-1], number + 1):
            kept.append(number)
    kept += [len(path) - 1] if len(path) > 1 and _moves(path, kept[-1]) else []
    return [Key(round(times[place], 3), round(path[place], 6), holds=place == kept[-1]) for place in kept]


def _is_straight(times: Sequence[float], path: Sequence[float], first: int, last: int) -> bool:
    """Whether all between two points lies on the line through them."""
    slope = (path[last] - path[first]) / (times[last] - times[first])
    return all(
        abs(path[first] + slope * (times[place] - times[first]) - path[place]) < STRAIGHT
        for place in range(first + 1, last)
    )


def _moves(path: Sequence[float], since: int) -> bool:
    return any(abs(value - path[since]) >= STRAIGHT for value in path[since:])


def _ended(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Without what says nothing new: a shot that begins where the one before it ended."""
    kept: list[Key] = []
    for key in keys:
        still = kept and kept[-1].holds and key.holds and abs(kept[-1].value - key.value) < STRAIGHT
        if not still:
            kept.append(key)
    return tuple(Key(one.time_ms, one.value, one.holds and number < len(kept) - 1) for number, one in enumerate(kept))
