"""A sequence, what its media are, and a profile → the plan: every command, and what must come out."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from media_app.core.ffmpeg.outputs import CLEAN
from media_app.core.ffmpeg.sound import SAMPLE_RATE
from render_app.core.plan.by_chunks import Chunk, chunk_edges, key_of
from render_app.core.plan.commands import Command, Files, graph_args
from render_app.core.plan.encoding import container_args, hardware_of, picture_args, sound_args
from render_app.core.plan.estimate import Work, work_of
from render_app.core.plan.gains import VolumeCurve, gain_chain
from render_app.core.plan.graph import Graph, filter_
from render_app.core.plan.job import Expected, Job, expected_of, job_of
from render_app.core.plan.materials import Materials
from render_app.core.plan.mixing import Group, Mix, groups_of
from render_app.core.plan.parts import (
    MOST_INPUTS,
    draw_spans,
    drawing_in,
    frame_of,
    layers_in,
    parts_of,
    steadied_commands,
)
from render_app.core.plan.picture import Frame
from render_app.core.plan.reels import Medium, Reels
from render_app.core.plan.request import RenderWish
from render_app.core.plan.sound import Hall, Voice, draw_part, lanes_of, voices_of
from render_app.core.plan.spans import Span, spans_of
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import edge_ms
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.core.timeline.nouns import Target

#: Counts the changes after which the same plan makes other bytes.
PLANNER_VERSION = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A render as data. `commands` are ffmpeg's arguments, run in this order in one folder; `{input:N}` stands for the local copy
    of `inputs[N]`, `{output}` for the result, and other names are files of that folder. `files`: text that lies there beforehand; `made`: what else does, and
    of what each is made.

    `frames`: of each command, how many frames of picture it makes. `measures`: what is found out when a command has run, and put
    in place of `{measure:…}` in the later ones. `ffmpeg`: the build for which it is made: another makes other bytes of it. `chunks`: of a long
    film, the commands whose pictures are kept, and found again by what they are made of.
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
    measures: tuple[Mapping[str, Any], ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    ffmpeg: str = ""
    chunks: tuple[Mapping[str, Any], ...] = ()

    @property
    def as_json(self) -> dict[str, Any]:
        """As a dry run prints it, and as a job keeps it."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @property
    def cache_key(self) -> str:
        """A digest of what is done, of the bytes to which it is done, and of the build that does it."""
        sums = [
            [one["checksum"] or one["artifact_id"] or f"{one['asset_id']} {one['version']}", one["kind"]]
            for one in self.inputs
        ]
        done = [self.commands, self.files, self.made, self.measures, asdict(self.expected)]
        by_chunks = [[one["file"], one["key"]] for one in self.chunks]
        what = [PLANNER_VERSION, self.ffmpeg, sums, *done, *([{"chunks": by_chunks}] if by_chunks else [])]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def compile_plan(
    timeline: Timeline, reels: Reels, blends: tuple[Blend, ...], wish: RenderWish, materials: Materials | None = None
) -> Plan:
    """The plan of a sequence whose transitions are laid at the profile's rate. Raises as `job_of`."""
    job = job_of(timeline, reels, blends, wish, materials)
    pictures = _pictures(job, files := Files(job.materials), kept=True)
    return _film(job, files, pictures.names, pictures)


def compile_segment(
    timeline: Timeline, reels: Reels, blends: tuple[Blend, ...], wish: RenderWish, materials: Materials | None = None
) -> Plan:
    """The plan of the picture alone of what is wanted: a chunk of a film. Raises as `job_of`."""
    job = job_of(timeline, reels, blends, wish, materials)
    pictures = _pictures(job, files := Files(job.materials))
    join = (*_PICTURES, "-map", "0:v", "-c:v", "copy", *container_args(job.profile), "{output}")
    lists = {"pictures.txt": list_of(pictures.names)}
    return _plan(job, files, lists, (*pictures.commands, join), replace(pictures, samples=0))


def compile_stitch(
    job: tuple[Timeline, Reels, tuple[Blend, ...], RenderWish, Materials], chunks: Sequence[Medium]
) -> Plan:
    """The plan of a film whose pictures are these chunks, one after another; its sound is made once, as ever. `job`: what
    `compile_plan` takes."""
    made = job_of(*job)
    files = Files(made.materials)
    return _film(made, files, tuple(str(files.placeholder(one)) for one in chunks), _Pictures())


#: The parts of the picture as the first input of the command that joins them.
_PICTURES = ("-f", "concat", "-safe", "0", "-i", "pictures.txt")


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Commands that make the parts of a picture, the frames of each, and the work of all. `samples`: of a film without sound, 0;
    `chunks`: those that are kept."""

    commands: tuple[tuple[str, ...], ...] = ()
    frames: tuple[int, ...] = ()
    work: Work = field(default_factory=Work)
    samples: int | None = None
    chunks: tuple[Chunk, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The files of the parts."""
        return tuple(one[-1] for one, made in zip(self.commands, self.frames, strict=True) if made)


def _film(job: Job, files: Files, names: Sequence[str], pictures: _Pictures) -> Plan:
    """The whole plan, of whose picture these are the parts."""
    if pictures.chunks:
        return _film_by_chunks(job, files, names, pictures)
    lists = {"pictures.txt": list_of(names)}
    sounds, groups = sound_commands(job, files, lists)
    mix = mix_of(job, groups)
    measures = mix.measures(len(pictures.commands) + len(sounds))
    join = _join(job, mix, files)
    last = (mix.meter_args(), join, mix.proof_args()) if _is_metered(measures) else (join,)
    heard = (mix.voice_args(role) for role in mix.roles)
    plan = _plan(job, files, lists, (*pictures.commands, *sounds, *heard, *last), pictures)
    return replace(plan, measures=tuple(measures))


def _film_by_chunks(job: Job, files: Files, names: Sequence[str], pictures: _Pictures) -> Plan:
    """The same with its sound in a file of its own, which is kept as the parts of the picture are."""
    lists, own = dict[str, str](), files.with_own_scripts("sound-")
    sounds, groups = sound_commands(job, own, lists)
    mix, first, out = mix_of(job, groups), len(pictures.commands), f"sound{job.profile.extension}"
    measures = mix.measures(first + len(sounds))
    encode = _sound_alone(job, mix, own, out)
    last = (mix.meter_args(), encode, mix.proof_args(out)) if _is_metered(measures) else (encode,)
    commands = (*sounds, *(mix.voice_args(role) for role in mix.roles), *last)
    files.scripts.files |= own.scripts.files
    measured = [{name: value for name, value in one.items() if name != "command"} for one in measures]
    key = key_of(commands, own, _build(job), [lists, measured])
    start_ms, end_ms = edge_ms(job.start, job.profile.fps), edge_ms(job.end, job.profile.fps)
    sound = Chunk("sound", out, first, first + len(commands) - 1, start_ms, end_ms, key)
    join = (*_PICTURES, "-i", out, "-map", "0:v", "-map", "1:a", "-c", "copy", *container_args(job.profile), "{output}")
    lists["pictures.txt"] = list_of(names)
    whole = replace(pictures, chunks=(*pictures.chunks, sound))
    return replace(_plan(job, files, lists, (*pictures.commands, *commands, join), whole), measures=tuple(measures))


def _is_metered(measures: Iterable[Mapping[str, Any]]) -> bool:
    return any(one["kind"] == "loudness" for one in measures)


def _build(job: Job) -> str:
    return f"{PLANNER_VERSION} {job.wish.ffmpeg}"


def _plan(
    job: Job, files: Files, lists: Mapping[str, str], commands: Sequence[tuple[str, ...]], pictures: _Pictures
) -> Plan:
    samples = job.samples(job.end) - job.samples(job.start) if pictures.samples is None else pictures.samples
    return Plan(
        inputs=files.as_json,
        filter_complex=_graph_of(pictures.commands[0] if pictures.commands else commands[-1]),
        maps=("[picture]",) if pictures.commands else ("0:v", "[sound]"),
        output_args=tuple(picture_args(job.profile)),
        commands=tuple(commands),
        files={**files.scripts.files, **lists},
        frames=(*pictures.frames, *(0 for _ in commands[len(pictures.frames) :])),
        expected=expected_of(job, round(Fraction(samples * job.profile.audio_sample_rate, SAMPLE_RATE))),
        made=files.made,
        meta={
            "work": pictures.work.as_json,
            "clamped": [one.as_json for one in job.clamped],
            "warnings": [one.as_json for one in job.notices],
        },
        ffmpeg=job.wish.ffmpeg,
        chunks=tuple(one.as_json for one in pictures.chunks),
    )


def _pictures(job: Job, files: Files, *, kept: bool = False) -> _Pictures:
    """A command for each shaking clip, and one for each part of the picture. `kept`: a long one is made in chunks that are."""
    frame, layers = frame_of(job), layers_in(job)
    spans = spans_of(layers, job.start, job.end)
    edges = chunk_edges(job, spans) if kept else (job.start, job.end)
    windows = (spans_of(layers, *window) for window in pairwise(edges))
    parts = [part for window in windows for part in parts_of(window, frame.filters)]
    steadied = steadied_commands(spans, files)
    if len(edges) > 2:
        made = [_chunk(job, files, frame, number, part) for number, part in enumerate(parts)]
        commands, chunks = [one for one, _ in made], tuple(chunk for _, chunk in made)
    else:
        commands = [_picture(job, files, frame, number, part) for number, part in enumerate(parts)]
        chunks = ()
    frames = [sum(span.frames for span in part) for part in parts]
    work = work_of(parts, job.profile.fps)
    return _Pictures((*steadied, *commands), (*(0 for _ in steadied), *frames), work, chunks=chunks)


def _chunk(job: Job, files: Files, frame: Frame, number: int, spans: list[Span]) -> tuple[tuple[str, ...], Chunk]:
    """The command of a part that is kept, and what tells it from others."""
    rate, prefix = job.profile.fps, f"chunk-{number:04d}-"
    own = files.with_own_scripts(prefix)
    command = _picture(job, own, frame, number, spans)
    files.scripts.files |= own.scripts.files
    # Without its own name, which counts the parts of this film.
    key = key_of([command[:-1]], own, _build(job))
    start_ms, end_ms = edge_ms(spans[0].start, rate), edge_ms(spans[-1].end, rate)
    return command, Chunk("picture", command[-1], number, number, start_ms, end_ms, key, work_of([spans], rate))


def _picture(job: Job, files: Files, frame: Frame, number: int, spans: list[Span]) -> tuple[str, ...]:
    command = Command(files)
    draw_spans(drawing_in(command, frame), spans, "picture")
    out = f"picture-{number:04d}{job.profile.extension}"
    hardware = hardware_of(job.profile)
    encoded = picture_args(job.profile, sum(span.frames for span in spans))
    return (*(hardware.device if hardware else ()), *command.args(["[picture]"], [*encoded, out]))


def sound_commands(job: Job, files: Files, lists: dict[str, str]) -> tuple[list[tuple[str, ...]], tuple[Group, ...]]:
    """A command for each part of each lane, and the group of each lane; `lists` gets the parts of each lane."""
    volumes = {one.target: one for one in job.timeline.automation if one.property == "volume_db"}
    hall = Hall(job.reels, edge_ms(job.end, job.profile.fps), volumes)
    voices: dict[Group, list[Voice]] = {}
    groups = groups_of(job.timeline.tracks)
    for track in job.timeline.tracks:
        here = voices_of(track, job.stretches[track.id], hall)
        voices.setdefault(groups[track.id], []).extend(_cut(voice, job) for voice in here if _is_heard(voice, job))
    lanes = [(group, lane) for group, here in voices.items() for lane in lanes_of(here)]
    commands = []
    for number, (_, lane) in enumerate(lanes):
        names = []
        for part, (some, start, end) in enumerate(_lane_parts(lane, job.samples(job.start), job.samples(job.end))):
            names.append(f"lane-{number:02d}-{part:04d}.wav")
            commands.append(_sound(files, some, start, end, names[-1]))
        lists[f"lane-{number:02d}.txt"] = list_of(names)
    return commands, tuple(group for group, _ in lanes)


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


def mix_of(job: Job, groups: tuple[Group, ...]) -> Mix:
    """All lanes together, with the volume of the whole sequence where that has keyframes."""
    start, end = job.samples(job.start), job.samples(job.end)
    curve = job.timeline.automation_of(Target("sequence", job.timeline.id)).get("volume_db")
    volume = gain_chain((VolumeCurve(curve, Fraction(0)),), start, end) if curve else ()
    return Mix(groups, end - start, job.wish.channels, volume, job.wish.target_lufs)


def _join(job: Job, mix: Mix, files: Files) -> tuple[str, ...]:
    """The command that makes the film: parts of the picture as they are, all lanes added up and encoded once."""
    heard = ["-map", "0:v", "-c:v", "copy", "-map", "[sound]", *sound_args(job.profile, job.wish.channels)]
    return (*_PICTURES, *_mixed(mix, files, 1), *heard, *container_args(job.profile), "{output}")


def _sound_alone(job: Job, mix: Mix, files: Files, out: str) -> tuple[str, ...]:
    """The command that adds up all lanes and encodes them once, in a file of the film's kind."""
    return (*_mixed(mix, files, 0), "-map", "[sound]", *sound_args(job.profile, job.wish.channels), *CLEAN, out)


def _mixed(mix: Mix, files: Files, first: int) -> list[str]:
    """The lanes as inputs, the first of this number, and the graph that adds them up."""
    graph = Graph()
    graph.end(mix.draw(graph, first), (filter_("anull"),), "sound")
    return [*mix.inputs, *graph_args(graph, files.scripts)]


def list_of(names: Iterable[str]) -> str:
    """The text of a list of files that ffmpeg reads one after another."""
    return "ffconcat version 1.0\n" + "".join(f"file '{name}'\n" for name in names)


def _graph_of(command: tuple[str, ...]) -> str:
    """A command's graph, or the name of the file in which it is; none of one that copies."""
    found = [number for number, part in enumerate(command) if part.startswith("-filter_complex")]
    return command[found[0] + 1] if found else ""
