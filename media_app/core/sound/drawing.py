"""Sound as lines: waveforms and loudness curves as the `d` and `points` of SVG, in a box 1000 wide."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WIDTH = 1000
COLUMNS = 500
#: What a loudness chart shows, LUFS from bottom to top.
QUIETEST, LOUDEST = -48.0, -4.0


def waveform(low: NDArray[np.int8], high: NDArray[np.int8], per_second: float, seconds: float, height: int) -> str:
    """The outline of `seconds` of peaks as an SVG path, `height` high."""
    wanted = max(1, round(seconds * per_second))
    edges = np.linspace(0, wanted, min(COLUMNS, wanted) + 1).astype(int)
    tops, bottoms = [], []
    for column, (start, end) in enumerate(pairwise(edges)):
        x = round(column * WIDTH / max(1, len(edges) - 2), 1)
        up = int(high[start:end].max(initial=0)) if start < len(high) else 0
        down = int(low[start:end].min(initial=0)) if start < len(low) else 0
        tops.append(f"{x:g},{(1 - up / 128) * height / 2:.1f}")
        bottoms.append(f"{x:g},{(1 - down / 128) * height / 2:.1f}")
    return f"M{' L'.join(tops + bottoms[::-1])}Z"


def curve(points: Iterable[Sequence[float]], seconds: float, height: int) -> str:
    """(seconds, LUFS) pairs as the points of an SVG polyline."""
    return " ".join(f"{across(at, seconds):.1f},{level(value, height):.1f}" for at, value in points)


def across(at: float, seconds: float) -> float:
    return WIDTH * min(max(at / seconds, 0.0), 1.0) if seconds > 0 else 0.0


def level(lufs: float, height: int) -> float:
    """How far under the top of a chart a loudness lies."""
    share = (LOUDEST - min(max(lufs, QUIETEST), LOUDEST)) / (LOUDEST - QUIETEST)
    return round(share * height, 1)
