"""A film of masks, white where something is hidden, which runs with the film that it is for."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from media_app.backends.packages import Package
from media_app.core.vision.boxes import Box

#: PyAV writes the film, as its pictures are made one by one.
AV = Package("av", "av", "vision")
#: Pixels of its longer side: borders of a cover need no more.
SIDE = 320


def size_of(width: int, height: int) -> tuple[int, int]:
    """Pixels of the masks for a picture of this size: even, and of its shape."""
    scale = SIDE / max(width, height)
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))


def write_veil(out: Path, size: tuple[int, int], rate: Fraction, covers: Iterable[Sequence[Box]]) -> Path:
    """A lossless gray film with the covers of each frame; the same covers are the same bytes. Raises BackendUnavailable."""
    av: Any = AV.load()
    flags = {"fflags": "+bitexact"}
    with av.open(str(out), "w", format="matroska", options=flags) as film:
        stream = film.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "gray"
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for boxes in covers:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(_mask(size, boxes), format="gray")))
        film.mux(stream.encode())
    return out


def _mask(size: tuple[int, int], boxes: Sequence[Box]) -> Any:
    """Every pixel that a box touches is white."""
    wide, high = size
    mask = np.zeros((high, wide), np.uint8)
    for box in boxes:
        left, top = int(np.floor(box.x * wide)), int(np.floor(box.y * high))
        right, bottom = int(np.ceil((box.x + box.width) * wide)), int(np.ceil((box.y + box.height) * high))
        mask[max(0, top) : bottom, max(0, left) : right] = 255
    return mask
