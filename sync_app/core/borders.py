"""When exactly does one line end and the next begin: the moment at which the sound changes from one lag to the other."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core import refine
from sync_app.core.correlate import peaks
from sync_app.core.coverage import Pair
from sync_app.core.features import RATE
from sync_app.core.refine import Line

_BAND_HZ = (150.0, 3700.0)
_STEP = RATE // 100
#: Windows at a border's end in which the strongest arrivals are looked for, how far off and apart, how many, and from which
#: standard score on.
_NEAR_S, _ECHO_S, _APART, _ARRIVALS, _HEARD = 4.0, 0.03, RATE // 1000, 4, 4.0


def switch_time(pair: Pair, before: Line, after: Line, low: float, high: float) -> float | None:
    """The time between `low` and `high` (on the second track's clock) at which the lines change.

    Both lines' whitened products with the second track are added up from the start and from the end: where the first
    has gained most and the second has still all to gain. None where the two say nothing, or one of them all the way.
    """
    span = high - low
    if span <= 0.1:
        return None
    margin = 1.0
    start, count = round((low - margin) * RATE), round((span + 2 * margin) * RATE)
    mine = _whitened(refine.cut(pair.second.samples, start, count))
    ends = (_arrivals(pair, before, low - margin, -1.0), _arrivals(pair, after, high + margin, 1.0))
    gains = [_gain(pair, lines, mine, start) for lines in ends]
    difference = (gains[0] - gains[1])[round(margin * RATE) : count - round(margin * RATE)]
    steps = difference[: difference.size // _STEP * _STEP].reshape(-1, _STEP).sum(axis=1, dtype=np.float64)
    total = np.concatenate([[0.0], np.cumsum(steps)])
    best = int(np.argmax(total))
    return low + best * _STEP / RATE if 0 < best < total.size - 1 else None


def _gain(
    pair: Pair, lines: list[tuple[Line, np.float32]], mine: NDArray[np.float32], start: int
) -> NDArray[np.float32]:
    """How much the second track's sound is the first's, sample by sample, along all arrivals together."""
    found: NDArray[np.float32] = mine * sum(
        share * _whitened(_heard(pair, line, start, mine.size)) for line, share in lines
    )
    return found


def _arrivals(pair: Pair, line: Line, end_s: float, way: float) -> list[tuple[Line, np.float32]]:
    """The lines through the strongest arrivals at the near end of where a line holds, each with its share: the direct sound,
    on which it was placed, may correlate less than echoes of it do."""
    times = end_s + way * np.array([0.0, 0.5, 1.0]) * _NEAR_S
    windows = refine.compare(pair.first.samples, pair.second.samples, line, times, _NEAR_S)
    reach, middle = round(_ECHO_S * RATE), windows.radius
    sums = windows.curves.sum(axis=0)[middle - reach : middle + reach + 1] / np.float32(np.sqrt(times.size))
    found = [index for index in peaks(np.abs(sums), _ARRIVALS, _APART) if abs(sums[index]) >= _HEARD]
    lines = [(Line(line.offset_s + (index - reach) / RATE, line.ppm), sums[index]) for index in found]
    return lines or [(line, np.float32(1.0))]


def _heard(pair: Pair, line: Line, start: int, count: int) -> NDArray[np.float32]:
    """What the first track has where the line puts `count` samples of the second from `start`."""
    middle = (start + count / 2) / RATE
    at = round(float(line.at(middle)) * RATE - count / 2)
    return refine.stretched(pair.first.samples, at, count, -line.ppm)


def _whitened(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """A sound with the magnitudes of its spectrum made equal, in the band, and its level evened out over 0.2 s."""
    size = fft.next_fast_len(samples.size, real=True)
    spectrum = fft.rfft(samples, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    magnitude = np.abs(spectrum)
    smooth = np.convolve(magnitude, np.ones(65) / 65, mode="same") + 1e-6 * float(magnitude.max()) + 1e-9
    band = (hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1])
    wave: NDArray[np.float32] = fft.irfft(np.where(band, spectrum / smooth, 0), size)[: samples.size].astype(np.float32)
    power = np.convolve(np.square(wave), np.ones(RATE // 5) / (RATE // 5), mode="same")
    return (wave / np.sqrt(power + 0.05 * float(power.mean()) + 1e-12)).astype(np.float32)
