"""Where could one track lie on another's clock: BBC audio-offset-finder's correlation of MFCCs, asked of every part.

The library correlates the first 32 s of one recording with the other. Here the same sum is computed by FFT for
segments from all of one recording against the whole of the other, and the curves are added up on one lag axis, for
each clock drift that cameras have.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core.features import FRAMES_PER_SECOND, Features, TrackFeatures

MAX_DRIFT_PPM = 520.0
_SEGMENT_FRAMES = 3000
_BLOCK_FRAMES = 16_384
_MAX_SEGMENTS = 36
#: Along more than two hours, a track of less than one is asked in fewer places.
LONG_S, _SHORT_S, _FEW_SEGMENTS = 7200.0, 3600.0, 8
_LEAST_OVERLAP = 100
_FULL_WEIGHT = 300
_POOL = 4
_CANDIDATES = 12
_APART_FRAMES = 12
_THREADS = 2
_FINER = 12
#: From this standard score on, and so far above the next lag, a lag may be more than chance. Measured on clips of one day: foreign ones
#: reach 6 in a third and both in one of twenty; those that share 8 s and more had 25 and five times the next lag.
_STANDS_OUT, _ALONE = 6.5, 1.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lag that the curve offers: `t_first = t_second * (1 + ppm / 1e6) + offset_s`, with its standard score."""

    offset_s: float
    ppm: float
    score: float


@dataclass(frozen=True, slots=True)
class Detection:
    """The summed curve of a pair at its best drift, in standard scores, and the lags that stand out of it.

    `curve[i]` belongs to the lag `(first_lag + i) / 62.5` s at the middle of the segmented track, or, where only the highest
    values were kept, to `lags_s[i]`.
    """

    curve: NDArray[np.float32]
    first_lag: int
    candidates: tuple[Candidate, ...]
    lags_s: NDArray[np.float64] | None = None

    def thinned(self, points: int = 1500) -> "Detection":
        """The same with the highest values of the curve alone, so many at most, and their lags."""
        if self.lags_s is not None:
            return self
        step = max(1, -(-self.curve.size // points))
        padded = np.pad(self.curve, (0, -self.curve.size % step), constant_values=-np.inf).reshape(-1, step)
        highest = padded.argmax(axis=1) + np.arange(padded.shape[0]) * step
        lags: NDArray[np.float64] = (self.first_lag + highest) / FRAMES_PER_SECOND
        return Detection(padded.max(axis=1), self.first_lag, self.candidates, lags)


def cross_correlation(mfcc1: Features, mfcc2: Features, nframes: int) -> tuple[NDArray[np.floating[Any]], int, int]:
    """The curve that `audio_offset_finder.cross_correlation` computes in a loop, by FFT.

    Arguments and results are those of the library: two arrays of shape (frames, coefficients); the curve, in which a
    negative lag is a negative index, the earliest lag and the one after the latest. The first `nframes` of one array
    are slid along the other; the value is the norm over coefficients of the sum of products.
    """
    earliest, latest = nframes - len(mfcc2), len(mfcc1) - nframes + 1
    ahead = _slide(mfcc1, mfcc2[:nframes])[: max(latest, 0)]
    behind = _slide(mfcc2, mfcc1[:nframes])[1 : max(1 - earliest, 1)]
    return np.concatenate([ahead, behind[::-1]]), earliest, latest


def _slide(along: Features, needle: Features) -> NDArray[np.floating[Any]]:
    count = len(along) - len(needle) + 1
    if count < 1 or len(needle) < 1:
        raise ValueError("The arrays are shorter than the number of frames to correlate.")
    size = fft.next_fast_len(len(along) + len(needle), real=True)
    power = np.zeros(count)
    for column in range(along.shape[1]):
        product = fft.rfft(along[:, column].astype(np.float64), size)
        product *= np.conj(fft.rfft(needle[:, column].astype(np.float64), size))
        power += np.square(fft.irfft(product, size)[:count])
    return np.sqrt(power)


def standard_score(curve: NDArray[Any], index: int) -> float:
    """How many standard deviations the curve stands above its mean at `index`; 0 for a flat curve."""
    spread = float(np.std(curve, dtype=np.float64))
    return 0.0 if spread < 1e-10 else float((curve[index] - np.mean(curve, dtype=np.float64)) / spread)


def detect(first: TrackFeatures, second: TrackFeatures, near: tuple[float, float] | None = None) -> Detection:
    """Correlate two tracks whole, or the second with a part of the first's time; candidates come best first, and none where a
    track is too short or says nothing."""
    if near is not None:
        return _detect_near(first, second, near)
    if min(len(first.mfcc), len(second.mfcc)) < _LEAST_OVERLAP:
        return Detection(np.zeros(0, np.float32), 0, ())
    if len(second.mfcc) > len(first.mfcc):
        return _mirrored(_detect(second.mfcc, first.mfcc))
    return _detect(first.mfcc, second.mfcc)


def _detect_near(first: TrackFeatures, second: TrackFeatures, near: tuple[float, float]) -> Detection:
    low, high = (min(max(round(t * FRAMES_PER_SECOND), 0), len(first.mfcc)) for t in near)
    if high - low < len(second.mfcc) or len(second.mfcc) < _LEAST_OVERLAP:
        return detect(first, second)
    found = _detect(first.mfcc[low:high], second.mfcc)
    start = low / FRAMES_PER_SECOND
    candidates = tuple(Candidate(c.offset_s + start, c.ppm, c.score) for c in found.candidates)
    return Detection(found.curve, found.first_lag + low, candidates)


def seems_to_match(first: TrackFeatures, second: TrackFeatures) -> bool:
    """Whether one lag stands out at all."""
    candidates = detect(first, second).candidates
    if not candidates or candidates[0].score < _STANDS_OUT:
        return False
    return len(candidates) < 2 or candidates[0].score >= _ALONE * candidates[1].score


def _mirrored(found: Detection) -> Detection:
    candidates = tuple(
        Candidate(-c.offset_s / (1 + c.ppm * 1e-6), (1 / (1 + c.ppm * 1e-6) - 1) * 1e6, c.score)
        for c in found.candidates
    )
    return Detection(found.curve[::-1], -(found.first_lag + len(found.curve) - 1), candidates)


def _detect(haystack: Features, needle: Features) -> Detection:
    starts, length = _segments(needle, _most_segments(len(haystack), len(needle)))
    parts = curves(haystack, needle, starts, length)
    lags = len(haystack) + len(needle) - 1
    middles = starts + length / 2 - len(needle) / 2
    steps = _drift_steps(middles)
    pooled = [_pooled(curve) for curve in parts]
    found: list[tuple[float, int, float]] = []
    for step in steps:
        stacked = _stack(pooled, middles * step / _POOL, 0, -(-lags // _POOL))
        # Not over its own spread: a drift that lines the rest of the curve up badly would look better for it.
        stacked -= np.float32(stacked.mean(dtype=np.float64))
        found += [(float(stacked[i]), int(i), float(step)) for i in peaks(stacked, _CANDIDATES, _APART_FRAMES // _POOL)]
    found.sort(key=lambda f: (-f[0], f[1], f[2]))
    kept: list[tuple[float, int, float]] = []
    for peak in found:
        if len(kept) < _CANDIDATES and all(abs(peak[1] - k[1]) > _APART_FRAMES // _POOL for k in kept):
            kept.append(peak)
    lag0 = -(len(needle) - 1)
    full = _stack(parts, middles * kept[0][2], 0, lags)
    mean, spread = float(full.mean(dtype=np.float64)), max(float(full.std(dtype=np.float64)), 1e-9)
    full = ((full - mean) / spread).astype(np.float32)
    arm = max(float(np.abs(middles).max()), 1.0)
    finer = np.arange(-_FINER, _FINER + 1) * (0.5 / arm) if len(steps) > 1 else np.zeros(1)
    candidates = []
    for _, bin_, step in kept:
        low = bin_ * _POOL - 2
        drifts = [d for d in step + finer if abs(d) <= MAX_DRIFT_PPM * 1e-6]
        own = np.stack([_stack(parts, middles * d, low, low + _POOL + 4) for d in drifts])
        row, column = np.unravel_index(int(np.argmax(own)), own.shape)
        drift = float(drifts[int(row)])
        lag_s = (lag0 + low + int(column)) / FRAMES_PER_SECOND
        middle_s = len(needle) / 2 / FRAMES_PER_SECOND
        candidates.append(Candidate(lag_s - drift * middle_s, drift * 1e6, (float(own[row, column]) - mean) / spread))
    candidates.sort(key=lambda c: -c.score)
    return Detection(full, lag0, tuple(candidates))


def _most_segments(haystack: int, needle: int) -> int:
    few = haystack > LONG_S * FRAMES_PER_SECOND and needle < _SHORT_S * FRAMES_PER_SECOND
    return _FEW_SEGMENTS if few else _MAX_SEGMENTS


def _segments(needle: Features, most: int) -> tuple[NDArray[np.int64], int]:
    """Starts of the segments to compare, one in each stretch of the recording, where its features move most."""
    length = min(_SEGMENT_FRAMES, len(needle))
    count = -(-len(needle) // length)
    if count <= most:
        return np.linspace(0, len(needle) - length, count).round().astype(np.int64), length
    edges = np.linspace(0, len(needle) - length, most + 1).astype(np.int64)
    activity = np.concatenate([[0], np.cumsum(np.square(needle[:, 0], dtype=np.float64))])
    starts = [
        low + int(np.argmax(activity[low + length : high + length] - activity[low:high]))
        for low, high in pairwise(edges)
    ]
    return np.array(starts, np.int64), length


@dataclass(frozen=True, slots=True)
class Curve:
    """One segment's curve from the lag number `first` on, weighted; `share` is the square of its weights."""

    first: int
    values: NDArray[np.float32]
    share: NDArray[np.float32]


def curves(haystack: Features, needle: Features, starts: NDArray[np.int64], length: int) -> list[Curve]:
    """For each segment its standardised curve; lag number 0 is the lag −(needle − 1)."""
    lags = len(haystack) + length - 1
    size = min(_BLOCK_FRAMES, fft.next_fast_len(lags + length, real=True))
    step = size - length + 1
    blocks = -(-lags // step)
    padded = np.zeros((haystack.shape[1], (blocks - 1) * step + size), np.float32)
    padded[:, length - 1 : length - 1 + len(haystack)] = haystack.T
    spectra = [fft.rfft(np.lib.stride_tricks.sliding_window_view(row, size)[::step].copy(), axis=1) for row in padded]
    del padded
    overlap = np.minimum(np.arange(1, len(haystack) + length), length)
    overlap = np.minimum(overlap, overlap[::-1]).astype(np.float32)
    usable = overlap >= min(_FULL_WEIGHT, length)
    share = np.where(overlap < _LEAST_OVERLAP, 0, overlap / length).astype(np.float32)
    weight = np.sqrt(share)

    def one(start: int) -> Curve:
        part = needle[start : start + length].T.astype(np.float32)
        blockwise = np.zeros((blocks, step), np.float32)
        for spectrum, own in zip(spectra, np.conj(fft.rfft(part, size, axis=1)), strict=True):
            blockwise += np.square(fft.irfft(spectrum * own, size, axis=1)[:, :step])
        power = blockwise.reshape(-1)[:lags]
        curve = np.sqrt(power / np.maximum(overlap, _FULL_WEIGHT))
        mean, spread = float(curve[usable].mean(dtype=np.float64)), float(curve[usable].std(dtype=np.float64))
        values = ((curve - np.float32(mean)) * (weight / np.float32(max(spread, 1e-9)))).astype(np.float32)
        return Curve(len(needle) - length - start, values, share)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(one, [int(s) for s in starts]))


def _drift_steps(middles: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    reach = float(np.abs(middles).max()) * MAX_DRIFT_PPM * 1e-6
    count = int(np.ceil(reach / (_POOL * 0.75)))
    return np.arange(-count, count + 1) * (MAX_DRIFT_PPM * 1e-6 / max(count, 1))


def _pooled(curve: Curve) -> Curve:
    """The curve at a quarter of its resolution: of each four neighbours the highest."""
    before = curve.first % _POOL

    def pooled(values: NDArray[np.float32]) -> NDArray[np.float32]:
        padded = np.pad(values, (before, -(values.size + before) % _POOL))
        found: NDArray[np.float32] = padded.reshape(-1, _POOL).max(axis=1)
        return found

    return Curve(curve.first // _POOL, pooled(curve.values), pooled(curve.share))


def _stack(curves: list[Curve], shifts: NDArray[np.floating[Any]], low: int, high: int) -> NDArray[np.float32]:
    """Sum of curves, each read `shift` further on, over the root of their summed shares, for lag numbers low to high."""
    total, share = np.zeros(high - low, np.float32), np.zeros(high - low, np.float32)
    for curve, shift in zip(curves, np.rint(shifts).astype(int), strict=True):
        offset = int(shift) - curve.first
        start, end = max(low + offset, 0), min(high + offset, curve.values.size)
        if end > start:
            to = slice(start - offset - low, end - offset - low)
            total[to] += curve.values[start:end]
            share[to] += curve.share[start:end]
    stacked: NDArray[np.float32] = (total / np.sqrt(np.maximum(share, 0.25))).astype(np.float32)
    return stacked


def peaks(curve: NDArray[np.float32], count: int, apart: int) -> list[int]:
    left = curve.copy()
    out = []
    for _ in range(min(count, curve.size)):
        index = int(np.argmax(left))
        out.append(index)
        left[max(index - apart, 0) : index + apart + 1] = -np.inf
    return out
