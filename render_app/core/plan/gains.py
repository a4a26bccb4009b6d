"""A gain that keyframes move, exact to the sample: one expression of the sample's number.

Its pieces hang in a balanced tree of comparisons, so that a sample looks at a dozen of some thousand keyframes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from media_app.core.ffmpeg.sound import SAMPLE_RATE
from render_app.core.plan.graph import Chain, filter_
from render_app.core.timeline.nouns import Automation, Keyframe

#: Decibels → the exponent of e.
_PER_DB = "0.11512925464970229"


@dataclass(frozen=True, slots=True)
class VolumeCurve:
    """Decibels over time, from `start_ms` of the sequence on."""

    curve: Automation
    start_ms: Fraction

    def expression(self, start: int, end: int) -> str:
        """Decibels at sample `n` after sample `start`, for those before `end`."""
        pieces = list(self._pieces(start))
        first = max((number for number, (begin, _) in enumerate(pieces) if begin <= 0), default=0)
        return _tree([piece for piece in pieces[first:] if piece[0] < end - start])

    def _pieces(self, start: int) -> Iterator[tuple[int, str]]:
        """The sample from which each piece holds, and what it says."""
        places = [(self.start_ms + one.time_ms) * SAMPLE_RATE / 1000 - start for one in self.curve.keyframes]
        known = list(zip(places, self.curve.keyframes, strict=True))
        yield min(0, ceil(places[0])), _number(known[0][1].value)
        for (begin, one), (end, after) in pairwise(known):
            yield ceil(begin), _between(one, after, begin, end)
        yield ceil(places[-1]), _number(known[-1][1].value)


def gain_chain(curves: Sequence[VolumeCurve], start: int, end: int) -> Chain:
    """The gain of all curves together on samples `start` to `end` of the sequence, as a stereo signal to multiply with."""
    decibels = "+".join(f"({one.expression(start, end)})" for one in curves)
    return (
        filter_("aevalsrc", exprs=f"exp(({decibels})*{_PER_DB})", s=SAMPLE_RATE, c="mono"),
        filter_("atrim", end_sample=end - start),
        filter_("aformat", sample_fmts="fltp"),
        filter_("channelmap", map="0|0", channel_layout="stereo"),
    )


def _between(one: Keyframe, after: Keyframe, begin: Fraction, end: Fraction) -> str:
    """The way from one keyframe to the next, both at places that may lie between two samples."""
    if one.interpolation == "hold" or one.value == after.value:
        return _number(one.value)
    share = f"(n-({_number(begin)}))*{_number(1 / (end - begin))}"
    more = _number(after.value - one.value)
    if one.interpolation == "ease":
        return f"{_number(one.value)}+({more})*st(0,{share})*ld(0)*(3-2*ld(0))"
    return f"{_number(one.value)}+({more})*({share})"


def _tree(pieces: Sequence[tuple[int, str]]) -> str:
    if len(pieces) == 1:
        return pieces[0][1]
    middle = len(pieces) // 2
    return f"if(lt(n,{pieces[middle][0]}),{_tree(pieces[:middle])},{_tree(pieces[middle:])})"


def _number(value: float | Fraction) -> str:
    return f"{float(value):.15g}"
