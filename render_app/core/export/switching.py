"""Switch points → shots: who is seen from when to when, on the master's clock.

Points count in the order of their times; of two at one time the one that was listed later. The angle in force before the start
holds at the start. Two points on one frame need no rule here: the shot between them has no frame of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from render_app.core import catalogue
from render_app.core.cut import Join, Shot, Stretch, Switch, shots_between
from render_app.core.export.refusals import BeyondRange, NoAngle, UnknownAngle, refused
from render_app.core.timeline.edges import exact


def points_of(asked: Sequence[Mapping[str, Any]]) -> tuple[Switch, ...]:
    """The points of a checked request, in order of time; a transition that says no length has its type's own."""
    points = (
        Switch(exact(one["atMs"]), one["angle"], _join(one.get("transition")), place=f"switchPoints[{index}]")
        for index, one in enumerate(asked)
    )
    return tuple(sorted(points, key=lambda point: point.at_ms))


def _join(asked: Mapping[str, Any] | None) -> Join | None:
    if not asked or "type" not in asked:
        return None
    ms = asked.get("durationMs")
    return Join(asked["type"], exact(catalogue.transitions()[asked["type"]].duration_ms if ms is None else ms))


def refuse_unknown(points: Iterable[Switch], angles: Iterable[str]) -> None:
    """Raise UnknownAngle for the first point whose angle there is not."""
    known = list(angles)
    for point in points:
        if point.angle not in known:
            message = f"({point.angle!r}) is no angle that can be seen here. There are {', '.join(known)}."
            raise refused(f"{point.place}.angle", message, UnknownAngle, choices=known)


def shots_of(points: Sequence[Switch], start_ms: Fraction, end_ms: Fraction) -> tuple[Shot, ...]:
    """The shots from `start_ms` to `end_ms`, without a gap. `points` in order of time. Raises NoAngle, BeyondRange."""
    for point in points:
        if point.at_ms >= end_ms:
            message = f"is {float(point.at_ms):g}, and the export ends at {float(end_ms):g} ms. Take the point away."
            raise refused(f"{point.place}.atMs", message, BeyondRange)
    if points[0].at_ms > start_ms:
        message = f"is {float(points[0].at_ms):g}, the first one, and the export begins at {float(start_ms):g} ms: no angle is seen there."
        raise refused(f"{points[0].place}.atMs", message, NoAngle)
    return tuple(_changes(shots_between(points, start_ms, end_ms)))


def _changes(shots: Iterable[Shot]) -> Sequence[Shot]:
    """The shots, those of an angle that stays as one."""
    found = list[Shot]()
    for shot in shots:
        if found and found[-1].angle == shot.angle:
            found[-1] = replace(found[-1], end_ms=shot.end_ms)
        else:
            found.append(shot)
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
