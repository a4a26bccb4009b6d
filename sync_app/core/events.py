"""Short loud moments that both tracks have where a line puts them: claps, a slate, a hammer, in hiss that drowns them
in windows of seconds."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sync_app.core.features import RATE
from sync_app.core.refine import Line

#: Length of the windows to compare around such a moment.
LENGTH_S = 0.3
_STEPS = 50
_STEP = RATE // _STEPS
_AROUND_S = 1.0
_REACH_S = 0.04
_MOST, _APART_S, _OVER_DB = 24, 1.0, 6.0


def middles(
    first: NDArray[np.int16], second: NDArray[np.int16], line: Line, span: tuple[float, float]
) -> NDArray[np.float64]:
    """Times on the second track's clock at which both rise over what is around them by 6 dB or more, in order."""
    one = ndimage.maximum_filter1d(_rise(first), 2 * round(_REACH_S * _STEPS) + 1)
    two = _rise(second)
    steps = np.arange(max(int(span[0] * _STEPS) + 1, 0), min(int(span[1] * _STEPS), two.size))
    there = np.rint(line.at(steps / _STEPS) * _STEPS).astype(np.int64)
    inside = (there >= 0) & (there < one.size)
    steps, there = steps[inside], there[inside]
    if not steps.size:
        return np.zeros(0)
    both = np.minimum(two[steps], one[there])
    out: list[float] = []
    for index in np.argsort(-both, kind="stable"):
        if len(out) >= _MOST or both[index] < _OVER_DB:
            break
        time = float(steps[index]) / _STEPS
        if all(abs(time - other) >= _APART_S for other in out):
            out.append(time)
    return np.array(sorted(out))


def _rise(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Level in decibels over the median of the second around, fifty values a second."""
    frames = samples[: samples.size // _STEP * _STEP].reshape(-1, _STEP)
    power = [np.mean(np.square(frames[at : at + 5000], dtype=np.float32), axis=1) for at in range(0, len(frames), 5000)]
    level = 10 * np.log10(np.concatenate(power) + 1) if power else np.zeros(0, np.float32)
    rise: NDArray[np.float32] = (level - ndimage.median_filter(level, round(_AROUND_S * _STEPS) | 1)).astype(np.float32)
    return rise
