"""How exactly do two tracks agree along a candidate: generalised cross-correlation with phase transform, in windows.

Knapp and Carter, "The generalized correlation method for estimation of time delay" (1976): the cross-spectrum is
whitened, so that every frequency that both hear counts alike and the peak is sharp. Unrelated sound leaves white
noise, whose height is known, and this makes the test an honest one.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core.features import RATE

WINDOW_S = 4.0
RADIUS_S = 0.15
FAR_S = 0.06
MAX_WINDOWS = 32
#: A window's waves are on a line where their peak lies so near to it and has this standard score.
ON_LINE_S, ON_LINE = 0.003, 5.0
_BAND_HZ = (100.0, 3700.0)
_TRACK_SAMPLES = 2
_STRETCH_SAMPLES = 0.5
_SPARE = 32


@dataclass(frozen=True, slots=True)
class Line:
    """`t_first = t_second * (1 + ppm / 1e6) + offset_s`."""

    offset_s: float
    ppm: float

    def at(self, time_s: Any) -> Any:
        """The first track's clock when the second's shows `time_s`."""
        return time_s * (1 + self.ppm * 1e-6) + self.offset_s

    def lag(self, time_s: Any) -> Any:
        """How far the first track's clock is ahead when the second's shows `time_s`."""
        return time_s * (self.ppm * 1e-6) + self.offset_s

    def inverse(self) -> "Line":
        """The same line with the tracks exchanged."""
        rate = 1 + self.ppm * 1e-6
        return Line(-self.offset_s / rate, (1 / rate - 1) * 1e6)

    def overlap(self, first_s: float, second_s: float) -> tuple[float, float]:
        """From when to when, on the second track's clock, both tracks run."""
        back = self.inverse()
        return max(0.0, back.at(0.0)), min(second_s, back.at(first_s))


@dataclass(frozen=True, slots=True)
class Windows:
    """Whitened correlations around a line: `curves[w, radius + k]` is window w's value at `k` samples off the line.

    Each row has a root mean square of 1, or is 0 where one of the tracks is silent. `times` are middles on the second
    track's clock.
    """

    line: Line
    times: NDArray[np.float64]
    length_s: float
    curves: NDArray[np.float32]

    @property
    def radius(self) -> int:
        """Samples on either side of the line."""
        return int(self.curves.shape[1] - 1) // 2


@dataclass(frozen=True, slots=True)
class Fit:
    """The line along which the windows' curves add up highest: the standard score of the sum, and of each window."""

    line: Line
    score: float
    scores: NDArray[np.float64]


def window_times(
    start: float, end: float, first: NDArray[np.int16], second: NDArray[np.int16], line: Line
) -> tuple[NDArray[np.float64], float]:
    """Middles of the windows to compare between two times of the second track, and their length: the loudest of each stretch."""
    span = end - start
    length = float(np.clip(span / 6, 0.75, WINDOW_S))
    count = int(min(MAX_WINDOWS, span // length))
    if count < 1:
        return np.zeros(0), length
    edges = np.linspace(start, end, count + 1)
    out = []
    for low, high in pairwise(edges):
        options = np.linspace(low, high - length, int(np.clip((high - low) / length * 2 - 1, 1, 8)))
        levels = [min(_level(second, t, length), _level(first, line.at(t), length)) for t in options]
        out.append(options[int(np.argmax(levels))] + length / 2)
    return np.array(out), length


def _level(samples: NDArray[np.int16], start: float, length: float) -> float:
    low = max(int(start * RATE), 0)
    part = samples[low : max(low, int((start + length) * RATE)) : 3].astype(np.float32)
    return float(np.log10(np.mean(np.square(part)) + 1)) if part.size else 0.0


def compare(
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    line: Line,
    times: NDArray[np.float64],
    length_s: float,
    radius_s: float = RADIUS_S,
) -> Windows:
    """Whitened correlation of each window of the second track with the first track around the line."""
    length, radius = int(length_s * RATE), int(radius_s * RATE)
    size = fft.next_fast_len(length + 2 * radius, real=True)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    band = (hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1])
    taper_second, taper_first = tapered(length), tapered(length + 2 * radius)
    curves = np.zeros((times.size, 2 * radius + 1), np.float32)
    for row, middle in enumerate(times):
        start, at, moved = placed(line, float(middle), length)
        mine = stretched(second, start, length, line.ppm) * taper_second
        theirs = cut(first, at - radius, length + 2 * radius) * taper_first
        cross = fft.rfft(theirs, size) * np.conj(fft.rfft(mine, size))
        curve = fft.irfft(whitened(cross, band), size)[: 2 * radius + 1]
        level = float(np.sqrt(np.mean(np.square(curve, dtype=np.float64))))
        if level > 0:
            curves[row] = np.roll(curve / level, -moved)
    return Windows(line, times, length_s, curves)


def placed(line: Line, middle_s: float, length: int) -> tuple[int, int, int]:
    """First samples of a window in the second and in the first track, and the samples that rounding moved it by."""
    start = round(middle_s * RATE - length / 2)
    exact = line.at(middle_s) * RATE - length / 2
    at = round(exact)
    return start, at, round((exact - at) - (middle_s * RATE - length / 2 - start))


def whitened(cross: NDArray[np.complex64], band: NDArray[np.bool_]) -> NDArray[np.complex64]:
    """A cross-spectrum with every magnitude in the band 1; what is nothing next to the rest stays nothing."""
    size = np.abs(cross)
    floor = 1e-7 * float(size.max()) + 1e-12
    return np.where(band & (size > floor), cross / np.maximum(size, floor), 0).astype(np.complex64)


def tapered(length: int) -> NDArray[np.float32]:
    """A window with cosine flanks over half of its length."""
    flank = max(length // 4, 1)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(flank) + 0.5) / flank)
    out = np.ones(length, np.float32)
    out[:flank], out[length - flank :] = ramp, ramp[::-1]
    return out


def cut(samples: NDArray[np.int16], start: int, count: int) -> NDArray[np.float32]:
    out = np.zeros(count, np.float32)
    low, high = max(start, 0), min(start + count, samples.size)
    if high > low:
        out[low - start : high - start] = samples[low:high]
    return out


def stretched(samples: NDArray[np.int16], start: int, count: int, ppm: float) -> NDArray[np.float32]:
    """`count` samples as the other clock takes them, from `start`, the middle one where it was: cubic interpolation.

    A window of some seconds that drifts by a good part of a sample would else correlate with less than itself.
    """
    if abs(ppm) * 1e-6 * count < _STRETCH_SAMPLES:
        return cut(samples, start, count)
    spare = _SPARE + int(abs(ppm) * 1e-6 * count)
    at = (np.arange(count) - count / 2) / (1 + ppm * 1e-6) + count / 2 + spare
    whole = at.astype(np.int64)
    t = (at - whole).astype(np.float32)
    held = cut(samples, start - spare, count + 2 * spare)
    y0, y1, y2, y3 = (held[whole + k] for k in (-1, 0, 1, 2))
    bend = 0.5 * (y3 - y0) + 1.5 * (y1 - y2)
    wave: NDArray[np.float32] = ((bend * t + (y0 - 2.5 * y1 + 2 * y2 - 0.5 * y3)) * t + 0.5 * (y2 - y0)) * t + y1
    return wave


def fit(windows: Windows, drift_reach: float, near_s: float) -> Fit:
    """The best line through the windows whose drift is within `drift_reach` ppm and whose lag within `near_s` of theirs."""
    alive = np.flatnonzero(np.any(windows.curves != 0, axis=1))
    if alive.size == 0:
        return Fit(windows.line, 0.0, np.zeros(windows.times.size))
    middle = float(np.mean(windows.times[alive]))
    arms = (windows.times[alive] - middle) * RATE * 1e-6
    reach = float(np.abs(arms).max()) * drift_reach
    count = int(np.ceil(reach / _TRACK_SAMPLES))
    pad = int(np.ceil(reach)) + 2
    near = int(near_s * RATE)
    first = windows.radius - near
    rows = np.pad(windows.curves[alive], ((0, 0), (pad, pad)))
    slopes = np.array(sorted(np.arange(-count, count + 1) * (drift_reach / max(count, 1)), key=abs))
    shifts = np.rint(slopes[:, None] * arms[None, :]).astype(int) + pad + first
    totals = np.zeros((slopes.size, 2 * near + 1), np.float32)
    for row, own in zip(rows, shifts.T, strict=True):
        totals += np.lib.stride_tricks.sliding_window_view(row, 2 * near + 1)[own]
    np.abs(totals, out=totals)
    place, index = (int(i) for i in np.unravel_index(int(np.argmax(totals)), totals.shape))
    value, slope = float(totals[place, index]), float(slopes[place])
    ppm = windows.line.ppm + slope
    lag = float(windows.line.lag(middle)) + (first + index - windows.radius) / RATE
    scores = np.zeros(windows.times.size)
    for i, row, shift in zip(alive, rows, np.rint(arms * slope).astype(int) + pad + first + index, strict=True):
        scores[i] = np.abs(row[shift - 2 : shift + 3]).max()
    return Fit(Line(lag - middle * ppm * 1e-6, ppm), value / float(np.sqrt(alive.size)), scores)


def far_share(windows: Windows, found: Fit) -> float:
    """The best sum of the windows 60 ms or more off the line, as a share of the sum on it: high for hum and tones."""
    heard = found.scores >= 3
    total = np.abs(np.sum(_along(windows, found.line)[heard], axis=0, dtype=np.float64))
    away = int(FAR_S * RATE)
    on_line = float(total[windows.radius - 2 : windows.radius + 3].max())
    off_line = max(float(total[: windows.radius - away].max()), float(total[windows.radius + away :].max()))
    return off_line / on_line if on_line > 0 else 1.0


def _along(windows: Windows, line: Line) -> NDArray[np.float32]:
    """The windows' curves around another line."""
    shifts = np.rint((line.lag(windows.times) - windows.line.lag(windows.times)) * RATE).astype(int)
    rolled = [np.roll(row, -shift) for row, shift in zip(windows.curves, shifts, strict=True)]
    return np.array(rolled, np.float32).reshape(windows.curves.shape)


@dataclass(frozen=True, slots=True)
class Split:
    """Two lags, in seconds off a line, that the earlier and the later windows add up to; `gain`: what their two sums have
    over the one sum of all windows at one lag, in the windows' standard scores."""

    gain: float
    early_s: float
    late_s: float


def split(windows: Windows, found: Fit) -> Split:
    """The best place to take the windows apart, two of them at least on either side."""
    rows = _along(windows, found.line)
    if len(rows) < 4:
        return Split(0.0, 0.0, 0.0)
    before = np.cumsum(rows, axis=0, dtype=np.float64)
    after = np.abs(before[-1] - before[1:-2])
    whole, before = float(np.abs(before[-1]).max()), np.abs(before[1:-2])
    sums = before.max(axis=1) + after.max(axis=1)
    where = int(np.argmax(sums))
    early, late = (int(np.argmax(part[where])) - windows.radius for part in (before, after))
    return Split(float(sums[where]) - whole, early / RATE, late / RATE)


def peaks_near(windows: Windows, within_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each window's own lag in seconds, to a fraction of a sample, within a distance of the line; and its score."""
    reach = int(within_s * RATE)
    low = windows.radius - reach
    lags, scores = np.zeros(windows.times.size), np.zeros(windows.times.size)
    for i, row in enumerate(windows.curves):
        part = np.abs(row[low : windows.radius + reach + 1])
        index = int(np.argmax(part))
        scores[i] = part[index]
        lags[i] = (index - reach + vertex(np.abs(row), low + index)) / RATE
    return lags + windows.line.lag(windows.times), scores


def on_line(
    first: NDArray[np.int16], second: NDArray[np.int16], line: Line, times: NDArray[np.float64], length_s: float
) -> NDArray[np.bool_]:
    """Which windows around some times have their waves on a line: unrelated sound stays under 4.3 so near to one lag."""
    found: NDArray[np.bool_] = peaks_near(compare(first, second, line, times, length_s), ON_LINE_S)[1] >= ON_LINE
    return found


def vertex(values: NDArray[np.float32], index: int) -> float:
    """Where the parabola through three neighbours has its top, in samples from the middle one."""
    left, top, right = (float(values[index + k]) for k in (-1, 0, 1))
    bend = left - 2 * top + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def widened(curve: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Each value replaced by the greatest within `reach` samples."""
    out = curve.copy()
    for shift in range(1, reach + 1):
        out[shift:] = np.maximum(out[shift:], curve[:-shift])
        out[:-shift] = np.maximum(out[:-shift], curve[shift:])
    return out
