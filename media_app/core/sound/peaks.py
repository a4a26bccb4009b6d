"""Waveform peaks in audiowaveform's `.dat` format, version 2, 8 bit.

The header is 24 bytes, little-endian: int32 version (2), uint32 flags (1 = 8 bit), int32 sample rate, int32 samples
per pixel, uint32 length in pixels, int32 channels; then per pixel and channel the least and the greatest sample as
int8. Source: bbc/audiowaveform, doc/DataFormat.md.
"""

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct("<iIiiIi")
VERSION = 2
EIGHT_BIT = 1


@dataclass(slots=True)
class PeakBuilder:
    """Least and greatest sample of each `samples_per_pixel` frames of one channel of 16-bit sound, fed in blocks.

    The two output bytes per pixel are the int16 values divided by 256 and rounded down, as audiowaveform has them.
    The last pixel covers what is left and may be shorter. Memory: one block and the peaks themselves.
    """

    rate: int
    samples_per_pixel: int
    _rest: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))
    _pixels: bytearray = field(default_factory=bytearray)

    def feed(self, samples: NDArray[np.int16]) -> None:
        """`samples`: the next frames, shape (n,)."""
        if len(self._rest):
            samples = np.concatenate((self._rest, samples))
        whole = len(samples) // self.samples_per_pixel * self.samples_per_pixel
        if whole:
            self._append(samples[:whole].reshape(-1, self.samples_per_pixel))
        self._rest = samples[whole:].copy()

    def dat(self) -> bytes:
        """The whole file. Nothing may be fed after this."""
        if len(self._rest):
            self._append(self._rest.reshape(1, -1))
            self._rest = self._rest[:0]
        header = HEADER.pack(VERSION, EIGHT_BIT, self.rate, self.samples_per_pixel, len(self._pixels) // 2, 1)
        return header + bytes(self._pixels)

    def _append(self, rows: NDArray[np.int16]) -> None:
        pairs = np.stack((rows.min(axis=1), rows.max(axis=1)), axis=1)
        self._pixels += (pairs >> 8).astype(np.int8).tobytes()


@dataclass(frozen=True, slots=True)
class Peaks:
    """A `.dat` file read back: `low` and `high` hold int8, shape (pixels,)."""

    rate: int
    samples_per_pixel: int
    low: NDArray[np.int8]
    high: NDArray[np.int8]


def read_dat(data: bytes) -> Peaks:
    """Raises ValueError when `data` is not a one-channel 8-bit `.dat` of version 2, or is cut short."""
    if len(data) < HEADER.size:
        raise ValueError("These are no waveform peaks: the header is cut short.")
    version, flags, rate, samples_per_pixel, length, channels = HEADER.unpack_from(data)
    if (version, flags, channels) != (VERSION, EIGHT_BIT, 1):
        raise ValueError("These are no waveform peaks of version 2, 8 bit, one channel.")
    if len(data) != HEADER.size + 2 * length:
        raise ValueError("The waveform peaks are cut short.")
    pairs = np.frombuffer(data, np.int8, offset=HEADER.size).reshape(-1, 2)
    return Peaks(rate, samples_per_pixel, pairs[:, 0], pairs[:, 1])
