"""Sound that runs at another rate: what can have happened to it, and the track as it was before.

Pull-down slows by 0.1 % (24 to 23.976 pictures a second), PAL speeds 24 up to 25, and 44.1 kHz read as 48 kHz runs 8.8 %
fast. None of these is tried before the plain clock has found nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sync_app.core.features import RATE, read_padded
from sync_app.core.values import Altered, Samples

#: Master seconds for each second of the file, as a product of what happens to files; small ones first.
RATES: tuple[float, ...] = (
    1.001, 1 / 1.001, 1.0015, 1 / 1.0015, 1.0006, 1 / 1.0006, 25 / 24, 24 / 25, 25.025 / 24, 24 / 25.025,
    48 / 44.1, 44.1 / 48,
)  # fmt: skip
#: Beyond this a clock does not drift: something was done to the sound.
NAMED_PPM = 900.0


@dataclass(frozen=True, slots=True)
class Retimed(Altered):
    """A track as it sounds when each of its seconds takes `factor` seconds: cubic interpolation between its samples."""

    factor: float

    @property
    def frames(self) -> int:
        """Samples in all."""
        return int(self.track.frames * self.factor)

    def read(self, start: int, count: int) -> Samples:
        """Samples from `start`, as many as there are."""
        count = max(min(count, self.frames - start), 0)
        if count == 0:
            return np.zeros(0, np.float32)
        at = (start + np.arange(count)) / self.factor
        first = int(at[0]) - 1
        held = read_padded(self.track, first, int(at[-1]) - first + 4)
        return between(held, at - first)


def between(held: Samples, at: NDArray[np.float64]) -> Samples:
    """Samples at fractional places, each at least 1 and at most three before the end: Catmull and Rom's cubic."""
    whole = at.astype(np.int64)
    t = (at - whole).astype(np.float32)
    y0, y1, y2, y3 = (held.take(whole + k, mode="clip") for k in (-1, 0, 1, 2))
    bend = 0.5 * (y3 - y0) + 1.5 * (y1 - y2)
    wave: Samples = ((bend * t + (y0 - 2.5 * y1 + 2 * y2 - 0.5 * y3)) * t + 0.5 * (y2 - y0)) * t + y1
    return wave


def excerpt(samples: NDArray[np.int16], levels: NDArray[np.float32], seconds: float) -> NDArray[np.int16]:
    """The loudest run of 8 kHz samples that is no longer than `seconds`; `levels` in decibels, ten a second."""
    if samples.size <= seconds * RATE:
        return samples
    power = np.concatenate([[0.0], np.cumsum(10 ** (levels.astype(np.float64) / 10))])
    span = int(seconds * 10)
    first = int(np.argmax(power[span:] - power[:-span])) if power.size > span else 0
    return samples[first * RATE // 10 :][: int(seconds * RATE)]


def name(factor: float) -> str:
    """What most likely happened to sound whose seconds take `factor` seconds of the master's."""
    if abs(factor - 48 / 44.1) < 0.0005 or abs(factor - 44.1 / 48) < 0.0005:
        return "44.1 kHz and 48 kHz were taken for each other"
    if 0.0385 < abs(factor - 1) < 0.044:
        return "24 and 25 pictures a second, as PAL conversion leaves it"
    if 0.0008 < abs(factor - 1) < 0.0012:
        return "as between 24 and 23.976 pictures a second"
    return ""
