"""Does the match explain what both hear? The same program at two events matches, but each room has sound of its own.

Along the line, in cells of half a second and 190 Hz: where one track is loud, louder next to the other than it is where
both agree, and the two are not coherent, there is sound that the other track does not have. At one event this happens
near one microphone; at two events it happens in both tracks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sync_app.core import refine
from sync_app.core.coverage import Pair
from sync_app.core.features import RATE
from sync_app.core.refine import Line

_SIZE, _HOP = 1024, 256
_WINDOW_S, _WINDOWS = 6.0, 24
_FRAMES, _BINS, _BANDS, _LOWEST = 16, 24, 19, 13
#: Overlapping frames say this share of what independent ones would.
_INDEPENDENT = 0.45
_LOUD_DB, _APART_DB = 6.0, 6.0
_COHERENT, _LEAST_COHERENCE = 0.5, 0.3

Cells = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Unexplained:
    """The share of each track's loud cells that the other track does not have."""

    first: float
    second: float

    @property
    def both(self) -> float:
        """What holds for both tracks: 0 to 0.005 at most events, 0.01 to 0.2 where a program played at two."""
        return min(self.first, self.second)


def unexplained(pair: Pair, line: Line, span: tuple[float, float]) -> Unexplained:
    """Measure some windows of a span of the second track's clock, in which a line holds."""
    start, end = span[0] + _WINDOW_S / 2, span[1] - _WINDOW_S / 2
    if end <= start:
        return Unexplained(0.0, 0.0)
    times = np.linspace(start, end, min(_WINDOWS, max(2, int((end - start) / _WINDOW_S))))
    parts = [_cells(pair, line, float(time)) for time in times]
    one, two, coherence = (np.concatenate([part[k] for part in parts]) for k in range(3))
    if not one.size or not np.any(one) or not np.any(two):
        return Unexplained(0.0, 0.0)
    levels = 10 * np.log10(one + 1), 10 * np.log10(two + 1)
    usual = np.maximum(np.quantile(coherence, 0.9, axis=0), _LEAST_COHERENCE)
    coherent = coherence / usual
    difference = levels[0] - levels[1]
    both = np.where(coherent > 0.7, difference, np.nan)
    middle = np.where(np.isnan(both).all(axis=0), np.median(difference, axis=0), _median(both))
    apart = difference - middle
    alone = coherent < _COHERENT
    return Unexplained(
        _share(_loud(levels[0]), alone & (apart > _APART_DB)), _share(_loud(levels[1]), alone & (apart < -_APART_DB))
    )


def _median(values: Cells) -> Cells:
    """The median of each column's numbers; 0 of none."""
    filled = np.sort(values, axis=0)
    count = np.count_nonzero(~np.isnan(values), axis=0)
    found: Cells = np.take_along_axis(filled, np.maximum(count // 2, 0)[None, :], axis=0)[0]
    return np.nan_to_num(found)


def _loud(level: Cells) -> NDArray[np.bool_]:
    """Cells well over their band's floor and among the louder half of their band."""
    loud: NDArray[np.bool_] = level > np.maximum(np.quantile(level, 0.1, axis=0) + _LOUD_DB, np.median(level, axis=0))
    return loud


def _share(among: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(among & found)) / max(int(np.count_nonzero(among)), 1)


def _cells(pair: Pair, line: Line, middle: float) -> tuple[Cells, Cells, Cells]:
    """Power of both tracks and their coherence, each of shape (cells, bands)."""
    count = round(_WINDOW_S * RATE)
    start, at = round(middle * RATE - count / 2), round(float(line.at(middle)) * RATE - count / 2)
    one = _spectra(refine.cut(pair.first.samples, at, count))
    two = _spectra(refine.stretched(pair.second.samples, start, count, line.ppm))
    cross = np.abs(_summed(one * np.conj(two))) ** 2
    power_one, power_two = _summed(np.abs(one) ** 2).real, _summed(np.abs(two) ** 2).real
    frames = _FRAMES * _INDEPENDENT
    both = power_one * power_two
    surplus = _banded(cross - both / frames) / (_banded(both) + 1e-9) * frames / (frames - 1)
    return _banded(power_one), _banded(power_two), np.sqrt(np.clip(surplus, 0, 1))


def _spectra(wave: NDArray[np.float32]) -> NDArray[np.complex128]:
    frames = np.lib.stride_tricks.sliding_window_view(wave, _SIZE)[::_HOP]
    spectra = np.fft.rfft(frames * np.hanning(_SIZE), axis=1)
    return spectra[: len(spectra) // _FRAMES * _FRAMES, _LOWEST : _LOWEST + _BINS * _BANDS]


def _summed(spectra: NDArray[np.complex128] | Cells) -> NDArray[np.complex128]:
    """Over the frames of each cell."""
    found: NDArray[np.complex128] = spectra.reshape(-1, _FRAMES, spectra.shape[1]).sum(axis=1)
    return found


def _banded(bins: NDArray[np.complex128] | Cells) -> Cells:
    """Over the bins of each band."""
    found: Cells = bins.real.reshape(len(bins), _BANDS, _BINS).sum(axis=2)
    return found
