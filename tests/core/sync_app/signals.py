"""Made-up sound for the sync engine's tests: seeded, short, and nothing like silence."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sync_app.core.values import ArrayTrack

RATE = 16_000
Signal = NDArray[np.float32]


def chatter(seed: int, seconds: float, rate: int = RATE) -> Signal:
    """Bursts of coloured noise with pauses, as talk has them; no two stretches are alike."""
    rng = np.random.default_rng(seed)
    out = np.zeros(int(seconds * rate), np.float32)
    at = 0
    while at < out.size:
        length = int(rng.uniform(0.06, 0.3) * rate)
        low = rng.uniform(200, 1500)
        band = signal.butter(2, [low, min(low * rng.uniform(1.5, 3), rate * 0.45)], "bandpass", fs=rate, output="sos")
        burst = signal.sosfilt(band, rng.standard_normal(length)) * np.hanning(length) * rng.uniform(0.3, 1)
        room = min(length, out.size - at)
        out[at : at + room] += burst[:room].astype(np.float32)
        at += int(length * rng.uniform(0.5, 1.2)) + int(rng.exponential(0.1) * rate)
    return out * np.float32(0.1 / np.sqrt(np.mean(np.square(out))))


def noise(seed: int, seconds: float, level: float = 0.1, rate: int = RATE) -> Signal:
    """White noise."""
    return (level * np.random.default_rng(seed).standard_normal(int(seconds * rate))).astype(np.float32)


def filmed(sound: Signal, start_s: float, end_s: float, seed: int, snr_db: float = 30.0, ppm: float = 0.0) -> Signal:
    """What a camera with a clock `ppm` slow writes from `start_s` to `end_s` of a sound, with noise of its own."""
    count = int((end_s - start_s) * RATE / (1 + ppm * 1e-6))
    world = start_s * RATE + np.arange(count) * (1 + ppm * 1e-6)
    heard = np.interp(world, np.arange(sound.size), sound, left=0, right=0)
    return (heard + noise(seed, count / RATE + 1, 0.1 * 10 ** (-snr_db / 20))[:count]).astype(np.float32)


def track(label: str, samples: Signal, rate: int = RATE) -> ArrayTrack:
    """Samples as a track."""
    return ArrayTrack(label, samples.astype(np.float32), rate)


def at_rate(samples: Signal, rate: int) -> Signal:
    """The same sound at another rate."""
    divisor = int(np.gcd(rate, RATE))
    return signal.resample_poly(samples, rate // divisor, RATE // divisor).astype(np.float32)
