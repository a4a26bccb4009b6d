"""Integrated loudness after ITU-R BS.1770-4, of samples at 48 kHz as they come: K-weighting, blocks of 400 ms, two gates."""

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

RATE = 48_000
_HOP = RATE // 10
#: The recommendation's coefficients at 48 kHz: the head's shelf, then the low cut.
_SECTIONS = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
_ABSOLUTE, _RELATIVE_LU = -70.0, 10.0


class LoudnessMeter:
    """Feed it blocks of shape (n, channels), then ask for `integrated`."""

    def __init__(self, channels: int) -> None:
        self._state = np.zeros((2, 2, channels))
        self._waiting = np.zeros((0, channels))
        self._powers: list[NDArray[np.float64]] = []

    def feed(self, block: NDArray[np.float32]) -> None:
        """The next frames."""
        weighted, self._state = scipy.signal.sosfilt(_SECTIONS, block.astype(np.float64), axis=0, zi=self._state)
        sound = np.concatenate([self._waiting, weighted])
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
        blocks = blocks[blocks > _power(_ABSOLUTE)]
        if not len(blocks):
            return None
        blocks = blocks[blocks > blocks.mean() * 10 ** (-_RELATIVE_LU / 10)]
        return float(-0.691 + 10 * np.log10(blocks.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
