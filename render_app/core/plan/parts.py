"""The parts of a picture: neighboring spans that one command draws, and the files that it reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from render_app.core.plan.commands import Command, Files
from render_app.core.plan.conform import seen_from
from render_app.core.plan.encoding import hardware_of
from render_app.core.plan.graph import filter_, raw
from render_app.core.plan.job import Job
from render_app.core.plan.materials import masked, with_mask
from render_app.core.plan.moving import moves_of
from render_app.core.plan.picture import Drawing, Frame, Open
from render_app.core.plan.placing import Canvas
from render_app.core.plan.spans import Layer, Span, layers_of
from render_app.core.plan.steadying import steady_of
from render_app.core.timeline.nouns import Filter, Target
from render_app.core.timeline.nouns import Sequence as Timeline

T = TypeVar("T")
#: Files that one command reads: memory and threads come from their number.
MOST_INPUTS = 16
#: A clip's id → its filters with its track's; "" → those of the sequence.
Filters = Mapping[str, tuple[Filter, ...]]


def layers_in(job: Job) -> list[tuple[Layer, ...]]:
    """The layers of each track that is seen, the farthest first."""
    tracks = [track for track in job.timeline.stacked if track.kind == "video" and not track.hidden]
    return [layers_of(track.id, job.stretches[track.id], job.reels, job.profile.fps) for track in tracks]


def frame_of(job: Job) -> Frame:
    """What all its pictures have in common."""
    profile = job.profile
    canvas = Canvas(profile.width, profile.height)
    dimming = job.timeline.automation_of(Target("sequence", job.timeline.id)).get("opacity")
    hardware = hardware_of(profile)
    sent = (raw(hardware.filters),) if hardware else ()
    moves = moves_of(job.timeline)
    return Frame(canvas, profile.fps, profile.pix_fmt, filters_of(job.timeline), job.materials, moves, dimming, sent)


def filters_of(timeline: Timeline) -> Filters:
    """Of each clip, with its track's; of the sequence under ""."""
    found = {"": timeline.filters_of(Target("sequence", timeline.id))}
    for track in timeline.tracks:
        above = timeline.filters_of(Target("track", track.id))
        for clip in track.clips:
            both = (*timeline.filters_of(Target("clip", clip.id)), *above)
            found[clip.id] = tuple(with_mask(one, clip) for one in both)
    return found


def parts_of(spans: Sequence[Span], filters: Filters | None = None) -> Iterator[list[Span]]:
    """Neighboring spans that together read no more files than one command may."""
    return few_at_once(spans, lambda span: reads_of(span, filters or {}))


def few_at_once(things: Iterable[T], reads: Callable[[T], int]) -> Iterator[list[T]]:
    """Things in their order, together as long as they read no more files than one command may; one that reads more is alone."""
    some, sum_of_reads = list[T](), 0
    for one in things:
        more = reads(one)
        if some and sum_of_reads + more > MOST_INPUTS:
            yield some
            some, sum_of_reads = [], 0
        some.append(one)
        sum_of_reads += more
    if some:
        yield some


def reads_of(span: Span, filters: Filters) -> int:
    """How many files a span reads, masks among them."""
    clips = [shot.take.clip for layer in span.layers for side in layer.sides for shot in side]
    masks = [one for id in ("", *(clip.id for clip in clips)) for one in filters.get(id, ()) if masked(one)]
    return len(clips) + len(masks) + sum(bool(clip.mask_artifact_id) for clip in clips)


def drawing_in(command: Command, frame: Frame, open: Open | None = None) -> Drawing:
    """The graph of a command being drawn. `open`: how it reads its files, where that is not its own way."""
    files = command.files
    return Drawing(command.graph, frame, open or command.open_picture, files.table, files.scripts)


def draw_spans(drawing: Drawing, spans: Sequence[Span], out: str) -> None:
    """The spans one after another, as the picture that an output maps."""
    graph, frame = drawing.graph, drawing.frame
    drawn = tuple(drawing.span(span) for span in spans)
    whole = drawn[0] if len(drawn) == 1 else graph.add(drawn, (filter_("concat", n=len(drawn), v=1, a=0),))
    whole = drawing.watermarked(graph.add((whole,), frame.counted) if frame.materials.watermark else whole)
    graph.end(whole, (*frame.counted, filter_("format", pix_fmts=frame.fmt), *frame.sent), out)


def steadied_commands(spans: Iterable[Span], files: Files) -> list[tuple[str, ...]]:
    """A command for each shaking clip that is seen: it finds its motion."""
    takes = (shot.take for span in spans for layer in span.layers for side in layer.sides for shot in side)
    found = {steady.name: steady for steady in map(steady_of, takes) if steady}
    commands = []
    for one in found.values():
        command = Command(files)
        source = command.open_picture(seen_from(one.medium, one.begins_s))
        command.graph.end(source, one.detected(), "seen")
        commands.append(command.args(["[seen]"], ["-f", "null", "-"]))
    return commands
