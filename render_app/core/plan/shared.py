"""The pictures of several films from one decode: each file is opened once in a command, and its frames go to every film."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from media_app.core.ffmpeg.outputs import CLEAN
from render_app.core.plan.commands import Command, Files, windows_of
from render_app.core.plan.compiling import list_of
from render_app.core.plan.conform import Reading
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.films import Draft, Extras
from render_app.core.plan.graph import Graph, filter_
from render_app.core.plan.job import Job
from render_app.core.plan.parts import draw_spans, drawing_in, frame_of, layers_in, parts_of
from render_app.core.plan.picture import Open
from render_app.core.plan.spans import Layer, spans_of
from render_app.core.timeline.edges import edge_ms, frame_edge

#: A reading that begins so shortly before another one of its file serves both.
SAME_READING_S = Fraction(1, 2)
#: The still picture.
STILL = "still.jpg"


def shared_pictures(
    made: Sequence[Draft], extras: Extras, files: Files, texts: dict[str, str]
) -> tuple[list[tuple[str, ...]], list[int]]:
    """A command for each part of the pictures, and how many frames of the first film it makes."""
    if not made:
        return [], []
    commands, frames = [], []
    layers = [layers_in(one.job) for one in made]
    for start_ms, end_ms in pairwise(_part_times(made[0].job, layers[0])):
        windows = [_window(one.job, start_ms, end_ms) for one in made]
        commands.append(_part(list(zip(made, layers, windows, strict=True)), extras, files))
        frames.append(windows[0][1] - windows[0][0])
    texts |= {one.list_name: list_of(one.parts) for one in made}
    return commands, frames


def _part_times(job: Job, layers: list[tuple[Layer, ...]]) -> Iterator[Fraction | None]:
    """When the parts meet; None for both ends. Cuts are named by their exact times, so that every film cuts there."""
    rate = job.profile.fps
    moments = (ms for stretches in job.stretches.values() for one in stretches for ms in (one.start_ms, one.end_ms))
    exact = {frame_edge(ms, rate): ms for ms in moments}
    yield None
    for _, after in pairwise(parts_of(spans_of(layers, job.start, job.end), frame_of(job).filters)):
        yield exact.get(after[0].start, edge_ms(after[0].start, rate))
    yield None


def _window(job: Job, start_ms: Fraction | None, end_ms: Fraction | None) -> tuple[int, int]:
    """The frames of a film between two moments."""
    rate = job.profile.fps
    start = job.start if start_ms is None else frame_edge(start_ms, rate)
    return start, job.end if end_ms is None else frame_edge(end_ms, rate)


def _part(
    made: Sequence[tuple[Draft, list[tuple[Layer, ...]], tuple[int, int]]], extras: Extras, files: Files
) -> tuple[str, ...]:
    """One command that makes a part of every film."""
    command, outputs = Command(files), list[str]()
    rates = {one.job.profile.fps for one, *_ in made}
    shared = SharedInputs(command, 1 / min(rates) if len(rates) > 1 else Fraction(0))
    for one, layers, (start, end) in made:
        if start == end:
            continue
        label = f"picture{one.number}"
        drawing = drawing_in(command, frame_of(one.job), shared.reader(one.number))
        draw_spans(drawing, spans_of(layers, start, end), label)
        if one is made[0][0] and (still := _still_frame(one.job, extras, start, end)) is not None:
            label = _with_still(command.graph, label, still - start)
            outputs += ["-map", "[still]", *_STILL_ARGS, STILL]
        outputs += ["-map", f"[{label}]", *picture_args(one.job.profile, end - start), one.next_part()]
    shared.split()
    return command.args((), outputs)


def _still_frame(job: Job, extras: Extras, start: int, end: int) -> int | None:
    """The frame of the still picture, where it lies in this part."""
    if extras.still_ms is None:
        return None
    wanted = min(max(frame_edge(extras.still_ms, job.profile.fps), job.start), job.end - 1)
    return wanted if start <= wanted < end else None


_STILL_ARGS = [
    *["-c:v", "mjpeg", "-q:v", "3", "-frames:v", "1", *CLEAN, "-color_range", "pc", "-strict", "unofficial"],
    *["-flags:v", "+bitexact", "-f", "image2", "-update", "1"],
]


def _with_still(graph: Graph, picture: str, frame: int) -> str:
    """The picture's new label, next to `still` with one frame of it."""
    graph.chains.append(f"[{picture}]split=2[{picture}s][still0]")
    pixels = (filter_("scale", out_range="pc"), filter_("format", pix_fmts="yuv420p"))
    graph.end("still0", (filter_("trim", start_frame=frame, end_frame=frame + 1), *pixels), "still")
    return f"{picture}s"


@dataclass(slots=True)
class _Opened:
    """A file that is read in a command, and the label that each film has for it."""

    reading: Reading
    source: str
    labels: dict[int, str] = field(default_factory=dict)

    def serves(self, reading: Reading, film: int) -> bool:
        """Whether it has what a film reads: a reading that begins later may lack the first frame."""
        near = 0 <= reading.seek_s - self.reading.seek_s <= SAME_READING_S
        return film not in self.labels and self.reading.medium is reading.medium and near


@dataclass(slots=True)
class SharedInputs:
    """Each file once for all films, its frames split among them. `spare_s`: by how much a film may need a file before the first one does,
    since a cut falls on frames of other rates.
    """

    command: Command
    spare_s: Fraction
    opened: list[_Opened] = field(default_factory=list)

    def reader(self, film: int) -> Open:
        """How a film opens what it shows."""
        return lambda reading: self._label(reading, film)

    def _label(self, reading: Reading, film: int) -> str:
        one = next((one for one in self.opened if one.serves(reading, film)), None)
        if one is None:
            early = replace(reading, seek_s=max(Fraction(0), reading.seek_s - self.spare_s))
            one = _Opened(early, self.command.open_picture(early))
            self.opened.append(one)
        self.command.files.reads(reading.medium, windows_of(reading))
        one.labels[film] = f"i{self.opened.index(one)}f{film}"
        return one.labels[film]

    def split(self) -> None:
        """Let each file's frames go where they are read; a film that opened one may not show it after all."""
        graph = self.command.graph
        text = str(graph)
        for one in self.opened:
            read = [f"[{label}]" for label in one.labels.values() if f"[{label}]" in text]
            if read:
                graph.chains.append(f"[{one.source}]split={len(read)}{''.join(read)}")
