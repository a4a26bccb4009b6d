"""One local original → usable media, on the local disk, without a database.

`inspect` looks, `derive` makes what review needs from one decode, `mezzanine` makes what the edit needs.

Damage. A corrupt packet in an hour of picture must not cost the hour, so ffmpeg runs with `damage_ok`: it conceals
or leaves out what it cannot decode, the constant rate repeats a picture there and the sound is filled with silence to
keep its time. A file that ends early must fail, though ffmpeg would call it a success. So the times of all packets are
read first and held against the length the container declares, and what was made is held against the packets.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from media_app import process
from media_app.audio import NotWav, Wav, open_wav, summed
from media_app.core import ffmpeg as build
from media_app.core.files.probe import MediaInfo, OutOfRange, SourceDamaged, as_json, read_probe, refuse_hollow
from media_app.core.sound.peaks import PeakBuilder
from media_app.core.time.frames import FrameTiming
from media_app.core.time.packets import PacketScan
from media_app.core.time.progress import Progress
from media_app.core.time.sound_timing import SoundTiming
from media_app.core.time.timebase import clock, format_rate

#: Peaks per second → samples per pixel at 48 kHz.
PEAKS = {20: 2400, 1000: 48}
TOLERANCE = Fraction(1, 20)
#: By how much the packets may end before the length that the header declares.
DECLARED_SLACK = Fraction(1, 4)
HASH_BLOCK = 1 << 20
PEAK_BLOCK = 1 << 17
FOLLOW_S = 0.25
MAX_BOXES = 100_000


@dataclass(frozen=True, slots=True)
class Inspection:
    """`info` is what the file says of itself; `frames` and `sound` are what its packets say.

    `video_start`, `audio_start`: first frame and first sample, in seconds after time zero.
    """

    info: MediaInfo
    frames: FrameTiming | None
    sound: SoundTiming | None
    size: int

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


def inspect(path: Path, *, cancelled: Callable[[], bool] | None = None, logs: Path | None = None) -> Inspection:
    """Probe `path` and read the times of all its packets.

    Raises NotUsable types with a sentence for the operator, `SourceDamaged` for a file that ends early.
    """
    info, scan = _looked_at(path, cancelled, logs)
    frames, sound = scan.frames(), scan.sound()
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
    found = Inspection(info, frames, sound, path.stat().st_size)
    refuse_hollow(found.duration, found.size)
    _refuse_cut(found, path)
    return found


def _looked_at(path: Path, cancelled: Callable[[], bool] | None, logs: Path | None) -> tuple[MediaInfo, PacketScan]:
    """What the file says of itself, and its packets, which are listed meanwhile and wait in their pipe."""
    known: Future[tuple[MediaInfo, PacketScan]] = Future()

    def look() -> tuple[MediaInfo, PacketScan]:
        try:
            info = read_probe(process.probe_file(path, cancelled=cancelled, logs=logs))
        except BaseException as error:
            known.set_exception(error)
            raise
        known.set_result((info, PacketScan(info.video, info.audio)))
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
    proxy, thumbnail, wav = scratch / "proxy.mp4", scratch / "thumbnail.jpg", scratch / "audio.wav"
    rate = build.proxy_rate(found.frames.rate) if found.frames else None
    args = build.derive_args(
        path,
        info.video,
        info.audio,
        rate=rate,
        phase=found.frames.phase(info.start_time) if found.frames else Fraction(0),
        sound=found.sound_start,
        thumbnail_frame=int(found.duration * rate / 10) if rate else 0,
        settings=settings,
        proxy=proxy,
        thumbnail=thumbnail,
        wav=wav,
    )
    files: list[DerivedFile] = []
    with ThreadPoolExecutor(2) as beside:
        follower = _PeakFollower(wav) if info.audio else None
        peaks = beside.submit(follower.run) if follower else None
        try:
            finished = _ffmpeg(args, found, on_progress=on_progress, cancelled=cancelled, logs=logs)
        except process.ToolFailed as error:
            raise _explain(error) from error
        finally:
            if follower:
                follower.complete()
        commands = [finished.argv]
        picture = beside.submit(_picture_files, proxy, thumbnail) if info.video else None
        if picture:
            proxy_meta = _check_picture(_streams(proxy, cancelled, logs), found, rate or Fraction(25))
            made, still = picture.result()
            files += [replace(made, meta=proxy_meta), still]
        if info.audio and peaks:
            if _filled_twice(wav, found):
                again = replace(found.sound_start, delay=found.audio_start)
                args = build.sound_args(path, info.audio, wav, again, channels=2)
                commands.append(_ffmpeg(args, found, cancelled=cancelled, logs=logs).argv)
                follower = _PeakFollower(wav)
                follower.complete()
                peaks = beside.submit(follower.run)
            files += _sound_files(wav, peaks.result(), scratch, found)
    return Derived(tuple(files), tuple(commands), (*info.warnings, *_doubts(finished.stderr_tail)))


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
        if not _too_long(_seconds(streams), found):
            break
    meta = _check_picture(streams, found, rate) | {"codec": codec}
    if found.sound:
        _check_sound(_seconds(streams), found, found.sound)
    made = _described("mezzanine", out, "video/quicktime", meta)
    return Derived((made,), tuple(commands), _doubts(finished.stderr_tail))


def room_for(found: Inspection) -> int:
    """Bytes of scratch that `derive` may need."""
    video = found.info.video
    if video is None or found.frames is None:
        return build.derived_bytes(found.duration, None, None)
    settings = build.ProxySettings()
    size = build.fit(video.width, video.height, short_side=settings.short_side, long_side=settings.long_side)
    return build.derived_bytes(found.duration, size, build.proxy_rate(found.frames.rate))


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


def _filled_twice(wav: Path, found: Inspection) -> bool:
    """Is there more sound than the packets hold, as when it changes its form in mid-file (see `SoundStart`)?"""
    with open_wav(wav) as made:
        return _too_long(Fraction(made.frames, made.rate), found)


def _too_long(made: Fraction, found: Inspection) -> bool:
    if found.sound is None:
        return False
    held = found.sound.end - found.info.start_time
    return made > held + _sound_slack(found.sound) + (1 if found.sound.jumps_back else 0)


def _sound_slack(sound: SoundTiming) -> Fraction:
    return max(TOLERANCE, 2 * sound.packet)


def _picture_files(proxy: Path, thumbnail: Path) -> tuple[DerivedFile, DerivedFile]:
    return _described("proxy", proxy, "video/mp4", {}), _described("thumbnail", thumbnail, "image/jpeg", {})


class _PeakFollower:
    """Computes the peaks of a WAV while ffmpeg still writes it, so that they cost no time of their own."""

    def __init__(self, wav: Path) -> None:
        self._wav = wav
        self._builders = {rate: PeakBuilder(build.SAMPLE_RATE, size) for rate, size in PEAKS.items()}
        self._taken = 0
        self._complete = threading.Event()

    def run(self) -> dict[int, bytes]:
        """The `.dat` file of each resolution, once `complete` was called."""
        while True:
            complete = self._complete.wait(FOLLOW_S)
            try:
                with open_wav(self._wav) as sound:
                    self._take(sound, to_the_end=complete)
            except (NotWav, FileNotFoundError):
                if complete:
                    raise
            if complete:
                return {rate: builder.dat() for rate, builder in self._builders.items()}

    def complete(self) -> None:
        """Nothing more will be written."""
        self._complete.set()

    def _take(self, sound: Wav, *, to_the_end: bool) -> None:
        while sound.frames - self._taken >= (1 if to_the_end else PEAK_BLOCK):
            block = sound.read_int16(self._taken, PEAK_BLOCK)
            self._taken += len(block)
            mono = (summed(block, np.int32) // sound.channels).astype(np.int16)
            for builder in self._builders.values():
                builder.feed(mono)


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
    if not sound.jumps_back and abs(made - end) > _sound_slack(sound):
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
