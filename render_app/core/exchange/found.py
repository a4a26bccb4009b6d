"""An edit that came back from an editing program: what it says of each clip, before anybody knows which file that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sessions_app.errors import StudioError


class BadEdit(StudioError):
    """A file that is no edit of the format that was named; the sentence says what is wrong with it."""

    code = "bad_edit"
    status = 400


@dataclass(frozen=True, slots=True)
class FoundMedia:
    """What an edit says of a file: the name, as it was recorded; when its own clock begins and how long it is, in seconds, None where
    it does not say; the reel."""

    name: str
    start: Fraction | None = None
    duration: Fraction | None = None
    reel: str = ""


@dataclass(frozen=True, slots=True)
class FoundClip:
    """A clip on frames `at` to `end` of the edit. `source`: the time of the file's own clock that it begins with, in seconds; `looks`: the
    fields of its placement and opacity, and `text` of a title, which has no file; `own`: what Studio wrote of it."""

    name: str
    media: FoundMedia
    at: int
    end: int
    source: Fraction
    speed: Fraction = Fraction(1)
    volume_db: float = 0
    looks: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundJoin:
    """A transition that begins `before` frames before the clip number `into` does, and ends `after` frames behind that."""

    into: int
    before: int
    after: int
    type: str = "crossfade"
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundTrack:
    """A track of the edit, nearest last. `kind`: video or audio; `own` says whether it is the sound of a track of pictures."""

    kind: str
    clips: tuple[FoundClip, ...]
    joins: tuple[FoundJoin, ...] = ()
    name: str = ""
    sounds: bool = False
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A whole edit. `ignored`: what it has that Studio does not take over, as sentences; `own`: the sequence that Studio wrote into it."""

    title: str
    rate: Fraction
    tracks: tuple[FoundTrack, ...]
    ignored: tuple[str, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)


def joined(kind: str, clips: list[FoundClip], transitions: list[tuple[int, FoundJoin]], **more: Any) -> FoundTrack:
    """A track of clips in any order. `transitions`: each with the frame at which the clip that it leads into begins; one that leads
    from nowhere, or to it, is left out."""
    placed = tuple(sorted(clips, key=lambda clip: clip.at))
    begins = {clip.at: number for number, clip in enumerate(placed)}
    joins = [
        replace(join, into=begins[at])
        for at, join in sorted(transitions, key=lambda one: one[0])
        if begins.get(at, 0) > 0 and placed[begins[at] - 1].end == at
    ]
    return FoundTrack(kind, placed, tuple(joins), **more)
