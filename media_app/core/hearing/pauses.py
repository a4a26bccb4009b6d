"""Where a long recording may be cut into windows without cutting a word."""

import numpy as np
from numpy.typing import NDArray

#: Length of the levels that are compared, and of the pause that is looked for, seconds.
_STEP_S, _PAUSE = 0.02, 15


def quietest(sound: NDArray[np.float32], rate: int, within: int) -> int:
    """The middle of the quietest 0.3 s among the last `within` samples; the end where the sound is shorter than that."""
    step = round(rate * _STEP_S)
    first = max(0, len(sound) - within)
    frames = (len(sound) - first) // step
    if frames < _PAUSE:
        return len(sound)
    power = (sound[first : first + frames * step].astype(np.float64) ** 2).reshape(frames, step).mean(axis=1)
    pauses = np.convolve(power, np.ones(_PAUSE), mode="valid")
    # The last of equals, so that silence is not cut into crumbs.
    place = len(pauses) - 1 - int(np.argmin(pauses[::-1]))
    return int(first + (place + _PAUSE // 2) * step)
