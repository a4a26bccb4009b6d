"""Loudness of 16 kHz sound by the filter and the channel sum of ITU-R BS.1770-5, without its gates: window by window."""

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from media_app.core.sound.k_weighting import KFilter, lufs_of
from media_app.core.sound.speech import FRAME, RATE, frame_levels

#: Below this there is no loudness, LUFS.
SILENT = -70.0
#: The vowels of all voices have their first resonance under this, Hz.
VOWELS_HZ = 1200


class Meter:
    """Feed it sound in blocks of any length; `powers` are those of each whole 10 ms after the K filter, `levels` before it, and
    `lows` those of what lies where vowels do."""

    def __init__(self) -> None:
        self._filter = KFilter(RATE)
        self._low = scipy.signal.butter(4, VOWELS_HZ, fs=RATE, output="sos")
        self._low_state = np.zeros((len(self._low), 2))
        self._lows: list[NDArray[np.float64]] = []
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
        self._powers.append(_powers(self._filter.feed(sound[:whole])))
        self._levels.append(frame_levels(sound[:whole]))
        low, self._low_state = scipy.signal.sosfilt(self._low, sound[:whole].astype(np.float64), zi=self._low_state)
        self._lows.append(_powers(low))

    @property
    def powers(self) -> NDArray[np.float64]:
        return np.concatenate([np.zeros(0), *self._powers])

    @property
    def lows(self) -> NDArray[np.float64]:
        return np.concatenate([np.zeros(0), *self._lows])

    @property
    def levels(self) -> NDArray[np.float32]:
        """dBFS of each 10 ms."""
        return np.concatenate([np.zeros(0, np.float32), *self._levels])


def lufs(powers: NDArray[np.float64]) -> float | None:
    """Loudness of the frames with these powers, None for silence."""
    if not len(powers):
        return None
    value = lufs_of(float(powers.mean()))
    return round(value, 1) if value > SILENT else None


def windows(powers: NDArray[np.float64], window_ms: int) -> list[float | None]:
    """Loudness of each window, the last one maybe shorter."""
    frames = max(1, window_ms // 10)
    return [lufs(powers[start : start + frames]) for start in range(0, len(powers), frames)]


def _powers(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    power: NDArray[np.float64] = np.mean(sound.reshape(-1, FRAME) ** 2, axis=1)
    return power
