"""Loudness of 16 kHz sound by the filter and the channel sum of ITU-R BS.1770-5, without its gates: window by window.

The K filter is designed for this rate from the standard's analog prototype (a shelf of 4 dB above 1.5 kHz, a high-pass at 38 Hz).
What lies above 8 kHz is not in the sound, so a recording full of hiss measures a little lower than at 48 kHz.
"""

import math

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from media_app.core.sound.speech import FRAME, RATE, frame_levels

#: Below this there is no loudness, LUFS.
SILENT = -70.0


class Meter:
    """Feed it sound in blocks of any length; `powers` are those of each whole 10 ms after the K filter, `levels` before it."""

    def __init__(self) -> None:
        self._filters = _k_filter()
        self._state = np.zeros((len(self._filters), 2))
        self._rest = np.zeros(0, np.float32)
        self._powers: list[NDArray[np.float64]] = []
        self._levels: list[NDArray[np.float32]] = []

    def feed(self, sound: NDArray[np.float32]) -> None:
        """The next samples, shape (n,)."""
        sound = np.concatenate([self._rest, sound])
        whole = len(sound) // FRAME * FRAME
        self._rest = sound[whole:]
        if not whole:
            return
        weighted, self._state = scipy.signal.sosfilt(self._filters, sound[:whole].astype(np.float64), zi=self._state)
        self._powers.append(_powers(weighted))
        self._levels.append(frame_levels(sound[:whole]))

    @property
    def powers(self) -> NDArray[np.float64]:
        return np.concatenate([np.zeros(0), *self._powers])

    @property
    def levels(self) -> NDArray[np.float32]:
        """dBFS of each 10 ms."""
        return np.concatenate([np.zeros(0, np.float32), *self._levels])


def lufs(powers: NDArray[np.float64]) -> float | None:
    """Loudness of the frames with these powers, None for silence."""
    if not len(powers):
        return None
    value = -0.691 + 10 * math.log10(max(float(powers.mean()), 1e-12))
    return round(value, 1) if value > SILENT else None


def windows(powers: NDArray[np.float64], window_ms: int) -> list[float | None]:
    """Loudness of each window, the last one maybe shorter."""
    frames = max(1, window_ms // 10)
    return [lufs(powers[start : start + frames]) for start in range(0, len(powers), frames)]


def _powers(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    power: NDArray[np.float64] = np.mean(sound.reshape(-1, FRAME) ** 2, axis=1)
    return power


def _k_filter() -> NDArray[np.float64]:
    return np.array([_shelf(1681.974, 0.7071752, 3.999844), _high_pass(38.13547, 0.5003270)])


def _shelf(hertz: float, quality: float, gain_db: float) -> list[float]:
    warped, high = math.tan(math.pi * hertz / RATE), 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + warped / quality + warped**2
    numerator = [high + band * warped / quality + warped**2, 2 * (warped**2 - high)]
    numerator.append(high - band * warped / quality + warped**2)
    return [*(value / norm for value in numerator), 1.0, *_poles(warped, quality, norm)]


def _high_pass(hertz: float, quality: float) -> list[float]:
    warped = math.tan(math.pi * hertz / RATE)
    norm = 1 + warped / quality + warped**2
    return [1.0, -2.0, 1.0, 1.0, *_poles(warped, quality, norm)]


def _poles(warped: float, quality: float, norm: float) -> tuple[float, float]:
    return 2 * (warped**2 - 1) / norm, (1 - warped / quality + warped**2) / norm
