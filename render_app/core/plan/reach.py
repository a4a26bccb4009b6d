"""What is scaled beyond what can be drawn: brought down to it, and listed as clamped."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import floor

from render_app.core.plan.placing import Canvas, place
from render_app.core.plan.reels import Reels, segments_of
from render_app.core.timeline.build import of_target
from render_app.core.timeline.fields import Clamped
from render_app.core.timeline.nouns import Automation, Clip, Keyframe, Sequence, Target
from render_app.core.timeline.refusals import Place

#: Nothing is drawn larger than this to a side: memory has an end.
LARGEST = 8_192
#: A scale that is brought down keeps so many parts of 1.
PARTS = 10**6


@dataclass(frozen=True, slots=True)
class Reached:
    """A sequence whose pictures can be drawn, and the numbers that were moved for it."""

    timeline: Sequence
    clamped: tuple[Clamped, ...] = ()


def within_reach(timeline: Sequence, reels: Reels, canvas: Canvas) -> Reached:
    """The sequence with no picture larger than can be drawn."""
    scales = {one.target.id: one for one in timeline.automation if one.property == "scale"}
    most = {
        clip.id: cap
        for clip in timeline.clips
        if (cap := _most(clip, _largest(clip, scales.get(clip.id)), reels, canvas)) is not None
    }
    if not most:
        return Reached(timeline)
    limits = _Limits(most)
    tracks = tuple(replace(track, clips=tuple(map(limits.clip, track.clips))) for track in timeline.tracks)
    automation = tuple(map(limits.curve, timeline.automation))
    return Reached(replace(timeline, tracks=tracks, automation=automation), tuple(limits.clamped))


def _largest(clip: Clip, curve: Automation | None) -> float:
    """The highest scale that a clip comes to."""
    return max(one.value for one in curve.keyframes) if curve else clip.scale


def _most(clip: Clip, scale: float, reels: Reels, canvas: Canvas) -> float | None:
    """The scale at which a clip is as large as can be drawn; None where it is not larger."""
    side = max(_sides(replace(clip, scale=scale), reels, canvas), default=0)
    return floor(scale * LARGEST / side * PARTS) / PARTS if side > LARGEST else None


def _sides(clip: Clip, reels: Reels, canvas: Canvas) -> Iterator[int]:
    for segment in segments_of(clip, reels):
        video = segment.picture.video if segment.picture else None
        if video is not None:
            placed = place(clip, (video.width, video.height), canvas)
            yield max(placed.width, placed.height)


@dataclass(slots=True)
class _Limits:
    """The highest scale of some clips, by their ids."""

    most: dict[str, float]
    clamped: list[Clamped] = field(default_factory=list)

    def clip(self, clip: Clip) -> Clip:
        most = self.most.get(clip.id, clip.scale)
        if clip.scale <= most:
            return clip
        self.clamped.append(Clamped(Place("clip", clip.id), "scale", clip.scale, most))
        return replace(clip, scale=most)

    def curve(self, curve: Automation) -> Automation:
        if curve.property != "scale" or curve.target.id not in self.most:
            return curve
        keys = tuple(self._key(curve, number, one) for number, one in enumerate(curve.keyframes))
        return replace(curve, keyframes=keys)

    def _key(self, curve: Automation, number: int, one: Keyframe) -> Keyframe:
        most = self.most[curve.target.id]
        if one.value <= most:
            return one
        place = of_target("automation", curve.id, Target("clip", curve.target.id))
        at = place.entry("keyframes", "keyframe_index", number)
        self.clamped.append(Clamped(at, at.field("value"), one.value, most))
        return replace(one, value=most)
