"""Several films of one sequence from one decode: each file is opened once in a command, and its frames go to every film.

Films differ in size, shape and rate, so each draws its own frames by the one rule; they share what is read. The sound is made
once: the same samples, and with the same encoder the same packets.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from media_app.core.ffmpeg.guard import input_guard
from media_app.core.ffmpeg.outputs import CLEAN, timescale
from media_app.core.ffmpeg.sound import SAMPLE_RATE
from media_app.core.time.timebase import seconds_text
from render_app.core.plan import smart
from render_app.core.plan.commands import Command, Files
from render_app.core.plan.compiling import (
    Expected,
    Job,
    draw_spans,
    drawing_in,
    expected_of,
    few_at_once,
    frame_of,
    job_of,
    layers_in,
    list_of,
    parts_of,
    reads_of,
    sound_commands,
)
from render_app.core.plan.conform import Reading
from render_app.core.plan.encoding import container_args, copied_args, part_extension, picture_args, sound_args
from render_app.core.plan.graph import Chain, Graph, filter_
from render_app.core.plan.materials import Materials
from render_app.core.plan.mixing import mixed
from render_app.core.plan.picture import Open
from render_app.core.plan.reels import Reels
from render_app.core.plan.refusals import refuse_in_outputs
from render_app.core.plan.request import RenderWish
from render_app.core.plan.smart import Gops
from render_app.core.plan.sound import silence
from render_app.core.plan.spans import Layer, Span, spans_of
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import edge_ms, frame_edge
from render_app.core.timeline.nouns import Sequence as Timeline

#: Two readings of one file so near to each other are one: a reading begins 2 s early.
SAME_READING_S = Fraction(1, 2)
#: The sound before and after it is mastered, and the still picture.
PROGRAM, MASTERED, STILL = "program.wav", "mastered.wav", "still.jpg"


@dataclass(frozen=True, slots=True)
class Film:
    """One of several films. `timeline`: as this one lays it out, its `blends` at its own rate. `gops`: of each original whose packets
    it may copy, by its medium's id; `drawn`: words and shapes in its own size, by their clips' ids.
    """

    name: str
    timeline: Timeline
    blends: tuple[Blend, ...]
    wish: RenderWish
    sound_only: bool = False
    gops: Mapping[str, Gops] = field(default_factory=dict)
    drawn: Reels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extras:
    """What is made besides, and of what. `still_ms`: the moment of a still picture; `mastered`: the sound is mastered before it is encoded."""

    still_ms: Fraction | None = None
    mastered: bool = False
    materials: Materials = field(default_factory=Materials)


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """A film that a plan makes, under a name of its own. `copied`: what of it is an original's, to be held against that; `share` of its
    frames, None for a film that is encoded.
    """

    name: str
    file: str
    sound_only: bool
    video_codec: str
    audio_codec: str
    expected: Expected
    copied: tuple[Mapping[str, Any], ...] = ()
    share: float | None = None


@dataclass(frozen=True, slots=True)
class OutputsPlan:
    """Several films as data. `commands` as a plan has them, `{output:NAME}` standing for a film. `frames`: of each command, how
    many frames of the first film it makes; `mastered_after`: after how many commands PROGRAM is mastered into MASTERED.
    """

    inputs: tuple[Mapping[str, Any], ...]
    commands: tuple[tuple[str, ...], ...]
    files: Mapping[str, str]
    frames: tuple[int, ...]
    films: tuple[PlannedFilm, ...]
    still: str = ""
    mastered_after: int | None = None
    #: Files that are made beforehand, and of what.
    made: Mapping[str, Any] = field(default_factory=dict)
    #: The same films without a copied packet, for what turns out not to be as its originals.
    fallback: "OutputsPlan | None" = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        """As a dry run prints it, and as a job keeps it."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]


def compile_outputs(films: Sequence[Film], reels: Reels, extras: Extras = Extras()) -> OutputsPlan:
    """The plan of several films of one sequence. Raises NotSupported, NothingToRender."""
    for film in films:
        refuse_in_outputs(film.timeline)
    jobs = [job_of(film.timeline, {**reels, **film.drawn}, film.blends, film.wish, extras.materials) for film in films]
    made = [_Made(number, film, job) for number, (film, job) in enumerate(zip(films, jobs, strict=True))]
    files, texts = Files(extras.materials), dict[str, str]()
    drawn = [one for one in made if not one.film.sound_only and not one.film.gops]
    pictures, frames = _pictures(drawn, extras, files, texts)
    for one in made:
        if one.film.gops:
            more = _smart_pictures(one, files, texts)
            pictures += more
            frames += [0 if drawn else one.job.end - one.job.start, *(0 for _ in more[1:])]
    longest = max((one.job for one in made), key=lambda job: job.samples(job.end))
    sounds, _ = sound_commands(longest, files, texts)
    samples = longest.samples(longest.end) - longest.samples(longest.start)
    lanes = [name for name in texts if name.startswith("lane")]
    before = [*pictures, *sounds]
    if extras.mastered:
        before.append(_program(lanes, samples))
    join = _join(made, [MASTERED] if extras.mastered else lanes, samples)
    return OutputsPlan(
        inputs=files.as_json,
        commands=(*before, join),
        files=files.scripts.files | texts,
        frames=(*frames, *(0 for _ in range(len(before) - len(pictures) + 1))),
        films=tuple(_planned(one, samples) for one in made),
        still=STILL if extras.still_ms is not None else "",
        mastered_after=len(before) if extras.mastered else None,
        made=files.made,
    )


@dataclass(slots=True)
class _Made:
    """A film being planned: the parts of its picture by now."""

    number: int
    film: Film
    job: Job
    parts: list[str] = field(default_factory=list)
    pieces: tuple[smart.Piece, ...] = ()
    copied: list[dict[str, Any]] = field(default_factory=list)

    @property
    def list_name(self) -> str:
        return f"pictures-{self.number}.txt"

    def next_part(self) -> str:
        name = f"picture-{self.number}-{len(self.parts):04d}{part_extension(self.job.profile)}"
        self.parts.append(name)
        return name


def _pictures(
    made: Sequence[_Made], extras: Extras, files: Files, texts: dict[str, str]
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
    made: Sequence[tuple[_Made, list[tuple[Layer, ...]], tuple[int, int]]], extras: Extras, files: Files
) -> tuple[str, ...]:
    """One command that makes a part of every film."""
    command, outputs = Command(files), list[str]()
    shared = _SharedInputs(command)
    for one, layers, (start, end) in made:
        if start == end:
            continue
        label = f"picture{one.number}"
        drawing = drawing_in(command, frame_of(one.job), shared.reader(one.number))
        draw_spans(drawing, spans_of(layers, start, end), label)
        if one is made[0][0] and (still := _still_frame(one.job, extras, start, end)) is not None:
            label = _with_still(command.graph, label, still - start)
            outputs += ["-map", "[still]", *_STILL_ARGS, STILL]
        outputs += ["-map", f"[{label}]", *picture_args(one.job.profile), one.next_part()]
    shared.split()
    return command.args((), outputs)


def _smart_pictures(one: _Made, files: Files, texts: dict[str, str]) -> list[tuple[str, ...]]:
    """The commands that copy and encode the pieces of a film, as MPEG-TS, in which each piece brings its own parameter sets."""
    spans = spans_of(layers_in(one.job), one.job.start, one.job.end)
    one.pieces = tuple(_of_few_reads(smart.pieces_of(one.job, spans, one.film.gops), spans))
    one.parts = [f"smart-{one.number}-{number:04d}.ts" for number in range(len(one.pieces))]
    named = list(zip(one.pieces, one.parts, strict=True))
    commands = [_copy(one, piece, out, files) for piece, out in named if piece.medium]
    encoded = [(smart.spans_between(spans, piece.start, piece.end), out) for piece, out in named if not piece.medium]
    few = few_at_once(encoded, lambda one: sum(reads_of(span, {}) for span in one[0]))
    commands += [_edges(one, some, files) for some in few]
    rate, start = one.job.profile.fps, one.job.start
    stamps = [round(edge_ms(edge - start, rate) * 1000) for edge in (*(p.start for p in one.pieces), one.job.end)]
    lines = [
        f"file '{out}'\nduration {(b - a) / 1e6:.6f}" for out, (a, b) in zip(one.parts, pairwise(stamps), strict=True)
    ]
    texts[one.list_name] = "\n".join(["ffconcat version 1.0", *lines, ""])
    return commands


def _of_few_reads(pieces: Sequence[smart.Piece], spans: Sequence[Span]) -> Iterator[smart.Piece]:
    """The pieces, those that are encoded in parts that read no more files than one command may."""
    for piece in pieces:
        if piece.medium:
            yield piece
            continue
        for part in parts_of(smart.spans_between(spans, piece.start, piece.end)):
            yield smart.Piece(part[0].start, part[-1].end)


_TS = ("-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts")


def _copy(one: _Made, piece: smart.Piece, out: str, files: Files) -> tuple[str, ...]:
    """Whole GOPs of an original as they are."""
    medium = piece.medium
    assert medium
    assert medium.video
    # Half a frame late: a seek lands on the keyframe at or before it.
    at = seconds_text((piece.first + Fraction(1, 2)) / medium.rate + medium.phase)
    read = ["-ss", at, *input_guard(files.placeholder(medium))]
    stream = f"0:{medium.video.index}"
    facts = {
        "input": read[-1],
        "stream": stream,
        "seek_s": at,
        "frames": piece.frames,
        "start": piece.start - one.job.start,
    }
    one.copied.append(
        facts | {"first_s": float(piece.first / medium.rate + medium.phase), "frame_s": float(1 / medium.rate)}
    )
    return (*read, "-map", stream, "-c", "copy", "-frames:v", str(piece.frames), *_TS, out)


def _edges(one: _Made, some: Sequence[tuple[list[Span], str]], files: Files) -> tuple[str, ...]:
    """What lies between copied GOPs, encoded as they are."""
    command, outputs = Command(files), list[str]()
    like = smart.edge_args(next(iter(one.film.gops.values())))
    drawing = drawing_in(command, frame_of(one.job))
    for number, (spans, out) in enumerate(some):
        draw_spans(drawing, spans, f"edge{number}")
        outputs += ["-map", f"[edge{number}]", *_without_timescale(picture_args(one.job.profile)), *like, *_TS, out]
    return command.args((), outputs)


def _without_timescale(args: list[str]) -> list[str]:
    """MPEG-TS has a clock of its own."""
    at = args.index("-video_track_timescale")
    return args[:at] + args[at + 2 :]


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
        near = abs(self.reading.seek_s - reading.seek_s) <= SAME_READING_S
        return film not in self.labels and self.reading.medium is reading.medium and near


@dataclass(slots=True)
class _SharedInputs:
    """Each file once for all films, its frames split among them."""

    command: Command
    opened: list[_Opened] = field(default_factory=list)

    def reader(self, film: int) -> Open:
        """How a film opens what it shows."""
        return lambda reading: self._label(reading, film)

    def _label(self, reading: Reading, film: int) -> str:
        one = next((one for one in self.opened if one.serves(reading, film)), None)
        if one is None:
            one = _Opened(reading, self.command.open_picture(reading))
            self.opened.append(one)
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


def _program(lanes: Sequence[str], samples: int) -> tuple[str, ...]:
    """All lanes as one file, to be mastered."""
    graph = Graph()
    _sound(graph, lanes, 0, samples, ("sound",))
    output = ["-map", "[sound]", "-c:a", "pcm_f32le", "-rf64", "auto", "-f", "wav", PROGRAM]
    return (*_sound_inputs(lanes), "-filter_complex", str(graph), *output)


def _join(made: Sequence[_Made], sounds: Sequence[str], samples: int) -> tuple[str, ...]:
    """The last command: the parts of each picture as they are, and the one sound, encoded alike for all."""
    seen = [one for one in made if not one.film.sound_only]
    inputs = [part for one in seen for part in ("-f", "concat", "-safe", "0", "-i", one.list_name)]
    graph = Graph()
    labels = tuple(f"sound{one.number}" for one in made)
    _sound(graph, sounds, len(seen), samples, labels)
    outputs = list[str]()
    for one, label in zip(made, labels, strict=True):
        profile = one.job.profile
        if not one.film.sound_only:
            on_ticks = ["-bsf:v", _on_ticks(profile.fps)] if one.film.gops else []
            outputs += ["-map", f"{seen.index(one)}:v", "-c:v", "copy", *copied_args(profile), *on_ticks]
        encoded = [*sound_args(profile, one.film.wish.channels), *container_args(profile)]
        outputs += ["-map", f"[{label}]", *encoded, f"{{output:{one.film.name}}}"]
    return (*inputs, *_sound_inputs(sounds), "-filter_complex", str(graph), *outputs)


def _on_ticks(rate: Fraction) -> str:
    """Each frame's times on the grid of its rate, from which MPEG-TS rounds them; they come in ticks of the film."""
    frame = int(timescale(rate) / rate)
    return f"setts=pts=round(PTS/{frame})*{frame}:dts=round(DTS/{frame})*{frame}"


def _sound_inputs(names: Sequence[str]) -> list[str]:
    listed = ("-f", "concat", "-safe", "0")
    return [part for name in names for part in (*(listed if name.endswith(".txt") else ()), "-i", name)]


def _sound(graph: Graph, sounds: Sequence[str], first: int, samples: int, out: tuple[str, ...]) -> None:
    """The sum of these inputs, as so many samples under each label."""
    exact: Chain = (filter_("apad", whole_len=samples), filter_("atrim", end_sample=samples))
    if sounds:
        whole = graph.add(tuple(f"{first + number}:a" for number in range(len(sounds))), (*mixed(len(sounds)), *exact))
    else:
        whole = graph.add((), silence(samples))
    graph.chains.append(f"[{whole}]asplit={len(out)}{''.join(f'[{label}]' for label in out)}")


def _planned(one: _Made, samples: int) -> PlannedFilm:
    job, profile = one.job, one.job.profile
    expected = expected_of(job, round(Fraction(samples * profile.audio_sample_rate, SAMPLE_RATE)))
    file = f"{one.film.name}{profile.extension}"
    share = smart.share_of(one.pieces) if one.pieces else None
    codecs = profile.video_codec, profile.audio_codec
    return PlannedFilm(one.film.name, file, one.film.sound_only, *codecs, expected, tuple(one.copied), share)
