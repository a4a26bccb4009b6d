"""Sound without its constant offset, which microphones' preamplifiers add."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class OffsetMeter:
    """The mean of all samples, block by block."""

    frames: int = 0
    total: float = 0.0

    def feed(self, block: NDArray[np.float32]) -> None:
        """The next samples, shape (n,)."""
        self.frames += len(block)
        self.total += float(block.sum(dtype=np.float64))

    @property
    def offset(self) -> float:
        """The mean; 0 where there was no sound."""
        return self.total / max(1, self.frames)


def without(block: NDArray[np.float32], offset: float) -> NDArray[np.float32]:
    """The block around zero, within full scale."""
    centered: NDArray[np.float32] = np.clip(block - np.float32(offset), np.float32(-1), np.float32(1))
    return centered
