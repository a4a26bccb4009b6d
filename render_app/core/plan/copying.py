"""The pictures of a film that copies: whole GOPs of its originals, and what lies between them encoded alike."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from media_app.core.ffmpeg.guard import input_guard
from media_app.core.time.timebase import seconds_text
from render_app.core.plan.commands import Command, Files
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.films import Draft
from render_app.core.plan.parts import draw_spans, drawing_in, few_at_once, frame_of, layers_in, parts_of, reads_of
from render_app.core.plan.smart import Section, edge_args, sections_of, spans_between
from render_app.core.plan.spans import Span, spans_of
from render_app.core.timeline.edges import edge_ms


def copied_pictures(one: Draft, files: Files, texts: dict[str, str]) -> list[tuple[str, ...]]:
    """The commands that copy and encode the sections of a film, as MPEG-TS, in which each brings its own parameter sets."""
    spans = spans_of(layers_in(one.job), one.job.start, one.job.end)
    one.sections = tuple(_of_few_reads(sections_of(one.job, spans, one.film.gops), spans))
    one.parts = [f"smart-{one.number}-{number:04d}.ts" for number in range(len(one.sections))]
    named = list(zip(one.sections, one.parts, strict=True))
    commands = [_copy(one, section, out, files) for section, out in named if section.medium]
    encoded = [(spans_between(spans, section.start, section.end), out) for section, out in named if not section.medium]
    few = few_at_once(encoded, lambda one: sum(reads_of(span, {}) for span in one[0]))
    commands += [_edges(one, some, files) for some in few]
    rate, start = one.job.profile.fps, one.job.start
    stamps = [round(edge_ms(edge - start, rate) * 1000) for edge in (*(p.start for p in one.sections), one.job.end)]
    lines = [
        f"file '{out}'\nduration {(b - a) / 1e6:.6f}" for out, (a, b) in zip(one.parts, pairwise(stamps), strict=True)
    ]
    texts[one.list_name] = "\n".join(["ffconcat version 1.0", *lines, ""])
    return commands


def _of_few_reads(sections: Sequence[Section], spans: Sequence[Span]) -> Iterator[Section]:
    """The sections, those that are encoded in parts that read no more files than one command may."""
    for section in sections:
        if section.medium:
            yield section
            continue
        for part in parts_of(spans_between(spans, section.start, section.end)):
            yield Section(part[0].start, part[-1].end)


_TS = ("-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts")


def _copy(one: Draft, section: Section, out: str, files: Files) -> tuple[str, ...]:
    """Whole GOPs of an original as they are."""
    medium = section.medium
    assert medium
    assert medium.video
    # Half a frame late: a seek lands on the keyframe at or before it.
    at = seconds_text((section.first + Fraction(1, 2)) / medium.rate + medium.phase)
    read = ["-ss", at, *input_guard(files.placeholder(medium))]
    stream = f"0:{medium.video.index}"
    facts = {
        "input": read[-1],
        "stream": stream,
        "seek_s": at,
        "frames": section.frames,
        "start": section.start - one.job.start,
    }
    one.copied.append(
        facts | {"first_s": float(section.first / medium.rate + medium.phase), "frame_s": float(1 / medium.rate)}
    )
    return (*read, "-map", stream, "-c", "copy", "-frames:v", str(section.frames), *_TS, out)


def _edges(one: Draft, some: Sequence[tuple[list[Span], str]], files: Files) -> tuple[str, ...]:
    """What lies between copied GOPs, encoded as they are."""
    command, outputs = Command(files), list[str]()
    like = edge_args(next(iter(one.film.gops.values())))
    drawing = drawing_in(command, frame_of(one.job))
    for number, (spans, out) in enumerate(some):
        draw_spans(drawing, spans, f"edge{number}")
        outputs += ["-map", f"[edge{number}]", *_without_timescale(picture_args(one.job.profile)), *like, *_TS, out]
    return command.args((), outputs)


def _without_timescale(args: list[str]) -> list[str]:
    """MPEG-TS has a clock of its own."""
    at = args.index("-video_track_timescale")
    return args[:at] + args[at + 2 :]
