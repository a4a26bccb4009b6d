"""Switch points → shots: who is seen from when to when, on the master's clock.

Points count in the order of their times; of two at one time the one that was listed later. The angle in force before the start
holds at the start. Two points on one frame need no rule here: the shot between them has no frame of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from render_app.core.export.refusals import BeyondRange, NoAngle, UnknownAngle, refused
from render_app.core.timeline.edges import exact

#: A stretch of the master's clock, in ms.
Stretch = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Point:
    """From `at_ms` on `angle` is seen. `index`: its place in the request; an empty `transition` cuts, None ms are its type's own."""

    index: int
    at_ms: Fraction
    angle: str
    transition: str = ""
    transition_ms: Fraction | None = None

    @property
    def field(self) -> str:
        """Where the request says it."""
        return f"switchPoints[{self.index}]"


@dataclass(frozen=True, slots=True)
class Shot:
    """An angle from one time to another, as a point asks for it."""

    point: Point
    start_ms: Fraction
    end_ms: Fraction

    @property
    def angle(self) -> str:
        """The angle that is seen."""
        return self.point.angle


def points_of(asked: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    """The points of a checked request, in order of time."""
    points = []
    for index, one in enumerate(asked):
        change = one.get("transition") or {}
        ms = change.get("durationMs")
        duration = None if ms is None else exact(ms)
        points.append(Point(index, exact(one["atMs"]), one["angle"], change.get("type", ""), duration))
    return tuple(sorted(points, key=lambda point: (point.at_ms, point.index)))


def refuse_unknown(points: Iterable[Point], angles: Iterable[str]) -> None:
    """Raise UnknownAngle for the first point whose angle there is not."""
    known = list(angles)
    for point in points:
        if point.angle not in known:
            message = f"({point.angle!r}) is no angle that can be seen here. There are {', '.join(known)}."
            raise refused(f"{point.field}.angle", message, UnknownAngle, choices=known)


def shots_of(points: Sequence[Point], start_ms: Fraction, end_ms: Fraction) -> tuple[Shot, ...]:
    """The shots from `start_ms` to `end_ms`, without a gap. `points` in order of time. Raises NoAngle, BeyondRange."""
    for point in points:
        if point.at_ms >= end_ms:
            message = f"is {float(point.at_ms):g}, and the export ends at {float(end_ms):g} ms. Take the point away."
            raise refused(f"{point.field}.atMs", message, BeyondRange)
    if points[0].at_ms > start_ms:
        message = f"is {float(points[0].at_ms):g}, the first one, and the export begins at {float(start_ms):g} ms: no angle is seen there."
        raise refused(f"{points[0].field}.atMs", message, NoAngle)
    seen = _changes(_last_of_each_time(points, start_ms))
    ends = [*(point.at_ms for point in seen[1:]), end_ms]
    return tuple(Shot(point, max(point.at_ms, start_ms), end) for point, end in zip(seen, ends, strict=True))


def _last_of_each_time(points: Sequence[Point], start_ms: Fraction) -> list[Point]:
    """Of points at one time the last; what lies before the start counts as one time."""
    last = {max(point.at_ms, start_ms): point for point in points}
    return list(last.values())


def _changes(points: Sequence[Point]) -> list[Point]:
    """The points at which another angle comes."""
    found = [points[0]]
    for point in points[1:]:
        if point.angle != found[-1].angle:
            found.append(point)
    return found


def uncovered(shot: Stretch, there: Iterable[Stretch], slack_ms: Fraction) -> Stretch | None:
    """The first stretch of a shot in which its camera was not recording; None where it was all the time. `there` in order."""
    reached, end = shot
    for begin, until in there:
        if begin > reached + slack_ms:
            break
        reached = max(reached, until)
    if reached + slack_ms >= end:
        return None
    after = next((begin for begin, _ in there if begin > reached), end)
    return max(reached, shot[0]), min(after, end)
