"""Films of one picture, made without loss, and their samples read back: what a filter does is measured in codes."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from render_app.core import catalogue
from render_app.core.plan.request import RenderWish
from render_app.core.plan.watermark import Watermark
from render_app.core.timeline.nouns import (
    Clip,
    Filter,
    FilterStack,
    MediaReference,
    Target,
    Track,
)
from render_app.core.timeline.nouns import Sequence as Timeline
from tests.support import media
from tests.support.films import compiled, materials_of, rendered, small_profile

RATE = Fraction(25)
Picture = NDArray[np.uint8]
BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


def png(path: Path, picture: Picture) -> Path:
    """A picture of rows, columns and none, three or four channels."""
    Image.fromarray(picture).save(path)
    return path


def footage(picture: Picture, frames: int = 12) -> Path:
    """H.264 without loss whose every frame is one RGB picture, of any size."""

    def make(path: Path) -> None:
        source = png(path.with_suffix(".png"), picture)
        chain = f"scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv444p,{BT709}"
        still_ = ["-loop", "1", "-framerate", "25", "-i", source, "-frames:v", frames, "-vf", chain]
        media.run_ffmpeg(*still_, "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", path)

    return media.cached("picture.mp4", (picture.tobytes(), picture.shape, frames), make)


@dataclass(frozen=True)
class Samples:
    """Every frame of a film: brightness (frames, rows, columns) and its two planes of color (frames, 2, rows, columns), in codes
    of eight bits."""

    luma: NDArray[np.float64]
    chroma: NDArray[np.float64]

    @property
    def level(self) -> NDArray[np.float64]:
        """Brightness above black."""
        return self.luma - 16


def samples(path: Path, size: tuple[int, int], fmt: str = "yuv420p") -> Samples:
    """What a file shows, as it is stored."""
    argv = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        fmt,
        "-",
    ]
    raw = subprocess.run(argv, capture_output=True, check=True).stdout
    width, height = size
    deep = "10" in fmt
    rows = height if "422" in fmt else height // 2
    codes = np.frombuffer(raw, np.uint16 if deep else np.uint8).astype(float) / (4 if deep else 1)
    planes = codes.reshape(-1, width * height + 2 * rows * (width // 2))
    luma = planes[:, : width * height].reshape(-1, height, width)
    return Samples(luma, planes[:, width * height :].reshape(-1, 2, rows, width // 2))


def with_defaults(name: str, **params: object) -> Filter:
    """A filter with all its parameters."""
    return Filter(name, {one.name: one.default for one in catalogue.filters()[name].params} | params)


@dataclass(frozen=True)
class Step:
    """After so many of a transition's frames. `ends`: the codes of black and white; `aside`: pixels by which its edge is farther."""

    step: int
    steps: int
    ends: tuple[float, float] = (16, 235)
    aside: int = 0


def blended(kind: str, a: NDArray[np.float64], b: NDArray[np.float64], at: Step) -> NDArray[np.float64]:
    """What a transition between two grey pictures shows at a step, by its name alone."""
    height, width = a.shape
    share, half = at.step / at.steps, (at.steps + 1) // 2
    if kind == "crossfade":
        return (1 - share) * a + share * b
    if kind.startswith("dip"):
        ground = at.ends[kind == "dip_to_white"]
        out = at.step < half
        picture, kept = (a, 1 - at.step / half) if out else (b, (at.step - half) / (at.steps - half))
        return ground + (picture - ground) * kept
    across, down = (max(0, min(side, round(share * side) + at.aside)) for side in (width, height))
    return {
        "wipe_left": lambda: np.hstack([a[:, : width - across], b[:, width - across :]]),
        "wipe_right": lambda: np.hstack([b[:, :across], a[:, across:]]),
        "push_left": lambda: np.hstack([a[:, across:], b[:, :across]]),
        "push_right": lambda: np.hstack([b[:, width - across :], a[:, : width - across]]),
        "slide_up": lambda: np.vstack([a[down:], b[:down]]),
        "slide_down": lambda: np.vstack([b[height - down :], a[: height - down]]),
    }[kind]()


@dataclass(frozen=True)
class Bench:
    """Films of `size`, made in a folder. `files`: masks and tables by their ids, next to the clips' own."""

    folder: Path
    size: tuple[int, int] = (160, 90)
    files: Mapping[str, Path] = field(default_factory=dict)
    watermark: Watermark | None = None

    @property
    def profile(self):
        """Without loss."""
        return replace(small_profile(RATE), width=self.size[0], height=self.size[1], crf=0)

    def look(self, source: Path, *filters: Filter, level: str = "clip", ms: int = 160, **fields: object) -> Samples:
        """A clip with filters on it, its track or the sequence."""
        clip = Clip("c", MediaReference("source"), Fraction(ms), Fraction(0), Fraction(0), **fields)
        target = Target(level, {"clip": "c", "track": "t", "sequence": "s"}[level])
        return self.film({"source": source}, [[clip]], filter_stacks=(FilterStack("f", target, filters),))

    def film(
        self,
        sources: Mapping[str, Path],
        tracks: Sequence[Sequence[Clip]],
        wish: RenderWish | None = None,
        **more: object,
    ) -> Samples:
        """The samples of these tracks, the farthest first."""
        made = tuple(
            Track(f"t{order}" if order else "t", "video", tuple(clips), order=order)
            for order, clips in enumerate(tracks)
        )
        timeline, files = Timeline("s", RATE, tracks=made, **more), {**self.files, **sources}
        plan = compiled(
            timeline,
            files,
            wish or RenderWish(self.profile),
            replace(materials_of(self.files), watermark=self.watermark),
        )
        folder = self.folder / f"film-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        found = samples(rendered(plan, files, folder), self.size)
        assert len(found.luma) == plan.expected.frames
        return found
