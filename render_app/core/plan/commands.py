"""One command of a plan being written: its inputs, its graph, and the files that it names."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app.core.ffmpeg.guard import input_guard, still_guard
from render_app.core.intervals import joined
from render_app.core.plan.conform import Reading
from render_app.core.plan.graph import Graph
from render_app.core.plan.materials import Materials
from render_app.core.plan.moving import Scripts
from render_app.core.plan.reels import Drawn, Medium

#: Linux takes 128 KiB for one argument.
LONGEST_ARGUMENT = 100_000


#: A stretch of a file's clock, in seconds.
Window = tuple[Fraction, Fraction]


def windows_of(reading: Reading, after: Reading | None = None) -> list[Window] | None:
    """From when to when a reading decodes a file's pictures; None where that is not known. `after`: the one from which it goes on."""
    medium = reading.medium
    if reading.needed is None or not medium.keys or not medium.seekable:
        return None
    if after is not None and after.needed is not None:
        return [(after.needed[0], reading.needed[1])]
    # A seek may land on the keyframe before, where pictures are out of order.
    number = bisect_left(medium.keys, reading.key_s * medium.rate) if reading.seek_s else 0
    begin = medium.keys[number - 1] / medium.rate if number > 0 else Fraction(0)
    return [(begin, reading.needed[1])]


@dataclass(slots=True)
class Files:
    """The files of a plan, in the order in which they are met. `made`: those that are made beforehand, and of what; `scripts`:
    texts that its commands read; `pictures`: from when to when the pictures of each are read, None where all of it is."""

    materials: Materials = field(default_factory=Materials)
    found: dict[str, Medium] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    scripts: Scripts = field(default_factory=Scripts)
    pictures: dict[str, list[Window] | None] = field(default_factory=dict)

    def with_own_scripts(self, prefix: str) -> "Files":
        """The same files, and scripts that are counted apart, so that no other command changes what they are called."""
        return replace(self, scripts=Scripts(prefix=prefix))

    def placeholder(self, medium: Medium, pictures: Sequence[Window] | None = None) -> Path:
        """What stands for a file; `pictures` as in `reads`."""
        if medium.drawn is not None:
            return self._drawn(medium.drawn)
        self.reads(medium, pictures)
        self.found.setdefault(medium.id, medium)
        return Path(f"{{input:{list(self.found).index(medium.id)}}}")

    def reads(self, medium: Medium, pictures: Sequence[Window] | None) -> None:
        """Keep which of a file's pictures are read, in seconds of its clock: none of one that is heard; None for all of it."""
        known = self.pictures.setdefault(medium.id, [])
        self.pictures[medium.id] = None if known is None or pictures is None else [*known, *pictures]

    def _drawn(self, drawn: Drawn) -> Path:
        font = {} if drawn.font is None else {"font": str(self.placeholder(drawn.font))}
        self.made[drawn.name] = {**drawn.of, **font}
        return Path(drawn.name)

    def table(self, id: str) -> str:
        """The name of a LUT's file, as ffmpeg reads it."""
        of = str(self.placeholder(self.materials.tables[id]))
        name = f"lut-{of.strip('{}').removeprefix('input:')}.cube"
        self.made[name] = {"kind": "lut", "of": of}
        return name

    @property
    def as_json(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            {
                "asset_id": one.asset_id,
                "artifact_id": one.artifact_id,
                "kind": "artifact" if one.artifact_id else "original",
                "name": one.name,
                "checksum": one.checksum,
                "version": one.version,
                "pictures_s": self._shown(one),
            }
            for one in self.found.values()
        )

    def _shown(self, medium: Medium) -> list[tuple[float, float]] | None:
        found = self.pictures.get(medium.id)
        return None if found is None else [(float(begin), float(end)) for begin, end in joined(found)]


@dataclass(slots=True)
class _Read:
    """An input, the last reading that it serves, and the labels under which its pictures are read."""

    source: str
    last: Reading
    labels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Command:
    """One command being written: its inputs and its graph. A file is opened once for readings that go on from each other."""

    files: Files
    graph: Graph = field(default_factory=Graph)
    inputs: list[str] = field(default_factory=list)
    opened: int = 0
    reads: list[_Read] = field(default_factory=list)

    def open_picture(self, reading: Reading) -> str:
        assert reading.medium.video
        read = next((one for one in self.reads if reading.goes_on(one.last)), None)
        if read is None:
            self.files.reads(reading.medium, windows_of(reading))
            read = _Read(self._open(reading, reading.medium.video.index, []), reading)
            self.reads.append(read)
        else:
            self.files.reads(reading.medium, windows_of(reading, read.last))
        read.last = reading
        read.labels.append(f"r{read.source.partition(':')[0]}x{len(read.labels)}")
        return read.labels[-1]

    def open_sound(self, reading: Reading) -> str:
        assert reading.medium.sound is not None
        return self._open(reading, reading.medium.sound, ["-vn"])

    def open_packets(self, medium: Medium, at: str) -> str:
        """A file's picture from a time on, to be copied."""
        assert medium.video
        path = self.files.placeholder(medium)
        self.inputs += ["-ss", at, *input_guard(path)]
        self.opened += 1
        return f"{self.opened - 1}:{medium.video.index}"

    def _open(self, reading: Reading, stream: int, only: list[str]) -> str:
        path = self.files.placeholder(reading.medium, ())
        guard = still_guard(path, reading.medium.still) if reading.medium.still else input_guard(path)
        self.inputs += [*reading.options, *only, *guard]
        self.opened += 1
        return f"{self.opened - 1}:{stream}"

    def args(self, maps: Sequence[str], output: Sequence[str]) -> tuple[str, ...]:
        for read in self.reads:
            self.graph.feed(read.source, read.labels)
        mapped = [part for one in maps for part in ("-map", one)]
        return (*self.inputs, *graph_args(self.graph, self.files.scripts), *mapped, *output)


def graph_args(graph: Graph, scripts: Scripts) -> list[str]:
    """A graph as an argument, or as a file where no argument may be so long; nothing for none."""
    text = str(graph)
    if not text:
        return []
    if len(text) <= LONGEST_ARGUMENT:
        return ["-filter_complex", text]
    return ["-filter_complex_script", scripts.add("graph", text)]
