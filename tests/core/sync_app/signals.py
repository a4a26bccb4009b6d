"""Made-up sound for the sync engine's tests: seeded, short, and nothing like silence.

Most of the suite's sound comes from here, so it is made without what costs time: no filter is designed by search, no
sound is interpolated that already lies on its samples, and what was made once is kept.
"""

import cmath
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sync_app.core.values import ArrayTrack

RATE = 16_000
Signal = NDArray[np.float32]


def chatter(seed: int, seconds: float, rate: int = RATE) -> Signal:
    """Bursts of coloured noise with pauses, as talk has them; no two stretches are alike."""
    return _chatter(seed, seconds, rate).copy()


@lru_cache(maxsize=32)
def _chatter(seed: int, seconds: float, rate: int) -> Signal:
    rng = np.random.default_rng(seed)
    out = np.zeros(int(seconds * rate), np.float32)
    at = 0
    while at < out.size:
        length = int(rng.uniform(0.06, 0.3) * rate)
        low = rng.uniform(200, 1500)
        band = bandpass(low, min(low * rng.uniform(1.5, 3), rate * 0.45), rate)
        burst = signal.sosfilt(band, rng.standard_normal(length)) * np.hanning(length) * rng.uniform(0.3, 1)
        room = min(length, out.size - at)
        out[at : at + room] += burst[:room].astype(np.float32)
        at += int(length * rng.uniform(0.5, 1.2)) + int(rng.exponential(0.1) * rate)
    return out * np.float32(0.1 / np.sqrt(np.mean(np.square(out))))


def bandpass(low: float, high: float, rate: int) -> NDArray[np.float64]:
    """The second-order Butterworth band-pass of `scipy.signal.butter`, from its formula: thirty times as fast."""
    first, last = (2 * rate * math.tan(math.pi * hertz / rate) for hertz in (low, high))
    width = last - first
    half = cmath.exp(0.75j * math.pi) * width / 2
    root = cmath.sqrt(half * half - first * last)
    poles = [(2 * rate + pole) / (2 * rate - pole) for pole in (half + root, half - root)]
    gain = 2 * rate * width
    for pole in (half + root, half - root):
        gain /= abs(2 * rate - pole)
    return np.array([[gain, 0, -gain, 1, -2 * pole.real, abs(pole) ** 2] for pole in poles])


@lru_cache(maxsize=16)
def _white(seed: int, count: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(count)


def noise(seed: int, seconds: float, level: float = 0.1, rate: int = RATE) -> Signal:
    """White noise."""
    return (level * _white(seed, int(seconds * rate))).astype(np.float32)


def filmed(sound: Signal, start_s: float, end_s: float, seed: int, snr_db: float = 30.0, ppm: float = 0.0) -> Signal:
    """What a camera with a clock `ppm` slow writes from `start_s` to `end_s` of a sound, with noise of its own."""
    count = int((end_s - start_s) * RATE / (1 + ppm * 1e-6))
    heard = _heard(sound, start_s * RATE, count, 1 + ppm * 1e-6)
    heard += noise(seed, count / RATE + 1, 0.1 * 10 ** (-snr_db / 20))[:count]
    return heard


def _heard(sound: Signal, start: float, count: int, step: float) -> Signal:
    """`count` samples, read between the sound's own ones on straight lines; nothing is heard outside of it."""
    if step != 1:
        places = start + np.arange(count) * step
        return np.interp(places, np.arange(sound.size), sound, left=0, right=0).astype(np.float32)
    first, share = int(start // 1), np.float32(start % 1)
    here, after = (_padded(sound, at, count) for at in (first, first + 1))
    return here + share * (after - here) if share else here


def _padded(sound: Signal, start: int, count: int) -> Signal:
    out = np.zeros(count, np.float32)
    low, high = max(start, 0), min(start + count, sound.size)
    if high > low:
        out[low - start : high - start] = sound[low:high]
    return out


def track(label: str, samples: Signal, rate: int = RATE) -> ArrayTrack:
    """Samples as a track."""
    return ArrayTrack(label, samples.astype(np.float32), rate)


def at_rate(samples: Signal, rate: int) -> Signal:
    """The same sound at another rate."""
    divisor = int(np.gcd(rate, RATE))
    return signal.resample_poly(samples, rate // divisor, RATE // divisor).astype(np.float32)
