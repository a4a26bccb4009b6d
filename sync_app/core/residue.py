"""What each track has that no room makes of the other one: own sound under a program that played at two events.

Of each frequency the frames of one track are foretold from those of the other, a quarter of a second early to two thirds late:
reverberation of both rooms is in that, and goes. What stays of loud cells, where it has lines in its spectrum and stands higher
than it does elsewhere, is sound that the other track does not have. Talk 10 dB under a song shows in it. Talkers who are near one
microphone and faint in the other leave such sound as well: it goes where a filter of its own foretells it (see `bleed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core import bleed, refine
from sync_app.core.bleed import Spectra
from sync_app.core.coverage import Pair
from sync_app.core.features import RATE
from sync_app.core.playback import MOSTLY, Cells, Flags, Heard, joined, own_cells, share_of
from sync_app.core.refine import Line

_SIZE, _HOP = 1024, 256
_WINDOW_S, _WINDOWS, _LEAST_S = 24.0, 4, 12.0
_FRAMES, _BINS, _BANDS, _LOWEST = 8, 24, 18, 20
#: Peaks over the usual level: 3.7 to 6.5 in talk and music, also behind a gain control; 1.6 to 1.9 clipped by 15 to 30 dB. Of so many samples.
_CREST, _SAMPLES = 2.5, 200_000
#: So near to a stretch in which each hears something else its edge may lie elsewhere.
_EDGE_S = 3.0
#: Frames by which the other track may be late or early: 32 ms each.
_TAPS = np.arange(-6, 22)
_RIDGE = np.float32(1e-3)
#: The spectrum of noise is flatter than that in every frame.
_FLAT = 0.45
#: From this share in both on it is asked whether one hears it faintly; for that, cells count that are so much their own.
_SEEMS, _PARTLY = 0.005, 0.5
#: Of programs at two events 74 to 100 % stays in both, of talkers who are near one microphone 0 to 57 % in one track at least.
_STAYS = 0.7


@dataclass(frozen=True, slots=True)
class Residue:
    """The shares of each track's loud cells that are mostly its own. `stays`: how much stays so where it is foretold by itself, of
    what seemed to be so at first, in the track where less does: 0 where one hears faintly what is near the other."""

    first: float
    second: float
    stays: float = 1.0

    @property
    def both(self) -> float:
        """What holds for both tracks; 0 where they bleed into each other."""
        return 0.0 if self.bleeds else min(self.first, self.second)

    @property
    def bleeds(self) -> bool:
        """Whether sound that is near one microphone was found in the other track: there was one event."""
        return self.stays < _STAYS


def residue(pair: Pair, line: Line, span: tuple[float, float], but: Sequence[tuple[float, float]] = ()) -> Residue:
    """Measure up to four windows of a span of the second track's clock, in which a line holds `but` for some parts."""
    windows = [_waves(pair, line, middle, length) for middle, length in _windows(span, but)]
    if not windows:
        return Residue(0.0, 0.0)
    waves = [one for one, _ in windows], [two for _, two in windows]
    heard = [
        joined([_heard(wave, _foretold(other, wave)) for wave, other in zip(waves[k], waves[1 - k], strict=True)])
        for k in range(2)
    ]
    own = [own_cells(heard[0], heard[1], _FLAT), own_cells(heard[1], heard[0], _FLAT)]
    first, second = (share_of(*each) for each in zip(own, heard, strict=True))
    if min(first, second) < _SEEMS:
        return Residue(first, second)
    return _foretold_again(waves, heard, own)


def hard_clipped(samples: NDArray[np.int16]) -> bool:
    """Whether a track is clipped so hard that no filter makes it of another one: its peaks are hardly louder than its usual."""
    some = np.abs(samples[:: max(1, samples.size // _SAMPLES)].astype(np.float32))
    return float(np.quantile(some, 0.999)) < _CREST * float(np.sqrt(np.mean(np.square(some))))


def _foretold_again(waves: Sequence[list[Spectra]], heard: Sequence[Heard], own: Sequence[Flags]) -> Residue:
    """What stays of each track's own cells once those that seem to be are foretold by filters of their own."""
    alone = [track.alone for track in heard]
    before = _staying(own, heard, alone)
    for source, cells in zip(heard, own, strict=True):
        seems = _unlike(source.alone, source, _PARTLY) & source.loud & cells.any(axis=0)
        share = np.square(source.alone / (source.power + 1)) * seems
        for k in range(2):
            left = bleed.alone(waves[1 - k], waves[k], share / (heard[k].power + 1))
            alone[k] = np.minimum(alone[k], left)
    first, second = _staying(own, heard, alone)
    return Residue(first, second, min(first / max(before[0], 1e-9), second / max(before[1], 1e-9)))


def _staying(own: Sequence[Flags], heard: Sequence[Heard], alone: Sequence[Cells]) -> list[float]:
    """The shares of each track's loud cells that are its own, where neither track foretells the other."""
    neither = _unlike(alone[0], heard[0]) & _unlike(alone[1], heard[1])
    return [share_of(cells & neither, track) for cells, track in zip(own, heard, strict=True)]


def _unlike(alone: Cells, heard: Heard, share: float = MOSTLY) -> Flags:
    """The cells of which more than a share is not foretold."""
    found: Flags = alone > share * heard.power
    return found


def _windows(span: tuple[float, float], but: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Middles and lengths of some windows, spread over what is left of the span."""
    parts = ((low - _EDGE_S, high + _EDGE_S) for low, high in sorted(but))
    edges = [span[0], *(edge for part in parts for edge in part), span[1]]
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


def _waves(pair: Pair, line: Line, middle: float, length_s: float) -> tuple[Spectra, Spectra]:
    count = round(length_s * RATE)
    start, at = round(middle * RATE - count / 2), round(float(line.at(middle)) * RATE - count / 2)
    one = _spectra(refine.cut(pair.first.samples, at, count))
    two = _spectra(refine.stretched(pair.second.samples, start, count, line.ppm))
    return one, two


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
