"""An angle on a timeline of whole frames."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from media_app.core.time.timebase import nearest_frame, time_to_frame
from render_app.core.edit.angle import Angle, Line
from render_app.core.edit.rates import to_ms


@dataclass(frozen=True, slots=True)
class AngleClip:
    """`units` of a source, from unit `source` after its first frame or sample, on frames `at` to `at + length` of a
    timeline. `late` is how many seconds after its true instant it begins there; `line` what it was placed by."""

    source: int
    units: int
    at: int
    length: int
    late: Fraction
    line: Line

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.at + self.length

    @property
    def offset_ms(self) -> float:
        """The offset of its line."""
        return to_ms(self.line.offset)

    @property
    def late_ms(self) -> float:
        return to_ms(self.late)


@dataclass(frozen=True, slots=True)
class Grid:
    """A timeline of `rate` frames per second whose frame 0 is `origin` on the master's clock, for a source of `unit`s per
    second. With `trim` a clip goes to the next frame and loses the part of the source before it."""

    origin: Fraction
    rate: Fraction
    unit: Fraction
    trim: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip of a camera's recording, and where it lies."""

    angle: Angle
    clip: AngleClip


def lay_camera(angles: Sequence[Angle], grid_of: Callable[[Angle], Grid]) -> tuple[Placed, ...]:
    """All recordings of one camera on one track, in order of time; each ends where the next begins, at the latest."""
    out: list[Placed] = []
    for angle in sorted(angles, key=lambda angle: angle.start, reverse=True):
        until = out[0].clip.at if out else None
        out = [*(Placed(angle, clip) for clip in lay(angle, grid_of(angle), until)), *out]
    return tuple(out)


def lay(angle: Angle, timeline: Grid, until: int | None = None) -> tuple[AngleClip, ...]:
    """One recording on a timeline. `until`: the frame by which it has to end.

    Each clip goes to the frame nearest to its true instant. With `trim` it goes to the next frame instead and loses the part
    of the source before that, so that it is true to half a unit. Drift is not undone: it would take a change of speed. A clip
    ends where the next one begins, or the file does.
    """
    unit = timeline.unit
    total = time_to_frame(angle.run, unit)
    cuts = [min(total, max(0, nearest_frame(line.begin - angle.first, unit))) for line in angle.lines]
    bounds = [0, *cuts[1:], total]
    clips: list[AngleClip] = []
    before = until
    for index, line in reversed(list(enumerate(angle.lines))):
        clip = _place(angle.first, line, (bounds[index], bounds[index + 1]), timeline, before)
        if clip is not None:
            clips.insert(0, clip)
            before = clip.at
    return tuple(clips)


def _place(first: Fraction, line: Line, units: tuple[int, int], grid: Grid, before: int | None) -> AngleClip | None:
    """One stretch of the source in units, which must end by frame `before`; None if nothing is left."""
    begin, end = units

    def true(position: int) -> Fraction:
        return line.on_master(first + position / grid.unit) - grid.origin

    at = nearest_frame(true(begin), grid.rate)
    if grid.trim:
        at = math.ceil(true(begin) * grid.rate)
        begin += nearest_frame(at / grid.rate - true(begin), grid.unit)
    if begin >= end:
        return None
    length = max(1, time_to_frame((end - begin) / grid.unit, grid.rate))
    if before is not None:
        length = min(length, before - at)
    if length <= 0:
        return None
    shown = min(end - begin, math.ceil(length / grid.rate * grid.unit)) if before is not None else end - begin
    return AngleClip(begin, shown, at, length, at / grid.rate - true(begin), line)
