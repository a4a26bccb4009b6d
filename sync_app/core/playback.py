"""Does the match explain what both hear? The same program at two events matches, but each room has sound of its own.

Along the line, in cells of half a second and 190 Hz: the part of each track that is not coherent with the other. Where it
makes up most of a loud cell, and stands higher over the other track than it does elsewhere, there is sound that the other
track does not have. Reverberation leaves the same part unexplained everywhere, which is why it is measured against its
own usual. Wind, rustling and applause at each microphone are noise and say nothing of two events: only cells whose
spectrum has lines, as talk and music have, are counted. At one event such sound is near one microphone; at two events
both tracks have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
_LOUD_DB, _OVER_USUAL_DB, _USUAL = 6.0, 8.0, 0.3
MOSTLY, _STANDS_OUT = 0.7, 0.035
#: The spectrum of noise has a flatness of 0.56 in every frame, however loud; talk has 0.2 to 0.45.
_FLAT = 0.45
#: From this share on noise of their own in both tracks is a doubt; it never refuses.
_MUCH_NOISE, _MOST_BY_NOISE = 0.1, 0.02

Cells = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Unexplained:
    """The share of each track's loud cells that the other track does not have, with lines in their spectrum; `noise`: what
    holds for both tracks without regard to lines."""

    first: float
    second: float
    noise: float = 0.0

    @property
    def both(self) -> float:
        """What holds for both tracks: 0 to 0.011 at one event, 0.01 to 0.12 where a program played at two.

        0 where it stands out in neither: music of one event leaves up to 0.027 in both, by its echoes. Noise is a doubt, and
        no more: two microphones in the wind have a tenth and more of it.
        """
        lines = min(self.first, self.second) if max(self.first, self.second) > _STANDS_OUT else 0.0
        return max(lines, min(0.1 * self.noise, _MOST_BY_NOISE) if self.noise > _MUCH_NOISE else 0.0)


@dataclass(frozen=True)
class Heard:
    """One track's cells, each of shape (cells, bands): power, the power that the other does not explain, flatness."""

    power: Cells
    alone: Cells
    flatness: Cells

    @cached_property
    def loud(self) -> Flags:
        """The louder half of the cells of each band, as far as they stand out of its quietest tenth."""
        level = _decibels(self.power)
        found: Flags = level > np.maximum(np.quantile(level, 0.1, axis=0) + _LOUD_DB, np.median(level, axis=0))
        return found


def unexplained(
    pair: Pair, line: Line, span: tuple[float, float], but: Sequence[tuple[float, float]] = ()
) -> Unexplained:
    """Measure some windows of a span of the second track's clock, in which a line holds `but` for some parts."""
    start, end = span[0] + _WINDOW_S / 2, span[1] - _WINDOW_S / 2
    if end <= start:
        return Unexplained(0.0, 0.0)
    times = np.linspace(start, end, min(_WINDOWS, max(2, int((end - start) / _WINDOW_S))))
    near = _WINDOW_S / 2
    times = np.array([t for t in times if all(t + near <= low or t - near >= high for low, high in but)])
    if not times.size:
        return Unexplained(0.0, 0.0)
    heard = [_cells(pair, line, float(time)) for time in times]
    one, two = (joined([both[k] for both in heard]) for k in range(2))
    noise = min(share(one, two, 1.0), share(two, one, 1.0))
    return Unexplained(share(one, two, _FLAT), share(two, one, _FLAT), noise)


def joined(parts: Sequence[Heard]) -> Heard:
    """The cells of several windows as one."""
    return Heard(
        np.concatenate([part.power for part in parts]),
        np.concatenate([part.alone for part in parts]),
        np.concatenate([part.flatness for part in parts]),
    )


def share(own: Heard, other: Heard, flatness: float) -> float:
    """The share of a track's loud cells that are mostly its own, and under a flatness."""
    return share_of(own_cells(own, other, flatness), own)


def share_of(found: Flags, own: Heard) -> float:
    """How many of a track's loud cells these are."""
    return int(np.count_nonzero(found)) / max(int(np.count_nonzero(own.loud)), 1)


def own_cells(
    own: Heard, other: Heard, flatness: float, least: float = MOSTLY, over_db: float = _OVER_USUAL_DB
) -> Flags:
    """Which loud cells of a track are mostly its own, or to a share at least, and under a flatness."""
    over = _decibels(own.alone) - _decibels(other.power)
    over -= np.quantile(over, _USUAL, axis=0)
    found: Flags = own.loud & (own.alone > least * own.power)
    return found & (over > over_db) & (own.flatness < flatness)


def _decibels(power: Cells) -> Cells:
    found: Cells = 10 * np.log10(power + 1)
    return found


def _cells(pair: Pair, line: Line, middle: float) -> tuple[Heard, Heard]:
    """What both tracks have around a time."""
    count = round(_WINDOW_S * RATE)
    start, at = round(middle * RATE - count / 2), round(float(line.at(middle)) * RATE - count / 2)
    one = _spectra(refine.cut(pair.first.samples, at, count))
    two = _spectra(refine.stretched(pair.second.samples, start, count, line.ppm))
    powers = np.square(np.abs(one)), np.square(np.abs(two))
    sums = _summed(powers[0]).real, _summed(powers[1]).real
    frames = _FRAMES * _INDEPENDENT
    coherence = np.square(np.abs(_summed(one * np.conj(two)))) / (sums[0] * sums[1] + 1e-9)
    alone = 1 - np.clip((coherence - 1 / frames) / (1 - 1 / frames), 0, 1)
    found = [Heard(_banded(own), _banded(own * alone), _flatness(each)) for own, each in zip(sums, powers, strict=True)]
    return found[0], found[1]


def _flatness(power: Cells) -> Cells:
    """Geometric over arithmetic mean of the bins of each band in every frame, averaged over each cell."""
    frames = power.reshape(-1, _FRAMES, _BANDS, _BINS) + 1e-3
    found: Cells = np.exp(np.log(frames).mean(axis=3) - np.log(frames.mean(axis=3))).mean(axis=1)
    return found


def _spectra(wave: NDArray[np.float32]) -> NDArray[np.complex128]:
    frames = np.lib.stride_tricks.sliding_window_view(wave, _SIZE)[::_HOP]
    spectra = np.fft.rfft(frames * np.hanning(_SIZE), axis=1)
    return spectra[: len(spectra) // _FRAMES * _FRAMES, _LOWEST : _LOWEST + _BINS * _BANDS]


def _summed(spectra: NDArray[np.complex128] | Cells) -> NDArray[np.complex128]:
    """Over the frames of each cell."""
    found: NDArray[np.complex128] = spectra.reshape(-1, _FRAMES, spectra.shape[1]).sum(axis=1)
    return found


def _banded(bins: Cells) -> Cells:
    """Over the bins of each band."""
    found: Cells = bins.reshape(len(bins), _BANDS, _BINS).sum(axis=2)
    return found
