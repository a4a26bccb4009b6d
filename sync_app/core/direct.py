"""Which of several echoes is the direct sound: correlation of onsets, as the ear does it.

In a hall a reflection may correlate better than the direct sound, but it always comes later than it (the precedence
effect: Wallach, Newman and Rosenzweig, 1949). So each recording is split into bands, and in each band only what rises
above the decay of what went before is kept; the kept waveforms of two microphones match at the direct sound alone.

This is done at 16 kHz, twice the detector's rate: echoes a millisecond apart are separated by their treble.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core.features import FULL_SCALE, margin_of, read_padded, resampled
from sync_app.core.refine import Line, tapered, vertex, whitened, widened
from sync_app.core.values import Samples, Track

RATE = 16_000
RADIUS_S = 0.06
#: Where the direct sound is looked for: so far off the line, or this near where two halves of the windows disagree.
FAR_S, NEAR_S = 0.05, 0.03
#: Halves that are as near as this to each other say that it is the direct sound that was found.
CONVERGED_S = 0.0005
BANDS = 10
_LOW_HZ, _HIGH_HZ = 250.0, 7400.0
_WAVE_HZ = (100.0, 7400.0)
_SKIP = int(0.0018 * RATE)
_MASKING = 2.0
_MEMORY = int(0.2 * RATE)
_DECAY = 10 ** (-6 / (0.5 * RATE))
_SMOOTH = RATE // 1000
_QUIETEST = 0.1
_USUAL = 1.0
_WINDOWS = 16
_THREADS = 2
_STRETCH_SAMPLES = 0.5


@dataclass(frozen=True, slots=True)
class DirectSound:
    """How far off the line the direct sound lies, and how far apart two halves of the windows put it, in seconds.

    On the bench's development seeds all answers whose halves agree were right to 3 ms; of the others a third was 5 to 36 ms off.
    """

    shift_s: float
    spread_s: float

    @property
    def converged(self) -> bool:
        return self.spread_s <= CONVERGED_S


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How well onsets and whitened waves agree around a line; both curves run over the lags −60 to 60 ms at 16 kHz."""

    onsets: NDArray[np.float32]
    waves: NDArray[np.float32]

    def shift_s(self, reach_s: float = NEAR_S) -> float:
        """How far off the line both curves are highest, to a fraction of a sample; 0 where there is nothing to go by."""
        radius = (self.onsets.size - 1) // 2
        near = slice(radius - int(reach_s * RATE), radius + int(reach_s * RATE) + 1)
        both = _unit(widened(self.onsets, 2)[near]) * np.sqrt(_unit(widened(self.waves, 2)[near]))
        if not np.any(both):
            return 0.0
        index = int(np.argmax(both)) + near.start
        low = index - 3
        peak = low + int(np.argmax(self.waves[low : index + 4]))
        return (peak - radius + vertex(self.waves, peak)) / RATE


def place(first: Track, second: Track, line: Line, times: NDArray[np.float64], length_s: float) -> DirectSound:
    """Find the direct sound around the line, from some of the windows of the second track whose middles are `times`, and
    from all of them where those do not agree."""
    every = max(1, -(-times.size // _WINDOWS))
    chosen = np.arange(times.size) % every == 0
    spectra = _compared(first, second, line, times[chosen], length_s)
    found = _conclude(spectra, length_s)
    if found.converged or every == 1:
        return found
    return _conclude([*spectra, *_compared(first, second, line, times[~chosen], length_s)], length_s)


Spectra = tuple[NDArray[np.complex64], NDArray[np.complex64]]


def _conclude(spectra: list[Spectra], length_s: float) -> DirectSound:
    whole, *halves = (_arrivals(part, length_s) for part in (spectra, spectra[::2], spectra[1::2]) if part)
    for reach in (FAR_S, NEAR_S):
        shifts = [half.shift_s(reach) for half in halves]
        found = DirectSound(whole.shift_s(reach), abs(shifts[0] - shifts[1]) if len(shifts) == 2 else reach)
        if found.converged:
            break
    return found


def _arrivals(spectra: list[Spectra], length_s: float) -> Arrivals:
    size, lags = _size(length_s), 2 * int(RADIUS_S * RATE) + 1
    onset, wave = (fft.irfft(np.sum([found[i] for found in spectra], axis=0), size)[:lags] for i in (0, 1))
    return Arrivals(_level(onset), _level(wave))


def _size(length_s: float) -> int:
    return int(fft.next_fast_len(int(length_s * RATE) + 2 * int(RADIUS_S * RATE)))


def _compared(first: Track, second: Track, line: Line, times: NDArray[np.float64], length_s: float) -> list[Spectra]:
    """Of each window the cross-spectra of its onsets and of its whitened waves with the first track around the line."""
    length, radius = int(length_s * RATE), int(RADIUS_S * RATE)
    size = _size(length_s)
    filters = band_filters(size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    band = (hertz >= _WAVE_HZ[0]) & (hertz <= _WAVE_HZ[1])

    def one(middle: float) -> Spectra:
        start = round((middle - length_s / 2) * second.rate)
        wanted = float(line.at(start / second.rate + length_s / 2)) - length_s / 2 - RADIUS_S
        at = round(wanted * first.rate)
        early = heard(second, start, length, line.ppm)
        late = heard(first, at, length + 2 * radius)
        turn = np.exp(2j * np.pi * hertz * (at / first.rate - wanted)).astype(np.complex64)
        cross = fft.rfft(late * tapered(late.size), size) * np.conj(fft.rfft(early * tapered(length), size))
        onset = np.sum(onsets(late, size, filters) * np.conj(onsets(early, size, filters)), axis=0)
        return onset[: hertz.size] * np.conj(turn), whitened(cross, band) * np.conj(turn)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(one, [float(t) for t in times]))


def heard(track: Track, start: int, count: int, ppm: float = 0.0) -> Samples:
    """`count` samples at 16 kHz from the track's own sample `start`, on a scale of 32768, the middle one where it was.

    With `ppm` as a clock takes them that runs apart by so much: cubic interpolation.
    """
    seconds = -(-count // RATE)
    margin = margin_of(track.rate)
    block = read_padded(track, start - margin, seconds * track.rate + 2 * margin)
    wave = resampled(block, track.rate, RATE)[:count] * np.float32(FULL_SCALE)
    if abs(ppm) * 1e-6 * count < _STRETCH_SAMPLES:
        return wave
    at = np.clip((np.arange(count) - count / 2) / (1 + ppm * 1e-6) + count / 2, 1, count - 3)
    whole = at.astype(np.int64)
    t = (at - whole).astype(np.float32)
    y0, y1, y2, y3 = (wave[whole + k] for k in (-1, 0, 1, 2))
    bend = 0.5 * (y3 - y0) + 1.5 * (y1 - y2)
    moved: Samples = ((bend * t + (y0 - 2.5 * y1 + 2 * y2 - 0.5 * y3)) * t + 0.5 * (y2 - y0)) * t + y1
    return moved


def band_filters(size: int) -> NDArray[np.float32]:
    """Gaussian bands over the positive frequencies of a transform of `size`, shape (bands, size // 2 + 1)."""
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, BANDS + 1)
    centres, widths = np.sqrt(edges[:-1] * edges[1:]), np.diff(edges)
    return np.exp(-0.5 * np.square((hertz - centres[:, None]) / (widths[:, None] / 2))).astype(np.float32)


def onsets(samples: Samples, size: int, filters: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Spectra of the analytic bands of a sound, cut down to its onsets, shape (bands, size)."""
    spectrum = fft.rfft(samples, size)
    bands = np.zeros((len(filters), size), np.complex64)
    np.multiply(filters, spectrum, out=bands[:, : spectrum.size])
    waves = fft.ifft(bands, axis=1, overwrite_x=True)
    waves[:, samples.size :] = 0
    for wave in waves:
        _isolate_onsets(wave[: samples.size])
    spectra: NDArray[np.complex64] = fft.fft(waves, axis=1, overwrite_x=True)
    return spectra


def _isolate_onsets(wave: NDArray[np.complex64]) -> None:
    """Take from one band, in place, all that does not rise above the decay of what went before."""
    level = np.square(wave.real) + np.square(wave.imag)
    total = np.cumsum(level, dtype=np.float64)
    level[_SMOOTH:] = (total[_SMOOTH:] - total[:-_SMOOTH]) / _SMOOTH
    rise = np.ones_like(level)
    rise[_SKIP:] -= np.float32(_MASKING) * _decaying_maximum(level)[:-_SKIP] / (level[_SKIP:] + np.float32(1e-9))
    np.maximum(rise, 0, out=rise)
    usual = max(level.mean(), np.float32(_QUIETEST))
    wave *= rise / np.sqrt(level + np.float32(_USUAL) * usual)


def _decaying_maximum(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """The greatest of all earlier levels, each less what a room's decay (60 dB in half a second) takes from it."""
    out, less = level.copy(), np.empty_like(level)
    step = 1
    while step < _MEMORY:
        np.multiply(out[:-step], np.float32(_DECAY**step), out=less[step:])
        np.maximum(out[step:], less[step:], out=out[step:])
        step *= 2
    return out


def _level(curve: NDArray[np.float64]) -> NDArray[np.float32]:
    """The magnitudes of a curve at a root mean square of 1; all 0 where there is nothing."""
    spread = float(np.sqrt(np.mean(np.square(curve, dtype=np.float64))))
    return np.abs(curve / spread if spread > 0 else curve).astype(np.float32)


def _unit(curve: NDArray[np.float32]) -> NDArray[np.float32]:
    return curve / max(float(np.max(curve)), 1e-9)
