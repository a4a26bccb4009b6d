"""Media files whose sound is not where one looks first: dead, cancelling, many or foreign channels and tracks."""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.sync import sources
from bench.sync.clocks import Clock, straight
from bench.sync.event import LEAD_S, Event, pair
from bench.sync.ltc import ltc
from bench.sync.scenes import Truth
from bench.sync.sources import RATE, Signal

Tracks = Sequence[np.ndarray]  # each of shape (samples, channels)
#: AAC in Matroska keeps the encoder's priming of one frame, and time zero is where that begins (measured: 1024 samples).
MKV_PRIMING_S = 1024 / RATE
PICTURE = ("-f", "lavfi", "-i", "color=c=gray:s=320x240:r=25")
CODECS = {
    ".wav": ("-c:a", "pcm_s24le"),
    ".mov": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"),
    ".mkv": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "160k"),
    ".mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k"),
    ".mxf": ("-c:v", "mpeg2video", "-b:v", "1M", "-c:a", "pcm_s16le"),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """Where the event's sound is in a file: stream and channels count from 1; `how` None where any will do."""

    stream: int
    channels: tuple[int, ...]
    how: str | None = None


@dataclass(frozen=True, slots=True)
class FileCase:
    """Two media files with B's clock on A's; `heard` says where B's sound is, None where nothing is to be named."""

    name: str
    kind: str
    files: tuple[Path, Path]
    truths: Clock
    heard: Heard | None = None

    @property
    def findable(self) -> bool:
        return bool(self.truths)


def written(path: Path, tracks: Tracks, output: Sequence[str] = ()) -> Path:
    """A media file with these sound tracks, and a picture where the container is one for pictures."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, maps = [], []
        for number, track in enumerate(tracks):
            raw = Path(folder) / f"{number}.f32"
            raw.write_bytes(np.ascontiguousarray(track, np.float32).tobytes())
            inputs += ["-f", "f32le", "-ar", str(RATE), "-ac", str(track.shape[1]), "-i", str(raw)]
            maps += ["-map", f"{number}:a"]
        if path.suffix != ".wav":
            inputs, maps = [*inputs, *PICTURE], ["-map", f"{len(tracks)}:v", *maps, "-shortest"]
        part = path.with_name(f"part-{path.name}")
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, *maps, *CODECS[path.suffix], *output, str(part)]
        subprocess.run(command, check=True)
        part.rename(path)
    return path


def later(truths: Clock, seconds: float) -> Clock:
    """The clock of a file whose time zero lies `seconds` before its first sample."""
    return tuple(
        Truth(t.offset_s - seconds * (1 + t.ppm * 1e-6), t.ppm, t.start_s + seconds, t.end_s + seconds) for t in truths
    )


def _event(rng: np.random.Generator) -> tuple[Signal, Signal, Clock]:
    seconds = float(rng.uniform(60, 100))
    clock = straight(LEAD_S + float(rng.uniform(1, 15)), seconds)
    return pair(rng, Event(clock, seconds + 20))


def _hiss(rng: np.random.Generator, n: int, db: float = -80.0) -> Signal:
    return (sources.coloured(rng, n, 0.0) * 10 ** ((db + 20) / 20)).astype(np.float32)


def _stereo(sound: Signal) -> np.ndarray:
    return np.stack([sound, sound], axis=1)


Layout = tuple[str, list[np.ndarray], Heard, tuple[str, ...]]
#: How many channels or tracks there are, and which carries the voice.
PLACES = ((4, 3), (6, 3), (6, 6), (8, 6))


def _channels(suffix: str, columns: Sequence[Signal], heard: Heard, *output: str) -> Layout:
    return suffix, [np.stack(columns, axis=1)], heard, output


def _poly(rng: np.random.Generator, voice: Signal) -> Layout:
    count, at = PLACES[int(rng.integers(4))]
    columns = [_hiss(rng, voice.size) for _ in range(count)]
    columns[at - 1] = voice
    return _channels(".wav", columns, Heard(1, (at,), "channel"))


def _tracks(suffix: str) -> Callable[[np.random.Generator, Signal], Layout]:
    def made(rng: np.random.Generator, voice: Signal) -> Layout:
        count, at = PLACES[int(rng.integers(4))]
        tracks = [(_hiss(rng, voice.size) if number % 2 else _dead(voice))[:, None] for number in range(count)]
        tracks[at - 1] = voice[:, None]
        return suffix, tracks, Heard(at, (1,)), ()

    return made


def _music_first(rng: np.random.Generator, voice: Signal) -> Layout:
    music = sources.music(rng, voice.size / RATE + 1)[: voice.size]
    return ".mkv", [_stereo(music), _stereo(voice)], Heard(2, (1, 2)), ()


def _timecode_left(rng: np.random.Generator, voice: Signal) -> Layout:
    code = ltc(int(rng.integers(24 * 3600 * 25)), voice.size / RATE, 25)[: voice.size]
    return _channels(".wav", [code, voice], Heard(1, (2,), "channel"))


def _dead(voice: Signal) -> Signal:
    return np.zeros(voice.size, np.float32)


#: By kind: the file's ending, its tracks, where the voice is, and what else ffmpeg must know.
LAYOUTS: dict[str, Callable[[np.random.Generator, Signal], Layout]] = {
    "cancelling": lambda rng, voice: _channels(".wav", [voice, -voice], Heard(1, (1, 2))),
    "dead-left": lambda rng, voice: _channels(".mov", [_dead(voice), voice], Heard(1, (2,))),
    "hissing-left": lambda rng, voice: _channels(".wav", [_hiss(rng, voice.size, -14), voice], Heard(1, (2,))),
    "dual-mono": lambda rng, voice: _channels(".mov", [voice, voice], Heard(1, (1, 2))),
    "float-72-dbfs": lambda rng, voice: _channels(
        ".wav", [voice * 10 ** (-52 / 20)], Heard(1, (1,)), "-c:a", "pcm_f32le"
    ),
    "poly-wav": _poly,
    "mov-tracks": _tracks(".mov"),
    "mxf-tracks": _tracks(".mxf"),
    "mov-first-dead": lambda rng, voice: (".mov", [_dead(voice)[:, None], voice[:, None]], Heard(2, (1,)), ()),
    "mxf-first-dead": lambda rng, voice: (".mxf", [_dead(voice)[:, None], voice[:, None]], Heard(2, (1,)), ()),
    "obs-silent": lambda rng, voice: (".mkv", [_stereo(_dead(voice)), _stereo(voice)], Heard(2, (1, 2)), ()),
    "obs-music": _music_first,
    "timecode-channel": _timecode_left,
}


def channels(rng: np.random.Generator, kind: str, name: str, folder: Path) -> FileCase:
    """Camera A an ordinary file, B with its voice where the part of `kind` after the first hyphen says."""
    a, b, truths = _event(rng)
    suffix, tracks, heard, output = LAYOUTS[kind.partition("-")[2]](rng, b)
    files = (written(folder / "A.mp4", [_stereo(a)]), written(folder / f"B{suffix}", tracks, output))
    return FileCase(name, kind, files, later(truths, MKV_PRIMING_S) if suffix == ".mkv" else truths, heard)


def _with_code(rng: np.random.Generator, sound: Signal, first_frame: int, fps: int) -> tuple[np.ndarray, Heard]:
    code = ltc(first_frame, sound.size / RATE, fps)[: sound.size]
    left = bool(rng.random() < 0.5)
    return np.stack([code, sound] if left else [sound, code], axis=1), Heard(1, (2 if left else 1,), "channel")


def _coded_pair(folder: Path, one: np.ndarray, two: np.ndarray) -> tuple[Path, Path]:
    return written(folder / "A.wav", [one]), written(folder / "B.mov", [two])


def free_timecode(rng: np.random.Generator, kind: str, name: str, folder: Path) -> FileCase:
    """LTC on one channel of both, each from a generator of its own: only the sound tells the offset."""
    a, b, truths = _event(rng)
    fps, first = int(rng.choice([24, 25, 30])), int(rng.integers(1, 20) * 3600 * 24)
    one, _ = _with_code(rng, a, first, fps)
    two, heard = _with_code(rng, b, first + round(float(rng.uniform(-40, 40)) * fps), fps)
    return FileCase(name, kind, _coded_pair(folder, one, two), truths, heard)


def jammed_timecode(rng: np.random.Generator, kind: str, name: str, folder: Path) -> FileCase:
    """LTC on one channel of both that agrees with the sound to a frame."""
    a, b, truths = _event(rng)
    fps, first = 25, int(rng.integers(1, 20) * 3600 * 25)
    one, _ = _with_code(rng, a, first, fps)
    two, heard = _with_code(rng, b, first + round(truths[0].offset_s * fps), fps)
    return FileCase(name, kind, _coded_pair(folder, one, two), truths, heard)


def two_events_timecode(rng: np.random.Generator, kind: str, name: str, folder: Path) -> FileCase:
    """Two events with LTC on a channel of each: nothing to sync."""
    fps, first = int(rng.choice([24, 25, 30])), int(rng.integers(1, 20) * 3600 * 24)
    (a, _, _), (_, b, _) = _event(rng), _event(rng)
    one, _ = _with_code(rng, a, first, fps)
    two, _ = _with_code(rng, b, first + int(rng.integers(3600, 7200)) * fps, fps)
    return FileCase(name, kind, _coded_pair(folder, one, two), ())
