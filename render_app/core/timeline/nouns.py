"""A timeline as values, in the words of OpenTimelineIO. Every time is exact milliseconds, every speed and rate exact too.

A clip shows its content from `in_ms` on at `start_ms` of the sequence: `t_source = in_ms + (t − start_ms) · speed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Meta = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MediaReference:
    """A file of the registry: an asset's own, or an artifact of it. `in_ms` and `out_ms` count on its own clock."""

    asset_id: str
    artifact_id: str | None = None


@dataclass(frozen=True, slots=True)
class CameraReference:
    """A camera of a session with an approved sync. `in_ms` and `out_ms` count on the master's clock."""

    session_id: str
    camera_label: str


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the frame, as shares of its width and height from the top left."""

    x: float = 0
    y: float = 0
    width: float = 1
    height: float = 1


@dataclass(frozen=True, slots=True)
class Text:
    """Words drawn once, to a picture of the frame's size with alpha.

    `size` and `outline_width` in px of a frame 1080 px high; `tracking` in thousandths of an em; `variation` sets axes of a variable
    font. An empty `outline`: none.
    """

    text: str
    font: str = ""
    size: float = 72
    tracking: float = 0
    variation: Mapping[str, float] = field(default_factory=dict)
    fill: str = "#ffffff"
    outline: str = ""
    outline_width: float = 4
    align: str = "center"
    box: Box = Box()
    text_preset: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """One figure, in px of a frame 1080 px high, from the top left. `points` are those of a polygon or line, `d` is a path's.

    `rotation` in degrees clockwise about its middle. An empty `fill` or `stroke`: none.
    """

    id: str
    type: str
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    radius: float = 0
    points: tuple[tuple[float, float], ...] = ()
    d: str = ""
    rotation: float = 0
    fill: str = "#ffffff"
    stroke: str = ""
    stroke_width: float = 0
    opacity: float = 1


@dataclass(frozen=True, slots=True)
class BooleanOp:
    """A shape of others: the first of `shapes` with the rest joined, cut out, or cut to. It has the first one's looks."""

    op: str
    shapes: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Vector:
    """Shapes drawn once, to a picture of the frame's size with alpha. Those that a boolean operation takes are not drawn."""

    shapes: tuple[Shape, ...]
    boolean_ops: tuple[BooleanOp, ...] = ()


Content = MediaReference | CameraReference | Text | Vector


@dataclass(frozen=True, slots=True)
class Stabilise:
    """`smoothing`: frames to either side that are averaged; `zoom` in percent; `crop`: what fills the edges: keep or black."""

    smoothing: int = 15
    zoom: float = 0
    crop: str = "keep"
    tripod: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where the picture's center lies, as shares of the frame."""

    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True, slots=True)
class Crop:
    """What is cut off, as shares of the source, before scaling."""

    left: float = 0
    top: float = 0
    right: float = 0
    bottom: float = 0


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of content on a track. `slowmo_quality`: empty repeats frames."""

    id: str
    content: Content
    out_ms: Fraction
    in_ms: Fraction = Fraction(0)
    start_ms: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    keep_pitch: bool = True
    slowmo_quality: str = ""
    optical_flow: bool = False
    stabilise: Stabilise | None = None
    volume_db: float = 0
    fade_in_ms: Fraction = Fraction(0)
    fade_out_ms: Fraction = Fraction(0)
    opacity: float = 1
    blend_mode: str = "normal"
    scale_mode: str = "fit"
    scale: float = 1
    rotation: float = 0
    position: Position = Position()
    crop: Crop = Crop()
    mask_artifact_id: str | None = None
    meta: Meta = field(default_factory=dict)

    @property
    def duration_ms(self) -> Fraction:
        """How long it lasts on the timeline."""
        return (self.out_ms - self.in_ms) / self.speed

    @property
    def end_ms(self) -> Fraction:
        """When it ends on the timeline."""
        return self.start_ms + self.duration_ms

    def source_ms(self, ms: Fraction) -> Fraction:
        """The time of its content that is shown at a time of the sequence."""
        return self.in_ms + (ms - self.start_ms) * self.speed

    def timeline_ms(self, source_ms: Fraction) -> Fraction:
        """When a time of its content is shown."""
        return self.start_ms + (source_ms - self.in_ms) / self.speed


@dataclass(frozen=True, slots=True)
class Ducking:
    """By how much a track sinks while a track of another role sounds."""

    key_role: str
    amount_db: float


@dataclass(frozen=True, slots=True)
class Track:
    """Clips of one kind. A higher `order` is nearer; `hidden` hides pictures, `muted` silences sound."""

    id: str
    kind: str
    clips: tuple[Clip, ...] = ()
    order: int = 0
    muted: bool = False
    hidden: bool = False
    audio_role: str = "generic"
    ducking: Ducking | None = None
    volume_db: float = 0
    meta: Meta = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transition:
    """From one clip of a track to another."""

    id: str
    type: str
    duration_ms: Fraction
    from_clip_id: str
    to_clip_id: str
    meta: Meta = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What a filter stack or an automation is of: a clip, a track or a sequence."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with all its parameters."""

    type: str
    params: Mapping[str, Any]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class FilterStack:
    """The filters of a record, applied in this order."""

    id: str
    target: Target
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A value at a time after the target's start. `interpolation` leads to the next one: linear, hold or ease."""

    time_ms: Fraction
    value: float
    interpolation: str = "linear"


@dataclass(frozen=True, slots=True)
class Automation:
    """One property of a record over time, its keyframes ascending."""

    id: str
    target: Target
    property: str
    keyframes: tuple[Keyframe, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A timeline. `timebase`: frames per second of the editor's grid; `duration_ms`: None lasts as long as its clips do, a
    number cuts or pads.
    """

    id: str
    timebase: Fraction
    name: str = ""
    project_id: str | None = None
    duration_ms: Fraction | None = None
    tracks: tuple[Track, ...] = ()
    transitions: tuple[Transition, ...] = ()
    filter_stacks: tuple[FilterStack, ...] = ()
    automation: tuple[Automation, ...] = ()
    meta: Meta = field(default_factory=dict)

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Every clip, track by track."""
        return tuple(clip for track in self.tracks for clip in track.clips)

    @property
    def stacked(self) -> tuple[Track, ...]:
        """The tracks from the farthest to the nearest; of one order, as they are listed."""
        return tuple(sorted(self.tracks, key=lambda track: track.order))

    @property
    def end_ms(self) -> Fraction:
        """How long it lasts: as it says, else until its last clip ends."""
        if self.duration_ms is not None:
            return self.duration_ms
        return max((clip.end_ms for clip in self.clips), default=Fraction(0))

    def filters_of(self, target: Target) -> tuple[Filter, ...]:
        """The filters of a record that are enabled, in order."""
        stacks = [stack for stack in self.filter_stacks if stack.target == target]
        return tuple(one for stack in stacks for one in stack.filters if one.enabled)

    def automation_of(self, target: Target) -> dict[str, Automation]:
        """The curves of a record, by property."""
        return {curve.property: curve for curve in self.automation if curve.target == target}
