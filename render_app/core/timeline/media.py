"""What the media of a timeline have: whether its clips can be shown from them.

Raises UnknownMedia, WrongMedia, BeyondMedia; what can be rendered but may surprise is a notice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from render_app.core.timeline.edges import plain_number
from render_app.core.timeline.nouns import CameraReference, Clip, MediaReference, Sequence, Track
from render_app.core.timeline.refusals import BeyondMedia, Place, UnknownMedia, WrongMedia, refuse

#: Durations of media are kept in whole milliseconds.
SLACK_MS = Fraction(1)

Reference = MediaReference | CameraReference


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in ms: of a file on its own clock, of a camera on the master's."""

    start_ms: Fraction
    end_ms: Fraction


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is there of a medium. `spans`: when, ascending; empty for a still picture, which lasts as long as it is wanted.

    `fault`: why it cannot be used (yet), as a sentence; empty when it can.
    """

    name: str
    has_picture: bool
    has_sound: bool
    spans: tuple[Span, ...] = ()
    fault: str = ""

    @property
    def whole(self) -> Span | None:
        """From the first moment to the last; None without an end."""
        return Span(self.spans[0].start_ms, self.spans[-1].end_ms) if self.spans else None


Media = Mapping[Reference, MediaFacts]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know of a record. `details` name it, as those of a refusal do."""

    code: str
    message: str
    place: Place

    @property
    def as_json(self) -> dict[str, Any]:
        """As an answer lists it."""
        return {"code": self.code, "message": self.message, **self.place.details}


def check_media(sequence: Sequence, media: Media) -> tuple[Notice, ...]:
    """Notices of every clip, track by track. Raises for the first clip that its medium cannot show."""
    return tuple(
        notice for track in sequence.tracks for clip in track.clips for notice in check_clip(clip, track, media)
    )


def check_clip(clip: Clip, track: Track, media: Media) -> tuple[Notice, ...]:
    """Notices of one clip. Raises UnknownMedia, WrongMedia, BeyondMedia."""
    facts = facts_of(clip, media)
    if facts is None:
        return ()
    place = Place("clip", clip.id)
    if facts.fault:
        raise refuse(WrongMedia, place, _field(clip), f"cannot be used: {facts.fault}")
    if facts.whole is not None:
        _refuse_beyond(clip, facts.whole, facts.name, place)
    return tuple(_notices(clip, track, facts, place))


def facts_of(clip: Clip, media: Media) -> MediaFacts | None:
    """What is there of a clip's medium; None for words and shapes. Raises UnknownMedia."""
    if not isinstance(clip.content, Reference):
        return None
    facts = media.get(clip.content)
    if facts is None:
        raise refuse(UnknownMedia, Place("clip", clip.id), _field(clip), "does not exist here.")
    return facts


def _field(clip: Clip) -> str:
    """The field that says what a clip shows."""
    if isinstance(clip.content, CameraReference):
        return "camera_label"
    return "artifact_id" if isinstance(clip.content, MediaReference) and clip.content.artifact_id else "asset_id"


def _refuse_beyond(clip: Clip, whole: Span, name: str, place: Place) -> None:
    there = {"available_from_ms": plain_number(whole.start_ms), "available_to_ms": plain_number(whole.end_ms)}
    for field, value, beyond in (
        ("in_ms", clip.in_ms, clip.in_ms < whole.start_ms - SLACK_MS),
        ("out_ms", clip.out_ms, clip.out_ms > whole.end_ms + SLACK_MS),
    ):
        if beyond:
            has = f"{name} has {float(whole.start_ms):g} to {float(whole.end_ms):g} ms"
            raise refuse(BeyondMedia, place, field, f"is {float(value):g}, and {has}.", **there)


def _notices(clip: Clip, track: Track, facts: MediaFacts, place: Place) -> Iterator[Notice]:
    if track.kind == "video" and not facts.has_picture:
        yield Notice("no_picture", f"{facts.name} has no picture; the clip is black.", place)
    if track.kind == "audio" and not facts.has_sound:
        yield Notice("no_sound", f"{facts.name} has no sound; the clip is silent.", place)
    for before, after in pairwise(facts.spans):
        if clip.in_ms < after.start_ms and before.end_ms < clip.out_ms:
            gap = f"{float(before.end_ms):g} to {float(after.start_ms):g} ms"
            yield Notice(
                "media_gap", f"{facts.name} was not recording from {gap}; there it is black and silent.", place
            )
