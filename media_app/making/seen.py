"""The pictures of a local file for engines that look: one after the other, at a constant rate from media time zero."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_app.core import ffmpeg as build
from media_app.core.files.decoded import counts_of, left_out_of
from media_app.core.files.faults import NotUsable
from media_app.making.inspect import Inspection
from media_app.making.original import run_over_original
from media_app.making.workspace import Workspace

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Looked:
    """How many pictures were looked at, at which rate; how many of the file could not be decoded; and how many were decoded and are
    not among them, as the constant rate has no place for them. None where ffmpeg did not count."""

    count: int
    rate: Fraction
    undecoded: int | None
    left_out: int | None = None

    @property
    def seconds(self) -> float:
        """How long they last."""
        return float(self.count / self.rate)


@dataclass(frozen=True, slots=True)
class View:
    """How pictures are looked at: no longer than `side` pixels, as a `step` of the job. `every`: also those of slow motion, of which
    otherwise 60 a second are looked at, at most."""

    side: int
    step: str
    every: bool = False


def look_at_all(
    path: Path, found: Inspection, work: Workspace, look: Callable[[int, Picture], None], view: View
) -> Looked:
    """Call `look(number, picture)` with each picture, BGR; picture n is at n / rate seconds.

    Raises NotUsable for a file without a picture, and as `run_over_original`.
    """
    video, frames = found.info.video, found.frames
    if video is None or frames is None:
        raise NotUsable("This file has no picture to analyze.")
    size = build.fit(video.width, video.height, short_side=view.side, long_side=view.side)
    rate = frames.rate if view.every else build.proxy_rate(frames.rate)
    feed = _Feed(size, look, work)
    args = build.seen_args(found.source(path), size, rate)
    finished = run_over_original(args, found, work, view.step, on_stdout=feed)
    counted = counts_of(finished.stderr_tail).get(video.index)
    undecoded = max(0, frames.frames - counted.frames) if counted and frames.frames else None
    return Looked(feed.count, rate, undecoded, left_out_of(finished.stderr_tail))


class _Feed:
    """Cuts a stream of bytes into pictures."""

    def __init__(self, size: tuple[int, int], look: Callable[[int, Picture], None], work: Workspace) -> None:
        self.size, self.look, self.work = size, look, work
        self.count, self._kept = 0, bytearray()

    def __call__(self, data: bytes) -> None:
        self._kept += data
        length = self.size[0] * self.size[1] * 3
        while len(self._kept) >= length:
            picture = np.frombuffer(bytes(self._kept[:length]), np.uint8).reshape(self.size[1], self.size[0], 3)
            del self._kept[:length]
            self.work.check()
            self.look(self.count, picture)
            self.count += 1
