"""What each track has that no room makes of the other one: own sound under a program that played at two events.

Of each frequency the frames of one track are foretold from those of the other, a quarter of a second early to two thirds late:
reverberation of both rooms is in that, and goes. What stays of loud cells, where it has lines in its spectrum and stands higher
than it does elsewhere, is sound that the other track does not have. Talk 10 dB under a song shows in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core import refine
from sync_app.core.coverage import Pair
from sync_app.core.features import RATE
from sync_app.core.playback import Cells, Heard, joined, share
from sync_app.core.refine import Line

_SIZE, _HOP = 1024, 256
_WINDOW_S, _WINDOWS, _LEAST_S = 24.0, 4, 12.0
_FRAMES, _BINS, _BANDS, _LOWEST = 8, 24, 18, 20
#: Frames by which the other track may be late or early: 32 ms each.
_TAPS = np.arange(-6, 22)
_RIDGE = np.float32(1e-3)
#: The spectrum of noise is flatter than that in every frame.
_FLAT = 0.45
_STANDS_OUT = 0.015

Spectra = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Residue:
    """The shares of each track's loud cells that are mostly its own."""

    first: float
    second: float

    @property
    def both(self) -> float:
        """What holds for both tracks, 0 where it stands out in neither: on the bench 0 to 0.006 at one event, from 0.009 on where a
        program played at two; talk of its own near each microphone at one event has 0.01 to 0.1 as well."""
        return min(self.first, self.second) if max(self.first, self.second) > _STANDS_OUT else 0.0


def residue(pair: Pair, line: Line, span: tuple[float, float], but: Sequence[tuple[float, float]] = ()) -> Residue:
    """Measure up to four windows of a span of the second track's clock, in which a line holds `but` for some parts."""
    windows = _windows(span, but)
    if not windows:
        return Residue(0.0, 0.0)
    heard = [_cells(pair, line, middle, length) for middle, length in windows]
    one, two = (joined([both[k] for both in heard]) for k in range(2))
    return Residue(share(one, two, _FLAT), share(two, one, _FLAT))


def _windows(span: tuple[float, float], but: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Middles and lengths of some windows, spread over what is left of the span."""
    edges = [span[0], *(edge for part in sorted(but) for edge in part), span[1]]
    out: list[tuple[float, float]] = []
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        low, high = max(low, span[0]), min(high, span[1])
        length = min(_WINDOW_S, high - low)
        if length >= _LEAST_S:
            middles = np.linspace(low + length / 2, high - length / 2, int((high - low) / length))
            out += [(float(middle), length) for middle in middles]
    if len(out) <= _WINDOWS:
        return out
    return [out[round(float(index))] for index in np.linspace(0, len(out) - 1, _WINDOWS)]


def _cells(pair: Pair, line: Line, middle: float, length_s: float) -> tuple[Heard, Heard]:
    count = round(length_s * RATE)
    start, at = round(middle * RATE - count / 2), round(float(line.at(middle)) * RATE - count / 2)
    one = _spectra(refine.cut(pair.first.samples, at, count))
    two = _spectra(refine.stretched(pair.second.samples, start, count, line.ppm))
    return _heard(one, _foretold(two, one)), _heard(two, _foretold(one, two))


def _spectra(wave: NDArray[np.float32]) -> Spectra:
    frames = np.lib.stride_tricks.sliding_window_view(wave, _SIZE)[::_HOP]
    spectra = fft.rfft(frames * np.hanning(_SIZE).astype(np.float32), axis=1)
    kept: Spectra = spectra[: len(spectra) // _FRAMES * _FRAMES, _LOWEST : _LOWEST + _BINS * _BANDS]
    return kept


def _foretold(known: Spectra, wanted: Spectra) -> Spectra:
    """What the frames of one track say of the other's: least squares over some frames at each frequency."""
    size = fft.next_fast_len(len(known) + 2 * _TAPS.size)
    source, goal = (fft.fft(spectra, size, axis=0) for spectra in (known, wanted))
    own = fft.ifft(np.square(np.abs(source)), axis=0)
    shared = fft.ifft(np.conj(source) * goal, axis=0)[_TAPS].T
    matrix = own[_TAPS[:, None] - _TAPS[None, :]].transpose(2, 0, 1)
    ridge = _RIDGE * own[0].real + np.float32(1e-3)
    matrix = matrix + ridge[:, None, None] * np.eye(_TAPS.size, dtype=np.float32)
    taps = np.zeros((size, known.shape[1]), np.complex64)
    taps[_TAPS] = np.linalg.solve(matrix, shared[:, :, None])[:, :, 0].T
    found: Spectra = fft.ifft(fft.fft(taps, axis=0) * source, axis=0)[: len(known)]
    return found


def _heard(wave: Spectra, foretold: Spectra) -> Heard:
    power = np.square(np.abs(wave))
    return Heard(_banded(power), _banded(np.square(np.abs(wave - foretold))), _flatness(power))


def _banded(power: NDArray[np.float32]) -> Cells:
    found: Cells = power.reshape(-1, _FRAMES, _BANDS, _BINS).sum(axis=(1, 3), dtype=np.float64)
    return found


def _flatness(power: NDArray[np.float32]) -> Cells:
    frames = power.reshape(-1, _FRAMES, _BANDS, _BINS) + np.float32(1e-3)
    found: Cells = np.exp(np.log(frames).mean(axis=3) - np.log(frames.mean(axis=3))).mean(axis=1)
    return found
