"""What is heard of a file: all its tracks measured as they are decoded, the best chosen, and its WAV.

An ordinary file (one track of one or two channels, both alive) has its WAV already when it has been measured. Where another
channel, the difference of two, or a gain is needed, the sound alone is decoded once more.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app import process
from media_app.audio import NotWav, Wav, open_wav
from media_app.core import ffmpeg as build
from media_app.core.ffmpeg import SAMPLE_RATE, TrackOutput
from media_app.core.files.probe import AudioStream, NeitherPictureNorSound, SourceDamaged, read_probe, refuse_hollow
from media_app.core.files.timecodes import FileTimes
from media_app.core.sound import ltc_clock
from media_app.core.sound.heard import Heard
from media_app.core.sound.hearing import choose
from media_app.core.sound.ltc_clock import LtcReading
from media_app.core.sound.meter import TrackMeter
from media_app.core.sound.tracks import TrackSummary
from media_app.core.time.packets import PacketScan
from media_app.core.time.sound_timing import SoundTiming
from media_app.core.time.timebase import clock
from media_app.core.time.witness import Source, TimecodeWitness, Witnesses

TOLERANCE = Fraction(1, 20)
FOLLOW_S = 0.25
BLOCK_FRAMES = 1 << 17
#: Windows that are measured of a file with one ordinary track: all of the first half minute, then one of every 16.
ORDINARY_FIRST, ORDINARY_EVERY = 15, 16
#: How much louder a track with more than 16 bits is decoded again in which 16 bits show nothing.
RETAKE_DB = 70.0

#: Runs ffmpeg over the file with these arguments.
RunFfmpeg = Callable[[list[str]], process.Finished]


@dataclass(frozen=True, slots=True)
class FileSound:
    """A local file's tracks. `timings`: how each that has packets keeps time, by the index of its stream; `origin`: the file's
    time zero on the same clock."""

    path: Path
    origin: Fraction
    sounds: tuple[AudioStream, ...]
    timings: Mapping[int, SoundTiming]

    def outputs(self, scratch: Path) -> tuple[TrackOutput, ...]:
        """A WAV in `scratch` for each track that has packets."""
        return tuple(
            TrackOutput(audio, build.sound_start(self.timings[audio.index]), scratch / f"track-{audio.track}.wav")
            for audio in self.sounds
            if audio.index in self.timings
        )

    def held(self, stream: int) -> Fraction:
        """Seconds from time zero to the end of a stream's packets."""
        return self.timings[stream].end - self.origin

    def too_long(self, stream: int, made: Fraction) -> bool:
        """Whether there is more sound than the packets hold, as when it changes its form in mid-file (see `SoundStart`)."""
        timing = self.timings[stream]
        return made > self.held(stream) + slack(timing) + (1 if timing.jumps_back else 0)


def slack(timing: SoundTiming) -> Fraction:
    """By how much the seconds that were made may differ from those of the packets."""
    return max(TOLERANCE, 2 * timing.packet)


@dataclass(frozen=True, slots=True)
class Listened:
    """`audio`: the stream that is listened to, with what is heard of it. `timecodes`: the LTC of each channel that has it, by
    the index of the stream and the number of the channel."""

    audio: AudioStream
    heard: Heard
    tracks: tuple[TrackSummary, ...]
    timecodes: Mapping[tuple[int, int], LtcReading]

    @property
    def witnesses(self) -> tuple[TimecodeWitness, ...]:
        """The LTC as witnesses of when the recording began."""
        return tuple(TimecodeWitness(Source.LTC, one.at, one.label) for one in self.timecodes.values())

    def as_json(self) -> dict[str, Any]:
        """`heard` and `tracks` as the contract has them."""
        return {"heard": self.heard.as_json(), "tracks": [track.as_json() for track in self.tracks]}


@dataclass(frozen=True, slots=True)
class HeardFile:
    """The WAV of what is heard of a file, and what the file says of its time. `seconds`: how long its sound is."""

    wav: Path
    listened: Listened
    times: FileTimes
    seconds: Fraction

    def witnesses(self, camera: str) -> Witnesses:
        timecodes = (*self.times.timecodes, *self.listened.witnesses)
        return Witnesses(camera, timecodes, self.times.created, self.seconds)


class TrackListener:
    """Measures the WAVs of all tracks while ffmpeg writes them. Used around its run:

    with TrackListener(outputs) as listener: process.ffmpeg(…)
    """

    def __init__(
        self, outputs: Sequence[TrackOutput], *, also: Callable[[NDArray[np.int16]], None] | None = None
    ) -> None:
        """`also`: takes each block of samples of the only track as well."""
        self.outputs = tuple(outputs)
        self._also = also
        ordinary = len(outputs) == 1 and outputs[0].audio.channels <= 2
        sparse = {"first": ORDINARY_FIRST, "every": ORDINARY_EVERY} if ordinary else {}
        self._meters = [TrackMeter(output.audio.channels, **sparse) for output in outputs]
        self._taken = [0] * len(outputs)
        self._complete = threading.Event()
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> "TrackListener":
        self._following = self._thread.submit(self._follow)
        return self

    def __exit__(self, *error: object) -> None:
        self._complete.set()
        self._thread.shutdown()
        if not any(error):
            self._following.result()

    def tracks(self) -> tuple[TrackSummary, ...]:
        """What was measured, once all is written."""
        return tuple(
            _summary(output.audio, meter, output.gain_db)
            for output, meter in zip(self.outputs, self._meters, strict=True)
        )

    def timecodes(self) -> dict[tuple[int, int], LtcReading]:
        found = {
            (output.audio.index, number): ltc_clock.read(meter.timecode(number), SAMPLE_RATE)
            for output, meter in zip(self.outputs, self._meters, strict=True)
            for number in range(1, output.audio.channels + 1)
        }
        return {channel: reading for channel, reading in found.items() if reading}

    def _follow(self) -> None:
        while True:
            complete = self._complete.wait(FOLLOW_S)
            for place, output in enumerate(self.outputs):
                self._take(place, output.wav, to_the_end=complete)
            if complete:
                return

    def _take(self, place: int, wav: Path, *, to_the_end: bool) -> None:
        try:
            with open_wav(wav) as sound:
                self._feed(place, sound, to_the_end=to_the_end)
        except (NotWav, FileNotFoundError):
            # Not begun yet; or a track of which nothing could be decoded, which then counts as silent.
            return

    def _feed(self, place: int, sound: Wav, *, to_the_end: bool) -> None:
        meter = self._meters[place]
        channels = self.outputs[place].audio.channels
        while sound.frames - self._taken[place] >= (1 if to_the_end else BLOCK_FRAMES):
            block = sound.read_int16(self._taken[place], BLOCK_FRAMES)
            self._taken[place] += len(block)
            # One channel lies on both sides of its WAV.
            meter.feed(block[:, :channels])
            if self._also:
                self._also(block)


def listen(
    file: FileSound, listener: TrackListener, run: RunFfmpeg, wav: Path, wanted: Heard | None = None
) -> Listened:
    """Choose from what was measured (or take what is `wanted`), and put its WAV at `wav`; the tracks' own WAVs go."""
    tracks = listener.tracks()
    if all(channel.silent for track in tracks for channel in track.channels):
        tracks = _louder(file.path, listener, run) or tracks
    heard = wanted or choose(tracks)
    assert heard is not None
    output = next(output for output in listener.outputs if output.audio.index == heard.stream)
    audio = replace(output.audio, heard=heard)
    if output.audio.channels <= 2 and build.is_plain(audio, heard):
        output.wav.replace(wav)
    else:
        run(build.sound_args(file.path, audio, wav, output.start, channels=2))
    for other in listener.outputs:
        other.wav.unlink(missing_ok=True)
    if file.too_long(audio.index, _seconds(wav)):
        delayed = replace(output.start, delay=max(Fraction(0), file.timings[audio.index].first - file.origin))
        run(build.sound_args(file.path, audio, wav, delayed, channels=2))
    return Listened(audio, heard, tracks, listener.timecodes())


def hear(
    path: Path,
    scratch: Path,
    *,
    name: str = "sync.wav",
    wanted: Heard | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> HeardFile:
    """What is heard of any media file → `scratch / name`, a 48 kHz 16-bit WAV whose sample 0 is the file's time zero.

    One run of ffprobe over the sound's packets, one of ffmpeg (a second where not a whole track is heard); pictures are not
    decoded. The caller removes the file. Raises NotUsable types (FileNotFoundError when there is no file),
    `NeitherPictureNorSound` when the file has no sound, and as `process.run`.
    """
    info = read_probe(process.probe_file(path, cancelled=cancelled))
    if info.audio is None:
        raise NeitherPictureNorSound(f"{path.name} has no sound, so it cannot be synced by sound.")
    scan = PacketScan(None, info.audio, info.sounds)
    process.ffprobe_packets(path, scan.feed, select="a", cancelled=cancelled)
    file = FileSound(path, info.start_time, info.sounds, scan.sounds())
    if not file.timings:
        raise SourceDamaged(f"{path.name} announces sound but holds none. Copy it again from the recorder.")
    refuse_hollow(max(file.held(stream) for stream in file.timings), path.stat().st_size)
    folder = scratch / f"{name}.tracks"
    folder.mkdir()
    run = _sound_alone(file, cancelled)
    with TrackListener(file.outputs(folder)) as listener:
        run([*build.input_guard(path), *build.track_outputs(listener.outputs)])
    listened = listen(file, listener, run, scratch / name, wanted)
    folder.rmdir()
    _refuse_short(file, listened.audio.index, scratch / name)
    return HeardFile(scratch / name, listened, info.times, max(file.held(stream) for stream in file.timings))


def witnesses_without_sound(path: Path, camera: str) -> Witnesses:
    """What a file that has no sound says of its time."""
    info = read_probe(process.probe_file(path))
    return Witnesses(camera, info.times.timecodes, info.times.created, info.duration or Fraction(0))


def _sound_alone(file: FileSound, cancelled: Callable[[], bool] | None) -> RunFfmpeg:
    """ffmpeg over the sound of the file, with as much memory, disk and time as that may take."""
    longest = max(file.held(stream) for stream in file.timings)
    channels = max(2, *(audio.channels for audio in file.sounds), 2)
    limits = process.Limits(
        memory_bytes=build.memory_for(0, file.path.stat().st_size, process.cores()),
        file_bytes=(64 << 20) + int(4 * longest * SAMPLE_RATE * channels),
        nice=0,
    )

    def run(args: list[str]) -> process.Finished:
        return process.ffmpeg(
            args, cancelled=cancelled, limits=limits, timeout=600 + 60 * float(longest), damage_ok=True
        )

    return run


def _refuse_short(file: FileSound, stream: int, wav: Path) -> None:
    timing, held, made = file.timings[stream], file.held(stream), _seconds(wav)
    if not timing.jumps_back and made + slack(timing) < held:
        raise SourceDamaged(
            f"{clock(made)} of sound came out of {file.path.name}, which holds {clock(held)}: "
            "it is damaged or cut. Copy it again from the card."
        )


def _seconds(wav: Path) -> Fraction:
    with open_wav(wav) as made:
        return Fraction(made.frames, made.rate)


def _louder(source: Path, listener: TrackListener, run: RunFfmpeg) -> tuple[TrackSummary, ...]:
    """The tracks measured again with a gain, where they have more bits than the 16 in which they look silent."""
    outputs = [
        replace(output, wav=output.wav.with_suffix(".louder.wav"), gain_db=RETAKE_DB if output.audio.deep else 0.0)
        for output in listener.outputs
    ]
    if not any(output.gain_db for output in outputs):
        return ()
    with TrackListener(outputs) as again:
        run([*build.input_guard(source), *build.track_outputs(outputs)])
    for output in outputs:
        output.wav.unlink(missing_ok=True)
    return again.tracks()


def _summary(audio: AudioStream, meter: TrackMeter, gain_db: float) -> TrackSummary:
    channels = tuple(channel.lowered(gain_db) for channel in meter.channels())
    power = 10 ** (-gain_db / 10)
    covariance = tuple(tuple(value * power for value in row) for row in meter.covariance())
    return TrackSummary(
        audio.index, audio.track, audio.codec, audio.layout, channels, covariance, audio.rank, audio.drawback
    )
