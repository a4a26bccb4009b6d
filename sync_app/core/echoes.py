"""Is the strongest arrival a late one: a loudspeaker far down the hall that one camera hears louder than the stage.

A track with such an echo resembles itself that much later; the other track does not, or it is in the sound itself. Of a
signal and its echo the whitened cross-correlation shows two arrivals of one sign, and where it is taken from the stronger
one, its mirror image on the other side is of the opposite sign (the phase of 1 + a·z, a series in a or in 1/a). So the
sign tells on which side of the strongest arrival the other one truly is, whichever is louder.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core import refine
from sync_app.core.features import RATE
from sync_app.core.refine import Fit, Line, Windows

#: Echoes that are looked for, in seconds; how many windows; the mean standard score of an echo in one of them.
_LEAST_S, _MOST_S, _WINDOWS, _HEARD = 0.03, 0.4, 8, 8.0
#: How far a track has to resemble itself more than the other one does, and the share of the strongest arrival.
_ONE_ALONE, _SHARE = 2.5, 0.3
_AT_S = 0.0006
_SMOOTH, _MOST_POWER = 64, 6.0
_BAND_HZ = (100.0, 3700.0)


def echo_s(first: NDArray[np.int16], second: NDArray[np.int16], windows: Windows, found: Fit) -> float:
    """How far the direct sound lies off its echo: more than 0 where the second track has it; 0 where neither has one."""
    times = _loudest(windows, found)
    own = _echoes(first, found.line.at(times), windows.length_s), _echoes(second, times, windows.length_s)
    for track, way in ((1, 1.0), (0, -1.0)):
        index = int(np.argmax(own[track]))
        other = float(own[1 - track][max(index - 2, 0) : index + 3].max())
        if own[track][index] >= max(_HEARD, _ONE_ALONE * other):
            return way * (_LEAST_S + index / RATE)
    return 0.0


def late_s(first: NDArray[np.int16], second: NDArray[np.int16], windows: Windows, found: Fit) -> float:
    """By how much the line is to be moved so that it goes through the direct sound; 0 where it does."""
    shift = echo_s(first, second, windows, found)
    if not shift:
        return 0.0
    times = _loudest(windows, found)
    here, there = (
        _arrival(first, second, moved, times, windows.length_s) for moved in (found.line, _moved(found.line, shift))
    )
    return shift if here * there > 0 and abs(there) > _SHARE * abs(here) else 0.0


def _loudest(windows: Windows, found: Fit) -> NDArray[np.float64]:
    """The times of the windows that agree best."""
    return windows.times[np.sort(np.argsort(-found.scores, kind="stable")[:_WINDOWS])]


def _moved(line: Line, shift_s: float) -> Line:
    return replace(line, offset_s=line.offset_s + shift_s)


def _arrival(
    first: NDArray[np.int16], second: NDArray[np.int16], line: Line, times: NDArray[np.float64], length_s: float
) -> float:
    """The whitened correlation on the line, with its sign."""
    near = refine.compare(first, second, line, times, length_s, 0.02)
    total = near.curves.sum(axis=0)
    reach = round(_AT_S * RATE)
    part = total[near.radius - reach : near.radius + reach + 1]
    return float(part[int(np.argmax(np.abs(part)))])


def _echoes(samples: NDArray[np.int16], times: NDArray[np.float64], length_s: float) -> NDArray[np.float64]:
    """How much windows resemble themselves `_LEAST_S` to `_MOST_S` later, in standard deviations, on average."""
    size = int(length_s * RATE)
    low, high = round(_LEAST_S * RATE), min(round(_MOST_S * RATE), size // 2)
    total = np.zeros(max(high - low, 1))
    for time in times:
        wave = refine.cut(samples, round(float(time) * RATE - size / 2), size) * refine.tapered(size)
        found = _resemblance(wave)[low:high]
        spread = float(found.std()) if found.size else 0.0
        if spread > 0:
            total += found / spread
    return total / max(times.size, 1)


def _resemblance(wave: NDArray[np.float32]) -> NDArray[np.float64]:
    """The autocorrelation of a sound whose spectrum is flat but for the comb that an echo leaves in it."""
    size = fft.next_fast_len(2 * wave.size, real=True)
    power = np.square(np.abs(fft.rfft(wave, size)).astype(np.float64))
    total = np.concatenate([[0.0], np.cumsum(power)])
    index = np.arange(power.size)
    low, high = np.maximum(index - _SMOOTH, 0), np.minimum(index + _SMOOTH + 1, power.size)
    around = (total[high] - total[low]) / (high - low)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    band = (hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1])
    comb = np.where(band, np.minimum(power / (around + 1e-9), _MOST_POWER), 0)
    comb[band] -= comb[band].mean()
    found: NDArray[np.float64] = fft.irfft(comb, size)[: wave.size]
    return found
