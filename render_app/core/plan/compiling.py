"""A sequence, what its media are, and a profile → the plan: every command, and what must come out."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any

from media_app.core.ffmpeg.sound import SAMPLE_RATE
from media_app.core.time.timebase import format_rate
from render_app.core.catalogue import Profile
from render_app.core.plan.commands import Command, Files
from render_app.core.plan.encoding import container_args, picture_args, sound_args
from render_app.core.plan.graph import Chain, Graph, filter_
from render_app.core.plan.materials import Materials, masked, with_mask
from render_app.core.plan.picture import Drawing, Frame
from render_app.core.plan.placing import Canvas
from render_app.core.plan.reels import Reels
from render_app.core.plan.refusals import NothingToRender, refuse_unsupported
from render_app.core.plan.request import RenderWish
from render_app.core.plan.sound import Voice, draw_part, lanes_of, silence, voices_of
from render_app.core.plan.spans import Layer, Span, layers_of, spans_of
from render_app.core.plan.stretches import Stretch, stretches_of
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import edge_ms, frame_edge, plain_number, sample_edge
from render_app.core.timeline.nouns import Filter, Target
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.core.timeline.refusals import Place, refuse

#: Counts the changes after which the same plan makes other bytes.
PLANNER_VERSION = 1
#: Files that one command reads: memory and threads come from their number.
MOST_INPUTS = 16


#: A clip's id → its filters with its track's; "" → those of the sequence.
Filters = Mapping[str, tuple[Filter, ...]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out: checked when it has been rendered."""

    frames: int
    duration_ms: float
    width: int
    height: int
    fps: str
    audio_samples: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A render as data. `commands` are ffmpeg's arguments, run in this order in one folder; `{input:N}` stands for the local copy
    of `inputs[N]`, `{output}` for the result, and other names are files of that folder. `files`: text that lies there beforehand; `made`: what else does, and
    of what each is made.

    `frames`: of each command, how many frames of picture it makes.
    """

    inputs: tuple[Mapping[str, Any], ...]
    filter_complex: str
    maps: tuple[str, ...]
    output_args: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    files: Mapping[str, str]
    frames: tuple[int, ...]
    expected: Expected
    made: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        """As a dry run prints it, and as a job keeps it."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @property
    def cache_key(self) -> str:
        """A digest of what is done, and of the bytes to which it is done."""
        sums = [[one["checksum"] or one["artifact_id"] or one["asset_id"], one["kind"]] for one in self.inputs]
        what = [PLANNER_VERSION, sums, self.commands, self.files, self.made, asdict(self.expected)]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Job:
    """All that a plan is made of."""

    timeline: Timeline
    reels: Reels
    blends: tuple[Blend, ...]
    wish: RenderWish
    start: int
    end: int
    stretches: Mapping[str, tuple[Stretch, ...]]
    materials: Materials = field(default_factory=Materials)

    @property
    def profile(self) -> Profile:
        return self.wish.profile

    def samples(self, frame: int) -> int:
        return sample_edge(edge_ms(frame, self.profile.fps), SAMPLE_RATE)


def compile_plan(
    timeline: Timeline, reels: Reels, blends: tuple[Blend, ...], wish: RenderWish, materials: Materials | None = None
) -> Plan:
    """The plan of a sequence whose transitions are laid at the profile's rate. Raises NotSupported, NothingToRender."""
    refuse_unsupported(timeline)
    job = job_of(timeline, reels, blends, wish, materials)
    files, lists = Files(job.materials), dict[str, str]()
    pictures, frames = _pictures(job, files)
    lists["pictures.txt"] = list_of(f"picture-{number:04d}{job.profile.extension}" for number in range(len(pictures)))
    sounds = sound_commands(job, files, lists)
    join = _join(job, len([name for name in lists if name.startswith("lane")]))
    samples = job.samples(job.end) - job.samples(job.start)
    expected = expected_of(job, round(Fraction(samples * job.profile.audio_sample_rate, SAMPLE_RATE)))
    return Plan(
        inputs=files.as_json,
        filter_complex=_graph_of(pictures[0]),
        maps=("[picture]",),
        output_args=tuple(picture_args(job.profile)),
        commands=(*pictures, *sounds, join),
        files=lists,
        frames=(*frames, *(0 for _ in sounds), 0),
        expected=expected,
        made=files.made,
    )


def job_of(
    timeline: Timeline, reels: Reels, blends: tuple[Blend, ...], wish: RenderWish, materials: Materials | None = None
) -> Job:
    """All that a plan is made of. Raises NothingToRender."""
    rate = wish.profile.fps
    last_ms = timeline.end_ms if wish.end_ms is None else min(wish.end_ms, timeline.end_ms)
    start, end = frame_edge(wish.start_ms, rate), frame_edge(last_ms, rate)
    if start >= end:
        message = f"leaves no frame to render: the sequence ends at {float(timeline.end_ms):g} ms."
        raise refuse(NothingToRender, Place("sequence", timeline.id), "duration_ms", message)
    seen = {track.id: stretches_of(track, blends, edge_ms(end, rate)) for track in timeline.tracks}
    return Job(timeline, reels, blends, wish, start, end, seen, materials or Materials())


def _pictures(job: Job, files: Files) -> tuple[list[tuple[str, ...]], list[int]]:
    """A command for each part of the picture, and its number of frames."""
    frame = frame_of(job)
    parts = list(parts_of(spans_of(layers_in(job), job.start, job.end), frame.filters))
    commands = [_picture(job, files, frame, number, part) for number, part in enumerate(parts)]
    return commands, [sum(span.frames for span in part) for part in parts]


def layers_in(job: Job) -> list[tuple[Layer, ...]]:
    """The layers of each track that is seen, the farthest first."""
    tracks = [track for track in job.timeline.stacked if track.kind == "video" and not track.hidden]
    return [layers_of(track.id, job.stretches[track.id], job.reels, job.profile.fps) for track in tracks]


def frame_of(job: Job) -> Frame:
    """What all its pictures have in common."""
    profile = job.profile
    canvas = Canvas(profile.width, profile.height)
    return Frame(canvas, profile.fps, profile.pix_fmt, filters_of(job.timeline), job.materials)


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
    part: list[Span] = []
    reads = 0
    for span in spans:
        more = _reads(span, filters or {})
        if part and reads + more > MOST_INPUTS:
            yield part
            part, reads = [], 0
        part.append(span)
        reads += more
    yield part


def _reads(span: Span, filters: Filters) -> int:
    """How many files a span reads, masks among them."""
    clips = [shot.take.clip for layer in span.layers for side in layer.sides for shot in side]
    masks = [one for id in ("", *(clip.id for clip in clips)) for one in filters.get(id, ()) if masked(one)]
    return len(clips) + len(masks) + sum(bool(clip.mask_artifact_id) for clip in clips)


def _picture(job: Job, files: Files, frame: Frame, number: int, spans: list[Span]) -> tuple[str, ...]:
    command = Command(files)
    draw_spans(Drawing(command.graph, frame, command.open_picture, files.table), spans, "picture")
    out = f"picture-{number:04d}{job.profile.extension}"
    return command.args(["[picture]"], [*picture_args(job.profile), out])


def draw_spans(drawing: Drawing, spans: Sequence[Span], out: str) -> None:
    """The spans one after another, as the picture that an output maps."""
    graph, frame = drawing.graph, drawing.frame
    drawn = tuple(drawing.span(span) for span in spans)
    whole = drawn[0] if len(drawn) == 1 else graph.add(drawn, (filter_("concat", n=len(drawn), v=1, a=0),))
    whole = drawing.watermarked(graph.add((whole,), frame.counted) if frame.materials.watermark else whole)
    graph.end(whole, (*frame.counted, filter_("format", pix_fmts=frame.fmt)), out)


def sound_commands(job: Job, files: Files, lists: dict[str, str]) -> list[tuple[str, ...]]:
    """A command for each part of each lane; `lists` gets the parts of each lane."""
    end_ms = edge_ms(job.end, job.profile.fps)
    voices = [
        voice for track in job.timeline.tracks for voice in voices_of(track, job.stretches[track.id], job.reels, end_ms)
    ]
    commands = []
    for lane, heard in enumerate(lanes_of(_cut(voice, job) for voice in voices if _is_heard(voice, job))):
        names = []
        for part, (some, start, end) in enumerate(_lane_parts(heard, job.samples(job.start), job.samples(job.end))):
            names.append(f"lane-{lane:02d}-{part:04d}.wav")
            commands.append(_sound(files, some, start, end, names[-1]))
        lists[f"lane-{lane:02d}.txt"] = list_of(names)
    return commands


def _is_heard(voice: Voice, job: Job) -> bool:
    return voice.start < job.samples(job.end) and job.samples(job.start) < voice.end


def _cut(voice: Voice, job: Job) -> Voice:
    """A voice within the stretch that is rendered."""
    return replace(voice, start=max(voice.start, job.samples(job.start)), end=min(voice.end, job.samples(job.end)))


def _lane_parts(lane: Sequence[Voice], start: int, end: int) -> Iterator[tuple[Sequence[Voice], int, int]]:
    """A few voices at a time, each part up to where the next begins."""
    for first in range(0, len(lane), MOST_INPUTS):
        some = lane[first : first + MOST_INPUTS]
        after = lane[first + MOST_INPUTS].start if first + MOST_INPUTS < len(lane) else end
        yield some, start, after
        start = after


def _sound(files: Files, voices: Sequence[Voice], start: int, end: int, out: str) -> tuple[str, ...]:
    command = Command(files)
    label = draw_part(command.graph, voices, start, end, command.open_sound)
    command.graph.end(label, (filter_("aformat", sample_fmts="flt"),), "sound")
    return command.args(["[sound]"], ["-c:a", "pcm_f32le", "-rf64", "auto", "-f", "wav", out])


def _join(job: Job, lanes: int) -> tuple[str, ...]:
    """The last command: parts of the picture as they are, all lanes added up and encoded once."""
    names = ["pictures.txt", *(f"lane-{lane:02d}.txt" for lane in range(lanes))]
    inputs = [part for name in names for part in ("-f", "concat", "-safe", "0", "-i", name)]
    samples = job.samples(job.end) - job.samples(job.start)
    graph = Graph()
    if lanes:
        source = graph.add(tuple(f"{lane + 1}:a" for lane in range(lanes)), mixed(lanes))
        graph.end(source, (filter_("atrim", end_sample=samples),), "sound")
    else:
        graph.chains.append(f"{','.join(map(str, silence(samples)))}[sound]")
    args = [*inputs, "-filter_complex", str(graph), "-map", "0:v", "-c:v", "copy", "-map", "[sound]"]
    return (*args, *sound_args(job.profile, job.wish.channels), *container_args(job.profile), "{output}")


def mixed(lanes: int) -> Chain:
    """Lanes added up, none of them made quieter for it."""
    if lanes == 1:
        return (filter_("anull"),)
    return (filter_("amix", inputs=lanes, normalize=0, duration="longest", dropout_transition=0),)


def list_of(names: Iterable[str]) -> str:
    """The text of a list of files that ffmpeg reads one after another."""
    return "ffconcat version 1.0\n" + "".join(f"file '{name}'\n" for name in names)


def _graph_of(command: tuple[str, ...]) -> str:
    return command[command.index("-filter_complex") + 1]


def expected_of(job: Job, samples: int) -> Expected:
    """What comes out, with so many samples of sound."""
    frames, profile = job.end - job.start, job.profile
    duration = plain_number(edge_ms(frames, profile.fps))
    return Expected(frames, duration, profile.width, profile.height, format_rate(profile.fps), samples)
