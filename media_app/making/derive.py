"""One local original → usable media, on the local disk, without a database.

`inspect` looks, `derive` makes what review needs from one decode, `mezzanine` makes what the edit needs.

Damage. A corrupt packet in an hour of picture must not cost the hour, so ffmpeg runs with `damage_ok`: it conceals
or leaves out what it cannot decode, the constant rate repeats a picture there and the sound is filled with silence to
keep its time. A file that ends early must fail, though ffmpeg would call it a success. So the times of all packets are
read first and held against the length the container declares, and what was made is held against the packets.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app import process
from media_app.audio import open_wav, summed
from media_app.core import ffmpeg as build
from media_app.core.files.probe import (
    AudioStream,
    MediaInfo,
    OutOfRange,
    SourceDamaged,
    as_json,
    read_probe,
    refuse_hollow,
)
from media_app.core.sound.heard import Heard
from media_app.core.sound.peaks import PeakBuilder
from media_app.core.time.frames import FrameTiming
from media_app.core.time.packets import PacketScan
from media_app.core.time.progress import Progress
from media_app.core.time.sound_timing import SoundTiming
from media_app.core.time.timebase import clock, format_rate
from media_app.making.sound import TOLERANCE, FileSound, Listened, TrackListener, listen, slack

#: Peaks per second → samples per pixel at 48 kHz.
PEAKS = {20: 2400, 1000: 48}
#: By how much the packets may end before the length that the header declares.
DECLARED_SLACK = Fraction(1, 4)
HASH_BLOCK = 1 << 20
PEAK_BLOCK = 1 << 17
MAX_BOXES = 100_000


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

    @property
    def video_start(self) -> Fraction | None:
        return self.frames.first - self.info.start_time if self.frames else None

    @property
    def audio_start(self) -> Fraction | None:
        return max(Fraction(0), self.sound.first - self.info.start_time) if self.sound else None

    @property
    def sound_start(self) -> build.SoundStart:
        """How ffmpeg is to lay this file's sound on the clock."""
        return build.sound_start(self.sound)

    @property
    def duration(self) -> Fraction:
        """Seconds from time zero to the end of the last picture or sound."""
        ends = [timing.end - self.info.start_time for timing in (self.frames, self.sound) if timing]
        return max(ends)

    def file_sound(self, path: Path) -> FileSound:
        """The tracks of the file, which is at `path`."""
        return FileSound(path, self.info.start_time, self.info.sounds, self.timings)

    def listening_to(self, audio: AudioStream) -> "Inspection":
        """The same file with this track as its sound."""
        return replace(self, info=replace(self.info, audio=audio), sound=self.timings[audio.index])

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
            }
        return found


@dataclass(frozen=True, slots=True)
class DerivedFile:
    """One file made: `kind` as the contract names it, `meta` for its JSON column."""

    kind: str
    path: Path
    content_type: str
    size: int
    sha256: str
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derived:
    """What was made, the exact arguments that made it, and doubts an operator should see."""

    files: tuple[DerivedFile, ...]
    commands: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...] = ()
    listened: Listened | None = None


def inspect(
    path: Path,
    *,
    heard: Heard | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> Inspection:
    """Probe `path` and read the times of all its packets. `heard`: what of its sound is listened to, where that is known.

    Raises NotUsable types with a sentence for the operator, `SourceDamaged` for a file that ends early.
    """
    info, scan = _looked_at(path, cancelled, logs)
    frames, timings = scan.frames(), scan.sounds()
    info = replace(info, audio=_listened_to(info, timings, heard))
    sound = timings[info.audio.index] if info.audio and info.audio.index in timings else None
    if info.video and frames is None:
        raise SourceDamaged("The file announces a picture but holds no frame of it. Copy it again from the card.")
    if info.audio and sound is None:
        if frames is None:
            raise SourceDamaged("The file announces sound but holds none. Copy it again from the recorder.")
        info = replace(info, audio=None, warnings=(*info.warnings, "The file announces sound but holds none."))
    if (frames and frames.jumps_back) or (sound and sound.jumps_back):
        joined = "The file's clock jumps back: it was joined from pieces, and sync may hold for a part of it only."
        info = replace(info, warnings=(*info.warnings, joined))
    if sound and sound.holes:
        holes = f"The sound has {sound.holes} holes or jumps; silence fills them, so that the rest stays in time."
        info = replace(info, warnings=(*info.warnings, holes))
    found = Inspection(info, frames, sound, path.stat().st_size, timings)
    refuse_hollow(found.duration, found.size)
    _refuse_cut(found, path)
    return found


def _listened_to(info: MediaInfo, timings: Mapping[int, SoundTiming], heard: Heard | None) -> AudioStream | None:
    """The track that is known to be heard, else the first that the file offers of those that hold sound."""
    holding = sorted((s for s in info.sounds if s.index in timings), key=lambda stream: stream.rank)
    known = [replace(stream, heard=heard) for stream in holding if heard and stream.index == heard.stream]
    return next(iter([*known, *holding]), info.audio)


def _looked_at(path: Path, cancelled: Callable[[], bool] | None, logs: Path | None) -> tuple[MediaInfo, PacketScan]:
    """What the file says of itself, and its packets, which are listed meanwhile and wait in their pipe."""
    known: Future[tuple[MediaInfo, PacketScan]] = Future()

    def look() -> tuple[MediaInfo, PacketScan]:
        try:
            info = read_probe(process.probe_file(path, cancelled=cancelled, logs=logs))
        except BaseException as error:
            known.set_exception(error)
            raise
        known.set_result((info, PacketScan(info.video, info.audio, info.sounds)))
        return known.result()

    def packets() -> None:
        try:
            process.ffprobe_packets(path, lambda data: known.result()[1].feed(data), cancelled=cancelled, logs=logs)
        except process.ToolFailed as error:
            raise _explain(error) from error

    return process.run_in_parallel(look, packets)[0]


def derive(
    path: Path,
    found: Inspection,
    scratch: Path,
    *,
    settings: build.ProxySettings | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> Derived:
    """Make proxy, thumbnail, WAV and peaks of `path` in `scratch` (an empty directory) from one decode.

    What a file has not is not made: no picture, no proxy and thumbnail; no sound, no WAV and peaks.
    Raises SourceDamaged when an output is shorter or longer than the packets say, and as `process.run`.
    """
    settings = settings or build.ProxySettings()
    info = found.info
    proxy, thumbnail = scratch / "proxy.mp4", scratch / "thumbnail.jpg"
    rate = build.proxy_rate(found.frames.rate) if found.frames else None
    tracks = found.file_sound(path).outputs(scratch)
    args = build.derive_args(
        path,
        info.video,
        tracks,
        rate=rate,
        phase=found.frames.phase(info.start_time) if found.frames else Fraction(0),
        thumbnail_frame=int(found.duration * rate / 10) if rate else 0,
        settings=settings,
        proxy=proxy,
        thumbnail=thumbnail,
    )
    files: list[DerivedFile] = []
    runner = _Runner(found, cancelled, logs)
    # The peaks of an ordinary file cost no time of their own: they are taken as its sound is measured.
    peaks = _Peaks()
    with ThreadPoolExecutor(2) as beside:
        with TrackListener(tracks, also=peaks.feed if len(tracks) == 1 else None) as listener:
            runner(args, on_progress=on_progress)
        picture = beside.submit(_picture_files, proxy, thumbnail) if info.video else None
        sound = beside.submit(_sound, path, listener, runner, peaks, scratch) if tracks else None
        if picture:
            proxy_meta = _check_picture(_streams(proxy, cancelled, logs), found, rate or Fraction(25))
            made, still = picture.result()
            files += [replace(made, meta=proxy_meta), still]
        heard_files, listened = sound.result() if sound else ([], None)
    return runner.derived([*files, *heard_files], listened)


def sound(
    path: Path,
    found: Inspection,
    scratch: Path,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> Derived:
    """Make WAV and peaks alone, as `derive` does; the picture is not decoded. Raises as `derive`; ValueError where there is
    no sound."""
    tracks = found.file_sound(path).outputs(scratch)
    if not tracks:
        raise ValueError("A WAV is made of sound; this file has none.")
    runner, peaks = _Runner(found, cancelled, logs), _Peaks()
    with TrackListener(tracks, also=peaks.feed if len(tracks) == 1 else None) as listener:
        runner([*build.input_guard(path), *build.track_outputs(tracks)], on_progress=on_progress)
    return runner.derived(*_sound(path, listener, runner, peaks, scratch))


@dataclass(slots=True)
class _Runner:
    """ffmpeg over one original, and what it was told to do."""

    found: Inspection
    cancelled: Callable[[], bool] | None
    logs: Path | None
    runs: list[process.Finished] = field(default_factory=list)

    def __call__(self, args: list[str], *, on_progress: Callable[[Progress], None] | None = None) -> process.Finished:
        try:
            finished = _ffmpeg(args, self.found, on_progress=on_progress, cancelled=self.cancelled, logs=self.logs)
        except process.ToolFailed as error:
            raise _explain(error) from error
        self.runs.append(finished)
        return finished

    def derived(self, files: Sequence[DerivedFile], listened: Listened | None) -> Derived:
        warnings = (*self.found.info.warnings, *_doubts(self.runs[0].stderr_tail))
        return Derived(tuple(files), tuple(run.argv for run in self.runs), warnings, listened)


def _sound(
    path: Path, listener: TrackListener, runner: _Runner, peaks: "_Peaks", scratch: Path
) -> tuple[list[DerivedFile], Listened]:
    """WAV and peaks of what is heard. `peaks`: those of the only track, if there is one."""
    found, wav, before = runner.found, scratch / "audio.wav", len(runner.runs)
    wanted = found.info.audio.heard if found.info.audio else None
    listened = listen(found.file_sound(path), listener, runner, wav, wanted)
    as_written = len(listener.outputs) == 1 and len(runner.runs) == before
    drawn = peaks.result() if as_written else _peaks(wav)
    return _sound_files(wav, drawn, scratch, found.listening_to(listened.audio)), listened


def mezzanine(
    path: Path,
    found: Inspection,
    scratch: Path,
    *,
    codec: str = "prores",
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> Derived:
    """Make the full-resolution intra-only .mov of a file with a picture. Raises as `derive`; ValueError without one."""
    info = found.info
    if info.video is None or found.frames is None:
        raise ValueError("A mezzanine is made of a picture; this file has none.")
    out = scratch / "mezzanine.mov"
    rate = found.frames.rate
    phase = found.frames.phase(info.start_time)
    commands = []
    for sound in (found.sound_start, replace(found.sound_start, delay=found.audio_start)):
        args = build.mezzanine_args(path, out, info.video, info.audio, rate=rate, phase=phase, sound=sound, codec=codec)
        try:
            finished = _ffmpeg(args, found, on_progress=on_progress, cancelled=cancelled, logs=logs)
        except process.ToolFailed as error:
            raise _explain(error) from error
        commands.append(finished.argv)
        streams = _streams(out, cancelled, logs)
        if not _too_long(_seconds(streams), found, path):
            break
    meta = _check_picture(streams, found, rate) | {"codec": codec}
    if found.sound:
        _check_sound(_seconds(streams), found, found.sound)
    made = _described("mezzanine", out, "video/quicktime", meta)
    return Derived((made,), tuple(commands), _doubts(finished.stderr_tail))


def room_for(found: Inspection) -> int:
    """Bytes of scratch that `derive` may need."""
    video = found.info.video
    tracks = build.tracks_bytes(found.duration, found.info.sounds)
    if video is None or found.frames is None:
        return tracks + build.derived_bytes(found.duration, None, None)
    settings = build.ProxySettings()
    size = build.fit(video.width, video.height, short_side=settings.short_side, long_side=settings.long_side)
    return tracks + build.derived_bytes(found.duration, size, build.proxy_rate(found.frames.rate))


def room_for_sound(found: Inspection) -> int:
    """Bytes of scratch that `sound` may need."""
    return build.tracks_bytes(found.duration, found.info.sounds) + build.derived_bytes(found.duration, None, None)


def room_for_mezzanine(found: Inspection) -> int:
    """Bytes of scratch that `mezzanine` may need."""
    if found.info.video is None or found.frames is None:
        return 0
    return build.mezzanine_bytes(found.duration, found.info.video, found.frames.rate)


def _ffmpeg(args: list[str], found: Inspection, **watch: Any) -> process.Finished:
    """Run over a camera's original: what is damaged in it is left out, and the outputs are held against its packets.

    It may take ten minutes and sixty times what the recording lasts, and write twice what was reckoned.
    """
    video = found.info.video
    pixels = video.coded_width * video.coded_height if video else 0
    limits = process.Limits(
        memory_bytes=build.memory_for(pixels, found.size, process.cores()),
        file_bytes=(64 << 20) + 2 * max(room_for(found), room_for_mezzanine(found)),
    )
    return process.ffmpeg(args, limits=limits, timeout=600 + 60 * float(found.duration), damage_ok=True, **watch)


def _refuse_cut(found: Inspection, path: Path) -> None:
    """Raise SourceDamaged when the file's own header promises more than its packets, or its bytes, hold."""
    info, held = found.info, found.duration
    promised_end = info.declared_end
    if promised_end is None or (found.frames and found.frames.jumps_back):
        return
    missing = missing_bytes(path)
    if missing and held * missing > DECLARED_SLACK * found.size:
        promised = clock(held * (found.size + missing) / found.size)
        raise SourceDamaged(
            f"The file is cut: its header promises about {promised} but it ends at {clock(held)}. "
            "Copy it again from the card, or upload it again."
        )
    if (info.declares_duration or mp3_counts_frames(path)) and held + DECLARED_SLACK < promised_end:
        raise SourceDamaged(
            f"The file is cut: it announces {clock(promised_end)} but ends at {clock(held)}. "
            "Copy it again from the card, or upload it again."
        )


def missing_bytes(path: Path) -> int:
    """By how much a file is shorter than its own boxes say: RIFF (WAV, AVI) and ISO files (MP4, MOV); else 0.

    A cut index of an ISO file counts as the whole file: tracks that it had may not even show.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI "):
            promised = int.from_bytes(head[4:8], "little")
            return 0 if promised in (0, 0xFFFFFFFF) else max(0, promised + 8 - size)
        if head[4:8] != b"ftyp":
            return 0
        at = 0
        for _ in range(MAX_BOXES):
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                return 0
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                return 0
            at += length
            if at > size:
                return size if name == b"moov" else at - size
    return 0


def mp3_counts_frames(path: Path) -> bool:
    """Does this MP3's first frame say how many there are (Xing, Info, VBRI)? Otherwise its duration is a guess."""
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3" and len(head) == 10:
            size = 0
            for seven_bits in head[6:10]:
                size = size << 7 | seven_bits & 0x7F
            file.seek(size + 10)
        else:
            file.seek(0)
        first = file.read(256)
    return first[:1] == b"\xff" and any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))


def _streams(path: Path, cancelled: Callable[[], bool] | None, logs: Path | None) -> dict[str, dict[str, Any]]:
    """What ffprobe says of the picture ("video") and the sound ("audio") that were made."""
    entries = ("-show_entries", "stream=codec_type,width,height,nb_frames,profile,level,duration")
    answer = process.ffprobe(path, entries=entries, cancelled=cancelled, logs=logs)
    return {stream["codec_type"]: stream for stream in answer.get("streams", []) if "codec_type" in stream}


def _seconds(streams: dict[str, dict[str, Any]]) -> Fraction:
    """How long the sound is."""
    return Fraction(str(streams.get("audio", {}).get("duration", 0)))


def _check_picture(streams: dict[str, dict[str, Any]], found: Inspection, rate: Fraction) -> dict[str, Any]:
    """Hold what was made against the packets: it must reach the last frame, and not run on after it."""
    assert found.frames
    stream = streams.get("video", {})
    frames = int(stream.get("nb_frames", 0))
    if frames == 0:
        raise SourceDamaged("Not one frame of the picture could be decoded. Copy the file again from the card.")
    slack = max(TOLERANCE, 1 / rate) + 1 / rate
    made = frames / rate
    last, end = found.frames.last - found.info.start_time, found.frames.end - found.info.start_time
    if not found.frames.jumps_back and not last - slack <= made - 1 / rate <= end + slack:
        raise SourceDamaged(
            f"Only {clock(made)} of the picture's {clock(end)} could be decoded: the file is damaged or cut. "
            "Copy it again from the card."
        )
    return {
        "width": stream["width"],
        "height": stream["height"],
        "rate": format_rate(rate),
        "frames": frames,
        "duration": float(made),
    }


def _too_long(made: Fraction, found: Inspection, path: Path) -> bool:
    audio = found.info.audio
    return audio is not None and found.file_sound(path).too_long(audio.index, made)


def _picture_files(proxy: Path, thumbnail: Path) -> tuple[DerivedFile, DerivedFile]:
    return _described("proxy", proxy, "video/mp4", {}), _described("thumbnail", thumbnail, "image/jpeg", {})


class _Peaks:
    """The peaks of a WAV in each resolution, from blocks of its samples."""

    def __init__(self) -> None:
        self._builders = {rate: PeakBuilder(build.SAMPLE_RATE, size) for rate, size in PEAKS.items()}

    def feed(self, block: NDArray[np.int16]) -> None:
        mono = (summed(block, np.int32) // block.shape[1]).astype(np.int16)
        for builder in self._builders.values():
            builder.feed(mono)

    def result(self) -> dict[int, bytes]:
        """The `.dat` file of each resolution."""
        return {rate: builder.dat() for rate, builder in self._builders.items()}


def _peaks(wav: Path) -> dict[int, bytes]:
    peaks = _Peaks()
    with open_wav(wav) as sound:
        for start in range(0, sound.frames, PEAK_BLOCK):
            peaks.feed(sound.read_int16(start, PEAK_BLOCK))
    return peaks.result()


def _sound_files(wav: Path, peaks: dict[int, bytes], scratch: Path, found: Inspection) -> list[DerivedFile]:
    assert found.sound
    with open_wav(wav) as sound:
        _check_sound(Fraction(sound.frames, sound.rate), found, found.sound)
        meta = {"rate": sound.rate, "channels": sound.channels, "frames": sound.frames, "duration": sound.seconds}
    files = [_described("audio-wav", wav, "audio/wav", meta)]
    for per_second, data in peaks.items():
        out = scratch / f"waveform-{per_second}.dat"
        out.write_bytes(data)
        meta = {"points_per_second": per_second, "samples_per_pixel": PEAKS[per_second], "bits": 8}
        files.append(_described("waveform", out, "application/octet-stream", meta))
    return files


def _check_sound(made: Fraction, found: Inspection, sound: SoundTiming) -> None:
    """Hold the seconds that were made against the packets."""
    end = sound.end - found.info.start_time
    if not sound.jumps_back and abs(made - end) > slack(sound):
        raise SourceDamaged(
            f"{clock(made)} of sound came out of a file that holds {clock(end)}: it is damaged or cut. "
            "Copy it again from the card."
        )


def _described(kind: str, path: Path, content_type: str, meta: dict[str, Any]) -> DerivedFile:
    if not path.exists() or path.stat().st_size == 0:
        raise SourceDamaged(f"No {kind} could be made of the file: nothing in it could be decoded. Copy it again.")
    return DerivedFile(kind, path, content_type, path.stat().st_size, sha256(path), meta)


def sha256(path: Path) -> str:
    """Hex digest, streamed."""
    digest = hashlib.sha256()
    for block in _file_blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _file_blocks(path: Path) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(HASH_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield buffer[:count]


_DECODE_ERROR = re.compile(
    r"error while decoding|Error while decoding|Invalid data found|concealing|corrupt", re.IGNORECASE
)


def _doubts(stderr: str) -> tuple[str, ...]:
    if _DECODE_ERROR.search(stderr):
        return ("Parts of the file could not be decoded; pictures are repeated and sound is silent there.",)
    return ()


#: What ffmpeg says when it is the file that it cannot work with; anything else may be the machine's fault.
_FILE_AT_FAULT = re.compile(
    r"Invalid data|Error while decoding|does not contain any stream|Decoder .* not found|Cannot determine format of input"
    r"|Could not find codec parameters|Error marking filters|Conversion failed|Error reinitializing|Failed to inject"
    r"|Invalid argument|not implemented|not currently supported|[Uu]nsupported|Output file is empty|Error parsing"
)
#: A program that breaks (SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV) breaks on what it reads.
_BROKE = frozenset({-4, -6, -7, -8, -11})


def _explain(error: process.ToolFailed) -> Exception:
    """The tool's failure in words for the operator, when the file is to blame; else the failure itself."""
    if "No space left" in error.stderr_tail or error.reason.startswith("was stopped"):
        return error
    if re.search(r"Cannot allocate memory|malloc of size \d+ failed|Error while opening encoder", error.stderr_tail):
        return OutOfRange(
            "Decoding the file takes more memory than a picture of its size should. Export it again as H.264."
        )
    if error.exit_code in _BROKE or (error.exit_code >= 0 and _FILE_AT_FAULT.search(error.stderr_tail)):
        return SourceDamaged("The file could not be decoded. Copy it again from the card, or export it again as H.264.")
    return error
