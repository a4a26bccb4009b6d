"""Stretches of frames in which something is so."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first frame, frame after the last) of each unbroken stretch of true frames."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def joined(stretches: Iterable[tuple[int, int]], pause: float) -> list[tuple[int, int]]:
    """Those less than `pause` frames apart as one."""
    kept: list[tuple[int, int]] = []
    for start, end in stretches:
        if kept and start - kept[-1][1] < pause:
            kept[-1] = kept[-1][0], end
        else:
            kept.append((start, end))
    return kept
