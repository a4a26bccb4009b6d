"""Is what seems to be one track's own in the other after all? A microphone close to a talker is heard faintly by the next one.

One filter makes one track of the other where one source is all there is. Where each of two microphones is near another talker, the
filter that fits the louder one is wrong for the other one, and what it leaves looks like sound of its own. So the cells that look
so are fitted by themselves: sound that both tracks have is predicted by that filter, and what is missing from one of them is
predicted by none. Alternate seconds are predicted by the filter of the other ones: to fit is not to predict.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sync_app.core.playback import Cells
from sync_app.core.prediction import Spectra

#: Frames by which the other track may be early or late.
_EARLY, _LATE = 2, 6
_RIDGE = np.float32(1e-2)
#: Cells in a row that are predicted by the same half.
_IN_A_ROW = 4


def alone(known: Sequence[Spectra], wanted: Sequence[Spectra], weights: Cells) -> Cells:
    """The power of a track's cells, shape (cells, bands), that no filter makes of the other track; infinite where the weight is 0.

    `known` and `wanted`: the frames of both tracks in the same windows, shape (frames, bins); a cell is so many of the frames and
    a band so many of the bins as divide them.
    """
    found = np.full(weights.shape, np.inf)
    frames = sum(map(len, wanted)) // len(weights)
    bins = wanted[0].shape[1] // weights.shape[1]
    for band in np.flatnonzero(weights.any(axis=0)):
        there = np.flatnonzero(weights[:, band])
        rows = (there[:, None] * frames + np.arange(frames)).reshape(-1)
        near = slice(band * bins, (band + 1) * bins)
        source = np.concatenate([_lagged(wave[:, near]) for wave in known], axis=1)[:, rows]
        goal = np.concatenate([wave[:, near] for wave in wanted])[rows].T[:, :, None]
        second = np.repeat(there // _IN_A_ROW % 2 == 1, frames)
        left = _left(source, goal, np.repeat(weights[there, band], frames), second)
        found[there, band] = left.reshape(bins, -1, frames).sum(axis=(0, 2))
    return found


def _lagged(wave: Spectra) -> Spectra:
    """Each bin's frames next to those before and after them, shape (bins, frames, lags)."""
    padded = np.pad(wave, ((_LATE, _EARLY), (0, 0)))
    lagged = np.lib.stride_tricks.sliding_window_view(padded, _EARLY + _LATE + 1, axis=0)
    return np.ascontiguousarray(lagged.transpose(1, 0, 2))


def _left(source: Spectra, goal: Spectra, weights: Cells, second: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The power of the goal that each half's filter leaves of the other half, shape (bins, frames)."""
    left = np.empty(goal.shape[:2], np.float32)
    for half in (second, ~second):
        taps = _filter(source[:, half], goal[:, half], weights[half])
        left[:, ~half] = np.square(np.abs(goal[:, ~half] - source[:, ~half] @ taps))[:, :, 0]
    return left


def _filter(source: Spectra, goal: Spectra, weights: Cells) -> Spectra:
    """Weighted least squares for every bin, held down where there is little to fit; shape (bins, lags, 1)."""
    scale = np.sqrt(weights).astype(np.float32)[None, :, None]
    weighted = source * scale
    across = np.conj(weighted).transpose(0, 2, 1)
    matrix = across @ weighted
    ridge = _RIDGE * np.trace(matrix, axis1=1, axis2=2).real / matrix.shape[1] + np.float32(1e-6)
    matrix = matrix + ridge[:, None, None] * np.eye(matrix.shape[1], dtype=np.float32)
    taps: Spectra = np.linalg.solve(matrix, across @ (goal * scale))
    return taps
