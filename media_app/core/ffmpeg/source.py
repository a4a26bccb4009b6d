"""A local file as ffmpeg is to read it."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from media_app.core.ffmpeg.sound import SoundStart
from media_app.core.files.media_info import AudioStream, VideoStream


@dataclass(frozen=True, slots=True)
class TrackOutput:
    """An audio stream to be measured, and the WAV that it becomes: stereo where it has one or two channels, else with all of
    them. `gain_db`: how much louder than it is."""

    audio: AudioStream
    sound: SoundStart
    wav: Path
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """A local file, the streams of it that are used, and how they lie on the clock.

    `rate`: frames per second of the picture, exact; `phase`: seconds by which its frames miss the grid of that rate.
    """

    path: Path
    video: VideoStream | None = None
    audio: AudioStream | None = None
    rate: Fraction | None = None
    phase: Fraction = Fraction(0)
    sound: SoundStart = field(default_factory=SoundStart)
