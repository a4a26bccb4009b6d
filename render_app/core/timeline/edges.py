"""Where a time falls: the one place in which milliseconds become frames and samples.

Times of a timeline are exact milliseconds. A time falls on frame `round(t · rate / 1000)`, halves up; a length is the
difference of two such edges and is never rounded by itself.
"""

import math
from fractions import Fraction

from media_app.core.time.timebase import nearest_frame, time_to_sample

#: A source frame that begins at most so much after the instant counts as on the screen: container times are rounded.
EPSILON_MS = Fraction(1, 2)


def exact(value: float | int) -> Fraction:
    """The decimal that was written, not the binary float nearest to it."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def plain_number(value: Fraction) -> float | int:
    """A time as JSON has it: whole where it is whole."""
    return value.numerator if value.denominator == 1 else float(value)


def frame_edge(ms: Fraction, rate: Fraction) -> int:
    """The frame that a time falls on."""
    return nearest_frame(ms / 1000, rate)


def frames_between(start_ms: Fraction, end_ms: Fraction, rate: Fraction) -> int:
    """How many frames lie between the edges of two times."""
    return frame_edge(end_ms, rate) - frame_edge(start_ms, rate)


def sample_edge(ms: Fraction, sample_rate: int) -> int:
    """The sample that a time falls on."""
    return time_to_sample(ms / 1000, sample_rate)


def edge_ms(frame: int, rate: Fraction) -> Fraction:
    """When a frame begins."""
    return frame * 1000 / rate


def source_frame(source_ms: Fraction, rate: Fraction) -> int:
    """The frame of a source of this rate that is on the screen at a time of its own clock: ⌊(t + ε) · rate⌋."""
    return math.floor((source_ms + EPSILON_MS) * rate / 1000)
