"""Integrated loudness after ITU-R BS.1770-4, of samples at 48 kHz as they come: K-weighting, blocks of 400 ms, two gates."""

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound.k_weighting import KFilter, lufs_of, power_of

RATE = 48_000
_HOP = RATE // 10
_ABSOLUTE, _RELATIVE_LU = -70.0, 10.0


class LoudnessMeter:
    """Feed it blocks of shape (n, channels), then ask for `integrated`."""

    def __init__(self, channels: int) -> None:
        self._filter = KFilter(RATE, channels)
        self._waiting = np.zeros((0, channels))
        self._powers: list[NDArray[np.float64]] = []

    def feed(self, block: NDArray[np.float32]) -> None:
        """The next frames."""
        sound = np.concatenate([self._waiting, self._filter.feed(block)])
        whole = len(sound) // _HOP * _HOP
        self._waiting = sound[whole:]
        self._powers.append(np.mean(sound[:whole].reshape(-1, _HOP, sound.shape[1]) ** 2, axis=1).sum(axis=1))

    @property
    def integrated(self) -> float | None:
        """LUFS; None in silence, and for less than 400 ms."""
        hops = np.concatenate([np.zeros(0), *self._powers])
        if len(hops) < 4:
            return None
        blocks = np.convolve(hops, np.full(4, 0.25), mode="valid")
        blocks = blocks[blocks > power_of(_ABSOLUTE)]
        if not len(blocks):
            return None
        blocks = blocks[blocks > blocks.mean() * 10 ** (-_RELATIVE_LU / 10)]
        return lufs_of(float(blocks.mean()))
