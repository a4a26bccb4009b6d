"""A film in chunks beside the same in one pass: every filter, every transition, every speed, with seams in the midst of them.

    python -m bench.chunks [--only crossfade,film_grain]

Four tests of each: frames before the encoder, and decoded from an encoder without loss, equal to the bit; samples equal; and of an encoder
with loss the distance to the frames before it, in dB: on average at most 0.3 below one pass, and the worst of the five frames on either side
of a seam no worse than one in a hundred elsewhere, or at most 0.3 below the worst of the same ten in one pass. One pass has a keyframe where
chunks meet: without a seam the ten frames around a keyframe are worse than one in a hundred elsewhere 7 times in 39, and ten anywhere once in
ten. Ends with 1 when a row fails.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import numpy as np

from render_app.core import catalogue
from render_app.core.catalogue import Profile
from render_app.core.plan import compiling
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.fields import Number
from render_app.core.timeline.nouns import (
    Clip,
    FilterStack,
    MediaReference,
    Sequence,
    Target,
    Track,
    Transition,
)
from tests.support import media
from tests.support.films import compiled, materials_of, rendered, small_profile
from tests.support.pictures import png, with_defaults

RATE, SIZE = Fraction(25), (320, 180)
#: Where chunks meet: as far apart as a plan has them, and in no place that it would choose.
EDGES = (0, 93, 200)
NEAR_SEAM, MAY_LOSE_DB = 5, 0.3
KEYS = ("-force_key_frames", "expr:" + "+".join(f"eq(n,{edge})" for edge in EDGES[1:-1]))
#: As cameras write it, with grain, so that an encoder has something to lose.
CAMERA = {"video": (*media.H264, "-g", "25", "-bf", "2"), "video_filter": "noise=alls=8:allf=t", "size": SIZE}
SPEEDS = ("0.25", "0.5", "0.8", "1.5", "2", "4")
#: A table that turns every color into its opposite.
INVERSE = "LUT_3D_SIZE 2\n" + "".join(f"{1 - r} {1 - g} {1 - b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
#: A bit rate with a buffer, which no profile has: what a seam would do to it.
VBV = ("-b:v", "600k", "-maxrate", "600k", "-bufsize", "600k")


@dataclass(frozen=True)
class Row:
    """A film of 200 frames. `encoder`: options instead of the profile's quality."""

    name: str
    sequence: Sequence
    encoder: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """`wrong`: frames and samples that are not those of one pass; decibels on average and of the worst frame at the seams, each beside one
    pass; `elsewhere`: of one frame in a hundred that is near no seam."""

    wrong: int
    mean: tuple[float, float]
    seam: tuple[float, float]
    elsewhere: float

    @property
    def fits(self) -> bool:
        least = min(self.elsewhere, self.seam[1] - MAY_LOSE_DB)
        return not self.wrong and self.mean[0] >= self.mean[1] - MAY_LOSE_DB and self.seam[0] >= least


def main() -> int:
    os.environ.update(DJANGO_SETTINGS_MODULE="studio.settings", PROGRAM_NICENESS="0")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of rows, with commas between them")
    only = [name for name in parser.parse_args().only.split(",") if name]
    files = {
        "A": media.slate("chunks-a.mp4", seconds=34, rate="25", **CAMERA),
        "B": media.slate("chunks-b.mov", seconds=6, rate="30", audio=media.PCM, **CAMERA),
    }
    print(
        f"{'':24} wrong · dB on average, in one pass · worst at a seam, there in one pass, one in a hundred elsewhere"
    )
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        files["lut"] = Path(folder) / "lut.cube"
        files["lut"].write_text(INVERSE)
        files["mask"] = png(Path(folder) / "mask.png", np.full((SIZE[1], SIZE[0], 3), 255, np.uint8))
        for row in _rows():
            if only and row.name not in only:
                continue
            with tempfile.TemporaryDirectory() as work:
                found = _proved(row, files, Path(work))
            failed += not found.fits
            print(
                f"{row.name:24} {found.wrong:5} {found.mean[0]:8.2f} {found.mean[1]:8.2f} {found.seam[0]:8.2f} {found.seam[1]:8.2f} {found.elsewhere:8.2f}"
                f"{'' if found.fits else '  FAILED'}",
                flush=True,
            )
    return int(failed > 0)


def _rows() -> Iterator[Row]:
    for name in catalogue.transitions():
        pair = (_clip("a", "A", 1000, 5500, 0), _clip("b", "B", 300, 5100, 3200))
        dissolve = Transition("x", name, Fraction(1000), "a", "b")
        yield Row(name, Sequence("s", RATE, tracks=(Track("t", "video", pair),), transitions=(dissolve,)))
    plain = _one(_clip("a", "A", 1000, 9000, 0))
    for name, kind in catalogue.filters().items():
        named = {"lut_artifact_id": "lut"} if name == "lut" else {}
        masked = {"mask_artifact_id": "mask"} if kind.mask == "required" else {}
        stack = FilterStack("f", Target("clip", "a"), (with_defaults(name, **_at_work(kind), **named, **masked),))
        yield Row(name, replace(plain, filter_stacks=(stack,)))
    for speed in map(Fraction, SPEEDS):
        for quality in (None, *(catalogue.slow_motions() if speed < 1 else ())):
            clip = _clip("a", "A", 1000, 1000 + 8000 * speed, 0, speed=speed, slowmo_quality=quality, optical_flow=True)
            yield Row(f"{float(speed):g} × {quality or ''}".strip(), _one(clip))
    yield Row("no effect", plain)
    yield Row("a bit rate with a buffer", plain, VBV)


def _at_work(kind: catalogue.FilterType) -> dict[str, float]:
    """What a filter is off by, halfway to its high end."""
    return {
        one.name: (one.default + one.high) / 2
        for one in kind.params
        if one.name in (kind.off or {}) and isinstance(one, Number)
    }


def _one(clip: Clip) -> Sequence:
    return Sequence("s", RATE, tracks=(Track("t", "video", (clip,)),))


def _clip(id: str, asset: str, begin: Fraction | int, end: Fraction | int, at: int, **fields) -> Clip:
    return Clip(id, MediaReference(asset), Fraction(end), Fraction(begin), Fraction(at), **fields)


def _proved(row: Row, files: dict[str, Path], folder: Path) -> Outcome:
    exact = replace(small_profile(RATE, pcm=True), crf=0)
    lossy = replace(exact, crf=25, preset="veryfast")
    one, chunked = (_film(row.sequence, files, exact, folder, chunked=way) for way in (False, True))
    wrong = sum(a != b for a, b in zip(_pixels(one), _pixels(chunked), strict=True))
    first, second = (media.decode_sound(path)[0] for path in (one, chunked))
    wrong += abs(len(first) - len(second)) or int((first != second).sum())

    def encoder(profile: Profile, frames: int = 0) -> list[str]:
        args = [*picture_args(profile, frames), *(KEYS if frames == EDGES[-1] else ())]
        at = args.index("-crf")
        return [*args[:at], *row.encoder, *args[at + 2 :]] if row.encoder else args

    with patch.object(compiling, "picture_args", encoder):
        ways = (_film(row.sequence, files, lossy, folder, chunked=way) for way in (True, False))
        in_chunks, in_one = (np.array(_decibels(film, one)) for film in ways)
    near = [edge + n for edge in EDGES[1:-1] for n in range(-NEAR_SEAM, NEAR_SEAM)]
    seam = float(in_chunks[near].min()), float(in_one[near].min())
    elsewhere = float(np.percentile(np.delete(in_chunks, near), 1))
    return Outcome(wrong, (float(in_chunks.mean()), float(in_one.mean())), seam, elsewhere)


def _film(sequence: Sequence, files: dict[str, Path], profile: Profile, folder: Path, *, chunked: bool) -> Path:
    work = folder / f"{profile.crf}-{chunked}"
    work.mkdir()
    with patch.object(compiling, "chunk_edges", lambda job, spans: EDGES if chunked else (EDGES[0], EDGES[-1])):
        plan = compiled(sequence, files, RenderWish(profile), materials_of(files))
    assert (plan.expected.frames, bool(plan.chunks)) == (EDGES[-1], chunked), plan.expected
    return rendered(plan, files, work)


def _pixels(film: Path) -> list[str]:
    """A digest of each frame."""
    out = film.with_suffix(".md5")
    media.run_ffmpeg("-i", str(film), "-map", "0:v", "-f", "framemd5", str(out))
    return [line.split(",")[-1].strip() for line in out.read_text().splitlines() if not line.startswith("#")]


def _decibels(film: Path, truth: Path) -> list[float]:
    """How near each frame is to the one before the encoder; 100 for one that is the same."""
    out = film.with_suffix(".psnr")
    graph = f"[0:v][1:v]psnr=stats_file={out}"
    media.run_ffmpeg("-i", str(film), "-i", str(truth), "-filter_complex", graph, "-f", "null", "-")
    return [min(100.0, float(found)) for found in re.findall(r"psnr_avg:(\S+)", out.read_text())]


if __name__ == "__main__":
    sys.exit(main())
