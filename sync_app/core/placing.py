"""Where exactly does a stretch lie: drift from the strongest arrival, offset from the direct sound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sync_app.core import direct, refine
from sync_app.core.direct import DirectSound
from sync_app.core.drift import LineFit, robust_line
from sync_app.core.features import RATE, TrackFeatures
from sync_app.core.refine import Line, Windows

#: Pieces of the clock whose direct sound lies nearer to each other than this are one.
APART_S = 0.004
_ON_LINE = 4.2
_NEAR_S = 0.0015


@dataclass(frozen=True, slots=True)
class Placed:
    """One line, with its windows' lags in seconds and their weights."""

    line: Line
    ppm_error: float
    residual_s: float
    sound: DirectSound
    times: NDArray[np.float64]
    lags: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def agreeing(self) -> int:
        """How many windows are on the line."""
        return int(np.count_nonzero(self.weights))

    @property
    def weight(self) -> float:
        """What all windows weigh together."""
        return float(self.weights.sum())


def place(
    first: TrackFeatures, second: TrackFeatures, line: Line, windows: Windows, times: NDArray[np.float64]
) -> Placed:
    """The drift from the strongest arrival, which every window hears; the offset from the direct sound among them."""
    windows = replace(windows, times=times)
    remeasured = refine.compare(first.samples, second.samples, line, windows.times, windows.length_s)
    lags, scores = refine.peaks_near(remeasured, _NEAR_S)
    good = scores >= _ON_LINE
    if good.sum() >= 3:
        fitted = robust_line(windows.times[good], lags[good], scores[good])
    else:
        fitted = LineFit(line, 2 / RATE / max(float(np.ptp(windows.times)), 1.0) * 1e6, 0.0)
    on_line = good & (np.abs(lags - fitted.line.lag(windows.times)) < 0.002)
    weights = np.where(on_line, np.square(np.minimum(scores, 20)), 0)
    sound = DirectSound(0.0, direct.NEAR_S)
    if first.track is not None and second.track is not None:
        sound = direct.place(first.track, second.track, fitted.line, windows.times, windows.length_s)
    shift = sound.shift_s
    moved = replace(fitted.line, offset_s=fitted.line.offset_s + shift)
    return Placed(moved, fitted.ppm_error, fitted.residual_s, sound, windows.times, lags + shift, weights)


def joined(first: TrackFeatures, second: TrackFeatures, windows: Windows, placed: Sequence[Placed]) -> list[Placed]:
    """Pieces whose direct sound has the same lag are one: only the echo that was strongest changed."""
    kept: list[Placed] = []
    for part in sorted(placed, key=lambda part: -part.weight):
        middle = float(part.times.mean())
        same = next((k for k in kept if abs(float(k.line.lag(middle) - part.line.lag(middle))) <= APART_S), None)
        if same is None:
            kept.append(part)
            continue
        times = np.sort(np.concatenate((same.times, part.times)))
        line = replace(same.line, offset_s=same.line.offset_s - same.sound.shift_s)
        kept[kept.index(same)] = place(first, second, line, windows, times)
    return kept


def smooth_path(gains: NDArray[np.float64], cost: float) -> list[int]:
    """For each column the row that gains most, each change of row costing `cost` (Viterbi)."""
    total = gains[:, 0].copy()
    back = []
    for column in gains.T[1:]:
        best = int(np.argmax(total))
        stay = total >= total[best] - cost
        back.append(np.where(stay, np.arange(total.size), best))
        total = np.where(stay, total, total[best] - cost) + column
    path = [int(np.argmax(total))]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]
