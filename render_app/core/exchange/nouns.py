"""A sequence as editing programs hold it: whole frames of one rate, tracks on which nothing overlaps, and files that are counted
from their first frame.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import nearest_frame, time_to_frame
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.timeline.edges import exact, frame_edge, source_frame
from render_app.core.timeline.nouns import CameraReference, Clip, Sequence, Track, Transition


@dataclass(frozen=True, slots=True)
class Part:
    """A file, and the stretch of a content's clock in ms that it shows: `t_file = (t − offset_ms) / pace`. None: without an end."""

    source: Angle
    start_ms: Fraction | None = None
    end_ms: Fraction | None = None
    offset_ms: Fraction = Fraction(0)
    pace: Fraction = Fraction(1)

    def file_ms(self, content_ms: Fraction) -> Fraction:
        """The file's time at a time of the content."""
        return (content_ms - self.offset_ms) / self.pace


@dataclass(frozen=True, slots=True)
class Event:
    """A file on frames `at` to `end` of a timeline of `rate`. `begin_ms`: the time of the file that frame `at` shows; `pace`:
    seconds of the content's clock in one of the file's."""

    clip: Clip
    source: Angle
    at: int
    end: int
    begin_ms: Fraction
    rate: Fraction
    pace: Fraction = Fraction(1)

    @property
    def length(self) -> int:
        """Frames of the timeline."""
        return self.end - self.at

    @property
    def speed(self) -> Fraction:
        """How fast it plays; drift is not undone."""
        return self.clip.speed

    @property
    def camera(self) -> str:
        """The camera of a session that it shows; empty for a file of the registry."""
        return self.source.label if isinstance(self.clip.content, CameraReference) else ""

    @property
    def unit(self) -> Fraction:
        """Frames per second of its file, or samples where there is no picture."""
        return self.source.rate if self.source.has_picture else Fraction(self.source.samples_per_second)

    @property
    def units(self) -> int:
        """How many frames, or samples, its file has."""
        return time_to_frame(self.source.run, self.unit)

    @property
    def first_unit(self) -> int:
        """The frame of its file that is on the screen at frame `at`, counted from the file's first; the sample nearest to it where
        there is no picture."""
        source = self.source
        if not source.has_picture:
            return max(0, nearest_frame(self.begin_ms / 1000 - source.first, self.unit))
        shown = source_frame(self.begin_ms, self.unit) - nearest_frame(source.first, self.unit)
        return max(0, min(shown, self.units - 1))

    def between(self, at: int, end: int) -> "Event":
        """The same clip on other frames, which show of its file what it would show there."""
        passed = (at - self.at) * 1000 / self.rate * self.speed / self.pace
        return replace(self, at=at, end=end, begin_ms=self.begin_ms + passed)

    def start_in(self, rate: Fraction) -> int:
        """How far into its file it begins, in frames of `rate`: the first of them that shows `first_unit`, of sound the nearest."""
        seconds = self.first_unit / self.unit
        return math.ceil(seconds * rate) if self.source.has_picture else nearest_frame(seconds, rate)

    def is_exact_in(self, rate: Fraction) -> bool:
        """Whether a frame of `rate` begins while `first_unit` is on the screen."""
        return not self.source.has_picture or math.floor(self.start_in(rate) / rate * self.unit) == self.first_unit

    def used_in(self, rate: Fraction) -> int:
        """How many frames of `rate` of its file it uses: the last one that is shown counts, and none beyond the file."""
        last = self.first_unit + math.floor((self.length - 1) * self.speed * self.unit / self.rate)
        last = max(self.first_unit, min(last, self.units - 1))
        return max(1, math.ceil((last + 1) / self.unit * rate) - self.start_in(rate))

    @property
    def drift(self) -> Fraction:
        """By how many frames of the timeline its file has run away at its end, since drift is not undone."""
        return abs(self.length * (self.pace - 1))


@dataclass(frozen=True, slots=True)
class Join:
    """A transition around frame `cut`, at which the event before ends and event number `into` begins: `before` frames of it lie
    before the cut and `after` behind."""

    transition: Transition
    into: int
    cut: int
    before: int
    after: int

    @property
    def start(self) -> int:
        """Its first frame."""
        return self.cut - self.before

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.cut + self.after


@dataclass(frozen=True, slots=True)
class Lane:
    """What is seen of a track, or heard of it, in order of time."""

    track: Track
    events: tuple[Event, ...]
    joins: tuple[Join, ...] = ()

    def joins_at(self) -> dict[int, Join]:
        """Each by the number of the event that it leads into."""
        return {join.into: join for join in self.joins}

    @property
    def end(self) -> int:
        """The frame after its last event."""
        return self.events[-1].end if self.events else 0


@dataclass(frozen=True, slots=True)
class Title:
    """Words on frames `at` to `end`, over the first `above` lanes of pictures."""

    clip: Clip
    at: int
    end: int
    above: int


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a format does not carry, or not as it is. `details` name the record; `not_written`: the format has a form for it."""

    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    not_written: bool = False

    @property
    def as_json(self) -> dict[str, Any]:
        """As a report lists it."""
        return {"code": self.code, "message": self.message, "not_written": self.not_written, **self.details}


@dataclass(frozen=True, slots=True)
class Assembly:
    """A sequence on whole frames. `pictures`: what is seen, the farthest track first; `sounds`: what is heard, track by track;
    `shoots`: the sessions whose cameras it shows; `losses`: what its records have besides cuts; `drop`: labels are drop-frame; `titles`:
    the words that are seen, the farthest first."""

    title: str
    day: str
    sequence: Sequence
    pictures: tuple[Lane, ...]
    sounds: tuple[Lane, ...]
    shoots: tuple[MulticamEdit, ...] = ()
    losses: tuple[Loss, ...] = ()
    drop: bool = False
    titles: tuple[Title, ...] = ()

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return self.sequence.timebase

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Pictures, then sounds."""
        return (*self.pictures, *self.sounds)

    @property
    def length(self) -> int:
        """Frames to the end of the sequence."""
        return max((frame_edge(self.sequence.end_ms, self.rate), *(lane.end for lane in self.lanes)))

    @property
    def sources(self) -> tuple[Angle, ...]:
        """The files that it shows, each once, in order."""
        return tuple({event.source.asset_id: event.source for lane in self.lanes for event in lane.events}.values())

    @property
    def size(self) -> tuple[int, int]:
        """The picture's width and height: those of the first file that has any."""
        sizes = ((one.width, one.height) for one in self.sources if one.width and one.height)
        return next(((width, height) for width, height in sizes if width and height), (1920, 1080))


def clock_start(source: Angle, unit: Fraction) -> int:
    """The number that a file's own clock gives its first frame or sample, counted in units a second: its timecode, or a recorder's time
    of day."""
    if source.has_picture:
        return nearest_frame(source.first_timecode(source.timecode_rate).seconds, unit)
    return 0 if source.seconds_of_day is None else nearest_frame(exact(source.seconds_of_day), unit)


def volume_of(event: Event, track: Track) -> float:
    """In dB: the clip's and its track's together."""
    return event.clip.volume_db + track.volume_db
