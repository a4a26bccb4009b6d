"""A shot's frames in time: exactly the source frames ⌊(t_source + ε) · rate⌋, whatever the rates, the speed and the cut.

The source is first laid on its own even grid, from its own origin, and cut afterwards: so a slipped clip, a chunk and a preview
show the same frame. Then source frame k is given the number of the first output frame that shows it, an exact integer.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm

from media_app.core.time.timebase import format_rate, seconds_text
from render_app.core.plan.graph import Chain, filter_
from render_app.core.plan.reels import LEAD_S, Medium, Take
from render_app.core.plan.slowing import before, first_read, interpolated, medium_in, method_of, mixed
from render_app.core.plan.spans import Shot
from render_app.core.plan.steadying import source_chain, steady_of
from render_app.core.timeline.edges import EPSILON_MS, edge_ms, source_frame

#: Pixels that are decoded for what it costs to open a file once more (measured: 17 ms).
OPENING = Fraction(4_000_000)
#: Frames up to which one thread decodes: more of them decode ahead what is never shown (of shots of 25 frames, for a quarter of the work).
SHORT = 100
#: Nearer to the beginning than this, a seek saves nothing.
NEAR_S = Fraction(1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read from `seek_s` on; its times stay those of its own clock.

    `needed`: seconds of the file from and until which it is needed, for frames `shown` of the output; None where it cannot be shared.
    """

    medium: Medium
    seek_s: Fraction = Fraction(0)
    needed: tuple[Fraction, Fraction] | None = None
    shown: tuple[int, int] = (0, 0)

    @property
    def key_s(self) -> Fraction:
        """Where decoding begins: the keyframe at or before the seek, where keyframes are known."""
        number = bisect_right(self.medium.keys, self.seek_s * self.medium.rate)
        return self.medium.keys[number - 1] / self.medium.rate if number else self.seek_s

    def goes_on(self, before: "Reading") -> bool:
        """Whether it is cheaper to read on from where another one of its file ends than to seek. Both are read one after the other."""
        if self.needed is None or before.needed is None or before.medium != self.medium:
            return False
        later = before.shown[1] <= self.shown[0] and before.needed[1] <= self.needed[0]
        return later and before.needed[1] >= self.key_s - self._opening_s

    @property
    def _opening_s(self) -> Fraction:
        """Seconds of the file that are decoded for what it costs to open it."""
        video = self.medium.video
        return OPENING / (video.width * video.height) / self.medium.rate if video else Fraction(0)

    @property
    def options(self) -> list[str]:
        """What stands before the input. What the seek takes off the times, the offset puts back."""
        threads = ["-threads", "1"] if self._is_short else []
        if not self.seek_s:
            return threads
        at = seconds_text(self.seek_s)
        return [*threads, "-noaccurate_seek", "-ss", at, "-itsoffset", at]

    @property
    def _is_short(self) -> bool:
        """Whether few frames are decoded for it."""
        return self.needed is not None and (self.needed[1] - self.key_s) * self.medium.rate <= SHORT


def reading(medium: Medium, needed_s: Fraction) -> Reading:
    """How a file's sound is read for what begins at a time of it."""
    if not medium.seekable or needed_s < LEAD_S + NEAR_S:
        return Reading(medium)
    return Reading(medium, Fraction((needed_s - LEAD_S) * 10 // 1, 10))


def seen_from(medium: Medium, needed_s: Fraction) -> Reading:
    """How a file's pictures are read from a time of it on: from the last keyframe before, where keyframes are known."""
    seek_s = _to_keyframe(medium, needed_s) if medium.keys else needed_s - medium.lead_s
    if not medium.seekable or seek_s < NEAR_S:
        return Reading(medium)
    return Reading(medium, Fraction(seek_s * 1000 // 1, 1000))


def _to_keyframe(medium: Medium, needed_s: Fraction) -> Fraction:
    """A time at which a seek lands on the keyframe that shows first what is needed, and on no later one.

    Containers look keyframes up by when they are decoded, which is before they are shown by as much as pictures are out of order.
    """
    wanted, lead = floor(needed_s * medium.rate), ceil(medium.lead_s * medium.rate)
    number = bisect_right(medium.keys, wanted)
    before, after = medium.keys[:number][-1:], medium.keys[number : number + 1]
    at = min((wanted, *(key - lead for key in after)))
    if before and at < before[0]:
        at = wanted - lead
    return (at + Fraction(1, 2)) / medium.rate + medium.phase


def picture_reading(shot: Shot, rate: Fraction) -> Reading:
    """How a shot's file is read."""
    medium, method, steady = medium_in(shot), method_of(shot.take), steady_of(shot.take)
    if medium.still:
        return Reading(medium)
    if steady is not None:
        return seen_from(medium, steady.begins_s)
    if method == "minterpolate":
        return seen_from(medium, first_read(shot, rate) / medium.rate)
    shot = before(shot, rate) if method else shot
    begins_s, ends_s = (
        max(Fraction(0), shot.take.file_ms(edge_ms(edge, rate)) / 1000) for edge in (shot.start, shot.end)
    )
    found = seen_from(medium, begins_s)
    # A frame that is deinterlaced costs something even where it is thrown away.
    if method or (medium.video is not None and medium.video.interlaced):
        return found
    return replace(found, needed=(begins_s, ends_s), shown=(shot.start, shot.end))


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
