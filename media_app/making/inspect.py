"""What a local file is and what its packets say, before anything is made of it."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app import process
from media_app.core import ffmpeg as build
from media_app.core.files.faults import SourceDamaged
from media_app.core.files.media_info import AudioStream, MediaInfo, as_json
from media_app.core.files.probe import refuse_hollow
from media_app.core.sound.heard import Heard
from media_app.core.time.frames import FrameTiming
from media_app.core.time.keyframes import runs_of
from media_app.core.time.packets import PacketScan
from media_app.core.time.sound_timing import SoundTiming
from media_app.core.time.timebase import clock, format_rate, nearest_frame
from media_app.making.containers import (
    begins_recording,
    is_chunked,
    missing_bytes,
    missing_of_fragment,
    mp3_counts_frames,
    trailing_bytes,
)
from media_app.making.fields import pair_fields
from media_app.making.look import list_packets, look
from media_app.making.workspace import Workspace

#: By how much the packets may end before the length that the header declares.
DECLARED_SLACK = Fraction(1, 4)
#: Fewer bytes than this after the last box are padding.
TRAILER_BYTES = 16


@dataclass(frozen=True, slots=True)
class Inspection:
    """`info` is what the file says of itself; `frames` and `sound` are what its packets say, `timings` those of each track.

    `video_start`, `audio_start`: first frame and first sample, in seconds after time zero.
    """

    info: MediaInfo
    frames: FrameTiming | None
    sound: SoundTiming | None
    size: int
    timings: Mapping[int, SoundTiming] = field(default_factory=dict)
    keyframes: tuple[Fraction, ...] = ()

    @property
    def video_start(self) -> Fraction | None:
        return self.frames.first - self.info.start_time if self.frames else None

    @property
    def audio_start(self) -> Fraction | None:
        return max(Fraction(0), self.sound.first - self.info.start_time) if self.sound else None

    def source(self, path: Path) -> build.Source:
        """The file as ffmpeg is to read it: its streams, and how they lie on the clock."""
        info, frames = self.info, self.frames
        return build.Source(
            path,
            info.video,
            info.audio,
            rate=frames.rate if frames else None,
            phase=frames.phase(info.start_time) if frames else Fraction(0),
            sound=build.sound_start(self.sound),
        )

    def tracks(self, folder: Path) -> tuple[build.TrackOutput, ...]:
        """A WAV in `folder` for each track that has packets."""
        return tuple(
            build.TrackOutput(audio, build.sound_start(self.timings[audio.index]), folder / f"track-{audio.track}.wav")
            for audio in self.info.sounds
            if audio.index in self.timings
        )

    def listening_to(self, audio: AudioStream) -> "Inspection":
        """The same file with this track as its sound."""
        return replace(self, info=replace(self.info, audio=audio), sound=self.timings[audio.index])

    @property
    def duration(self) -> Fraction:
        """Seconds from time zero to the end of the last picture or sound."""
        ends = [timing.end - self.info.start_time for timing in (self.frames, self.sound) if timing]
        return max(ends)

    def _keyframe_index(self) -> dict[str, Any] | None:
        """Which frames of the even grid are keyframes, and where it ends; None where that is not known."""
        frames = self.frames
        if frames is None or frames.variable or not self.keyframes:
            return None
        origin = self.info.start_time + frames.phase(self.info.start_time)
        numbers = [nearest_frame(time - origin, frames.rate) for time in self.keyframes]
        runs = runs_of(numbers)
        if runs is None:
            return None
        return {"first": numbers[0], "runs": runs, "end": nearest_frame(frames.last - origin, frames.rate) + 1}

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        found: dict[str, Any] = as_json(self.info) | {
            "size": self.size,
            "duration": float(self.duration),
            "video_start": None if self.video_start is None else float(self.video_start),
            "audio_start": None if self.audio_start is None else float(self.audio_start),
        }
        if self.frames:
            found |= {
                "frames": self.frames.frames,
                "rate": format_rate(self.frames.rate),
                "variable_rate": self.frames.variable,
                "irregular_share": round(self.frames.irregular_share, 6),
                "stray_frames": round(self.frames.stray_frames, 3),
                "keyframes": self._keyframe_index(),
            }
        return found


def inspect(path: Path, work: Workspace | None = None, *, heard: Heard | None = None) -> Inspection:
    """Probe `path` and read the times of all its packets. `heard`: what of its sound is listened to, where that is known.

    Raises NotUsable types with a sentence for the operator, `SourceDamaged` for a file that ends early.
    """
    control = work.control() if work else process.Control()
    info, scan = _look(path, control)
    frames, timings = scan.frames(), scan.sounds()
    if info.video and frames:
        video, frames = pair_fields(path, info.video, frames, control)
        info = replace(info, video=video)
    info = replace(info, audio=_listened_to(info, timings, heard))
    sound = timings[info.audio.index] if info.audio and info.audio.index in timings else None
    if info.video and frames is None:
        raise SourceDamaged("The file announces a picture but holds no frame of it. Copy it again from the card.")
    if info.audio and sound is None:
        if frames is None:
            raise SourceDamaged("The file announces sound but holds none. Copy it again from the recorder.")
        info = replace(info, audio=None, warnings=(*info.warnings, "The file announces sound but holds none."))
    info = replace(info, warnings=(*info.warnings, *_doubts(frames, sound), *_behind(path)))
    found = Inspection(info, frames, sound, path.stat().st_size, timings, tuple(scan.keyframes()))
    refuse_hollow(found.duration, found.size)
    _refuse_cut(found, path, scan.others_end())
    return found


def _doubts(frames: FrameTiming | None, sound: SoundTiming | None) -> Iterator[str]:
    """What the packets make doubtful, as sentences."""
    if (frames and frames.restarts) or (sound and sound.restarts):
        yield (
            "The file's clock begins anew in mid-file: it was joined from pieces, which are laid end to end here, and sync may hold "
            "for a part of it only."
        )
    if sound and sound.holes:
        holes = f"{sound.holes:,} holes or jumps" if sound.holes > 1 else "a hole or jump"
        yield f"The sound has {holes}; they are filled with silence, so that the rest stays in sync."


def _behind(path: Path) -> Iterator[str]:
    """What follows the end of the recording in its file, as a sentence."""
    if missing := missing_of_fragment(path):
        yield (
            f"The file ends within its last fragment, of which {missing:,} bytes are missing: its recorder lost power, or the copy "
            "stopped. What was recorded before is intact. If the recording lasts longer on the card, copy it again."
        )
    trailing = trailing_bytes(path)
    if trailing < TRAILER_BYTES:
        return
    with path.open("rb") as file:
        chunked = is_chunked(file.read(12))
        file.seek(-trailing, 2)
        another = begins_recording(file.read(12))
    if another:
        yield (
            f"Another recording of {trailing:,} bytes follows the end of this one in the same file. It is not read: split the "
            "file, and upload it as a separate clip."
        )
    elif chunked:
        yield (
            f"{trailing:,} bytes follow where the file's header says that its sound ends. They are not read: if the recording "
            "should last longer, its recorder did not close the file; repair its header, and upload it again."
        )
    else:
        yield (
            f"{trailing:,} bytes follow the end of the recording, as some phones and cameras write. They are not read; picture "
            "and sound are whole."
        )


def _listened_to(info: MediaInfo, timings: Mapping[int, SoundTiming], heard: Heard | None) -> AudioStream | None:
    """The track that is known to be heard, else the first that the file offers of those that hold sound."""
    holding = sorted((s for s in info.sounds if s.index in timings), key=lambda stream: stream.rank)
    known = [replace(stream, heard=heard) for stream in holding if heard and stream.index == heard.stream]
    return next(iter([*known, *holding]), info.audio)


def _look(path: Path, control: process.Control) -> tuple[MediaInfo, PacketScan]:
    """What the file says of itself, and its packets, which are listed meanwhile and wait in their pipe."""
    known: Future[tuple[MediaInfo, PacketScan]] = Future()

    def looked() -> tuple[MediaInfo, PacketScan]:
        try:
            info = look(path, control)
        except BaseException as error:  # raised again: whoever waits for the future must not wait forever
            known.set_exception(error)
            raise
        known.set_result((info, PacketScan(info.video, info.audio, info.sounds, info.unused, info.container)))
        return known.result()

    def packets() -> None:
        list_packets(path, lambda data: known.result()[1].feed(data), control)

    return process.run_in_parallel(looked, packets)[0]


def _refuse_cut(found: Inspection, path: Path, others_end: Fraction | None) -> None:
    """Raise SourceDamaged when the file's own header promises more than its packets, or its bytes, hold.

    `others_end`: where the streams end that are not used, on the file's clock. Subtitles may be longer than the picture.
    """
    info, held = found.info, found.duration
    promised_end = info.declared_end
    if promised_end is None or (found.frames and found.frames.restarts):
        return
    missing = missing_bytes(path)
    if missing and held * missing > DECLARED_SLACK * found.size:
        promised = clock(held * (found.size + missing) / found.size)
        raise SourceDamaged(
            f"The file is cut: its header promises about {promised} but it ends at {clock(held)}. "
            "Copy it again from the card, or upload it again."
        )
    reached = held if others_end is None else max(held, others_end - info.start_time)
    if (info.declares_duration or mp3_counts_frames(path)) and reached + DECLARED_SLACK < promised_end:
        raise SourceDamaged(
            f"The file is cut: it announces {clock(promised_end)} but ends at {clock(held)}. "
            "Copy it again from the card, or upload it again."
        )
