"""What is known of a media file, as values."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from media_app.core.files.device import Device
from media_app.core.files.timecodes import FileTimes
from media_app.core.files.timecodes import as_json as times_as_json
from media_app.core.sound.heard import Heard
from media_app.core.time.timebase import format_rate

HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
#: Containers whose header says how long the streams are, so that a shorter file is a cut one.
DECLARING = frozenset({"mov", "matroska", "avi", "mxf", "wav", "w64", "aiff", "flac", "asf", "flv"})


class Kind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VideoStream:
    """`width` × `height` as shown: rotation and sample aspect applied. `start` in seconds after time zero.

    `rotation`: degrees clockwise that the decoder turns the picture (0, 90, 180, 270). `rate`, `average_rate`: what
    the file declares; the truth is measured by `media_app.core.vfr`.
    """

    index: int
    codec: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    sample_aspect: Fraction
    pixel_format: str
    rate: Fraction | None
    average_rate: Fraction | None
    time_base: Fraction
    start: Fraction
    duration: Fraction | None
    field_order: str
    color_transfer: str
    color_primaries: str
    color_space: str
    color_range: str
    #: Of H.264 and HEVC: the profile, ten times the level, and by how many frames pictures are out of order.
    profile: str = ""
    level: int = 0
    reorder: int = 0

    @property
    def interlaced(self) -> bool:
        return self.field_order in INTERLACED

    @property
    def hdr(self) -> bool:
        return self.color_transfer in HDR_TRANSFERS


@dataclass(frozen=True, slots=True)
class AudioStream:
    """`start` in seconds after time zero; `chosen_because` says why this one of several.

    `track`: which of the audio streams it is, from 1. `rank`: its place in the order in which the file offers them, 0 first;
    `drawback`: see `TrackSummary`. `deep`: it holds more than 16 bits without loss; `floating`: as floating point, which may be no
    number. `heard`: what is listened to of it, all of it where None.
    """

    index: int
    codec: str
    rate: int
    channels: int
    layout: str
    time_base: Fraction
    start: Fraction
    duration: Fraction | None
    chosen_because: str
    track: int = 1
    rank: int = 0
    drawback: str = ""
    deep: bool = False
    floating: bool = False
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """`start_time` is the container's own time zero, the origin of every derivative; `duration` runs from there.

    `timecode`: SMPTE text of the first frame, `;` = drop-frame. `seconds_of_day`: when a recorder's sound began, from
    its BWF time reference. `audio` is one of `sounds`, which are all the audio streams that can be decoded.
    `timecode_rate`: what the timecode counts in, which need not be the picture's rate. `unused`: index and time base of each
    stream that is neither the picture nor sound.
    """

    kind: Kind
    container: str
    start_time: Fraction
    duration: Fraction | None
    video: VideoStream | None
    audio: AudioStream | None
    timecode: str | None = None
    timecode_rate: Fraction | None = None
    seconds_of_day: Fraction | None = None
    warnings: tuple[str, ...] = ()
    sounds: tuple[AudioStream, ...] = ()
    times: FileTimes = field(default_factory=FileTimes)
    unused: tuple[tuple[int, Fraction], ...] = ()
    device: Device = field(default_factory=Device)

    @property
    def declares_duration(self) -> bool:
        """The container's header says how long the file is; otherwise the duration is an estimate."""
        return not DECLARING.isdisjoint(self.container.split(","))

    @property
    def declared_end(self) -> Fraction | None:
        """Seconds after time zero at which the header says the file ends. MP4 and Matroska count from the clock's zero,
        so a file that starts late (`ffmpeg -output_ts_offset`, cut live streams) says more than it holds."""
        if self.duration is None:
            return None
        whole = self.duration - max(Fraction(0), self.start_time)
        used = [stream for stream in (self.video, self.audio) if stream]
        ends = [stream.start + stream.duration for stream in used if stream.duration]
        # A movie header may be stale, and a track that is not used longer.
        return min(whole, max(ends)) if used and len(ends) == len(used) else whole


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def as_json(info: MediaInfo) -> dict[str, Any]:
    """Plain values for a JSON column: rates as "num/den", times as decimal seconds."""
    video, audio = info.video, info.audio
    return {
        "kind": str(info.kind),
        "container": info.container,
        "start_time": float(info.start_time),
        "duration": _float(info.duration),
        "timecode": info.timecode,
        "timecode_rate": info.timecode_rate and format_rate(info.timecode_rate),
        "seconds_of_day": _float(info.seconds_of_day),
        "video": video
        and {
            "index": video.index,
            "codec": video.codec,
            "width": video.width,
            "height": video.height,
            "coded_width": video.coded_width,
            "coded_height": video.coded_height,
            "rotation": video.rotation,
            "sample_aspect": f"{video.sample_aspect.numerator}/{video.sample_aspect.denominator}",
            "pixel_format": video.pixel_format,
            "declared_rate": video.rate and f"{video.rate.numerator}/{video.rate.denominator}",
            "interlaced": video.interlaced,
            "hdr": video.hdr,
            "color_transfer": video.color_transfer,
            "color_primaries": video.color_primaries,
            "color_space": video.color_space,
            "color_range": video.color_range,
            "profile": video.profile,
            "level": video.level,
            "reorder": video.reorder,
            "start": float(video.start),
        },
        "audio": audio
        and {
            "index": audio.index,
            "codec": audio.codec,
            "rate": audio.rate,
            "channels": audio.channels,
            "layout": audio.layout,
            "floating": audio.floating,
            "start": float(audio.start),
            "chosen_because": audio.chosen_because,
        },
        "warnings": list(info.warnings),
        **times_as_json(info.times),
    }
