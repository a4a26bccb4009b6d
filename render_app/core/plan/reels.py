"""What a clip's content is made of: files, and where each lies on the content's own clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from media_app.core.files.media_info import VideoStream
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import Clip

#: Reading begins so much before what is needed where nothing is known of a file: farther than decoders reorder pictures.
LEAD_S = Fraction(2)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that is drawn before the commands run: the name of its file, of what it is made, and the font's file, where that
    is one of the registry."""

    name: str
    of: Mapping[str, Any] = field(hash=False)
    font: "Medium | None" = None


@dataclass(frozen=True, slots=True)
class Medium:
    """A file to be read. `id` names it in the plan; `rate`: frames per second of its picture on its own clock, whose frames
    miss that grid by `phase` seconds; `seekable`: its container finds a time without reading everything before it; `lead_s`: how
    long before what is needed reading begins then; `keys`: its keyframes on that grid, where they are known.

    `still`: a single picture, and the demuxer that reads it; `alpha`: whether parts of it may be seen through.
    `drawn`: it is no file of the registry.
    `sound`: index of the stream that is heard, None for none; `channels`, `layout`, `floating`: of that stream. `first_sample`: the number of its
    first sample, at its own rate, where the file says when a packet is heard to a millisecond only.
    `version`: of an asset's own file, which tells it from its successor where its checksum is not known yet.
    """

    id: str
    asset_id: str
    name: str
    checksum: str
    artifact_id: str | None = None
    still: str = ""
    alpha: bool = False
    video: VideoStream | None = None
    rate: Fraction = Fraction(25)
    phase: Fraction = Fraction(0)
    seekable: bool = False
    lead_s: Fraction = LEAD_S
    keys: tuple[int, ...] = ()
    sound: int | None = None
    channels: int = 2
    layout: str = ""
    floating: bool = False
    first_sample: int | None = None
    drawn: Drawn | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a content's clock in ms that files show: `t_file = (t_content − offset_ms) / pace`. None: without an end.

    `picture` and `sound` may be two files: a proxy has no sound. `enhanced`: the same sound with the voice brought out, on the
    same clock.
    """

    picture: Medium | None
    sound: Medium | None
    start_ms: Fraction | None = None
    end_ms: Fraction | None = None
    offset_ms: Fraction = Fraction(0)
    pace: Fraction = Fraction(1)
    enhanced: Medium | None = None

    def heard(self, *, enhanced: bool) -> Medium | None:
        """The file that is heard."""
        return (self.enhanced if enhanced else None) or self.sound

    def file_ms(self, content_ms: Fraction) -> Fraction:
        """The file's time at a time of the content."""
        return (content_ms - self.offset_ms) / self.pace


#: A clip's content → its segments; of words and shapes, the clip's id.
Reels = Mapping[Reference | str, tuple[Segment, ...]]


def segments_of(clip: Clip, reels: Reels) -> tuple[Segment, ...]:
    """What a clip's content is made of."""
    return reels[clip.content if isinstance(clip.content, Reference) else clip.id]


@dataclass(frozen=True, slots=True)
class Take:
    """A clip from `start_ms` to `end_ms` of the sequence: of one segment, or of none, which is black and silent."""

    clip: Clip
    start_ms: Fraction
    end_ms: Fraction
    segment: Segment | None

    @property
    def speed(self) -> Fraction:
        """How much of its file passes in a second of the sequence."""
        return self.clip.speed / (self.segment.pace if self.segment else 1)

    def file_ms(self, ms: Fraction) -> Fraction:
        """The time of its file at a time of the sequence."""
        assert self.segment
        return self.segment.file_ms(self.clip.source_ms(ms))


def takes_of(clip: Clip, start_ms: Fraction, end_ms: Fraction, segments: tuple[Segment, ...]) -> tuple[Take, ...]:
    """The takes that fill a stretch of a clip, in order, with empty ones between the segments."""
    found: list[Take] = []
    reached = start_ms
    for segment in segments:
        begins = start_ms if segment.start_ms is None else max(reached, clip.timeline_ms(segment.start_ms))
        ends = end_ms if segment.end_ms is None else min(end_ms, clip.timeline_ms(segment.end_ms))
        if begins >= ends:
            continue
        if begins > reached:
            found.append(Take(clip, reached, begins, None))
        found.append(Take(clip, begins, ends, segment))
        reached = ends
    if reached < end_ms:
        found.append(Take(clip, reached, end_ms, None))
    return tuple(found)
