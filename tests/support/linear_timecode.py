"""Linear timecode (SMPTE ST 12-1, biphase mark) as a generator writes it, for tests of the reader.

tape = linear_timecode("10:59:59:20", seconds=3, fps=Fraction(25))
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SYNC_WORD = "0011111111111101"
Label = tuple[int, int, int, int]


def linear_timecode(
    start: str, *, seconds: float, fps: Fraction, rate: int = 48_000, lead_s: float = 0.0, ppm: float = 0.0
) -> NDArray[np.float32]:
    """Samples at `rate`, peak 0.5. `;` before the frames: drop-frame. The label `start` begins `lead_s` after sample 0
    (negative: before it), and the generator's clock is `ppm` faster than the recorder's."""
    frame_s = float(1 / fps) / (1 + ppm * 1e-6)
    frames = int(np.ceil((seconds - lead_s) / frame_s)) + 1
    labels = labels_from(start, round(float(fps)))
    edges: list[float] = []
    for number in range(frames):
        begin = lead_s + number * frame_s
        edges += _edges(frame_bits(next(labels), drop=";" in start), begin, frame_s / 80)
    at = np.arange(round(seconds * rate)) / rate
    level = 1.0 - 2.0 * (np.searchsorted(np.array(edges), at, side="right") % 2)
    level[at < lead_s] = 0
    # A generator's edges rise within some 40 microseconds.
    shaped: NDArray[np.float32] = (0.5 * ndimage.gaussian_filter1d(level, 20e-6 * rate)).astype(np.float32)
    return shaped


def labels_from(start: str, nominal: int) -> Iterator[Label]:
    """The labels that follow, each a step on from the last."""
    drop = ";" in start
    hour, minute, second, frame = (int(part) for part in start.replace(";", ":").split(":"))
    while True:
        yield hour, minute, second, frame
        frame += 1
        if frame == nominal:
            frame, second = 0, second + 1
        if second == 60:
            second, minute = 0, minute + 1
            if drop and minute % 10:
                frame = 2
        if minute == 60:
            minute, hour = 0, (hour + 1) % 24


def frame_bits(label: Label, *, drop: bool) -> str:
    """The 80 bits of a frame in the order in which they are sent; user bits are 0."""
    hour, minute, second, frame = label
    fields = [(frame % 10, 4), (0, 4), (frame // 10, 2), (int(drop), 1), (0, 1), (0, 4)]
    fields += [(second % 10, 4), (0, 4), (second // 10, 3), (0, 1), (0, 4)]
    fields += [(minute % 10, 4), (0, 4), (minute // 10, 3), (0, 1), (0, 4)]
    fields += [(hour % 10, 4), (0, 4), (hour // 10, 2), (0, 2), (0, 4)]
    return "".join(f"{value:0{width}b}"[::-1] for value, width in fields) + SYNC_WORD


def _edges(bits: str, begin: float, bit_s: float) -> list[float]:
    edges = []
    for place, bit in enumerate(bits):
        edges.append(begin + place * bit_s)
        if bit == "1":
            edges.append(begin + (place + 0.5) * bit_s)
    return edges
