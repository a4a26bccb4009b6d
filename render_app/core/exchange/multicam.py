"""The cameras of a session side by side, for programs that switch between them: at the frames that an assembly shows, each camera lies exactly
as the assembly has it; elsewhere as its sync has it, laid anew whenever its drift has made a frame.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from media_app.core.time.timebase import nearest_frame
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import Grid, Placed, lay_camera
from render_app.core.exchange.nouns import Assembly, Event
from render_app.core.timeline.nouns import CameraReference


@dataclass(frozen=True, slots=True)
class Stretch:
    """A file on frames `at` to `end` of a multicam clip, from its frame or sample `first` on."""

    source: Angle
    at: int
    end: int
    first: int


@dataclass(frozen=True, slots=True)
class Multicam:
    """A session's cameras on one clock of frames. `places`: an assembly's events → the frame at which they begin on it."""

    shoot: MulticamEdit
    cameras: Mapping[str, tuple[Stretch, ...]]
    places: Mapping[int, int]


def multicam_of(assembly: Assembly, shoot: MulticamEdit) -> Multicam:
    """A session as an assembly shows it. An event that cannot be shown from it exactly has no place on it."""
    claims: dict[str, list[Stretch]] = {label: [] for label in shoot.cameras}
    places: dict[int, int] = {}
    for event in (event for lane in assembly.pictures for event in lane.events):
        wanted = _claim(event, shoot)
        if wanted is not None and not any(_overlap(wanted, one) for one in claims[event.camera]):
            claims[event.camera].append(wanted)
            places[id(event)] = wanted.at
    laid = {label: tuple(_laid(angles, shoot, assembly, claims[label])) for label, angles in shoot.cameras.items()}
    return Multicam(shoot, laid, places)


def _claim(event: Event, shoot: MulticamEdit) -> Stretch | None:
    """What an event needs of its camera; None for one that plays at another speed, or is of another session."""
    content = event.clip.content
    if not isinstance(content, CameraReference) or content.session_id != shoot.session_id or event.speed != 1:
        return None
    master = event.clip.source_ms(event.at * 1000 / event.rate) / 1000
    at = nearest_frame(master - shoot.origin, event.rate)
    return Stretch(event.source, at, at + event.length, event.first_unit) if at >= 0 else None


def _overlap(one: Stretch, other: Stretch) -> bool:
    return one.at < other.end and other.at < one.end


def _laid(
    angles: tuple[Angle, ...], shoot: MulticamEdit, assembly: Assembly, claims: list[Stretch]
) -> Iterator[Stretch]:
    """A camera's stretches in order: its claims, and its sync around them."""
    placed = lay_camera(angles, partial(_grid, shoot, assembly))
    rest = [one for clip in placed for one in _by_drift(clip, shoot, assembly)]
    around = [piece for one in rest for piece in _without(one, sorted(claims, key=lambda claim: claim.at), assembly)]
    yield from sorted([*around, *claims], key=lambda stretch: stretch.at)


def _grid(shoot: MulticamEdit, assembly: Assembly, angle: Angle) -> Grid:
    return Grid(shoot.origin, assembly.rate, _unit(angle), trim=not angle.has_picture)


def _by_drift(placed: Placed, shoot: MulticamEdit, assembly: Assembly) -> Iterator[Stretch]:
    """A recording in stretches within which its drift stays below a frame."""
    clip, line, source = placed.clip, placed.clip.line, placed.angle
    drift = abs(line.pace - 1)
    step = max(1, math.floor(1 / drift)) if drift else clip.length
    yield Stretch(source, clip.at, min(clip.end, clip.at + step), clip.source)
    for at in range(clip.at + step, clip.end, step):
        seconds = (shoot.origin + at / assembly.rate - line.offset) / line.pace - source.first
        yield Stretch(source, at, min(clip.end, at + step), nearest_frame(seconds, _unit(source)))


def _without(one: Stretch, claims: list[Stretch], assembly: Assembly) -> Iterator[Stretch]:
    """What claims leave of a stretch."""
    for claim in claims:
        if _overlap(one, claim):
            if one.at < claim.at:
                yield replace(one, end=claim.at)
            passed = math.floor((claim.end - one.at) / assembly.rate * _unit(one.source))
            one = replace(one, at=claim.end, first=one.first + passed)
    if one.at < one.end:
        yield one


def _unit(angle: Angle) -> Fraction:
    return angle.rate if angle.has_picture else Fraction(angle.samples_per_second)
