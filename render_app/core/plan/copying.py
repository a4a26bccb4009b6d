"""The pictures of a film that copies: whole GOPs of its originals, and what lies between them encoded alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from media_app.core.time.timebase import seconds_text
from render_app.core.plan.commands import Command, Files
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.films import Draft
from render_app.core.plan.parts import draw_spans, drawing_in, few_at_once, frame_of, layers_in, parts_of, reads_of
from render_app.core.plan.smart import EDGE_PRESET, Section, edge_args, sections_of, spans_between
from render_app.core.plan.spans import Span, spans_of
from render_app.core.timeline.edges import edge_ms


def copied_pictures(one: Draft, files: Files, texts: dict[str, str]) -> list[tuple[str, ...]]:
    """The commands that copy and encode the sections of a film, as MPEG-TS, in which each brings its own parameter sets."""
    spans = spans_of(layers_in(one.job), one.job.start, one.job.end)
    one.sections = tuple(_of_few_reads(sections_of(one.job, spans, one.film.gops), spans))
    one.parts = [f"smart-{one.number}-{number:04d}.ts" for number in range(len(one.sections))]
    pieces = [
        _CopiedSection(section, out, () if section.medium else tuple(spans_between(spans, section.start, section.end)))
        for section, out in zip(one.sections, one.parts, strict=True)
    ]
    commands = [_drawn(one, some, files) for some in few_at_once(pieces, _CopiedSection.reads)]
    rate, start = one.job.profile.fps, one.job.start
    stamps = [round(edge_ms(edge - start, rate) * 1000) for edge in (*(p.start for p in one.sections), one.job.end)]
    lines = [
        f"file '{out}'\nduration {(b - a) / 1e6:.6f}" for out, (a, b) in zip(one.parts, pairwise(stamps), strict=True)
    ]
    texts[one.list_name] = "\n".join(["ffconcat version 1.0", *lines, ""])
    return commands


@dataclass(frozen=True, slots=True)
class _CopiedSection:
    """A section and its file; `spans`: what is drawn where nothing is copied."""

    section: Section
    out: str
    spans: tuple[Span, ...]

    def reads(self) -> int:
        """How many files it reads."""
        return sum(reads_of(span, {}) for span in self.spans) if self.spans else 1


def _of_few_reads(sections: Sequence[Section], spans: Sequence[Span]) -> Iterator[Section]:
    """The sections, those that are encoded in parts that read no more files than one command may."""
    for section in sections:
        if section.medium:
            yield section
            continue
        for part in parts_of(spans_between(spans, section.start, section.end)):
            yield Section(part[0].start, part[-1].end)


#: A line for each packet, with its times and its hash. Parameter sets and delimiters are left out, which each piece brings along: everything
#: else of a packet must be equal.
PACKET_HASHES = ("-bsf:v", "filter_units=remove_types=7-9", "-f", "framemd5")
_TS = ("-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts")


def _drawn(one: Draft, some: Sequence[_CopiedSection], files: Files) -> tuple[str, ...]:
    """A command that makes a few pieces: each start of a program costs a tenth of a second."""
    command, outputs = Command(files), list[str]()
    alike = edge_args(next(iter(one.film.gops.values())))
    encoded = [*_without_timescale(picture_args(replace(one.job.profile, preset=EDGE_PRESET))), *alike]
    drawing = drawing_in(command, frame_of(one.job))
    for number, piece in enumerate(some):
        if piece.section.medium:
            outputs += _copy(one, piece, command)
            continue
        draw_spans(drawing, piece.spans, f"edge{number}")
        outputs += ["-map", f"[edge{number}]", *encoded, *_TS, piece.out]
    return command.args((), outputs)


def _copy(one: Draft, piece: _CopiedSection, command: Command) -> list[str]:
    """Whole GOPs of an original as they are, and the hash of each of their packets as it was read."""
    section, medium = piece.section, piece.section.medium
    assert medium
    # Half a frame late: a seek lands on the keyframe at or before it.
    at = seconds_text((section.first + Fraction(1, 2)) / medium.rate + medium.phase)
    stream, hashes = command.open_packets(medium, at), f"{piece.out}.framemd5"
    one.copied.append(
        {
            "hashes": hashes,
            "frames": section.frames,
            "start": section.start - one.job.start,
            "first_s": float(section.first / medium.rate + medium.phase),
        }
    )
    copied = ["-map", stream, "-c", "copy", "-frames:v", str(section.frames)]
    return [*copied, *_TS, piece.out, *copied, *PACKET_HASHES, hashes]


def _without_timescale(args: list[str]) -> list[str]:
    """MPEG-TS has a clock of its own."""
    at = args.index("-video_track_timescale")
    return args[:at] + args[at + 2 :]
