"""What a film must show and sound like, worked out from its timeline alone: the judge of the renderer.

Nothing of the planner is used. A timeline is plain numbers: lists of `Cut`, the farthest track first. Times are ms, exact; rates
are frames per second, exact. The judge knows one rule: output frame n shows, of the nearest track with a clip there, source frame
⌊(t_source + ½ ms) · source rate⌋, and a click of the source is heard when its time comes.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Footage:
    """A file of numbered frames. `starts`: the frame of its even grid with which each comes up, `numbers`: what each shows; `clicks`
    in ms."""

    rate: Fraction
    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    clicks: tuple[Fraction, ...] = ()

    def code(self, ms: Fraction) -> int:
        """The number on the screen at a time of the file; before its first frame, that one."""
        on_grid = floor((ms + HALF) * self.rate / 1000)
        return self.numbers[max(0, bisect_right(self.starts, on_grid) - 1)]


@dataclass(frozen=True)
class Cut:
    """A clip of a track."""

    footage: Footage
    in_ms: Fraction
    out_ms: Fraction
    start_ms: Fraction
    speed: Fraction = Fraction(1)

    @property
    def end_ms(self) -> Fraction:
        return self.start_ms + (self.out_ms - self.in_ms) / self.speed

    def source(self, ms: Fraction) -> Fraction:
        return self.in_ms + (ms - self.start_ms) * self.speed


Tracks = Sequence[Sequence[Cut]]


def edge(ms: Fraction, rate: Fraction) -> int:
    """The frame on which a time falls, halves up."""
    return floor(ms * rate / 1000 + HALF)


def frames(tracks: Tracks, rate: Fraction) -> int:
    """How many frames the film has."""
    return edge(max(cut.end_ms for track in tracks for cut in track), rate)


def codes(tracks: Tracks, rate: Fraction) -> list[int | None]:
    """The number in each frame of the film; None where it is black."""
    return [_code(tracks, number, rate) for number in range(frames(tracks, rate))]


def _code(tracks: Tracks, number: int, rate: Fraction) -> int | None:
    for track in reversed(tracks):
        there = [cut for cut in track if edge(cut.start_ms, rate) <= number < edge(cut.end_ms, rate)]
        if there:
            # Of two, the one that starts later; of two that start together, the later one listed.
            top = max(enumerate(there), key=lambda one: (one[1].start_ms, one[0]))[1]
            return top.footage.code(top.source(number * 1000 / rate))
    return None


def clicks(tracks: Tracks) -> list[float]:
    """When clicks are heard, in seconds of the film, of every track."""
    return sorted(float(ms / 1000) for track in tracks for ms in _clicks(track))


def _clicks(track: Sequence[Cut]) -> Iterator[Fraction]:
    for place, cut in enumerate(track):
        later = [one for at, one in enumerate(track) if (one.start_ms, at) > (cut.start_ms, place)]
        for click in cut.footage.clicks:
            ms = cut.start_ms + (click - cut.in_ms) / cut.speed
            inside = cut.start_ms <= ms < cut.end_ms
            if inside and not any(one.start_ms <= ms < one.end_ms for one in later):
                yield ms
