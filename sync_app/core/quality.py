"""How good a master each track would make: loudness, clipping, coverage."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sync_app.core.features import FULL_SCALE, RATE
from sync_app.core.values import TrackQuality

_FRAME = RATE // 10
_SILENT_DB = -65.0
_BLOCK = 600 * RATE


def quality(samples: NDArray[np.int16], clipped: float = 0.0) -> TrackQuality:
    """Measure 8 kHz samples, shape (n,); `clipped` is the share of full-rate samples that stand at full scale.

    The score runs from 0 to 1 and is coarse on purpose, so that tracks alike are a tie: half for the share of time
    with sound, the rest for a loudness near −23 dBFS and for sound that is not clipped. Coverage is the caller's: it
    weighs the score with the track's length.
    """
    frames = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    if frames.shape[0] == 0:
        return TrackQuality(samples.size / RATE, None, None, 0.0, 1.0, 0.0)
    power = np.concatenate(
        [np.mean(np.square(frames[at : at + 1000], dtype=np.float32), axis=1) for at in range(0, len(frames), 1000)]
    )
    level = 10 * np.log10(power / FULL_SCALE**2 + 1e-12)
    heard = level > _SILENT_DB
    silent = float(1 - heard.mean())
    if not np.any(heard):
        return TrackQuality(samples.size / RATE, None, None, round(clipped, 6), 1.0, 0.0)
    loudness = float(10 * np.log10(np.mean(10 ** (level[heard] / 10))))
    peak = float(20 * np.log10(max(abs(int(samples.max())), abs(int(samples.min())), 1) / FULL_SCALE))
    loud_enough = float(np.clip((loudness + 60) / 25, 0, 1))
    unclipped = float(np.clip(1 - clipped * 200, 0, 1))
    score = 0.5 * (1 - silent) + 0.25 * loud_enough + 0.25 * unclipped
    return TrackQuality(
        samples.size / RATE, round(loudness, 2), round(peak, 2), round(clipped, 6), round(silent, 4), round(score, 2)
    )


def choose_master(qualities: dict[str, TrackQuality], among: Sequence[str] | None = None) -> str:
    """The label of the best master: the greatest score weighted by coverage, the first label on a tie.

    A track covers as it lasts four fifths of the longest; worths within a tenth of the best are a tie, so that a
    hair's breadth does not move the master away from camera A.
    """
    labels = list(among if among is not None else qualities)
    longest = max((qualities[label].seconds for label in labels), default=0.0) or 1.0
    worth = {label: qualities[label].score * min(1.0, 1.25 * qualities[label].seconds / longest) for label in labels}
    best = max(worth.values())
    return next(label for label in labels if worth[label] >= best - 0.1)
