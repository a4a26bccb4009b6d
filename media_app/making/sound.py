"""What is heard of a file: all its tracks measured in one decode, the best chosen, and its WAV.

An ordinary file (one track of one or two channels, both alive) has its WAV already when it has been measured. Where another
channel, the difference of two, or a gain is needed, the sound alone is decoded once more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app import process
from media_app.audio import open_wav
from media_app.core import ffmpeg as build
from media_app.core.files.faults import NeitherPictureNorSound, SourceDamaged
from media_app.core.files.probe import refuse_hollow
from media_app.core.sound.heard import Heard
from media_app.core.sound.hearing import choose
from media_app.core.sound.ltc_clock import LtcReading
from media_app.core.sound.tracks import TrackSummary
from media_app.core.time.packets import PacketScan
from media_app.core.time.timebase import clock
from media_app.core.time.witness import Source, TimecodeWitness, Witnesses
from media_app.making.checks import sound_slack, too_long
from media_app.making.inspect import Inspection
from media_app.making.look import list_packets, look
from media_app.making.original import cpu_for
from media_app.making.tracks import TrackListener

#: How much louder a track with more than 16 bits is decoded again in which 16 bits show nothing.
RETAKE_DB = 70.0

#: Runs ffmpeg over the file with these arguments.
RunFfmpeg = Callable[[list[str]], process.Finished]


@dataclass(frozen=True, slots=True)
class Listened:
    """`found`: the file with the track that is listened to as its sound."""

    found: Inspection
    heard: Heard
    tracks: tuple[TrackSummary, ...]
    timecodes: tuple[LtcReading, ...]

    @property
    def witnesses(self) -> tuple[TimecodeWitness, ...]:
        """All timecodes of the file: those that it names, and the LTC in its sound."""
        ltc = (TimecodeWitness(Source.LTC, one.at, one.label) for one in self.timecodes)
        return (*self.found.info.times.timecodes, *ltc)

    def tracks_as_json(self, names: Mapping[int, str] | None = None) -> list[dict[str, Any]]:
        """`names`: what channels are called, where they have names."""
        return [track.named(names or {}).as_json() for track in self.tracks]


def listen(path: Path, found: Inspection, listener: TrackListener, run: RunFfmpeg, wav: Path) -> Listened:
    """Choose from what was measured (or take what is known to be heard), and put its WAV at `wav`; the tracks' WAVs go."""
    tracks = listener.tracks()
    if all(channel.silent for track in tracks for channel in track.channels):
        tracks = _louder(path, listener, run) or tracks
    heard = (found.info.audio.heard if found.info.audio else None) or choose(tracks)
    assert heard is not None
    output = next(output for output in listener.outputs if output.audio.index == heard.stream)
    found = found.listening_to(replace(output.audio, heard=heard))
    if output.audio.channels <= 2 and build.is_plain(output.audio, heard):
        output.wav.replace(wav)
    else:
        run(build.sound_args(found.source(path), wav, channels=2))
    for other in listener.outputs:
        other.wav.unlink(missing_ok=True)
    # Sound that changes its form in mid-file is filled twice (see `SoundStart`): then once more, with a fixed delay.
    if too_long(_seconds(wav), found):
        source = found.source(path)
        run(build.sound_args(replace(source, sound=replace(source.sound, delay=found.audio_start)), wav, channels=2))
    return Listened(found, heard, tracks, listener.timecodes())


def _louder(path: Path, listener: TrackListener, run: RunFfmpeg) -> tuple[TrackSummary, ...]:
    """The tracks measured again with a gain, where they have more bits than the 16 in which they look silent."""
    outputs = [
        replace(output, wav=output.wav.with_suffix(".louder.wav"), gain_db=RETAKE_DB if output.audio.deep else 0.0)
        for output in listener.outputs
    ]
    if not any(output.gain_db for output in outputs):
        return ()
    with TrackListener(outputs) as listener:
        run(build.tracks_args(path, outputs))
    for output in outputs:
        output.wav.unlink(missing_ok=True)
    return listener.tracks()


@dataclass(frozen=True, slots=True)
class HeardFile:
    """The WAV of what is heard of a file."""

    wav: Path
    listened: Listened

    def witnesses(self, camera: str) -> Witnesses:
        found = self.listened.found
        return Witnesses(camera, self.listened.witnesses, found.info.times.created, found.duration)


def hear(
    path: Path,
    scratch: Path,
    *,
    name: str = "sync.wav",
    heard: Heard | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> HeardFile:
    """What is heard of any media file → `scratch / name`, a 48 kHz 16-bit WAV whose sample 0 is the file's time zero.

    One run of ffprobe over the sound's packets, one of ffmpeg (a second where not a whole track is heard); pictures are not
    decoded. The caller removes the file. Raises NotUsable types (FileNotFoundError when there is no file),
    `NeitherPictureNorSound` when the file has no sound, and as `process.run`.
    """
    found = _sound_of(path, heard, process.Control(cancelled))
    folder = scratch / f"{name}.tracks"
    folder.mkdir()
    run = _sound_alone(path, found, cancelled)
    with TrackListener(found.tracks(folder)) as listener:
        run(build.tracks_args(path, listener.outputs))
    listened = listen(path, found, listener, run, scratch / name)
    folder.rmdir()
    _refuse_short(path, listened.found, scratch / name)
    return HeardFile(scratch / name, listened)


def _sound_of(path: Path, heard: Heard | None, control: process.Control) -> Inspection:
    """The file as if it had no picture."""
    info = look(path, control)
    if info.audio is None:
        raise NeitherPictureNorSound(f"{path.name} has no sound, so it cannot be synced by sound.")
    scan = PacketScan(None, info.audio, info.sounds, container=info.container)
    list_packets(path, scan.feed, control, select="a")
    timings = scan.sounds()
    if not timings:
        raise SourceDamaged(f"{path.name} announces sound but holds none. Copy it again from the recorder.")
    audio = min((one for one in info.sounds if one.index in timings), key=lambda one: one.rank)
    if heard and heard.stream in timings:
        audio = replace(next(one for one in info.sounds if one.index == heard.stream), heard=heard)
    size = path.stat().st_size
    found = Inspection(replace(info, video=None, audio=audio), None, timings[audio.index], size, timings)
    refuse_hollow(found.duration, size)
    return found


def witnesses_without_sound(path: Path, camera: str) -> Witnesses:
    """What a file that has no sound says of its time."""
    info = look(path)
    return Witnesses(camera, info.times.timecodes, info.times.created, info.duration or Fraction(0))


def _sound_alone(path: Path, found: Inspection, cancelled: Callable[[], bool] | None) -> RunFfmpeg:
    """ffmpeg over the sound of the file, with as much memory, disk and time as that may take."""
    longest = max(timing.end - found.info.start_time for timing in found.timings.values())
    channels = max(2, *(audio.channels for audio in found.info.sounds), 2)
    limits = process.Limits(
        cpu_s=cpu_for(float(longest)),
        memory_bytes=build.memory_for(0, found.size, process.cores()),
        file_bytes=(64 << 20) + int(4 * longest * build.SAMPLE_RATE * channels),
        nice=0,
    )

    def run(args: list[str]) -> process.Finished:
        command = [*args, *build.all_in_use(found.info.container)]
        return process.ffmpeg(command, process.Control(cancelled), limits=limits, damage_ok=True)

    return run


def _refuse_short(path: Path, found: Inspection, wav: Path) -> None:
    assert found.sound
    held, made = found.duration, _seconds(wav)
    if not found.sound.restarts and made + sound_slack(found.sound) < held:
        raise SourceDamaged(
            f"{clock(made)} of sound came out of {path.name}, which holds {clock(held)}: "
            "it is damaged or cut. Copy it again from the card."
        )


def _seconds(wav: Path) -> Fraction:
    with open_wav(wav) as made:
        return Fraction(made.frames, made.rate)
