"""Exports: an edit in, its files out. One job each, on the one queue; the record outlives the job, and the files do not outlive the record."""

import re
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.files import DerivedFile, Outputs
from media_app.making.workspace import workspace_of
from media_app.models import MediaJob, Webhook
from media_app.services import artifacts, deletion, quota, webhooks
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import FETCHED
from render_app.making import exports as making
from render_app.models import Export
from render_app.services import export_access, export_estimates, renders
from render_app.services.export_requests import Planned, plan_of
from sessions_app.core.tenant import Context
from sessions_app.errors import Forbidden, InvalidInput, NotFound, StudioError, WrongStatus

TYPE = renders.EXPORT_TYPE
KEPT_DAYS = 30
MOST_KEY = 200
Event = Webhook.Event
Outcome = Export.Outcome
#: The outcome of a job that was given up.
_OUTCOMES = {
    MediaJob.Status.FAILED: Outcome.FAILED,
    MediaJob.Status.DEAD: Outcome.FAILED,
    MediaJob.Status.CANCELLED: Outcome.CANCELLED,
}
#: Bytes of scratch for a pixel of a film: its parts and the film; and of a codec that spends more.
_BYTES_PER_PIXEL = {"prores_ks": 2.0, "dnxhd": 2.0}
_FEW_BYTES = 0.25
#: The fact of what was made that says how long it took.
_TOOK = "took_seconds"


class KeyReused(StudioError):
    """An Idempotency-Key that stood with another request."""

    code = "idempotency_key_reused"
    status = 422


class Expired(StudioError):
    """The files of an export were deleted when their time was over."""

    code = "expired"
    status = 410


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an export, and the key under which the same request is made once."""

    context: Context
    user_id: str = ""
    idempotency_key: str = ""


def start(asked: Asked, request: Mapping[str, Any]) -> Export:
    """The export of a request, or the one that was begun under the same key.

    Raises KeyReused, Forbidden, TooManyRenders, TooMuchWaiting, QuotaExceeded, AddressRefused, and as `plan_of`.
    """
    if earlier := _earlier(asked, request):
        return earlier
    planned = plan_of(asked.context, request)
    _refuse_priority(asked.context, request)
    try:
        with jobs.one_by_one(asked.context):
            quota.refuse_job(asked.context)
            quota.refuse_expected(asked.context, planned.plan.meta["estimate"]["bytes"])
            renders.refuse_more(asked.context)
            return _begin(asked, planned)
    except IntegrityError:
        # Another request with this key came first, a moment ago.
        if earlier := _earlier(asked, request):
            return earlier
        raise


def _earlier(asked: Asked, request: Mapping[str, Any]) -> Export | None:
    key = asked.idempotency_key
    if not key:
        return None
    if len(key) > MOST_KEY or not key.isprintable():
        raise InvalidInput(f"Idempotency-Key is at most {MOST_KEY} printable characters.", field="Idempotency-Key")
    found = exports_of(asked.context).filter(idempotency_key=key).first()
    if found is not None and found.request_json != request:
        raise KeyReused(
            "This Idempotency-Key came with another request before. Use a new key, or send the same request.",
            field="Idempotency-Key", details={"jobId": str(found.pk)},
        )  # fmt: skip
    return found


def _refuse_priority(context: Context, request: Mapping[str, Any]) -> None:
    if (request.get("priority") or 0) > 0 and context.tenant_id not in settings.EXPORT_PRIORITY_TENANTS:
        raise Forbidden(
            "Your tenant may not raise the priority of its exports. Set priority to 0, or ask an administrator (EXPORT_PRIORITY_TENANTS).",
            field="priority",
        )


def _begin(asked: Asked, planned: Planned) -> Export:
    context, request = asked.context, planned.asked
    url = request.get("webhookUrl")
    hook = webhooks.create_inline(context, url, [Event.EXPORT_COMPLETED, Event.EXPORT_FAILED]) if url else None
    plan = planned.plan.as_json
    owner = planned.session or context
    job = jobs.enqueue(TYPE, owner, input_json={"plan": plan, "take": "1"}, priority=request.get("priority") or 0)
    return Export.objects.create(
        **context.stamp(), pk=job.pk, job=job, session=planned.session, project=planned.project,
        request_json=dict(request), warnings_json=plan["meta"]["warnings"], webhook=hook,
        user_id=asked.user_id, created_by=context.user, idempotency_key=asked.idempotency_key,
        expires_after_days=request.get("expiresAfterDays") or KEPT_DAYS,
    )  # fmt: skip


def exports_of(context: Context) -> QuerySet[Export]:
    """The tenant's exports, the newest first."""
    found: QuerySet[Export] = Export.objects.in_tenant(context).select_related("job", "webhook", "session", "project")
    return found


def find(context: Context, export_id: uuid.UUID | str) -> Export:
    """An export of the tenant. Raises NotFound."""
    found = exports_of(context).filter(pk=export_id).first()
    if found is None:
        raise NotFound(f"There is no export {export_id} here. Check the id.", field="jobId")
    return found


def file_of(export: Export, name: str = "") -> dict[str, Any]:
    """One of its files, by the output's name; without one, the first. Raises WrongStatus, Expired, NotFound."""
    if export.outcome == Outcome.EXPIRED:
        raise Expired("The files of this export were deleted when their time was over. Export again.")
    if export.outcome != Outcome.COMPLETED:
        raise WrongStatus(f"The export is {export.status}; there is nothing to download.")
    found = next((file for file in export.files_json if name in ("", file["name"])), None)
    if found is None:
        there = ", ".join(file["name"] for file in export.files_json)
        raise NotFound(f"There is no output {name[:80]!r} in this export. It has {there}.", field="output")
    return found


def link(export: Export, file: Mapping[str, Any]) -> str:
    """A signed link to one of its files, which is answered as a download. Raises Withheld."""
    export_access.refuse(export, str(file.get("content_type", "")))
    title = str(export.session or export.project or "export")
    name = re.sub(r"[^\w.-]+", "-", f"{title}-{file['name']}").strip("-.")[:120]
    url = storage.store().url(file["key"], filename=f"{name}{PurePosixPath(file['key']).suffix}")
    return storage.fronted(url)


def remove(export: Export) -> None:
    """Cancel an export that waits or runs; take one that has ended away, with its files."""
    if not export.outcome and export.job is not None and jobs.request_cancel([export.job]):
        return
    export.delete()


@receiver(pre_delete, sender=Export)
def _withdraw(instance: Export, **_: Any) -> None:
    if instance.job_id:
        jobs.withdraw(MediaJob.objects.filter(pk=instance.job_id))


@receiver(post_delete, sender=Export)
def _delete_files(instance: Export, **_: Any) -> None:
    deletion.schedule_deletion(instance.keys)
    deletion.hasten(_folder(instance))
    if instance.webhook_id:
        Webhook.objects.filter(pk=instance.webhook_id, is_inline=True).delete()


def expire() -> int:
    """Delete the files of exports whose time is over; the records stay and say so."""
    gone = 0
    for pk in list(Export.objects.expiring(timezone.now()).values_list("pk", flat=True)[:1000]):
        with transaction.atomic():
            export = Export.objects.select_for_update().expiring(timezone.now()).filter(pk=pk).first()
            if export is not None:
                deletion.schedule_deletion(export.keys)
                export.outcome = Outcome.EXPIRED
                export.save(update_fields=["outcome", "updated_at"])
                gone += 1
    return gone


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an export reads, and its record."""

    export: Export
    read: renders.Inputs


def _inputs(job: MediaJob) -> Inputs | None:
    """None when the export was taken away. Raises CannotSucceed when a file was removed or replaced since."""
    export = Export.objects.filter(pk=job.pk).select_related("webhook").first()
    return Inputs(export, renders.inputs_of(job)) if export is not None else None


def _make(run: Run, job: MediaJob, inputs: Inputs) -> Outputs:
    run.progress(0, "fetching the files")
    run.reserve(_scratch_bytes(inputs.read))
    began = time.monotonic()
    with ExitStack() as held, file_at_fault():
        paths = [
            renders.local_copy(run, inputs.read.plan, one, number, held) for number, one in enumerate(inputs.read.files)
        ]
        work = workspace_of(run).subfolder("export").share(FETCHED, MADE)
        made = making.export(inputs.read.plan, paths, work, stall_s=settings.VIDEO_RENDER_CHUNK_TIMEOUT)
    return replace(made, facts={**made.facts, _TOOK: time.monotonic() - began})


def _scratch_bytes(read: renders.Inputs) -> int:
    """What is fetched, each film twice, and the lanes of sound."""
    films = read.plan["films"]
    need = float(sum(storage.store().copied_bytes(one.size_bytes) for one in read.files))
    for film in films:
        expected = film["expected"]
        pixels = 0 if film["sound_only"] else expected["width"] * expected["height"] * expected["frames"]
        need += 2 * pixels * _BYTES_PER_PIXEL.get(film["video_codec"], _FEW_BYTES) + expected["audio_samples"] * 8
    lanes = sum(name.startswith("lane") for name in read.plan["files"])
    return int(need + (lanes + 3) * films[0]["expected"]["audio_samples"] * 8 + (16 << 20))


def _place(run: Run, job: MediaJob, inputs: Inputs, outputs: Outputs) -> artifacts.Placed:
    """In a folder of its own: after a lost worker in another, for that one may wake in the midst of storing."""
    if run.job == job and run.lost_before:
        run.amend(take=uuid.uuid4().hex[:8])
        job = run.job
    folder = f"{_folder(inputs.export)}{job.input_json['take']}/"
    return {f"{folder}{file.path.name}": file for file in outputs.files}


def _folder(export: Export) -> str:
    return keys.export_prefix(export.tenant_id, export.env, str(export.pk))


def _register(made: Completion[Inputs, Outputs]) -> dict[str, Any]:
    """The files' places and what they are, and the news for whoever waits for them."""
    export = Export.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=made.subject.export.pk)
    export.files_json = [_file(key, file) for key, file in made.placed.items()]
    export.size_bytes = sum(file.size for file in made.placed.values())
    export.warnings_json = [*export.warnings_json, *made.outputs.warnings]
    export.expires_at = timezone.now() + timedelta(days=export.expires_after_days)
    _end(export, Outcome.COMPLETED)
    names = [file["name"] for file in export.files_json]
    _announce(export, Event.EXPORT_COMPLETED, outputs=names, warnings=export.warnings_json)
    sizes = {file["name"]: file["size_bytes"] for file in export.files_json}
    return {"outputs": names} | export_estimates.measured_of(made.job, sizes, made.outputs.facts[_TOOK])


def _file(key: str, file: DerivedFile) -> dict[str, Any]:
    facts = {name: file.meta.get(name) for name in ("duration_ms", "width", "height", "fps", "frames")}
    name = file.meta.get("name") or "thumbnail"
    what = {"key": key, "content_type": file.content_type, "size_bytes": file.size, "checksum": file.sha256}
    marks = {"still": "name" not in file.meta, "side": bool(file.meta.get("side"))}
    return {"name": name, **marks, **what, **facts}


def _end(export: Export, outcome: str, code: str = "", message: str = "") -> None:
    export.outcome, export.error_code, export.error_message = outcome, code, message
    export.save()


def _announce(export: Export, event: str, **more: Any) -> None:
    facts = {"id": str(export.pk), "status": export.outcome, "sessionId": _id(export.session_id), **more}
    webhooks.announce(
        export.context, event, {"export": facts | {"projectId": _id(export.project_id)}}, export.session_id,
        also=export.webhook,
    )  # fmt: skip


def _id(key: Any) -> str | None:
    return str(key) if key else None


def _on_failed(job: MediaJob) -> None:
    """The job was given up or canceled: nothing of it stays."""
    export = Export.objects.select_for_update(of=("self",)).select_related("webhook").filter(pk=job.pk).first()
    if export is None:
        return
    deletion.hasten(_folder(export))
    outcome = _OUTCOMES[MediaJob.Status(job.status)]
    _end(export, outcome, job.error_code, job.error_message)
    if outcome == Outcome.FAILED:
        message = job.error_message[:2000]
        _announce(export, Event.EXPORT_FAILED, errorCode=job.error_code, errorMessage=message)


def _on_retry(job: MediaJob) -> None:
    """A person gives it another try. Raises WrongStatus when it was taken away, or a file is not there any more."""
    try:
        inputs = _inputs(job)
    except CannotSucceed as error:
        raise WrongStatus(str(error)) from error
    if inputs is None:
        raise WrongStatus("The export that this job was for was taken away.")
    _end(inputs.export, "")


EXPORT: FileJob[Inputs, Outputs] = FileJob(_inputs, _make, _place, _register)
HANDLERS = EXPORT.handlers(_on_failed, _on_retry)
