"""Renders: a plan in, a film out as a new asset of the registry. One job each, on the one queue."""

import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from media_app import jobs, process, storage
from media_app.core import kinds
from media_app.core.files import keys
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.files import Outputs
from media_app.making.workspace import workspace_of
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob, Webhook
from media_app.services import artifacts, originals, quota, registry, webhooks
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import FETCHED, original_of
from media_app.services.withheld import Withheld, refuse_file, refuse_made
from render_app.core.plan.compiling import Plan
from render_app.core.timeline.edges import exact
from render_app.making import film
from render_app.services import render_shelf
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, StudioError, WrongStatus

TYPE, SEGMENT_TYPE, JOIN_TYPE, EXPORT_TYPE = "render_v1", "render_segment_v1", "render_join_v1", "export_v1"
#: A render that a person runs now goes before those that wait.
RUN_PRIORITY = 5
#: Bits that an encoder spends on a pixel at most, for the scratch that a render reserves.
BITS_PER_PIXEL = {"prores_ks": 8}


class TooManyRenders(StudioError):
    """As many renders of the tenant wait or run as may."""

    code = "too_many_renders"
    status = 429
    headers = {"Retry-After": str(quota.RETRY_AFTER_SECONDS)}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a render, and what they call it."""

    context: Context
    user_id: str = ""
    title: str = "Render"


def cached(context: Context, plan: Plan) -> DerivedMedia | None:
    """The artifact that the same plan on the same bytes made before, as long as its file is kept."""
    rows = DerivedMedia.objects.in_tenant(context).select_related("created_by_job", "asset")
    found: DerivedMedia | None = rows.filter(kind=kinds.RENDER.name, cache_key=plan.cache_key, expired_at=None).first()
    return found


def job_that_made(row: DerivedMedia, plan: Plan) -> MediaJob:
    """The job of a film whose own was purged, as far as the film says: it has no id, and is not kept."""
    return MediaJob(
        pk=None,
        **row.context.stamp(),
        type=TYPE,
        status=MediaJob.Status.COMPLETED,
        progress_percent=100,
        created_at=row.created_at,
        input_json={"plan": plan.as_json, "render_cache_key": plan.cache_key, "project_id": plan.meta["project_id"]},
        result_json={"asset_id": str(row.asset_id), "artifact_id": str(row.pk)},
    )


def start(asked: Asked, plan: Plan, *, group: str = "") -> MediaJob:
    """The job that renders a plan, or the unfinished one that does so already. `group`: of the chunks that it joins, with
    which it counts once. Raises TooManyRenders, TooMuchWaiting, QuotaExceeded.
    """
    context, key = asked.context, plan.cache_key
    dedupe = f"render:{context.tenant_id}:{context.env}:{key[:32]}"
    what = {
        "plan": plan.as_json,
        "render_cache_key": key,
        "project_id": plan.meta.get("project_id"),
        "asset_id": str(uuid.uuid4()),
        "user_id": asked.user_id,
        "created_by": context.user.pk if context.user is not None else None,
        **({"group": group} if group else {}),
    }
    with jobs.one_by_one(context):
        waiting = jobs_of(context).unfinished().filter(dedupe_key=dedupe).first()  # type: ignore[attr-defined]
        if waiting is not None:
            return waiting  # type: ignore[no-any-return]
        if not group:
            quota.refuse_job(context)
            quota.refuse_expected(context, expected_bytes(plan))
            refuse_more(context)
        return jobs.enqueue(TYPE, context, input_json=what, dedupe_key=dedupe)


def expected_bytes(plan: Plan) -> int | None:
    """What the film will weigh by others of its profile; None where none was measured."""
    estimate = plan.meta.get("estimate") or {}
    return int(estimate["bytes"]) if estimate.get("based_on") else None


def jobs_of(context: Context) -> QuerySet[MediaJob]:
    """The tenant's render jobs, those of chunks among them, the newest first."""
    rows = MediaJob.objects.in_tenant(context).filter(type__in=(TYPE, SEGMENT_TYPE))
    found: QuerySet[MediaJob] = rows.order_by("-created_at", "pk")
    return found


def find(context: Context, job_id: uuid.UUID | str) -> MediaJob:
    """A render job of the tenant. Raises NotFound."""
    job = jobs_of(context).filter(pk=job_id).first()
    if job is None:
        raise NotFound(f"There is no render job {job_id} here. Check the id.", field="job_id")
    return job


def run_now(job: MediaJob) -> MediaJob:
    """Put a waiting job before others, and one that ended badly back into the queue. Raises WrongStatus, TooManyRenders."""
    if job.status in (*MediaJob.ENDED_BADLY, MediaJob.Status.CANCELLED):
        with jobs.one_by_one(job.context):
            refuse_more(job.context)
            jobs.retry(job)
    elif job.status == MediaJob.Status.PENDING:
        waiting = MediaJob.objects.filter(pk=job.pk, status=MediaJob.Status.PENDING)
        waiting.update(priority=RUN_PRIORITY, fair_share_at=timezone.now(), run_after=timezone.now())
    job.refresh_from_db()
    return job


def cancel(job: MediaJob) -> MediaJob:
    """Stop a job: a waiting one at once, a running one within two seconds. Raises WrongStatus for one that has ended."""
    if not jobs.request_cancel([job]):
        raise WrongStatus(f"The render is {job.status.lower()} already; there is nothing to cancel.")
    job.refresh_from_db()
    return job


def refuse_more(context: Context) -> None:
    """Raise TooManyRenders where as many renders and exports of the tenant wait or run as may; the chunks of one film count once.

    It holds as long as `jobs.one_by_one`, in which the render is then added.
    """
    limit = settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS
    rows = MediaJob.objects.in_tenant(context).filter(type__in=(TYPE, SEGMENT_TYPE, EXPORT_TYPE)).unfinished()
    waiting = len({group or str(pk) for pk, group in rows.values_list("pk", "input_json__group")})
    if waiting >= limit:
        raise TooManyRenders(
            f"Waiting or running already: {waiting} of the {limit} renders allowed. Wait until one has ended, or cancel one.",
            details={"used": waiting, "limit": limit},
        )


def exact_request(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A request that was kept as JSON, with its times exact again."""
    ranged = {name: exact(value) for name, value in (asked.get("range_ms") or {}).items()}
    segments = [{name: exact(value) for name, value in one.items()} for one in asked.get("segments") or ()]
    return {**asked, "range_ms": ranged or None, "segments": segments}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a render reads, in the order of its plan."""

    plan: Mapping[str, Any]
    files: tuple[MediaAsset | DerivedMedia, ...]


def inputs_of(job: MediaJob) -> Inputs:
    """Raises CannotSucceed when a file was removed or replaced since the plan was made."""
    plan = job.input_json["plan"]
    return Inputs(plan, tuple(_file(job, one) for one in plan["inputs"]))


def _file(job: MediaJob, one: Mapping[str, Any]) -> MediaAsset | DerivedMedia:
    model: Any = DerivedMedia if one["artifact_id"] else MediaAsset
    row = model.objects.in_tenant(job.context).filter(pk=one["artifact_id"] or one["asset_id"]).first()
    if row is None or _is_another(row, one) or getattr(row, "expired_at", None):
        raise CannotSucceed(f"{one['name']} was removed or replaced since this render was asked for. Ask for it again.")
    try:
        if isinstance(row, DerivedMedia):
            refuse_file(row)
        refuse_made(row if isinstance(row, MediaAsset) else row.asset, job.created_at)
    except Withheld as why:
        raise CannotSucceed(str(why)) from why
    return row  # type: ignore[no-any-return]


def _is_another(row: MediaAsset | DerivedMedia, one: Mapping[str, Any]) -> bool:
    """Whether a file is not the one that was planned with: of an original that is not read to its end yet, the version tells."""
    version = one.get("version")
    if isinstance(row, MediaAsset) and version is not None and row.version != version:
        return True
    return bool(one["checksum"]) and row.checksum != one["checksum"]


def _make(run: Run, job: MediaJob, inputs: Inputs) -> Outputs:
    run.progress(0, "fetching the files")
    run.reserve(scratch_bytes(inputs))
    with ExitStack() as held, file_at_fault():
        # What a replay makes shows that a film can be made of its plan alone.
        taken = render_shelf.take(run, inputs.plan, held) if run.job == job else render_shelf.Taken()
        try:
            made, seconds = _film(run, job, inputs, taken, held)
        except film.UnlikeChunks:
            if not taken.files:
                raise
            taken = render_shelf.Taken()
            made, seconds = _film(run, job, inputs, taken, held)
    # What was there already says nothing of how long a film takes.
    whole = not taken.files and "segment_count" not in inputs.plan["meta"]
    took = {"took_seconds": round(seconds, 2)} if whole else {}
    reused = {"chunks_reused": taken.pictures} if inputs.plan.get("chunks") else {}
    meta = artifact_meta(job, inputs.plan) | took | reused
    return replace(made, files=tuple(replace(file, meta=_with_measured(meta, file.meta)) for file in made.files))


def _film(run: Run, job: MediaJob, inputs: Inputs, taken: render_shelf.Taken, held: ExitStack) -> tuple[Outputs, float]:
    """The film, with the chunks that were taken, and the seconds that its making took. Only what its other commands read is fetched."""
    plan, work = inputs.plan, workspace_of(run).subfolder(f"film-{len(taken.files)}")
    wanted = render_shelf.read_by(plan, taken)
    paths = [
        local_copy(run, plan, one, number, held) if number in wanted else work.folder / f"unread-{number}"
        for number, one in enumerate(inputs.files)
    ]
    shelf = render_shelf.shelf_of(run, plan, inputs.files, taken) if run.job == job else None
    shared, began = work.share(FETCHED, MADE), time.monotonic()
    made = film.render(plan, paths, shared, stall_s=settings.VIDEO_RENDER_CHUNK_TIMEOUT, shelf=shelf)
    return made, time.monotonic() - began


def _with_measured(planned: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What an artifact says: what was planned, and of its loudness what was measured besides."""
    loudness = {"loudness": {**(planned.get("loudness") or {}), **found["loudness"]}} if "loudness" in found else {}
    return {**found, **planned, **loudness}


def local_copy(run: Run, plan: Mapping[str, Any], one: MediaAsset | DerivedMedia, number: int, held: ExitStack) -> Path:
    """File `number` of a plan on this disk: of an original in a bucket of which little is shown, that part alone."""
    folder = run.scratch / f"input-{number}"
    folder.mkdir(exist_ok=True)
    if isinstance(one, MediaAsset):
        windows = _shown_of(plan, number)
        part = originals.pictures_of(one, folder, windows) if windows is not None else None
        return part or held.enter_context(original_of(one, folder))
    return held.enter_context(storage.store().local_copy(one.key, folder))


def _shown_of(plan: Mapping[str, Any], number: int) -> list[tuple[float, float]] | None:
    """Which seconds of a file's picture a plan reads; None for all, also of films that copy packets, which may be made anew without."""
    found: list[tuple[float, float]] | None = plan["inputs"][number].get("pictures_s")
    return None if plan.get("fallback") else found


def artifact_meta(job: MediaJob, plan: Mapping[str, Any]) -> dict[str, Any]:
    """What every artifact of an engine carries, and what the plan says of itself."""
    key = job.input_json["render_cache_key"]
    return {
        **plan["meta"],
        "cache_key": key,
        "backend_type": "ffmpeg",
        "backend_version": process.ffmpeg_version(),
        "model_used": "",
        "expected": plan["expected"],
    }


def scratch_bytes(inputs: Inputs) -> int:
    """What is fetched, the film twice, and a lane of sound for every four of its bytes a sample."""
    expected, meta = inputs.plan["expected"], inputs.plan["meta"]
    fetched = sum(storage.store().copied_bytes(one.size_bytes) for one in inputs.files)
    pixels = expected["width"] * expected["height"] * expected["frames"]
    picture = pixels * BITS_PER_PIXEL.get(meta["video_codec"], 1) // 8
    lanes = sum(name.startswith("lane") for name in inputs.plan["files"])
    return int(fetched + 2 * picture + (lanes + 1) * expected["audio_samples"] * 8 + (16 << 20))


def _place(run: Run, job: MediaJob, inputs: Inputs, outputs: Outputs) -> artifacts.Placed:
    """Under an asset of its own: after a lost worker under another, for that one may wake in the midst of storing."""
    if run.job == job and run.lost_before:
        run.amend(asset_id=str(uuid.uuid4()))
        job = run.job
    place = keys.Registered(job.tenant_id, job.env, job.input_json["asset_id"], 1)
    [file] = outputs.files
    return {keys.original_key(place, file.path.name): file}


def _register(made: Completion[Inputs, Outputs]) -> dict[str, Any]:
    """The film as a new asset, which is ingested as any other, with the render artifact under it and all that it was made of."""
    [(key, file)] = made.placed.items()
    asset = _new_asset(made.job, file.size, file.content_type, Path(key).suffix)
    stored = storage.store().head(key)
    assert stored
    asset.checksum = file.sha256
    registry.take_original(asset, stored)
    [row] = artifacts.register_files(asset, made.placed, made.job)
    ArtifactSource.objects.record(row, made.subject.files, "clip")
    ended = _facts(made.job, "completed") | {"assetId": str(asset.pk), "artifactId": str(row.pk)}
    webhooks.announce(made.job.context, Webhook.Event.RENDER_COMPLETED, {"render": ended}, None)
    return {"asset_id": str(asset.pk), "artifact_id": str(row.pk), "artifact_ids": [str(row.pk)]}


def _new_asset(job: MediaJob, size: int, content_type: str, suffix: str) -> MediaAsset:
    asked, meta = job.input_json, job.input_json["plan"]["meta"]
    facts = registry.AssetFacts(
        user_id=asked["user_id"], kind=MediaAsset.Kind.VIDEO, tags=["render"],
        meta={"render_cache_key": asked["render_cache_key"], "project_id": meta["project_id"]},
    )  # fmt: skip
    name = f"render-{meta['render_profile']}{suffix}"
    asset = registry.new_asset(job.context, facts, name, size=size, content_type=content_type)
    asset.pk, asset.created_by_id = uuid.UUID(asked["asset_id"]), asked["created_by"]
    return asset


def _facts(job: MediaJob, status: str) -> dict[str, Any]:
    """What a message says of a render."""
    return {"id": str(job.pk), "status": status, "projectId": job.input_json.get("project_id")}


def _on_failed(job: MediaJob) -> None:
    if job.status in MediaJob.ENDED_BADLY:
        ended = _facts(job, "failed") | {"errorCode": job.error_code, "errorMessage": job.error_message[:2000]}
        webhooks.announce(job.context, Webhook.Event.RENDER_FAILED, {"render": ended}, None)


def _on_retry(job: MediaJob) -> None:
    """Refuse another try when a file is not there any more."""
    try:
        inputs_of(job)
    except CannotSucceed as error:
        raise WrongStatus(str(error)) from error


RENDER: FileJob[Inputs, Outputs] = FileJob(inputs_of, _make, _place, _register)
HANDLERS = RENDER.handlers(_on_failed, _on_retry)
