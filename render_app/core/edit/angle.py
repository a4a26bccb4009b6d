"""One camera of a decided shoot, with its place on the master's clock.

`t_master = t_camera · (1 + drift_ppm / 1e6) + offset_ms / 1000`, t_camera counted from the file's time zero. Editing
programs count a file from its first frame (its first sample, where there is no picture), which lies `first` seconds
after time zero.
"""

from dataclasses import dataclass
from fractions import Fraction

from media_app.core.time.timebase import Timecode, can_drop, nearest_frame, parse_rate, parse_timecode
from render_app.core.edit.rates import DEFAULT_SAMPLE_RATE, editing_rate, exact, to_ms, to_seconds
from sessions_app.errors import StudioError


class CannotExport(StudioError):
    """The edit cannot be written in this format; the sentence says which camera stands in the way."""

    code = "cannot_export"
    status = 409


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that may be fetched: `checksum` is its SHA-256, empty where none is known; `key` its place in the store."""

    url: str
    checksum: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class AngleSegment:
    """A stretch of a camera's clock (ms after time zero) with an offset of its own: one side of a pause.

    `drift_ppm` is None where the camera's own drift holds.
    """

    start_ms: float
    end_ms: float
    offset_ms: float
    drift_ppm: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Camera time to master time from `begin` on (seconds after time zero): `t_master = t * pace + offset`."""

    begin: Fraction
    offset: Fraction
    pace: Fraction

    def on_master(self, seconds: Fraction) -> Fraction:
        """An instant of the camera's clock on the master's."""
        return seconds * self.pace + self.offset


@dataclass(frozen=True, slots=True)
class Angle:
    """One camera (or recorder), with its offset on the master's clock: positive = it started after the master.

    `fps` is "num/den", empty where there is no picture; `frames` counts its frames where their rate is constant;
    `video_start_ms`, `audio_start_ms` say where its first frame and first sample lie after time zero, where
    `duration_ms` counts from; `timecode_source` says where its timecode was found; `track_channels`: how many channels each
    audio track of the file has, in its order; `segments` is empty unless the camera was paused; `seconds_of_day` is a recorder's own
    start after midnight.
    """

    camera: str
    kind: str
    offset_ms: float
    duration_ms: float
    original_filename: str
    original: MediaFile
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
    timecode_source: str = ""
    seconds_of_day: float | None = None
    video_start_ms: float | None = None
    audio_start_ms: float | None = None
    has_audio: bool = True
    audio_codec: str = ""
    sample_rate: int | None = None
    audio_channels: int | None = None
    track_channels: tuple[int, ...] = ()
    mezzanine: MediaFile | None = None
    proxy: MediaFile | None = None
    audio: MediaFile | None = None
    segments: tuple[AngleSegment, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The letter of its camera; `camera` is the key of this clip of it."""
        return self.camera[:1]

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
    def audio_tracks(self) -> tuple[int, ...]:
        """The channels of each audio track; one track of two channels where the file does not say."""
        return (self.track_channels or (self.audio_channels or 2,)) if self.has_audio else ()

    @property
    def offset(self) -> Fraction:
        """In seconds."""
        return to_seconds(self.offset_ms)

    @property
    def pace(self) -> Fraction:
        """Seconds of the master's clock that pass in one second of this camera's."""
        return pace(self.drift_ppm or 0.0)

    @property
    def start(self) -> Fraction:
        """When time zero happened, in seconds on the master's clock."""
        return self.lines[0].offset

    @property
    def end(self) -> Fraction:
        """When the file ends, in seconds on the master's clock."""
        return self.lines[-1].on_master(to_seconds(self.duration_ms))

    @property
    def start_ms(self) -> float:
        return to_ms(self.start)

    @property
    def end_ms(self) -> float:
        return to_ms(self.end)

    @property
    def drift_at_end_ms(self) -> float:
        """How far the drift carries the file's end from where a player without drift would put it."""
        return to_ms(to_seconds(self.duration_ms) * (self.pace - 1))

    @property
    def first(self) -> Fraction:
        """The first frame, or sample where there is no picture, in seconds after time zero."""
        return to_seconds((self.video_start_ms if self.has_picture else self.audio_start_ms) or 0.0)

    @property
    def run(self) -> Fraction:
        """From the first frame or sample to the end of the last, in seconds."""
        if self.has_picture and self.frames is not None:
            return self.frames / self.rate
        return max(Fraction(0), to_seconds(self.duration_ms) - self.first)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the camera's clock, in order: one or, after pauses, several."""
        if len(self.segments) < 2:
            return (Line(self.first, self.offset, self.pace),)
        begins = (self.first, *(to_seconds(segment.start_ms) for segment in self.segments[1:]))
        return tuple(
            Line(
                begin,
                to_seconds(segment.offset_ms),
                self.pace if segment.drift_ppm is None else pace(segment.drift_ppm),
            )
            for begin, segment in zip(begins, self.segments, strict=True)
        )

    def first_timecode(self, rate: Fraction, *, drop: bool = False) -> Timecode:
        """The label of the first frame at `rate`: the camera's own, else a recorder's time of day, else midnight,
        which are drop-frame if `drop` is. The camera's may count in another rate: 25 on 50p."""
        label = self._own_timecode(parse_rate(self.timecode_fps) if self.timecode_fps else rate)
        if label is not None and label.rate == rate:
            return label
        if label is not None:
            return Timecode(nearest_frame(label.seconds, rate), rate, label.drop and can_drop(rate))
        of_day = Fraction(0) if self.seconds_of_day is None else exact(self.seconds_of_day)
        return Timecode(nearest_frame(of_day, rate), rate, drop)

    def _own_timecode(self, rate: Fraction) -> Timecode | None:
        """None where there is none, or none that this rate has."""
        try:
            return parse_timecode(self.timecode, rate) if self.timecode else None
        except ValueError:
            return None


def pace(drift_ppm: float) -> Fraction:
    """Seconds of the master's clock in one second of a clock that drifts so much."""
    return 1 + exact(drift_ppm) / 1_000_000
