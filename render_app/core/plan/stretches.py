"""Who is seen and heard on a track, and when: within a track the clip that starts later covers."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from render_app.core.timeline.blending import Blend
from render_app.core.timeline.nouns import Clip, Track


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time of a track with the same clips: one, or the two of a transition, the old one first."""

    start_ms: Fraction
    end_ms: Fraction
    clips: tuple[Clip, ...]
    blend: Blend | None = None


def stretches_of(track: Track, blends: Iterable[Blend], end_ms: Fraction) -> tuple[Stretch, ...]:
    """The stretches of a track in order, from 0 to the end of the sequence; none where it is empty."""
    clips = [one for _, one in sorted(enumerate(track.clips), key=lambda one: (one[1].start_ms, one[0]))]
    places = {clip.id: place for place, clip in enumerate(clips)}
    here = sorted((one for one in blends if one.track_id == track.id), key=lambda one: one.start)
    return tuple(_joined(_seen(clips, places, here, end_ms)))


def _seen(clips: list[Clip], places: dict[str, int], blends: list[Blend], end_ms: Fraction) -> Iterator[Stretch]:
    """What is seen between each two moments at which something begins or ends."""
    begun, stack = 0, list[int]()
    for start, end in pairwise(_moments(clips, blends, end_ms)):
        while begun < len(clips) and clips[begun].start_ms <= start:
            stack.append(begun)
            begun += 1
        while stack and clips[stack[-1]].end_ms <= start:
            stack.pop()
        top = stack[-1] if stack else -1
        blend = _blend_at(blends, start)
        pair = (places[blend.transition.from_clip_id], places[blend.transition.to_clip_id]) if blend else ()
        if pair and top <= max(pair):
            yield Stretch(start, end, tuple(clips[place] for place in pair), blend)
        elif top >= 0:
            yield Stretch(start, end, (clips[top],))


def _moments(clips: list[Clip], blends: list[Blend], end_ms: Fraction) -> list[Fraction]:
    edges = {edge for clip in clips for edge in (clip.start_ms, clip.end_ms)}
    edges |= {edge for blend in blends for edge in (blend.start_ms, blend.start_ms + blend.duration_ms)}
    return sorted(edge for edge in edges | {Fraction(0), end_ms} if 0 <= edge <= end_ms)


def _blend_at(blends: list[Blend], ms: Fraction) -> Blend | None:
    number = bisect_right(blends, ms, key=lambda one: one.start_ms)
    blend = blends[number - 1] if number else None
    return blend if blend and ms < blend.start_ms + blend.duration_ms else None


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Neighbors with the same clips as one."""
    last: Stretch | None = None
    for one in stretches:
        if last is not None and last.end_ms == one.start_ms and (last.clips, last.blend) == (one.clips, one.blend):
            last = replace(last, end_ms=one.end_ms)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
