"""What begins when, and the beats that follow a tempo through it, every 10 ms of mono sound at 16 kHz.

The numbers of `librosa.onset.onset_strength` (1,024 samples, 128 mels, the mean over them) and of `librosa.beat.beat_track` at a given
tempo, computed from their definitions: loading librosa costs five seconds of processor.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from media_app.core.sound.mels import mel_filters

RATE, HOP, FRAMES_S = 16_000, 160, 100
_SIZE, _BATCH = 1024, 1024
#: Powers under the first are taken for it, and levels so far under the loudest of all.
_SMALLEST, _RANGE_DB = 1e-10, 80.0
#: What begins shows between a frame and the one before; its place is the middle of what a frame sees.
_LATE = 1 + _SIZE // (2 * HOP)
#: What a step costs that is longer or shorter than a beat; and how narrow a beat is, in parts of a step.
_TIGHTNESS, _NARROW = 300.0, 32.0
#: The first beat has this share of the strongest at least; the last one this share of the middle one of all that may be.
_FIRST, _LAST = 0.01, 0.5


def strengths(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """How strongly something begins at every 10 ms."""
    levels = np.concatenate(list(_levels(sound)))
    np.maximum(levels, levels.max() - _RANGE_DB, out=levels)
    begun = np.zeros(len(levels), np.float64)
    for first in range(0, len(levels) - _LATE, _BATCH):
        risen = np.diff(levels[first : min(first + _BATCH, len(levels) - _LATE) + 1], axis=0)
        begun[first + _LATE : first + _LATE + len(risen)] = np.maximum(0.0, risen).mean(axis=1)
    return begun


def _levels(sound: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """The levels of each frame's mels, dB, batch after batch; zeros lie around the sound."""
    padded = np.pad(sound, _SIZE // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::HOP]
    window, filters = _window(), _filters()
    for first in range(0, len(frames), _BATCH):
        spectra = scipy.fft.rfft(frames[first : first + _BATCH] * window, axis=1)
        power = (np.square(spectra.real) + np.square(spectra.imag)).astype(np.float32)
        yield 10 * np.log10(np.maximum(filters @ power.T, np.float32(_SMALLEST)).T)


@cache
def _window() -> NDArray[np.float64]:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_SIZE) / _SIZE))


@cache
def _filters() -> Any:
    return scipy.sparse.csr_matrix(mel_filters(RATE, _SIZE).astype(np.float32))


def track(begun: NDArray[np.float64], bpm: float) -> NDArray[np.int64]:
    """The frames of the beats at about this tempo: the path through what begins whose steps are nearly one beat each (Ellis, 2007)."""
    if not begun.any():
        return np.zeros(0, np.int64)
    step = int(np.round(FRAMES_S * 60 / bpm))
    local = _narrowed(begun, step)
    before, scores = _linked(local, step)
    path = [_last(scores)]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    heard = np.flatnonzero(local > 0)
    beats = np.array(path[::-1], np.int64)
    sounding: NDArray[np.int64] = beats[(beats >= heard[0]) & (beats <= heard[-1])]
    return sounding


def _narrowed(begun: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """What begins, in standard deviations, each smeared over a thirtieth of a beat."""
    shape = np.exp(-0.5 * (np.arange(-step, step + 1) * _NARROW / step) ** 2)
    return np.convolve(begun / (begun.std(ddof=1) + np.finfo(np.float64).tiny), shape)[step : step + len(begun)]


def _linked(local: NDArray[np.float64], step: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of each frame, the beat that comes before it best, -1 for none, and how good the path is that ends there."""
    nearest, farthest = round(step / 2), 2 * step
    cost = _TIGHTNESS * (np.log(np.arange(nearest, farthest + 1)) - np.log(step)) ** 2
    scores = np.concatenate([np.full(farthest, -np.inf), np.zeros(len(local))])
    before = np.full(len(local), -1, np.int64)
    # Half a beat at once: none of them comes before another.
    for first in range(0, len(local), nearest):
        own = local[first : first + nearest]
        windows = np.lib.stride_tricks.sliding_window_view(
            scores[first : first + farthest - nearest + len(own)], len(cost)
        )
        paths = windows[:, ::-1] - cost
        best = paths.argmax(axis=1)
        found = paths[np.arange(len(own)), best]
        has = found > -np.inf
        scores[farthest + first : farthest + first + len(own)] = own + np.where(has, found, 0.0)
        before[first : first + len(own)] = np.where(has, first + np.arange(len(own)) - nearest - best, -1)
    before[: int(np.argmax(local >= _FIRST * local.max()))] = -1
    return before, scores[farthest:]


def _last(scores: NDArray[np.float64]) -> int:
    """The last peak of the scores that is no weaker than half of the middle one."""
    rises, falls = scores[1:] > scores[:-1], np.append(scores[1:-1] >= scores[2:], True)
    peaks = np.flatnonzero(rises & falls) + 1
    good = peaks[scores[peaks] >= _LAST * np.median(scores[peaks])] if len(peaks) else peaks
    return int(good[-1]) if len(good) else len(scores) - 1
