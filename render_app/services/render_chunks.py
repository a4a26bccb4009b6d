"""A film in chunks: the picture of each window rendered by a job of its own, side by side, and all joined by another.

A chunk is a `render_segment` artifact under the asset of the first file that the sequence reads, found again by what its window
sees. The film is made as any other: its picture is the chunks as they are, its sound is rendered once.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from media_app import jobs
from media_app.core import kinds
from media_app.core.files import keys
from media_app.jobs import Run
from media_app.making.explain import file_at_fault
from media_app.making.files import Outputs
from media_app.making.workspace import workspace_of
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from media_app.services import artifacts, quota
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import FETCHED
from render_app.core.plan.chunks import MOST_SEGMENTS, SEGMENT_MS, Window, gap_between, windows_of
from render_app.core.plan.compiling import Plan, compile_segment, compile_stitch
from render_app.core.plan.reels import Medium
from render_app.core.timeline.edges import frame_edge
from render_app.making import film
from render_app.services import render_requests, renders
from render_app.services.render_requests import Prepared
from render_app.services.renders import JOIN_TYPE, SEGMENT_TYPE, Asked, Inputs
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StudioError, WrongStatus


class ChunksMissing(StudioError):
    """A film is to be joined whose chunks are not all rendered."""

    code = "chunks_missing"
    status = 409


@dataclass(frozen=True, slots=True)
class Segment:
    """A window with its plan, what tells that from others, and its chunk where that is rendered already."""

    window: Window
    plan: Plan
    key: str
    found: DerivedMedia | None = None


@dataclass(frozen=True, slots=True)
class Chunked:
    """A film in chunks. `parent`: the asset under which they are kept."""

    prepared: Prepared
    segments: tuple[Segment, ...]
    parent: str

    @property
    def missing(self) -> list[Segment]:
        """What is not rendered yet."""
        return [one for one in self.segments if one.found is None]


@dataclass(frozen=True, slots=True)
class Begun:
    """Chunks under way. `film`: the job that joins them, where all were there."""

    jobs: tuple[MediaJob, ...]
    film: MediaJob | None = None


def segments_of(context: Context, asked: Mapping[str, Any]) -> Chunked:
    """The chunks of a request: those that it names, or even ones. Raises as `render_requests.plan_of`, InvalidInput."""
    prepared = render_requests.prepare(context, asked)
    named = asked.get("segments")
    windows = _named(named, prepared) if named else _even(prepared, asked.get("segment_duration_ms") or SEGMENT_MS)
    if len(windows) > MOST_SEGMENTS:
        raise InvalidInput(
            f"That makes {len(windows)} chunks, and {MOST_SEGMENTS} is the most. Ask for longer ones.",
            field="segment_duration_ms",
        )
    plans = [_segment_plan(prepared, one) for one in windows]
    rows = DerivedMedia.objects.in_tenant(context).filter(kind=kinds.RENDER_SEGMENT.name, expired_at=None)
    planned = [(one, plan, plan.cache_key) for one, plan in zip(windows, plans, strict=True)]
    found = {row.cache_key: row for row in rows.filter(cache_key__in={key for *_, key in planned})}
    made = tuple(Segment(one, plan, key, found.get(key)) for one, plan, key in planned)
    return Chunked(prepared, made, _parent(prepared))


def _even(prepared: Prepared, segment_ms: int) -> tuple[Window, ...]:
    windows = windows_of(prepared.wanted.wish, prepared.sequence.end_ms, segment_ms)
    # A sequence without a frame has none: the plan of the whole says so.
    return windows or (Window(0, 0, 0, prepared.wanted.wish.profile.fps),)


def _named(named: Sequence[Mapping[str, Any]], prepared: Prepared) -> tuple[Window, ...]:
    rate, found = prepared.wanted.wish.profile.fps, []
    for number, one in enumerate(named):
        start, end = frame_edge(one["start_ms"], rate), frame_edge(one["end_ms"], rate)
        if start >= end or end > frame_edge(prepared.sequence.end_ms, rate):
            message = f"segments[{number}] has no frame of the sequence, or ends after it. Plan the chunks again."
            raise InvalidInput(message, field=f"segments[{number}]")
        index = one.get("segment_index")
        found.append(Window(number if index is None else index, start, end, rate))
    return tuple(found)


def _segment_plan(prepared: Prepared, window: Window) -> Plan:
    wish = window.of(prepared.wanted.wish)
    sequence, reels, blends, _, materials = prepared.job
    plan = compile_segment(sequence, reels, blends, wish, materials)
    return replace(plan, meta=render_requests.meta_of(prepared, plan))


def _parent(prepared: Prepared) -> str:
    segments = (one for made in prepared.reels.values() for one in made)
    media = [medium for one in segments for medium in (one.picture, one.sound) if medium and medium.drawn is None]
    if not media:
        raise InvalidInput(
            "The sequence reads no file, so its chunks belong to none. Render it whole.", field="project_id"
        )
    return media[0].asset_id


def start(asked: Asked, chunked: Chunked, request: Mapping[str, Any] | None) -> Begun:
    """Jobs for the chunks that are missing. `request`: of the film that is joined when all are there; None joins none.

    Raises TooManyRenders, TooMuchWaiting, QuotaExceeded.
    """
    group = str(uuid.uuid4())
    stitch = None if request is None else _frozen(chunked, request, group, asked)
    with jobs.one_by_one(asked.context):
        if chunked.missing:
            quota.refuse_expected(asked.context, _expected_bytes(chunked))
            renders.refuse_more(asked.context)
        begun = tuple(_enqueue(asked, chunked, one, group, stitch) for one in chunked.missing)
    return Begun(begun, join_if_whole(asked.context, stitch) if stitch else None)


def _expected_bytes(chunked: Chunked) -> int | None:
    """What the chunks that are missing will weigh, and the film that has the same pictures; None where it is not known."""
    sizes = [renders.expected_bytes(one.plan) for one in chunked.missing]
    known = [size for size in sizes if size is not None]
    return 2 * sum(known) if known else None


def _enqueue(asked: Asked, chunked: Chunked, one: Segment, group: str, stitch: dict[str, Any] | None) -> MediaJob:
    context, key = asked.context, one.key
    quota.refuse_job(context)
    what: dict[str, Any] = {
        "plan": one.plan.as_json,
        "render_cache_key": key,
        "project_id": chunked.prepared.wanted.project_id,
        "parent": chunked.parent,
        "segment": segment_json(context, chunked, one),
        "group": group,
        "stitches": [],
    }
    job = jobs.enqueue(
        SEGMENT_TYPE, context, input_json=what, dedupe_key=f"segment:{context.tenant_id}:{context.env}:{key[:32]}"
    )
    if stitch is not None:
        _wait_for(job, stitch)
    return job


def _wait_for(job: MediaJob, stitch: dict[str, Any]) -> None:
    """Have a job look, when it is done, whether the film can be joined."""
    with transaction.atomic():
        row = MediaJob.objects.select_for_update().get(pk=job.pk)
        row.input_json = row.input_json | {"stitches": [*row.input_json["stitches"], stitch]}
        row.save(update_fields=["input_json"])


def segment_json(context: Context, chunked: Chunked, one: Segment) -> dict[str, Any]:
    """A chunk as the API names it: a RenderSegment."""
    wanted, key = chunked.prepared.wanted, one.key
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, key)),
        "tenant_id": context.tenant_id,
        "env": context.env,
        "project_id": wanted.project_id,
        "sequence_id": chunked.prepared.sequence.id,
        "segment_index": one.window.index,
        "start_ms": float(one.window.start_ms),
        "end_ms": float(one.window.end_ms),
        "overlap_ms": wanted.overlap_ms,
        "profile": wanted.wish.profile.name,
        "cache_key": key,
        "frames": one.plan.expected.frames,
        "artifact_id": str(one.found.pk) if one.found else None,
    }


def _frozen(chunked: Chunked, request: Mapping[str, Any], group: str, asked: Asked) -> dict[str, Any]:
    """The request of a film as it is now, whatever becomes of its project meanwhile."""
    wanted = chunked.prepared.wanted
    segments = [
        {"start_ms": float(one.window.start_ms), "end_ms": float(one.window.end_ms)} for one in chunked.segments
    ]
    ranged: dict[str, float] = {name: float(value) for name, value in (request.get("range_ms") or {}).items()}
    kept: dict[str, Any] = {name: request.get(name) for name in render_requests.PLAIN}
    kept["watermark"] = request.get("watermark")
    kept["sequence_snapshot"], kept["render_profile"] = wanted.snapshot_json, wanted.wish.profile.name
    return {
        "request": kept | {"range_ms": ranged or None, "segments": segments},
        "keys": sorted({one.key for one in chunked.segments}),
        "project_id": wanted.project_id,
        "group": group,
        "user_id": asked.user_id,
    }


def join_if_whole(context: Context, stitch: Mapping[str, Any]) -> MediaJob | None:
    """The job that joins a film all of whose chunks are there."""
    rows = DerivedMedia.objects.in_tenant(context).filter(kind=kinds.RENDER_SEGMENT.name, expired_at=None)
    if rows.filter(cache_key__in=stitch["keys"]).values("cache_key").distinct().count() < len(stitch["keys"]):
        return None
    asked = renders.exact_request(stitch["request"])
    plan = stitched(context, asked)
    plan = replace(plan, meta={**plan.meta, "project_id": stitch["project_id"]})
    if (row := renders.cached(context, plan)) is not None:
        return row.created_by_job
    return renders.start(Asked(context, stitch["user_id"]), plan, group=stitch["group"])


def stitched(context: Context, asked: Mapping[str, Any]) -> Plan:
    """The plan of a film of chunks. Raises ChunksMissing, InvalidInput when they leave a part of it out."""
    chunked = segments_of(context, asked)
    prepared = chunked.prepared
    windows = [one.window for one in chunked.segments]
    gap = gap_between(windows, _even(prepared, SEGMENT_MS))
    if gap is not None:
        message = f"segments[{gap}] does not follow on the one before it, or the last does not reach the end. Plan them again."
        raise InvalidInput(message, field=f"segments[{gap}]")
    if chunked.missing:
        numbers = [one.window.index for one in chunked.missing]
        raise ChunksMissing(
            f"{len(numbers)} of {len(windows)} chunks are not rendered. Start them, wait until they are done, and ask again.",
            details={"segment_indexes": numbers},
        )
    rows = [one.found for one in chunked.segments if one.found]
    plan = compile_stitch(prepared.job, [_chunk(row) for row in rows])
    meta = render_requests.meta_of(prepared, plan)
    made = {"segment_count": len(rows), "segment_job_ids": [str(row.created_by_job_id) for row in rows]}
    return replace(plan, meta=meta | made)


def _chunk(row: DerivedMedia) -> Medium:
    return Medium(
        f"artifact:{row.pk}", str(row.asset_id), f"chunk {row.start_ms:g}", row.checksum, artifact_id=str(row.pk)
    )


def _make(run: Run, job: MediaJob, inputs: Inputs) -> Outputs:
    run.progress(0, "fetching the files")
    run.reserve(renders.scratch_bytes(inputs))
    with ExitStack() as held, file_at_fault():
        paths = [renders.local_copy(run, inputs.plan, one, number, held) for number, one in enumerate(inputs.files)]
        work = workspace_of(run).subfolder("film").share(FETCHED, MADE)
        stall_s = settings.VIDEO_RENDER_CHUNK_TIMEOUT
        made = film.render(inputs.plan, paths, work, stall_s=stall_s, kind=kinds.RENDER_SEGMENT)
    segment = job.input_json["segment"]
    meta = renders.artifact_meta(job, inputs.plan) | _named_of(segment) | {"segment": segment}
    times = {"start_ms": segment["start_ms"], "end_ms": segment["end_ms"], "variant": meta["cache_key"][:32]}
    return replace(made, files=tuple(replace(file, meta=file.meta | meta, **times) for file in made.files))


def _named_of(segment: Mapping[str, Any]) -> dict[str, Any]:
    """What a chunk says of itself beside its plan's meta."""
    return {name: value for name, value in segment.items() if name != "artifact_id"}


def _place(run: Run, job: MediaJob, inputs: Inputs, outputs: Outputs) -> artifacts.Placed:
    """A name of each attempt's own: a lost worker may wake in the midst of storing."""
    [file] = outputs.files
    name = f"{kinds.RENDER_SEGMENT.name}-{job.input_json['render_cache_key'][:32]}-{run.attempt.attempt_no}"
    parent, group = job.input_json["parent"], kinds.RENDER_SEGMENT.group
    return {keys.artifact_key(job.tenant_id, job.env, parent, group, name, file.path.suffix): file}


def _register(made: Completion[Inputs, Outputs]) -> dict[str, Any]:
    """The chunk under its asset, with all that it was made of; and a job that looks whether it was the last that a film waits for."""
    asset = MediaAsset.objects.in_tenant(made.job.context).get(pk=made.job.input_json["parent"])
    [row] = artifacts.register_files(asset, made.placed, made.job)
    ArtifactSource.objects.record(row, made.subject.files, "clip")
    # (Read again: a film may wait for it since the job began.)
    if MediaJob.objects.get(pk=made.job.pk).input_json["stitches"]:
        what = {"chunk_job_id": str(made.job.pk)}
        jobs.enqueue(JOIN_TYPE, made.job.context, input_json=what, dedupe_key=f"join:{made.job.pk}")
    return {"artifact_id": str(row.pk), "artifact_ids": [str(row.pk)]}


def _on_retry(job: MediaJob) -> None:
    """Refuse another try when a file is not there any more."""
    try:
        renders.inputs_of(job)
    except jobs.CannotSucceed as error:
        raise WrongStatus(str(error)) from error


SEGMENT: FileJob[Inputs, Outputs] = FileJob(renders.inputs_of, _make, _place, _register)
HANDLERS = SEGMENT.handlers(on_retry=_on_retry)
