"""How loud a track is, moment by moment."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 3.0
_RATE = 8000
_STEP = _RATE // 10
_FULL_SCALE = 32768.0


@dataclass(frozen=True, slots=True)
class Levels:
    """A track's level in dBFS, ten values a second; `loudness` what four fifths of the three seconds around stay under, and
    `floor` what its quietest twentieth stays under."""

    decibels: NDArray[np.float32]
    loudness: NDArray[np.float32]
    floor: float

    def around(self, times: Any) -> NDArray[np.float64]:
        """The level that four fifths of the three seconds around each time stay under; −120 where the track does not run."""
        index = np.rint(np.asarray(times) * 10).astype(np.int64)
        inside = (index >= 0) & (index < self.loudness.size)
        if not self.loudness.size:
            return np.full(index.shape, -120.0)
        found: NDArray[np.float64] = np.where(inside, self.loudness.take(index, mode="clip"), -120.0)
        return found


def levels_of(samples: NDArray[np.int16]) -> Levels:
    """Measure 8 kHz samples, shape (n,)."""
    frames = samples[: samples.size // _STEP * _STEP].reshape(-1, _STEP)
    power = [np.mean(np.square(frames[at : at + 1000], dtype=np.float32), axis=1) for at in range(0, len(frames), 1000)]
    joined = np.concatenate(power) if power else np.zeros(0, np.float32)
    decibels = (10 * np.log10(joined / _FULL_SCALE**2 + 1e-12)).astype(np.float32)
    return Levels(decibels, _loudness(decibels), float(np.quantile(decibels, 0.05)) if decibels.size else -120.0)


def _loudness(decibels: NDArray[np.float32]) -> NDArray[np.float32]:
    """What four fifths of the three seconds around each level stay under, the sound mirrored at its ends."""
    size = round(WINDOW_S * 10)
    if not decibels.size:
        return decibels
    rows = np.lib.stride_tricks.sliding_window_view(np.pad(decibels, (size // 2, (size - 1) // 2), "symmetric"), size)
    rank = size * 4 // 5
    return np.concatenate(
        [np.partition(rows[at : at + _STEP], rank, axis=1)[:, rank] for at in range(0, len(rows), _STEP)]
    )
