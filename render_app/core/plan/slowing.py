"""A slowed clip's frames between those of its source: of exactly as many as the clip lasts, and the same in every chunk.

`minterpolate` loses the last frames of what it is given, so its source goes on after the end; what it shows depends on the frames
around, so it is given some before the beginning, whose frames are taken away again. Neither leaves the clip's own stretch.
"""

from fractions import Fraction
from math import ceil, lcm

from media_app.core.time.timebase import format_rate
from render_app.core import catalogue
from render_app.core.plan.graph import Chain, filter_
from render_app.core.plan.reels import Medium, Take
from render_app.core.plan.spans import Shot
from render_app.core.plan.steadying import source_chain
from render_app.core.timeline.edges import edge_ms, frame_edge, source_frame

#: Source frames that interpolation is given before and after those between which it works. Its search begins at what it found in the frames
#: before: after four the first frame of a stretch was once another than in the whole, after eight it was not (measured).
AROUND = 8
#: Frames that the source goes on after its end.
SPARE = 8
#: Ticks of an output frame in which source frames are placed.
TICKS = 10_000


def method_of(take: Take) -> str:
    """`minterpolate` or `tblend` for a clip that is slowed with a quality; empty for one whose frames repeat."""
    clip = take.clip
    if clip.speed >= 1 or not clip.slowmo_quality:
        return ""
    return catalogue.slow_motions()[clip.slowmo_quality].method if clip.optical_flow else "tblend"


def medium_in(shot: Shot) -> Medium:
    """The file that a shot shows."""
    medium = shot.take.segment.picture if shot.take.segment else None
    assert medium
    return medium


def first_read(shot: Shot, rate: Fraction) -> int:
    """The first source frame that interpolation is given."""
    source = medium_in(shot).rate
    at = source_frame(shot.take.file_ms(edge_ms(shot.start, rate)), source)
    return max(0, min(at, max(at - AROUND, source_frame(shot.take.file_ms(shot.take.clip.start_ms), source))))


def interpolated(shot: Shot, rate: Fraction) -> Chain:
    """From the decoded picture to the shot's frames, counted from 0: each between its two source frames."""
    take, medium, first = shot.take, medium_in(shot), first_read(shot, rate)
    per_second = rate / take.speed
    step = per_second / medium.rate
    begin = first * step - take.file_ms(edge_ms(shot.start, rate)) / 1000 * per_second
    ahead = max(0, ceil(-begin))
    last = max(first, _last_read(shot, rate))
    options = catalogue.slow_motions()[take.clip.slowmo_quality].options
    ticks = rate * TICKS
    return (
        *source_chain(take, medium, first),
        filter_("trim", end_frame=last - first + 1),
        filter_("settb", expr=f"{ticks.denominator}/{ticks.numerator}"),
        filter_("setpts", expr=_placed(step, begin + ahead)),
        filter_("tpad", stop_mode="clone", stop=SPARE),
        filter_("minterpolate", fps=format_rate(rate), **options),
        filter_("trim", start_pts=ahead),
        filter_("setpts", expr="N"),
        filter_("tpad", stop_mode="clone", stop=-1),
        filter_("trim", end_frame=shot.end - shot.start),
    )


def _last_read(shot: Shot, rate: Fraction) -> int:
    """The last source frame that interpolation is given: not beyond the clip, but where the shot itself is."""
    source = medium_in(shot).rate
    shown = source_frame(shot.take.file_ms(edge_ms(shot.end - 1, rate)), source)
    ends = ceil(shot.take.file_ms(shot.take.clip.end_ms) * source / 1000) - 1
    return max(shown, min(shown + AROUND, ends))


def _placed(step: Fraction, begin: Fraction) -> str:
    """Where source frame N lies, in ticks: as whole numbers, which doubles divide without a fault."""
    step, begin = step * TICKS, begin * TICKS
    whole = lcm(step.denominator, begin.denominator)
    return f"floor((N*{int(step * whole)}{int(begin * whole):+d})/{whole})"


def mixed(frames: Chain, shot: Shot, rate: Fraction) -> Chain:
    """Each frame half with the one before it. `frames`: those of `before(shot)`."""
    own = shot.start <= frame_edge(shot.take.clip.start_ms, rate)
    ahead = (filter_("tpad", start=1, start_mode="clone"),) if own else ()
    return (*frames, *ahead, filter_("tblend", all_mode="average"), filter_("setpts", expr="N"))


def before(shot: Shot, rate: Fraction) -> Shot:
    """The shot with the frame before it, unless it begins its clip."""
    if shot.start <= frame_edge(shot.take.clip.start_ms, rate):
        return shot
    return Shot(shot.take, shot.start - 1, shot.end)
