"""A decided shoot as plain values: where every camera lies on the master's clock, and on a timeline of whole frames.

`t_master = t_camera · (1 + drift_ppm / 1e6) + offset_ms / 1000`, t_camera counted from the file's time zero. Editing
programs count a file from its first frame (its first sample, where there is no picture), which lies `first` seconds
after time zero; frame 0 of a timeline is the instant at which the earliest camera shows its first frame.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from media_app.core.time.timebase import (
    NTSC_24,
    NTSC_30,
    NTSC_60,
    Timecode,
    can_drop,
    nearest_frame,
    parse_rate,
    parse_timecode,
    time_to_frame,
)
from sessions_app.errors import StudioError

#: The rates that editing programs have timelines of.
EDITING_RATES = frozenset(
    {NTSC_24, Fraction(24), Fraction(25), NTSC_30, Fraction(30), Fraction(50), NTSC_60, Fraction(60)}
)
#: Where no camera has a picture.
DEFAULT_RATE = Fraction(25)
DEFAULT_SAMPLE_RATE = 48_000
_MOST_TIMES = 12


class CannotExport(StudioError):
    """The edit cannot be written in this format; the sentence says which camera stands in the way."""

    code = "cannot_export"
    status = 409


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be fetched: `checksum` is its SHA-256, empty where none is known."""

    url: str
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a camera's clock (ms after time zero) with an offset of its own: one side of a pause."""

    start_ms: float
    end_ms: float
    offset_ms: float


@dataclass(frozen=True, slots=True)
class Angle:
    """One camera (or recorder), with its offset on the master's clock: positive = it started after the master.

    `fps` is "num/den", empty where there is no picture; `frames` counts its frames where their rate is constant;
    `video_start_ms`, `audio_start_ms` say where its first frame and first sample lie after time zero, where
    `duration_ms` counts from; `pieces` is empty unless the camera was paused; `seconds_of_day` is a recorder's own
    start after midnight.
    """

    camera: str
    kind: str
    offset_ms: float
    duration_ms: float
    original_filename: str
    original: File
    asset_id: str = ""
    drift_ppm: float | None = None
    fps: str = ""
    variable_frame_rate: bool = False
    frames: int | None = None
    width: int | None = None
    height: int | None = None
    codec: str = ""
    timecode: str = ""
    timecode_fps: str = ""
    seconds_of_day: float | None = None
    video_start_ms: float | None = None
    audio_start_ms: float | None = None
    has_audio: bool = True
    audio_codec: str = ""
    sample_rate: int | None = None
    audio_channels: int | None = None
    mezzanine: File | None = None
    proxy: File | None = None
    audio: File | None = None
    pieces: tuple[Piece, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def resolution(self) -> str:
        return f"{self.width}x{self.height}" if self.width and self.height else ""

    @property
    def has_picture(self) -> bool:
        return self.kind == "video"

    @property
    def rate(self) -> Fraction:
        """Frames per second. Raises CannotExport where it is not known."""
        try:
            return parse_rate(self.fps)
        except ValueError as error:
            raise CannotExport(
                f"Camera {self.camera} has no frame rate to count its frames by. Ingest it again, or replace its file."
            ) from error

    @property
    def timecode_rate(self) -> Fraction:
        """The rate that its timecode counts in: no faster than editing programs do. Raises CannotExport."""
        return editing_rate(self.rate)

    @property
    def samples_per_second(self) -> int:
        return self.sample_rate or DEFAULT_SAMPLE_RATE

    @property
    def audio_tracks(self) -> int:
        """Channels of sound; two where the file does not say."""
        return (self.audio_channels or 2) if self.has_audio else 0

    @property
    def offset(self) -> Fraction:
        """In seconds."""
        return _seconds(self.offset_ms)

    @property
    def pace(self) -> Fraction:
        """Seconds of the master's clock that pass in one second of this camera's."""
        return 1 + _exact(self.drift_ppm or 0.0) / 1_000_000

    @property
    def start(self) -> Fraction:
        """When time zero happened, in seconds on the master's clock."""
        return self.offset

    @property
    def end(self) -> Fraction:
        """When the file ends, in seconds on the master's clock."""
        return self.offset + _seconds(self.duration_ms) * self.pace

    @property
    def start_ms(self) -> float:
        return _ms(self.start)

    @property
    def end_ms(self) -> float:
        return _ms(self.end)

    @property
    def drift_at_end_ms(self) -> float:
        """How far the drift carries the file's end from where a player without drift would put it."""
        return _ms(_seconds(self.duration_ms) * (self.pace - 1))

    @property
    def first(self) -> Fraction:
        """The first frame, or sample where there is no picture, in seconds after time zero."""
        return _seconds((self.video_start_ms if self.has_picture else self.audio_start_ms) or 0.0)

    @property
    def run(self) -> Fraction:
        """From the first frame or sample to the end of the last, in seconds."""
        if self.has_picture and self.frames is not None:
            return self.frames / self.rate
        return max(Fraction(0), _seconds(self.duration_ms) - self.first)

    @property
    def stretches(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """(seconds on the camera's clock from which it holds, offset in seconds), one or, after pauses, several."""
        if len(self.pieces) < 2:
            return ((self.first, self.offset),)
        begin = tuple(_seconds(piece.start_ms) for piece in self.pieces[1:])
        return tuple(zip((self.first, *begin), (_seconds(p.offset_ms) for p in self.pieces), strict=True))

    def on_master(self, seconds: Fraction, offset: Fraction) -> Fraction:
        """An instant of the camera's clock on the master's."""
        return seconds * self.pace + offset

    def first_timecode(self, rate: Fraction, *, drop: bool = False) -> Timecode:
        """The label of the first frame at `rate`: the camera's own, else a recorder's time of day, else midnight,
        which are drop-frame if `drop` is. The camera's may count in another rate: 25 on 50p."""
        if self.timecode:
            own = parse_rate(self.timecode_fps) if self.timecode_fps else rate
            try:
                label = parse_timecode(self.timecode, own)
            except ValueError:
                label = None
            if label:
                again = label.drop and can_drop(rate)
                return label if own == rate else Timecode(nearest_frame(label.seconds, rate), rate, again)
        of_day = Fraction(0) if self.seconds_of_day is None else _exact(self.seconds_of_day)
        return Timecode(nearest_frame(of_day, rate), rate, drop)


@dataclass(frozen=True, slots=True)
class MulticamEdit:
    """A session whose sync a person has decided. `angles` are in the order of their labels; `left_out` has the label of
    each camera that has no usable file, and why."""

    session_id: str
    title: str
    project_id: str
    day: date
    status: str
    master: str
    operator_status: str
    decided_by: str
    approved_at: datetime | None
    version: int
    angles: tuple[Angle, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def angle(self, camera: str) -> Angle | None:
        return next((angle for angle in self.angles if angle.camera == camera), None)

    @property
    def leader(self) -> Angle | None:
        """Whose frame rate and size the timeline has: the master, or the first camera with a picture."""
        pictures = [angle for angle in self.angles if angle.has_picture]
        return next((angle for angle in pictures if angle.camera == self.master), pictures[0] if pictures else None)

    @property
    def rate(self) -> Fraction:
        """The timeline's frames per second. Raises CannotExport."""
        return editing_rate(self.leader.rate) if self.leader else DEFAULT_RATE

    def drop_frame(self, rate: Fraction) -> bool:
        """Whether timeline labels at `rate` are drop-frame: as the leader's are, or any camera's where it has none."""
        leader = self.leader
        told = leader.timecode if leader and leader.timecode else "".join(angle.timecode for angle in self.angles)
        return rate in (NTSC_30, NTSC_60) and ";" in told

    @property
    def origin(self) -> Fraction:
        """Frame 0 of the timeline, in seconds on the master's clock."""
        return min(
            (angle.on_master(begin, offset) for angle in self.angles for begin, offset in angle.stretches),
            default=Fraction(0),
        )

    @property
    def union(self) -> tuple[float, float] | None:
        """From the first time zero to the last end, in ms on the master's clock; None without cameras."""
        if not self.angles:
            return None
        return min(angle.start_ms for angle in self.angles), max(angle.end_ms for angle in self.angles)

    @property
    def overlap(self) -> tuple[float, float] | None:
        """When every camera was recording, in ms on the master's clock; None where they never all were."""
        if not self.angles:
            return None
        start, end = max(angle.start_ms for angle in self.angles), min(angle.end_ms for angle in self.angles)
        return (start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class Clip:
    """`units` of a source, from unit `source` after its first frame or sample, on frames `at` to `at + length` of a
    timeline. `late` is how many seconds after its true instant it begins there."""

    source: int
    units: int
    at: int
    length: int
    late: Fraction

    @property
    def late_ms(self) -> float:
        return _ms(self.late)


def lay(angle: Angle, origin: Fraction, *, unit: Fraction, grid: Fraction, trim: bool = False) -> tuple[Clip, ...]:
    """The angle on a timeline of `grid` frames per second whose frame 0 is `origin` on the master's clock.

    The source is counted in `unit`s per second. Each clip goes to the frame nearest to its true instant. With `trim` it
    goes to the next frame instead and loses the part of the source before that, so that it is true to half a unit. Drift
    is not undone: it would take a change of speed. A clip ends where the next one begins, or the file does.
    """
    total = time_to_frame(angle.run, unit)
    cuts = [min(total, max(0, nearest_frame(begin - angle.first, unit))) for begin, _ in angle.stretches]
    bounds = [0, *cuts[1:], total]
    clips: list[Clip] = []
    before: int | None = None
    for index in reversed(range(len(cuts))):
        clip = _place(
            angle, origin, bounds[index], bounds[index + 1], angle.stretches[index][1], unit, grid, trim, before
        )
        if clip is not None:
            clips.insert(0, clip)
            before = clip.at
    return tuple(clips)


def _place(
    angle: Angle,
    origin: Fraction,
    begin: int,
    end: int,
    offset: Fraction,
    unit: Fraction,
    grid: Fraction,
    trim: bool,
    before: int | None,
) -> Clip | None:
    """One stretch of the source, `begin` to `end` units, which must be over at frame `before`; None if nothing is left."""

    def true(position: int) -> Fraction:
        return angle.on_master(angle.first + position / unit, offset) - origin

    at = nearest_frame(true(begin), grid)
    if trim:
        at = math.ceil(true(begin) * grid)
        begin += nearest_frame(at / grid - true(begin), unit)
    if begin >= end:
        return None
    length = max(1, time_to_frame((end - begin) / unit, grid))
    if before is not None:
        length = min(length, before - at)
    if length <= 0:
        return None
    units = min(end - begin, math.ceil(length / grid * unit)) if before is not None else end - begin
    return Clip(begin, units, at, length, at / grid - true(begin))


def editing_rate(rate: Fraction) -> Fraction:
    """The rate of a timeline that shows every frame of `rate` for a whole number of its own, or every nth frame.

    `rate` itself where editing programs have it; 30 for 15, 60 for 120, 25 for 12.5; DEFAULT_RATE where none fits.
    """
    if rate in EDITING_RATES:
        return rate
    for times in range(2, _MOST_TIMES + 1):
        for fitting in (rate / times, rate * times):
            if fitting in EDITING_RATES:
                return fitting
    return DEFAULT_RATE


def _exact(value: float) -> Fraction:
    """The decimal that was stored, not the binary float nearest to it."""
    return Fraction(repr(float(value)))


def _seconds(ms: float) -> Fraction:
    return _exact(ms) / 1000


def _ms(seconds: Fraction) -> float:
    return float(round(seconds * 1000, 4))
