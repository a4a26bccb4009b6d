"""How well two tracks agree all along a line: products of their MFCCs, in short windows over the whole overlap.

The detector says that a lag stands out of all lags; here each moment has a say of its own. Along the true line the
products average 0.15 (another event as loud as the shared sound) to 0.8, next to it about 0 ± 0.04: what chance gives
is measured in the same windows, some seconds off the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sync_app.core.features import FRAMES_PER_SECOND, Features, TrackFeatures
from sync_app.core.refine import Line

Numbers = NDArray[np.float64]

#: Seconds off the line at which chance is measured: of no common beat, of no frame rate.
CHANCE_S = (-9.31, -7.27, -5.13, -3.41, -2.23, 2.17, 3.37, 5.23, 7.13, 9.29)
#: Frames off the line among which a window's own lag is looked for: ±160 ms.
REACH = 10
HOP_S = 0.5
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Agreement:
    """What windows around `times` (seconds on the second track's clock) say of a line, all of shape (n,).

    `own` is the agreement on the line, from −1 to 1; `off` what the windows agree to some seconds off it, a row for each of
    `CHANCE_S`; `chance` its mean and `spread` its standard deviation.
    """

    times: Numbers
    own: Numbers
    off: Numbers
    chance: Numbers
    spread: Numbers

    @property
    def margin(self) -> Numbers:
        """How far the agreement stands above chance, in its standard deviations, none of which is under 0.03."""
        return (self.own - self.chance) / np.maximum(self.spread, 0.03)

    def over(self, first: int, last: int, windows: int) -> "Agreement":
        """The same from window `first` to before `last`, each averaged with its neighbours, so many in all, within these."""
        own, off = (_averaged(values[..., first:last], windows) for values in (self.own, self.off))
        return Agreement(self.times[first:last], own, off, off.mean(axis=0), off.std(axis=0))


def along(
    first: TrackFeatures, second: TrackFeatures, line: Line, span: tuple[float, float], window_s: float
) -> Agreement:
    """Agreement on the line and next to it, between two times of the second track, every `HOP_S` seconds."""
    chance = [round(seconds * FRAMES_PER_SECOND) for seconds in CHANCE_S]
    times, found = _agreements(first.mfcc, second.mfcc, line, span, window_s, [0, *chance])
    return Agreement(times, found[0], found[1:], found[1:].mean(axis=0), found[1:].std(axis=0))


def _averaged(values: Numbers, windows: int) -> Numbers:
    """The mean of `windows` neighbours along the last axis, of fewer at the ends."""
    total = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    middle = np.arange(values.shape[-1])
    low, high = np.maximum(middle - windows // 2, 0), np.minimum(middle + windows // 2 + 1, values.shape[-1])
    found: Numbers = (total[..., high] - total[..., low]) / (high - low)
    return found


def lags_near(
    first: TrackFeatures, second: TrackFeatures, line: Line, span: tuple[float, float], window_s: float
) -> tuple[Numbers, Numbers, Numbers]:
    """Times of windows, how far off the line (seconds, within ±160 ms) each agrees best, and how well it agrees there.

    The vertex of a parabola through three frames of 16 ms: some milliseconds for a window of 6 s, whatever echo is the strongest.
    """
    shifts = list(range(-REACH, REACH + 1))
    times, found = _agreements(first.mfcc, second.mfcc, line, span, window_s, shifts)
    if times.size == 0:
        return times, times, times
    best = np.clip(found.argmax(axis=0), 1, 2 * REACH - 1)
    column = np.arange(times.size)
    left, top, right = (found[best + k, column] for k in (-1, 0, 1))
    bend = np.minimum(left - 2 * top + right, -1e-9)
    vertex = np.clip(0.5 * (left - right) / bend, -1, 1)
    return times, (best - REACH + vertex - _rounding(line, times, window_s)) / FRAMES_PER_SECOND, top


def _rounding(line: Line, times: Numbers, window_s: float) -> Numbers:
    """By how many frames, on average over each window, the line lies after the frames that were taken for it."""
    inside = times[:, None] + np.linspace(-0.5, 0.5, 51) * window_s
    frames = np.rint(inside * FRAMES_PER_SECOND)
    exact = line.at(frames / FRAMES_PER_SECOND) * FRAMES_PER_SECOND
    found: Numbers = (exact - np.rint(exact)).mean(axis=1)
    return found


def _agreements(
    one: Features, two: Features, line: Line, span: tuple[float, float], window_s: float, shifts: Sequence[int]
) -> tuple[Numbers, Numbers]:
    """For each shift in frames the normalised products in windows, shape (shifts, windows)."""
    low, high = max(round(span[0] * FRAMES_PER_SECOND), 0), min(round(span[1] * FRAMES_PER_SECOND), len(two))
    length, hop = round(window_s * FRAMES_PER_SECOND), round(HOP_S * FRAMES_PER_SECOND)
    count = (high - low - length) // hop + 1
    if count < 1:
        return np.zeros(0), np.zeros((len(shifts), 0))
    starts = np.arange(count) * hop
    middles: Numbers = (low + length / 2 + starts.astype(np.float64)) / FRAMES_PER_SECOND

    places = np.rint(line.at(np.arange(low, high) / FRAMES_PER_SECOND) * FRAMES_PER_SECOND).astype(np.int64)
    energies = _energies(one), _energies(two)[low:high]
    mine = _windowed(energies[1], starts, length)

    def normalised(shift: int) -> Numbers:
        index = places + shift
        theirs = np.where((index >= 0) & (index < len(one)), energies[0].take(index, mode="clip"), 0)
        both = _windowed(_products(one, two[low:high], index), starts, length)
        found: Numbers = both / np.sqrt(np.maximum(mine * _windowed(theirs, starts, length), 1e-9))
        return found

    return middles, np.array([normalised(shift) for shift in shifts])


def _energies(features: Features) -> Numbers:
    found: Numbers = np.einsum("ij,ij->i", features, features).astype(np.float64)
    return found


def _windowed(values: Numbers, starts: NDArray[np.int64], length: int) -> Numbers:
    """Sums over windows that begin at `starts`."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    found: Numbers = total[starts + length] - total[starts]
    return found


def _products(one: Features, two: Features, index: NDArray[np.int64]) -> Numbers:
    """Each frame's product with the frame that `index` names, 0 beyond the ends; block by block, whole runs in place."""
    out = np.zeros(len(two))
    for at in range(0, len(two), _BLOCK):
        own, mine = index[at : at + _BLOCK], two[at : at + _BLOCK]
        if own[0] >= 0 and own[-1] < len(one) and own[-1] - own[0] == len(own) - 1:
            out[at : at + len(mine)] = np.einsum("ij,ij->i", one[own[0] : own[-1] + 1], mine)
        else:
            inside = (own >= 0) & (own < len(one))
            out[at : at + len(mine)] = np.einsum("ij,ij->i", one.take(own, axis=0, mode="clip"), mine) * inside
    return out
