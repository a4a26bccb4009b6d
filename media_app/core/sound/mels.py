"""Slaney's mel scale (Auditory Toolbox, 1998): linear to 1 kHz with 200/3 Hz a mel, then 27 mels for each factor of 6.4."""

import numpy as np
from numpy.typing import NDArray

MELS = 128


def mel_filters(rate: int, size: int, mels: int = MELS, played: float = 1.0) -> NDArray[np.float64]:
    """Triangular filters of equal area, shape (mels, size // 2 + 1), from 0 Hz to half the rate; with `played` as it sounds
    when each second takes so many."""
    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(rate / 2), mels + 2))
    hertz = np.fft.rfftfreq(size, 1 / rate) / played
    widths = np.diff(edges)
    ramps = edges[:, None] - hertz[None, :]
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    filters: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * area[:, None]
    return filters


def _hz_to_mel(hertz: float) -> float:
    return hertz * 3 / 200 if hertz < 1000 else 15 + np.log(hertz / 1000) * 27 / np.log(6.4)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))
