"""Linear timecode (SMPTE ST 12-1) as sound: 80 bits a frame, biphase mark."""

import numpy as np

from bench.sync.sources import RATE, Signal

SYNC = (0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1)


def ltc(first_frame: int, seconds: float, fps: int, level: float = 0.3) -> Signal:
    """Non-drop timecode from `first_frame` after midnight on."""
    count = int(np.ceil(seconds * fps)) + 1
    bits = np.concatenate([frame_bits(first_frame + n, fps) for n in range(count)])
    changes = np.stack([np.ones_like(bits), bits], axis=1).ravel()
    state = 1.0 - 2.0 * (np.cumsum(changes) % 2)
    halves = fps * 160.0
    index = (np.arange(round(seconds * RATE)) * (halves / RATE)).astype(np.int64)
    rounded = np.convolve(state[index], np.ones(3) / 3, "same")  # as a cable rounds the edges
    return (level * rounded).astype(np.float32)


def frame_bits(frame: int, fps: int) -> np.ndarray:
    """The 80 bits of one frame, user bits zero."""
    total, ff = divmod(frame, fps)
    hh, mm, ss = total // 3600 % 24, total // 60 % 60, total % 60
    bits = np.zeros(80, np.int64)
    for at, value, width in (
        *((0, ff % 10, 4), (8, ff // 10, 2), (16, ss % 10, 4), (24, ss // 10, 3)),
        *((32, mm % 10, 4), (40, mm // 10, 3), (48, hh % 10, 4), (56, hh // 10, 2)),
    ):
        bits[at : at + width] = [value >> k & 1 for k in range(width)]
    bits[64:] = SYNC
    bits[59 if fps == 25 else 27] = int(bits.sum() % 2)  # the count of zeros in a frame is kept even
    return bits
