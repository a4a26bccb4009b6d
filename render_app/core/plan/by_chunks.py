"""A long film whose picture is made chunk by chunk: where it is cut, and what tells a chunk from every other.

Chunks meet on one grid from the beginning of the sequence, each at the cut that is nearest to its line, where there is one: an encoder
begins anew there anyway. A cut that moves changes the chunk in which it lies, or the two that meet there.
"""

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from render_app.core.plan.commands import Files
from render_app.core.plan.conform import seen_from
from render_app.core.plan.estimate import Work
from render_app.core.plan.job import Job
from render_app.core.plan.slowing import medium_in, method_of
from render_app.core.plan.spans import Shot, Span, is_seen
from render_app.core.timeline.edges import edge_ms

#: A film that is shorter is made in one: its chunks would cost more than they save (0.09 s of processor for each).
SHORTEST_S = 60
#: Seconds from one line of the grid to the next, or twice, four times … as many: so that little is decoded twice where keyframes lie far
#: apart, and that the processes cost little beside what they make (measured: 0.09 s of processor for each).
GRID_S, MOST_CHUNKS = 4, 60

_INPUT = re.compile(r"\{input:(\d+)\}")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a film's picture, or all its sound: `file` is what commands `first` to `last` of the plan make. `key`: a digest of
    all that its bytes follow from; `work`: of a picture."""

    kind: str
    file: str
    first: int
    last: int
    start_ms: Fraction
    end_ms: Fraction
    key: str
    work: Work = field(default_factory=Work)

    @property
    def as_json(self) -> dict[str, object]:
        """As a plan has it. `cached`: whether it is there already, which a plan does not know by itself."""
        return {
            "kind": self.kind, "file": self.file, "commands": [self.first, self.last], "start_ms": float(self.start_ms),
            "end_ms": float(self.end_ms), "key": self.key, "work": self.work.as_json, "cached": False,
        }  # fmt: skip


def commands_of(chunks: Iterable[Mapping[str, Any]]) -> set[int]:
    """The numbers of the commands that make these chunks."""
    return {number for one in chunks for number in range(one["commands"][0], one["commands"][1] + 1)}


def chunk_edges(job: Job, spans: Sequence[Span]) -> tuple[int, ...]:
    """The frames at which the chunks of a film begin and end; of one that is made in one, its own ends alone."""
    shots = list(_shots(spans))
    step = _step(job, shots)
    if step is None:
        return job.start, job.end
    cuts = [span.start for span in spans[1:]]
    lines = range(job.start // step + 1, -(-job.end // step))
    inside = (_near(line * step, step, cuts) for line in lines)
    # Interpolation goes by what it found in frames before, so it is not cut.
    whole = [(shot.start, shot.end) for shot in shots if method_of(shot.take) == "minterpolate"]
    edges = (edge for edge in inside if not any(start < edge < end for start, end in whole))
    return job.start, *(edge for edge in edges if job.start + step // 4 < edge < job.end - step // 4), job.end


def _near(line: int, step: int, cuts: Sequence[int]) -> int:
    """The cut nearest to a line of the grid, or the line itself where none is near: each has cuts of its own."""
    at = bisect_left(cuts, line)
    near = min(cuts[max(0, at - 1) : at + 1], key=lambda cut: abs(cut - line), default=line)
    return near if abs(near - line) < step // 4 else line


def _step(job: Job, shots: Sequence[Shot]) -> int | None:
    """Frames from one line to the next; None for a film that is made in one."""
    rate, seconds = job.profile.fps, (job.end - job.start) / job.profile.fps
    if seconds < SHORTEST_S or not _can(job, shots):
        return None
    apart = max((_sought(shot, rate) for shot in shots), default=Fraction(0))
    length = GRID_S
    while length < 2 * apart or seconds > length * MOST_CHUNKS:
        length *= 2
    return round(length * rate) if 2 * length <= seconds else None


def _can(job: Job, shots: Sequence[Shot]) -> bool:
    """Whether chunks are what the film in one is, and small enough to be kept: a picture of a constant quality, not of single pictures.

    What is steadied or deinterlaced depends on what lies far before.
    """
    if job.profile.crf is None or job.profile.hardware:
        return False
    media = [medium_in(shot) for shot in shots]
    return not any(shot.take.clip.stabilise for shot in shots) and not any(
        medium.video is not None and medium.video.interlaced for medium in media
    )


def _shots(spans: Iterable[Span]) -> Iterator[Shot]:
    """What has a picture."""
    every = (shot for span in spans for layer in span.layers for side in layer.sides for shot in side)
    return (shot for shot in every if is_seen(shot.take))


def _sought(shot: Shot, rate: Fraction) -> Fraction:
    """Seconds of a shot's file from one place at which reading can begin to the next."""
    medium = medium_in(shot)
    if medium.still:
        return Fraction(0)
    if medium.seekable and len(medium.keys) > 1:
        return (medium.keys[-1] - medium.keys[0]) / ((len(medium.keys) - 1) * medium.rate)
    needed = max(Fraction(0), shot.take.file_ms(edge_ms(shot.end, rate)) / 1000)
    return needed - seen_from(medium, needed).key_s


def key_of(commands: Iterable[Sequence[str]], files: Files, build: str, also: object = None) -> str:
    """What tells commands from all others: what is done, by which build, to which bytes; not how this plan counts its files.

    `files` has their scripts alone. `also`: what they do besides.
    """
    sums = {
        str(number): one["checksum"] or one["artifact_id"] or f"{one['asset_id']} {one['version']}"
        for number, one in enumerate(files.as_json)
    }

    def plain(text: str) -> str:
        return _INPUT.sub(lambda found: f"{{{sums[found[1]]}}}", text.replace(files.scripts.prefix or "\0", ""))

    made = {name: _digest(plain(json.dumps(of, sort_keys=True))) for name, of in files.made.items()}
    said = [[_named(plain(part), made) for part in one] for one in commands]
    texts = {plain(name): _named(plain(text), made) for name, text in files.scripts.files.items()}
    return _digest(json.dumps([build, said, texts, also], sort_keys=True))


def _named(text: str, made: Mapping[str, str]) -> str:
    """A text in which files that are made beforehand are named by what they are made of."""
    for name, digest in made.items():
        text = text.replace(name, digest)
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
