"""Which of several echoes is the direct sound: correlation of onsets, as the ear does it.

In a hall a reflection may correlate better than the direct sound, but it always comes later than it (the precedence
effect: Wallach, Newman and Rosenzweig, 1949). So each recording is split into bands, and in each band only what rises
above the decay of what went before is kept; the kept waveforms of two microphones match at the direct sound alone.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core.features import RATE

BANDS = 8
_LOW_HZ, _HIGH_HZ = 250.0, 3700.0
_SKIP = int(0.0018 * RATE)
_MASKING = 2.0
_MEMORY = int(0.2 * RATE)
_DECAY = 10 ** (-6 / (0.5 * RATE))
_SMOOTH = 8


def band_filters(size: int) -> NDArray[np.float32]:
    """Gaussian bands over the positive frequencies of a transform of `size`, shape (bands, size // 2 + 1)."""
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, BANDS + 1)
    centres, widths = np.sqrt(edges[:-1] * edges[1:]), np.diff(edges)
    return np.exp(-0.5 * np.square((hertz - centres[:, None]) / (widths[:, None] / 2))).astype(np.float32)


def onsets(samples: NDArray[np.float32], size: int, filters: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Spectra of the analytic bands of a sound, cut down to its onsets, shape (bands, size)."""
    spectrum = fft.rfft(samples, size)
    bands = np.zeros((len(filters), size), np.complex64)
    bands[:, : spectrum.size] = filters * spectrum
    waves = fft.ifft(bands, axis=1)[:, : samples.size]
    energy = np.square(waves.real) + np.square(waves.imag)
    total = np.cumsum(energy, axis=1, dtype=np.float64)
    level = energy.copy()
    level[:, _SMOOTH:] = (total[:, _SMOOTH:] - total[:, :-_SMOOTH]) / _SMOOTH
    past = np.zeros_like(level)
    past[:, _SKIP:] = _decaying_maximum(level)[:, :-_SKIP]
    rise = np.maximum(0, 1 - np.float32(_MASKING) * past / (level + 1e-9))
    kept = waves * (rise / np.sqrt(level + 1e-3))
    spectra: NDArray[np.complex64] = fft.fft(kept.astype(np.complex64), size, axis=1)
    return spectra


def _decaying_maximum(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """The greatest of all earlier levels, each less what a room's decay (60 dB in half a second) takes from it."""
    out = level.copy()
    step = 1
    while step < _MEMORY:
        out[:, step:] = np.maximum(out[:, step:], out[:, :-step] * np.float32(_DECAY**step))
        step *= 2
    return out


def onset_curve(later: NDArray[np.complex64], earlier: NDArray[np.complex64], lags: int) -> NDArray[np.float32]:
    """Correlation of two sounds' onsets over `lags` lags from 0, bands added up, at a root mean square of 1.

    Negative where polarity differs; all 0 where there are no onsets.
    """
    product = np.sum(later * np.conj(earlier), axis=0)
    wave: NDArray[np.float32] = fft.ifft(product)[:lags].real.astype(np.float32)
    level = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))
    return wave / np.float32(level) if level > 0 else wave
