"""A film of masks, white where something is hidden, which runs with the film that it is for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.backends.packages import Package
from media_app.core.kinds import Kind
from media_app.core.vision.boxes import Box
from media_app.making.files import DerivedFile, describe
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace

Mask = NDArray[np.uint8]
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
    return _write(out, size, rate, (covered(size, boxes) for boxes in covers))


def _write(out: Path, size: tuple[int, int], rate: Fraction, masks: Iterable[Mask]) -> Path:
    av: Any = AV.load()
    flags = {"fflags": "+bitexact"}
    with av.open(str(out), "w", format="matroska", options=flags) as film:
        stream = film.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "gray"
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for mask in masks:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(mask, format="gray")))
        film.mux(stream.encode())
    return out


def change_veils(paths: Sequence[Path], out: Path, change: Callable[..., Mask]) -> Path:
    """Another film of masks, of those of one recording: each is what `change` makes of its time in seconds and the mask of every film.

    Raises BackendUnavailable.
    """
    av: Any = AV.load()
    with ExitStack() as opened:
        films = [opened.enter_context(av.open(str(path))) for path in paths]
        stream = films[0].streams.video[0]
        rate, size = stream.average_rate, (stream.width, stream.height)
        frames = enumerate(zip(*map(_masks, films), strict=True))
        return _write(out, size, rate, (change(float(number / rate), *masks) for number, masks in frames))


def describe_veil(kind: Kind, path: Path, work: Workspace) -> DerivedFile:
    """A film of masks as an engine gives it."""
    meta = {"region_type": "face", "media_info": inspect(path, work.subfolder(kind.name)).as_json()}
    return describe(kind, path, meta, variant="film")


def _masks(film: Any) -> Iterator[Mask]:
    return (frame.to_ndarray(format="gray") for frame in film.decode(film.streams.video[0]))


def covered(size: tuple[int, int], boxes: Sequence[Box]) -> Mask:
    """Every pixel that a box touches is white."""
    wide, high = size
    mask = np.zeros((high, wide), np.uint8)
    for box in boxes:
        left, top = int(np.floor(box.x * wide)), int(np.floor(box.y * high))
        right, bottom = int(np.ceil((box.x + box.width) * wide)), int(np.ceil((box.y + box.height) * high))
        mask[max(0, top) : bottom, max(0, left) : right] = 255
    return mask
