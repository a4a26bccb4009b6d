"""The picture in spans of frames, in each of which the same layers lie over each other."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from render_app.core.plan.reels import Reels, Take, segments_of, takes_of
from render_app.core.plan.stretches import Stretch
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import frame_edge
from render_app.core.timeline.nouns import Clip


@dataclass(frozen=True, slots=True)
class Shot:
    """A take on frames `start` to `end` of the output."""

    take: Take
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layer:
    """What a track shows on frames `start` to `end`: shots one after another; in a transition those of both sides."""

    track_id: str
    start: int
    end: int
    sides: tuple[tuple[Shot, ...], ...]
    blend: Blend | None = None

    def part(self, start: int, end: int) -> "Layer":
        """A part of it. A transition's sides stay whole: how far it is, is counted from its beginning."""
        if self.blend is not None:
            return replace(self, start=start, end=end)
        return replace(self, start=start, end=end, sides=tuple(_part(side, start, end) for side in self.sides))


@dataclass(frozen=True, slots=True)
class Span:
    """Frames with the same layers, the farthest first."""

    start: int
    end: int
    layers: tuple[Layer, ...] = ()

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.end - self.start


def layers_of(track_id: str, stretches: Sequence[Stretch], reels: Reels, rate: Fraction) -> tuple[Layer, ...]:
    """The layers of a track in order. What has no picture is no layer."""
    found: list[Layer] = []
    for one in stretches:
        if one.blend is not None:
            start, end = frame_edge(one.start_ms, rate), frame_edge(one.end_ms, rate)
            window = one.blend.start_ms, one.blend.start_ms + one.blend.duration_ms
            sides = tuple(tuple(_shots(clip, window, reels, rate)) for clip in one.clips)
            found.append(Layer(track_id, start, end, sides, one.blend))
            continue
        shots = _shots(one.clips[0], (one.start_ms, one.end_ms), reels, rate)
        found += (Layer(track_id, shot.start, shot.end, ((shot,),)) for shot in shots if is_seen(shot.take))
    return tuple(found)


def is_seen(take: Take) -> bool:
    """Whether a take has a picture."""
    return take.segment is not None and take.segment.picture is not None


def spans_of(tracks: Sequence[tuple[Layer, ...]], start: int, end: int) -> tuple[Span, ...]:
    """The spans from one frame to another. `tracks`: the layers of each, the farthest first."""
    edges = {edge for layers in tracks for one in layers for edge in (one.start, one.end)}
    inside = sorted(edge for edge in edges | {start, end} if start <= edge <= end)
    starts = [[one.start for one in layers] for layers in tracks]
    return tuple(Span(first, last, tuple(_seen(tracks, starts, first, last))) for first, last in pairwise(inside))


def _seen(tracks: Sequence[tuple[Layer, ...]], starts: list[list[int]], first: int, last: int) -> Iterator[Layer]:
    for layers, begins in zip(tracks, starts, strict=True):
        number = bisect_right(begins, first)
        if number and first < layers[number - 1].end:
            yield layers[number - 1].part(first, last)


def _shots(clip: Clip, times: tuple[Fraction, Fraction], reels: Reels, rate: Fraction) -> Iterator[Shot]:
    for take in takes_of(clip, *times, segments_of(clip, reels)):
        start, end = frame_edge(take.start_ms, rate), frame_edge(take.end_ms, rate)
        if start < end:
            yield Shot(take, start, end)


def _part(side: tuple[Shot, ...], start: int, end: int) -> tuple[Shot, ...]:
    return tuple(
        replace(one, start=max(one.start, start), end=min(one.end, end))
        for one in side
        if one.start < end and start < one.end
    )
