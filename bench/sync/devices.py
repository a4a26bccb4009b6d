"""Made-up cameras: their clocks, noise, gain and codecs, done to the sound that they hear."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy import signal

from bench.sync import sources
from bench.sync.sources import RATE, Signal


def recorded(heard: Signal, start: float, end: float, ppm: float, drop: tuple[float, float] | None = None) -> Signal:
    """What a camera writes that runs from `start` to `end` with a clock `ppm` slow of the world's: cubic interpolation."""
    count = int((end - start) / (1 + ppm * 1e-6) * RATE)
    if drop is None and ppm == 0.0:
        first = round(start * RATE)
        return span(heard, first, count)
    out = np.empty(count, np.float32)
    for at in range(0, count, 1 << 20):
        index = np.arange(at, min(at + (1 << 20), count), dtype=np.float64)
        world = start * RATE + index * (1 + ppm * 1e-6)
        if drop is not None:
            world += (index >= drop[0] * RATE) * drop[1] * RATE
        out[at : at + index.size] = interpolated(heard, world)
    return out


def interpolated(heard: Signal, at: np.ndarray) -> Signal:
    """`heard` at fractional sample positions, cubic; zero outside."""
    whole = np.floor(at).astype(np.int64)
    t = (at - whole).astype(np.float32)
    y0, y1, y2, y3 = (_take(heard, whole + k) for k in (-1, 0, 1, 2))
    c1 = 0.5 * (y2 - y0)
    c2 = y0 - 2.5 * y1 + 2 * y2 - 0.5 * y3
    c3 = 0.5 * (y3 - y0) + 1.5 * (y1 - y2)
    return ((c3 * t + c2) * t + c1) * t + y1


def span(heard: Signal, first: int, count: int) -> Signal:
    out = np.zeros(count, np.float32)
    low, high = max(first, 0), min(first + count, heard.size)
    if high > low:
        out[low - first : high - first] = heard[low:high]
    return out


def _take(heard: Signal, index: np.ndarray) -> Signal:
    if index.size and index.min() >= 0 and index.max() < heard.size:
        return heard[index]
    inside = (index >= 0) & (index < heard.size)
    return np.where(inside, heard[np.clip(index, 0, heard.size - 1)], 0).astype(np.float32)


def add_noise(rng: np.random.Generator, heard: Signal, snr: float, kind: str) -> Signal:
    """Noise of the camera's own, `snr` dB under the sound it hears."""
    n = heard.size
    if kind == "babble":
        noise = sum(sources.speech(rng, n / RATE + 1)[:n] for _ in range(3))
    elif kind == "hum":
        noise = sources.hum(n / RATE + 0.1)[:n] + 0.1 * sources.coloured(rng, n, 1.0)
    else:
        noise = sources.coloured(rng, n, {"white": 0.0, "pink": 1.0, "brown": 2.0}[kind])
    level = np.sqrt(np.mean(heard.astype(np.float64) ** 2)) / np.sqrt(np.mean(np.asarray(noise, np.float64) ** 2))
    return (heard + noise * (level * 10 ** (-snr / 20))).astype(np.float32)


def agc(heard: Signal) -> Signal:
    """An automatic gain control that pumps: 50 ms attack, 1.5 s release."""
    step = RATE // 100
    frames = heard[: heard.size // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(frames**2, axis=1)) + 1e-5
    held = np.empty_like(level)
    now = level[0]
    for i, value in enumerate(level):
        now += (value - now) * (0.2 if value > now else 0.0066)
        held[i] = now
    gain = np.interp(np.arange(heard.size), (np.arange(held.size) + 0.5) * step, np.minimum(0.12 / held, 30))
    return (heard * gain).astype(np.float32)


def phone(heard: Signal) -> Signal:
    """300 to 3400 Hz."""
    band = signal.butter(4, [300, 3400], "bandpass", fs=RATE, output="sos")
    return signal.sosfiltfilt(band, heard).astype(np.float32)


def coded(heard: Signal, codec: str, bitrate: str) -> Signal:
    """Through a lossy codec and back, on the same clock."""
    names = {"aac": ("aac", "m4a"), "mp3": ("libmp3lame", "mp3"), "opus": ("libopus", "mkv")}
    encoder, extension = names[codec]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / f"sound.{extension}"
        raw = ["-f", "f32le", "-ar", str(RATE), "-ac", "1"]
        base = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        subprocess.run([*base[:1], "-v", "error", "-y", *raw, "-i", "-", "-c:a", encoder, "-b:a", bitrate, str(kept)],
                       input=heard.tobytes(), check=True)  # fmt: skip
        back = subprocess.run([*base, "-i", str(kept), *raw, "-"], capture_output=True, check=True).stdout
    return span(np.frombuffer(back, np.float32), 0, heard.size)


def affected(rng: np.random.Generator, heard: Signal, effects: tuple[str, ...]) -> Signal:
    """One camera's chain, then 16-bit samples."""
    for effect in effects:
        name, _, value = effect.partition(":")
        if name == "gain":
            heard = heard * np.float32(10 ** (float(value) / 20))
        elif name == "agc":
            heard = agc(heard)
        elif name == "clip":
            heard = np.clip(heard * np.float32(10 ** (float(value) / 20)), -0.7, 0.7)
        elif name == "phone":
            heard = phone(heard)
        elif name == "invert":
            heard = -heard
        else:
            heard = coded(heard, name, value)
    return (np.round(np.clip(heard, -1, 1) * 32767) / 32768).astype(np.float32)
