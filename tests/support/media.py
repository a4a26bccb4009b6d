"""Made footage with known truth, and the instruments that read it back.

Pictures. Every frame of a slate carries its own number as two rows of squares: a square of the upper row is white for
a 1, the lower row is its negative, so a reader needs no threshold and survives scaling, turning upright, tone mapping
and hard compression. `read_frame_code` reads one picture, `frame_codes` a whole file. The lower third flashes white
for the first frame of each second.

Sound. A click (10 ms chirp, 300–3,300 Hz) lies at 0.25 s and at each whole second; `click_times` finds them by
matched filter to about 0.01 ms, through lossy codecs too. Under the clicks may lie `speech_like` noise.

    clip = slate(seconds=4, rate="30000/1001")                       # a path, made once and kept under var/footage
    assert frame_codes(clip) == list(range(120))
    assert click_times(*decode_sound(clip)) == pytest.approx([0.25, 1, 2, 3], abs=0.001)

    shoot = three_cameras(seconds=12)                                # .paths["A"], .offsets_ms["B"] == 3237.0 …
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

RATE = 48_000
CODE_BITS = 12
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-threads", "2")
AAC = ("-c:a", "aac", "-b:a", "128k")
PCM = ("-c:a", "pcm_s16le")

_CAMERA = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-crf", "20")
_COLORS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")

FOOTAGE = Path(__file__).resolve().parents[2] / "var" / "footage"
_CODE_TOP, _CODE_BOTTOM, _CODE_LEFT, _CODE_RIGHT = 0.08, 0.60, 0.05, 0.95
_FLASH_TOP = 0.66


def camera_codec(*, gop: int) -> tuple[str, ...]:
    """Arguments of a codec that has pictures out of order, a keyframe every `gop` frames and the colors of HD, as cameras write them."""
    return (*_CAMERA, "-g", str(gop), "-pix_fmt", "yuv420p", "-threads", "2", *_COLORS)


# --- pictures -------------------------------------------------------------------------------------------------------


def draw_frame(number: int, size: tuple[int, int], *, flash: bool) -> NDArray[np.uint8]:
    """Frame `number` (0 … 4095) as grey levels 16–235, shape (height, width)."""
    width, height = size
    picture = np.full((height, width), 90, np.uint8)
    for row, column, lit in _cells(number):
        y0, y1, x0, x1 = _cell_box(row, column, width, height)
        picture[y0:y1, x0:x1] = 235 if lit else 16
    picture[int(height * _FLASH_TOP) :] = 235 if flash else 16
    return picture


def read_frame_code(picture: NDArray[np.uint8]) -> int | None:
    """The number in a picture, grey (h, w) or colour (h, w, 3), of any size; None when none can be read."""
    grey = picture.astype(np.float64)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    height, width = grey.shape
    number = 0
    for column in range(CODE_BITS):
        upper, lower = (_cell_mean(grey, row, column, width, height) for row in (0, 1))
        if abs(upper - lower) < 24:
            return None
        number |= (upper > lower) << column
    return number


def is_flash(picture: NDArray[np.uint8]) -> bool:
    """Is the lower third of this picture white?"""
    return bool(picture[int(picture.shape[0] * 0.75) :].mean() > 125)


def _cells(number: int) -> Iterator[tuple[int, int, bool]]:
    for column in range(CODE_BITS):
        bit = bool(number >> column & 1)
        yield 0, column, bit
        yield 1, column, not bit


def _cell_box(row: int, column: int, width: int, height: int) -> tuple[int, int, int, int]:
    tall, wide = (_CODE_BOTTOM - _CODE_TOP) / 2, (_CODE_RIGHT - _CODE_LEFT) / CODE_BITS
    y0, x0 = _CODE_TOP + row * tall, _CODE_LEFT + column * wide
    return (
        round(y0 * height),
        round((y0 + tall) * height),
        round(x0 * width),
        round((x0 + wide) * width),
    )


def _cell_mean(grey: NDArray[np.float64], row: int, column: int, width: int, height: int) -> float:
    y0, y1, x0, x1 = _cell_box(row, column, width, height)
    dy, dx = (y1 - y0) // 4, (x1 - x0) // 4
    return float(grey[y0 + dy : y1 - dy or None, x0 + dx : x1 - dx or None].mean())


# --- sound ----------------------------------------------------------------------------------------------------------


def click(rate: int = RATE) -> NDArray[np.float32]:
    """10 ms of a chirp; its position is that of its first sample."""
    t = np.arange(round(rate * 0.010)) / rate
    shape: NDArray[np.float32] = (signal.chirp(t, 300, 0.010, 3300) * np.hanning(len(t))).astype(np.float32)
    return shape


def clicks(seconds: float, at: Sequence[float] | None = None, *, rate: int = RATE) -> NDArray[np.float32]:
    """Silence with clicks at the given seconds, by default 0.25 and each whole second from 1."""
    sound = np.zeros(round(seconds * rate), np.float32)
    shape = click(rate)
    for second in click_truth(seconds) if at is None else at:
        start = round(second * rate)
        piece = shape[: max(0, len(sound) - start)]
        sound[start : start + len(piece)] += 0.7 * piece
    return sound


def click_truth(seconds: float) -> list[float]:
    """Where `clicks` puts them."""
    return [0.25, *map(float, range(1, int(np.ceil(seconds))))]


def click_times(sound: NDArray[np.float32], rate: int = RATE) -> list[float]:
    """Seconds at which clicks begin, in one-channel sound; parabolic peaks of a matched filter."""
    fine, response = _matched(sound.astype(np.float64), click(rate).astype(np.float64))
    found = signal.find_peaks(response, height=0.3 * response.max(), distance=round(0.1 * rate))[0]
    times = []
    for peak in found:
        window = slice(max(0, peak - 20), peak + 21)
        best = window.start + int(np.argmax(fine[window]))
        times.append((best + _parabola(fine, best)) / rate)
    return times


def speech_like(seconds: float, seed: int = 1, *, rate: int = RATE) -> NDArray[np.float32]:
    """Noise in the band and the rhythm of speech: never the same twice within, always the same for one seed."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    band = signal.butter(2, [200, 3500], "bandpass", fs=rate, output="sos")
    noise = signal.sosfilt(band, rng.standard_normal(count))
    syllables = rng.random(round(seconds * 5) + 2) ** 2 * (rng.random(round(seconds * 5) + 2) > 0.25)
    envelope = np.interp(np.arange(count) / rate * 5, np.arange(len(syllables)), syllables)
    sound: NDArray[np.float32] = (0.5 * noise * envelope / max(1e-9, np.abs(noise).max())).astype(np.float32)
    return sound


def write_wav(path: Path, sound: NDArray[np.float32], rate: int = RATE) -> Path:
    """`sound` of shape (n,) or (n, channels), −1 … 1, as 16-bit WAV."""
    frames = sound if sound.ndim == 2 else sound[:, None]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(frames.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(frames, -1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def _matched(sound: NDArray[np.float64], shape: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The correlation with `shape` from each sample on, and its envelope.

    At a length that is quick to transform: a minute of sound is read by some tests, and its own length may be a prime.
    """
    length = fft.next_fast_len(len(sound) + len(shape), real=True)
    spectrum = fft.rfft(sound, length) * np.conj(fft.rfft(shape, length))
    fine: NDArray[np.float64] = fft.irfft(spectrum, length)
    # Positive frequencies alone, doubled: the signal whose real part is the correlation.
    spectrum[1 : (length + 1) // 2] *= 2
    response: NDArray[np.float64] = np.abs(fft.ifft(spectrum, length))
    return fine[: len(sound) + 1], response[: len(sound) + 1]


def _parabola(values: NDArray[np.float64], at: int) -> float:
    if not 0 < at < len(values) - 1:
        return 0.0
    a, b, c = values[at - 1 : at + 2]
    bend = a - 2 * b + c
    return float(0.5 * (a - c) / bend) if bend else 0.0


# --- files ----------------------------------------------------------------------------------------------------------


def run_ffmpeg(*args: object, stdin: Iterator[bytes] | None = None) -> None:
    """Run ffmpeg on made footage; its complaint is in the exception."""
    argv = ["ffmpeg", "-v", "error", "-y", *map(str, args)]
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(argv, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stderr=errors)
        if stdin and child.stdin:
            try:
                for piece in stdin:
                    child.stdin.write(piece)
            except BrokenPipeError:
                pass
            child.stdin.close()
        code = child.wait()
        errors.seek(0)
        if code:
            raise RuntimeError(f"{' '.join(argv)}\n{errors.read().decode(errors='replace')}")


def cached(name: str, key: object, make: Callable[[Path], None]) -> Path:
    """The file `name` for `key` (anything with a stable repr), made by `make(path)` once and then kept."""
    source = Path(__file__).read_bytes()
    digest = hashlib.sha256(source + repr((name, key)).encode()).hexdigest()[:16]
    final = FOOTAGE / digest / name
    if not final.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=final.parent))
        try:
            make(scratch / name)
            (scratch / name).replace(final)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return final


def slate(
    name: str = "slate.mp4",
    *,
    seconds: float = 4,
    rate: str = "25",
    size: tuple[int, int] = (320, 180),
    video: Sequence[str] | None = H264,
    audio: Sequence[str] | None = AAC,
    video_filter: str = "null",
    audio_filter: str = "anull",
    video_late: float = 0.0,
    audio_late: float = 0.0,
    output: Sequence[str] = (),
    sound: str = "clicks",
    flash_phase: float = 0.0,
    raw_rate: str | None = None,
) -> Path:
    """A clip with numbered frames and clicks, encoded as asked; the container follows from `name`.

    `video` / `audio`: encoder arguments, None for a file without. `video_late`, `audio_late`: seconds by which that
    stream starts after the other. `video_filter` may drop or re-time frames (then add `-fps_mode passthrough` to
    `output`). `sound`: "clicks", "speech" (clicks over speech-like noise) or "silence". `flash_phase`: scene time of
    frame 0, so that flashes fall on whole seconds of the scene.
    """
    key = dict(locals())

    def make(path: Path) -> None:
        inputs: list[object] = []
        maps: list[str] = []
        if video is not None:
            inputs += ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{size[0]}x{size[1]}", "-color_range", "tv"]
            inputs += ["-framerate", raw_rate or rate, "-itsoffset", video_late, "-i", "pipe:0"]
            maps += ["-map", "0:v", "-vf", f"scale=in_range=tv:out_range=tv,format=yuv420p,{video_filter}", *video]
        if audio is not None:
            wav = path.with_suffix(".source.wav")
            write_wav(wav, _sound(sound, seconds))
            inputs += ["-itsoffset", audio_late, "-i", wav]
            maps += ["-map", f"{1 if video is not None else 0}:a", "-af", audio_filter, *audio]
        frames = _frames(seconds, Fraction(raw_rate or rate), size, flash_phase) if video is not None else None
        run_ffmpeg(*inputs, *maps, *output, path, stdin=frames)

    return cached(name, sorted(key.items()), make)


def _sound(kind: str, seconds: float) -> NDArray[np.float32]:
    if kind == "silence":
        return np.zeros(round(seconds * RATE), np.float32)
    base = clicks(seconds)
    return base + 0.4 * speech_like(seconds) if kind == "speech" else base


def _frames(seconds: float, rate: Fraction, size: tuple[int, int], flash_phase: float) -> Iterator[bytes]:
    for number in range(round(seconds * rate)):
        now = number / rate + Fraction(flash_phase).limit_denominator(10**6)
        flash = int(now) != int(now - 1 / rate) or now == 0
        yield draw_frame(number % (1 << CODE_BITS), size, flash=flash).tobytes()


def remux(source: Path, name: str, *args: str, before: Sequence[str] = ()) -> Path:
    """`source` with its packets copied into another container: `args` as output options, `before` as input options."""
    key = (str(source), name, args, before)
    return cached(name, key, lambda path: run_ffmpeg(*before, "-i", source, "-map", "0", "-c", "copy", *args, path))


@dataclass(frozen=True, slots=True)
class Shoot:
    """Three cameras at one event. `offsets_ms`: when each camera's time zero happened, on camera A's clock."""

    paths: dict[str, Path]
    offsets_ms: dict[str, float]
    seconds: float = 0.0
    rates: dict[str, str] = field(default_factory=dict)


def three_cameras(*, seconds: float = 12, starts: dict[str, float] | None = None, seed: int = 1) -> Shoot:
    """A, B and C record the same speech-like sound and the same flashes (each whole second of the event).

    `starts`: when each began to record, in seconds of the event, whole samples at 48 kHz. They differ in rate, size,
    codec, container, level and noise.
    """
    starts = starts or {"A": 2.0, "B": 5.237, "C": 0.613}
    kinds: dict[str, tuple[str, str, tuple[int, int], Sequence[str], Sequence[str], float]] = {
        "A": ("camera-A.mp4", "30", (320, 180), H264, AAC, 1.0),
        "B": ("camera-B.mov", "30000/1001", (480, 270), H264, PCM, 0.4),
        "C": ("camera-C.mkv", "25", (320, 240), H264, ("-c:a", "libopus", "-b:a", "64k"), 0.7),
    }
    event = speech_like(seconds + max(starts.values()) + 1, seed)
    event += clicks(len(event) / RATE)
    paths = {}
    for label, (name, rate, size, video, audio, gain) in kinds.items():
        start = starts[label]

        def make(
            path: Path,
            label: str = label,
            rate: str = rate,
            size: tuple[int, int] = size,
            codecs: tuple[str, ...] = (*video, *audio),
            gain: float = gain,
            start: float = start,
        ) -> None:
            first = round(start * RATE)
            heard = gain * event[first : first + round(seconds * RATE)]
            noise = np.random.default_rng([seed, ord(label)]).standard_normal(len(heard)).astype(np.float32)
            wav = write_wav(path.with_suffix(".source.wav"), heard + 0.002 * noise)
            raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{size[0]}x{size[1]}", "-color_range", "tv"]
            raw += ["-framerate", rate, "-i", "pipe:0", "-i", str(wav)]
            chain = "scale=in_range=tv:out_range=tv,format=yuv420p"
            frames = _frames(seconds, Fraction(rate), size, start)
            run_ffmpeg(*raw, "-map", "0:v", "-map", "1:a", "-vf", chain, *codecs, path, stdin=frames)

        paths[label] = cached(name, (seconds, sorted(starts.items()), seed, label), make)
    # Matroska keeps Opus' pre-skip as a start 7 ms before the picture: time zero is the container's, not the picture's.
    zero = {label: starts[label] + float(probe(path)["format"]["start_time"]) for label, path in paths.items()}
    offsets = {label: round((zero[label] - zero["A"]) * 1000, 4) for label in starts}
    return Shoot(paths, offsets, seconds, {label: kind[1] for label, kind in kinds.items()})


# --- reading back ---------------------------------------------------------------------------------------------------


def probe(path: Path, *entries: str) -> dict:
    """ffprobe's JSON; by default format and streams."""
    argv = ["ffprobe", "-v", "error", "-of", "json", *(entries or ("-show_format", "-show_streams")), str(path)]
    answer: dict = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
    return answer


def decode_pictures(path: Path, *, stream: str = "v:0") -> Iterator[NDArray[np.uint8]]:
    """Every decoded frame as grey levels (h, w), as it is stored: nothing repeated, nothing dropped."""
    info = probe(path, "-select_streams", stream, "-show_entries", "stream=width,height:stream_side_data=rotation")
    width, height = info["streams"][0]["width"], info["streams"][0]["height"]
    sides = info["streams"][0].get("side_data_list", [])
    if any(abs(int(side.get("rotation", 0))) % 180 == 90 for side in sides):
        width, height = height, width
    argv = ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{stream}", "-fps_mode", "passthrough"]
    argv += ["-f", "rawvideo", "-pix_fmt", "gray", "-"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout
        while len(data := child.stdout.read(width * height)) == width * height:
            yield np.frombuffer(data, np.uint8).reshape(height, width)


def frame_codes(path: Path) -> list[int | None]:
    """The number in each frame of a file, in order."""
    return [read_frame_code(picture) for picture in decode_pictures(path)]


def read_back(path: Path, size: tuple[int, int]) -> tuple[list[int | None], NDArray[np.float32]]:
    """The numbers in the frames of a film of this size, and the first channel of its sound at RATE: all of it in one decode."""
    sound, (width, height) = path.with_suffix(".f32"), size
    argv = ["ffmpeg", "-v", "error", "-y", "-i", str(path)]
    argv += ["-map", "0:a", "-af", "pan=mono|c0=c0", "-ar", str(RATE), "-f", "f32le", str(sound)]
    argv += ["-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    data = np.frombuffer(subprocess.run(argv, check=True, capture_output=True).stdout, np.uint8)
    codes = [read_frame_code(picture) for picture in data.reshape(-1, height, width)]
    return codes, np.fromfile(sound, np.float32)


def frame_times(path: Path, *, stream: str = "v:0") -> list[float]:
    """When each frame of a file is shown, in seconds after the container's time zero, in order."""
    info = probe(path, "-select_streams", stream, "-show_entries", "format=start_time:frame=best_effort_timestamp_time")
    start = float(info["format"].get("start_time", 0))
    return [float(frame["best_effort_timestamp_time"]) - start for frame in info["frames"]]


def decode_sound(path: Path, *, rate: int = RATE, stream: str = "a:0") -> tuple[NDArray[np.float32], int]:
    """The first channel of a file's sound as ffmpeg gives it without options of time, and its rate."""
    argv = ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{stream}", "-af", "pan=mono|c0=c0"]
    argv += ["-ar", str(rate), "-f", "f32le", "-"]
    data = subprocess.run(argv, check=True, capture_output=True).stdout
    return np.frombuffer(data, np.float32), rate


def first_sample_time(path: Path, *, stream: str = "a:0") -> float:
    """Seconds after the container's time zero at which the first decoded sample is heard."""
    info = probe(
        path,
        *("-select_streams", stream, "-read_intervals", "%+1"),
        *("-show_entries", "format=start_time:frame=best_effort_timestamp_time"),
    )
    return float(info["frames"][0]["best_effort_timestamp_time"]) - float(info["format"].get("start_time", 0))
