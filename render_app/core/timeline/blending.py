"""Where transitions lie: in frames of the output, with the handles that the media have.

With an overlap of at least its duration a transition starts where its second clip does. Else it is centered on the middle
of the overlap, or on the cut, and takes handles from both media. What is missing shortens it, with a notice.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from render_app.core.timeline.edges import edge_ms, frame_edge
from render_app.core.timeline.media import Media, Notice, facts_of
from render_app.core.timeline.nouns import Clip, Sequence, Transition
from render_app.core.timeline.refusals import Contradiction, NothingToBlend, Place, refuse


@dataclass(frozen=True, slots=True)
class Blend:
    """A transition on frames `start` to `end` of the output, at `rate`. `clamped_from_ms`: what was asked for, where the media
    do not have as much; `order`: its number among all, by start and id."""

    transition: Transition
    track_id: str
    start: int
    end: int
    rate: Fraction
    clamped_from_ms: Fraction | None = None
    order: int = 0

    @property
    def frames(self) -> int:
        """How many frames both clips share."""
        return self.end - self.start

    @property
    def start_ms(self) -> Fraction:
        """When its first frame begins."""
        return edge_ms(self.start, self.rate)

    @property
    def duration_ms(self) -> Fraction:
        """How long it is, in whole frames."""
        return edge_ms(self.frames, self.rate)

    @property
    def notice(self) -> Notice | None:
        """What a person should know of it."""
        if self.clamped_from_ms is None:
            return None
        asked, left = float(self.clamped_from_ms), float(self.duration_ms)
        message = f"The media have {left:g} ms for this transition, not {asked:g}; it is shorter."
        return Notice("transition_clamped", message, Place("transition", self.transition.id))


def lay_transitions(sequence: Sequence, media: Media, rate: Fraction) -> tuple[Blend, ...]:
    """Every transition at its frames, in order. Raises NothingToBlend, Contradiction, UnknownMedia."""
    clips = {clip.id: (clip, track.id) for track in sequence.tracks for clip in track.clips}
    found = []
    for one in sequence.transitions:
        (first, track_id), (second, _) = clips[one.from_clip_id], clips[one.to_clip_id]
        found.append(_lay(one, track_id, (first, second), media, rate))
    found.sort(key=lambda blend: (blend.start, blend.transition.id))
    _refuse_crossing(found)
    return tuple(replace(blend, order=number) for number, blend in enumerate(found))


def _lay(one: Transition, track_id: str, clips: tuple[Clip, Clip], media: Media, rate: Fraction) -> Blend:
    first, second = clips
    place = Place("transition", one.id)
    if second.start_ms < first.start_ms:
        raise refuse(Contradiction, place, "to_clip_id", "starts before from_clip_id. Name them in the order of time.")
    wanted = _wanted(one, first, second, rate, place)
    least, most = _reach(first, second, media)
    start, end = max(wanted[0], frame_edge(least, rate)), min(wanted[1], frame_edge(most, rate))
    if end <= start:
        message = "has neither an overlap of its clips nor media beyond their edges to blend. Overlap or trim them."
        raise refuse(NothingToBlend, place, "duration_ms", message)
    clamped = one.duration_ms if end - start < wanted[1] - wanted[0] else None
    return Blend(one, track_id, start, end, rate, clamped)


def _wanted(one: Transition, first: Clip, second: Clip, rate: Fraction, place: Place) -> tuple[int, int]:
    """The frames that it would have if the media had no end."""
    overlap = min(first.end_ms, second.end_ms) - second.start_ms
    if frame_edge(first.end_ms, rate) < frame_edge(second.start_ms, rate):
        message = (
            f"starts {float(-overlap):g} ms after from_clip_id ends; a transition needs clips that meet or overlap."
        )
        raise refuse(NothingToBlend, place, "to_clip_id", message)
    start = second.start_ms if overlap >= one.duration_ms else second.start_ms + (overlap - one.duration_ms) / 2
    frames = frame_edge(start, rate), frame_edge(start + one.duration_ms, rate)
    if frames[0] == frames[1]:
        raise refuse(
            NothingToBlend, place, "duration_ms", f"is shorter than a frame at {float(rate):.5g} frames per second."
        )
    return frames


def _reach(first: Clip, second: Clip, media: Media) -> tuple[Fraction, Fraction]:
    """From when and until when both clips can be shown: within the clip on its far side, by its medium on the near one."""
    tail, head = facts_of(first, media), facts_of(second, media)
    latest = second.end_ms
    if tail is not None and tail.whole is not None:
        latest = min(latest, max(first.end_ms, first.timeline_ms(tail.whole.end_ms)))
    earliest = first.start_ms
    # A still picture, words and shapes have no first moment.
    if head is not None and head.whole is not None:
        earliest = max(earliest, min(second.start_ms, second.timeline_ms(head.whole.start_ms)))
    return earliest, latest


def _refuse_crossing(blends: list[Blend]) -> None:
    """A clip must be through with one transition before the next begins."""
    ends = {blend.transition.to_clip_id: blend for blend in blends}
    for blend in blends:
        before = ends.get(blend.transition.from_clip_id)
        if before is not None and before.end > blend.start:
            place = Place("transition", blend.transition.id, inside={"clip_id": blend.transition.from_clip_id})
            message = (
                f"begins before transition {before.transition.id} into the same clip has ended. Shorten one of them."
            )
            raise refuse(Contradiction, place, "duration_ms", message)
