"""Timecode as sound, read back bit by bit from its zero crossings."""

import numpy as np
import pytest

from bench.sync.ltc import SYNC, ltc
from bench.sync.sources import RATE


def read_bits(sound: np.ndarray, fps: int) -> list[int]:
    """Biphase mark: a whole bit between two crossings is a 0, two halves are a 1."""
    signs = np.sign(sound)
    crossings = np.flatnonzero(np.diff(signs[signs != 0]))
    bit = RATE / (fps * 80)
    bits, halves = [], 0
    for gap in np.diff(crossings):
        if gap > 0.75 * bit:
            bits.append(0)
        else:
            halves += 1
            if halves % 2 == 0:
                bits.append(1)
    return bits


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_hours_minutes_seconds_and_frames_are_read_back(fps):
    first = ((13 * 60 + 47) * 60 + 29) * fps + 17

    bits = read_bits(ltc(first, 1.0, fps), fps)

    text = "".join(map(str, bits))
    start = text.index("".join(map(str, SYNC))) + 16  # the first whole frame: one after `first`
    frame = bits[start : start + 80]

    def number(at: int, width: int) -> int:
        return sum(bit << k for k, bit in enumerate(frame[at : at + width]))

    assert number(0, 4) + 10 * number(8, 2) == 18
    assert number(16, 4) + 10 * number(24, 3) == 29
    assert number(32, 4) + 10 * number(40, 3) == 47
    assert number(48, 4) + 10 * number(56, 2) == 13
    assert sum(frame) % 2 == 0
