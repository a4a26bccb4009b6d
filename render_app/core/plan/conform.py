"""A shot's frames in time: exactly the source frames ⌊(t_source + ε) · rate⌋, whatever the rates, the speed and the cut.

The source is first laid on its own even grid, from its own origin, and cut afterwards: so a slipped clip, a chunk and a preview
show the same frame. Then source frame k is given the number of the first output frame that shows it, an exact integer.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from media_app.core.time.timebase import format_rate, seconds_text
from render_app.core.plan.graph import Chain, filter_
from render_app.core.plan.reels import Medium, Take
from render_app.core.plan.slowing import before, first_read, interpolated, medium_in, method_of, mixed
from render_app.core.plan.spans import Shot
from render_app.core.plan.steadying import source_chain, steady_of
from render_app.core.timeline.edges import EPSILON_MS, edge_ms, source_frame

#: Reading begins so much before what is needed: farther than decoders reorder pictures.
LEAD_S = Fraction(2)
#: Nearer to the beginning than this, a seek saves nothing.
NEAR_S = Fraction(4)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read from `seek_s` on; its times stay those of its own clock."""

    medium: Medium
    seek_s: Fraction = Fraction(0)

    @property
    def options(self) -> list[str]:
        """What stands before the input. What the seek takes off the times, the offset puts back."""
        if not self.seek_s:
            return []
        at = seconds_text(self.seek_s)
        return ["-noaccurate_seek", "-ss", at, "-itsoffset", at]


def reading(medium: Medium, needed_s: Fraction) -> Reading:
    """How a file is read for what begins at a time of it."""
    if not medium.seekable or needed_s < NEAR_S:
        return Reading(medium)
    return Reading(medium, Fraction((needed_s - LEAD_S) * 10 // 1, 10))


def picture_reading(shot: Shot, rate: Fraction) -> Reading:
    """How a shot's file is read."""
    medium, method, steady = medium_in(shot), method_of(shot.take), steady_of(shot.take)
    if medium.still:
        return Reading(medium)
    if steady is not None:
        return reading(medium, steady.begins_s)
    if method == "minterpolate":
        return reading(medium, first_read(shot, rate) / medium.rate)
    shot = before(shot, rate) if method else shot
    return reading(medium, max(Fraction(0), shot.take.file_ms(edge_ms(shot.start, rate)) / 1000))


def conformed(shot: Shot, rate: Fraction) -> Chain:
    """Filters from the decoded picture to the shot's frames, counted from 0 at the output's rate."""
    method = method_of(shot.take)
    if method == "minterpolate":
        return interpolated(shot, rate)
    return mixed(_repeated(before(shot, rate), rate), shot, rate) if method else _repeated(shot, rate)


def _repeated(shot: Shot, rate: Fraction) -> Chain:
    """Each frame as often as it is shown."""
    take, medium = shot.take, medium_in(shot)
    first_ms = take.file_ms(edge_ms(shot.start, rate))
    first = max(0, source_frame(first_ms, medium.rate))
    tick = 1 / rate
    return (
        *source_chain(take, medium, first),
        filter_("settb", expr=f"{tick.numerator}/{tick.denominator}"),
        filter_("setpts", expr=_first_shown(take, first_ms, first, medium.rate, rate)),
        filter_("fps", fps=format_rate(rate), start_time=0),
        filter_("tpad", stop_mode="clone", stop=-1),
        filter_("trim", end_frame=shot.end - shot.start),
    )


def stilled(shot: Shot, rate: Fraction) -> Chain:
    """Filters from one picture to the shot's frames, which all show it."""
    tick = 1 / rate
    return (
        filter_("settb", expr=f"{tick.numerator}/{tick.denominator}"),
        filter_("setpts", expr="N"),
        filter_("fps", fps=format_rate(rate), start_time=0),
        filter_("tpad", stop_mode="clone", stop=-1),
        filter_("trim", end_frame=shot.end - shot.start),
    )


def _first_shown(take: Take, first_ms: Fraction, first: int, source: Fraction, rate: Fraction) -> str:
    """The output frame at which source frame `first + N` comes up, as whole numbers: doubles divide those without a fault."""
    per_second = rate / take.speed
    step = per_second / source
    begin = first * step - (first_ms + EPSILON_MS) / 1000 * per_second
    whole = lcm(step.denominator, begin.denominator)
    return f"ceil((N*{int(step * whole)}{int(begin * whole):+d})/{whole})"
