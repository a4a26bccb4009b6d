"""A straight line through window lags that a few wrong windows do not bend."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sync_app.core.refine import Line

_FLOOR_S = 2e-5
_SHORTEST_ARM_S = 5.0


@dataclass(frozen=True, slots=True)
class LineFit:
    """A line, the standard error of its drift, and the median distance of the windows from it."""

    line: Line
    ppm_error: float
    residual_s: float


def robust_line(times: NDArray[np.float64], lags: NDArray[np.float64], scores: NDArray[np.float64]) -> LineFit:
    """Theil and Sen's median slope first, then least squares weighted by score and by Tukey's biweight.

    `times` and `lags` in seconds, shape (n,), n at least 1. Windows too few or too close together to say anything of
    the slope give none.
    """
    if times.size < 3 or np.ptp(times) < _SHORTEST_ARM_S:
        return _level(times, lags, scores)
    first, second = np.triu_indices(times.size, 1)
    slope = _weighted_median(
        (lags[second] - lags[first]) / (times[second] - times[first]), np.abs(times[second] - times[first])
    )
    centre = _weighted_median(lags - slope * times, scores)
    weights = np.square(np.minimum(scores, 20.0))
    middle = float(np.average(times, weights=weights))
    for _ in range(8):
        residual = lags - centre - slope * times
        scale = max(4.5 * float(np.median(np.abs(residual))), 4 * _FLOOR_S)
        kept = weights * np.square(np.maximum(0, 1 - np.square(residual / scale)))
        if np.count_nonzero(kept) < 2:
            break
        middle = float(np.average(times, weights=kept))
        arm = times - middle
        spread = float(np.sum(kept * np.square(arm)))
        if spread < 1e-9:
            break
        slope = float(np.sum(kept * arm * lags) / spread)
        centre = float(np.average(lags, weights=kept)) - slope * middle
    residual = lags - centre - slope * times
    noise = max(float(np.median(np.abs(residual))) * 1.4826, _FLOOR_S)
    error = noise / max(np.sqrt(float(np.sum(np.square(times - middle)))), 1e-9)
    return LineFit(Line(centre, slope * 1e6), error * 1e6, float(np.median(np.abs(residual))))


def _level(times: NDArray[np.float64], lags: NDArray[np.float64], scores: NDArray[np.float64]) -> LineFit:
    lag = _weighted_median(lags, scores)
    arm = max(float(np.ptp(times)), 1.0)
    return LineFit(Line(lag, 0.0), 0.001 / arm * 1e6, float(np.median(np.abs(lags - lag))))


def _weighted_median(values: NDArray[Any], weights: NDArray[Any]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(total, total[-1] / 2), values.size - 1)])
