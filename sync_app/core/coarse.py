"""A line from the MFCCs alone, where the whitened windows know nothing: noise over the sound, or sound too seldom.

The highest of noise lies anywhere within the windows' reach, so that a line through it is tens of milliseconds off. The
lags at which windows agree best by their MFCCs are right to some milliseconds each.
"""

from dataclasses import dataclass

import numpy as np

from sync_app.core import clock
from sync_app.core.agreement import Numbers
from sync_app.core.correlate import MAX_DRIFT_PPM
from sync_app.core.coverage import Pair
from sync_app.core.refine import Line
from sync_app.core.values import WindowLag

#: Under this standard score the whitened windows have heard nothing: unrelated sound stays under 5.5.
UNHEARD_FINE = 6.0
#: A slope is believed from so many standard errors on, from windows that are this far apart, and as far as clocks drift.
_STEEP, _SLOPE_FROM_S = 4.0, 120.0
_LEAST, _SHOWN = 3, 32


@dataclass(frozen=True, slots=True)
class CoarseLine:
    """A line with the standard error of its drift and some windows that it goes through."""

    line: Line
    ppm_error: float
    windows: tuple[WindowLag, ...]


def line_of(pair: Pair, near: Line, span: tuple[float, float]) -> CoarseLine | None:
    """The line through the lags near another one, in a span of the second track; None where too few windows agree."""
    times, lags = clock.lags(pair, near, span)
    if times.size < _LEAST:
        return None
    slope, error = _slope(times, lags)
    flat = np.ptp(times) < _SLOPE_FROM_S or abs(slope) < _STEEP * error or abs(slope) > MAX_DRIFT_PPM * 1e-6
    slope = 0.0 if flat else slope
    level = float(np.median(lags - slope * times))
    chosen = np.unique(np.linspace(0, times.size - 1, min(times.size, _SHOWN)).round().astype(int))
    windows = [
        WindowLag(round(float(t), 3), round(float(near.lag(t) + lag) * 1000, 3), round(1 / chosen.size, 5))
        for t, lag in zip(times[chosen], lags[chosen], strict=True)
    ]
    return CoarseLine(Line(near.offset_s + level, near.ppm + slope * 1e6), error * 1e6, tuple(windows))


def _slope(times: Numbers, lags: Numbers) -> tuple[float, float]:
    """The median of the slopes between windows, weighted by their distance, and about its standard error."""
    first, second = np.triu_indices(times.size, 1)
    far = times[second] - times[first] > clock.WINDOW_S
    if not np.any(far):
        return 0.0, 1.0
    slopes = (lags[second] - lags[first])[far] / (times[second] - times[first])[far]
    slope = float(np.median(slopes))
    left = lags - slope * times
    noise = max(1.4826 * float(np.median(np.abs(left - np.median(left)))), 0.001)
    independent = max(np.unique(times // clock.WINDOW_S).size, 1)
    spread = float(np.std(times)) * np.sqrt(independent)
    return slope, noise / max(spread, 1e-9)
