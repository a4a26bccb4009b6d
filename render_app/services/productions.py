"""Productions: a recording, mastered where it shall be, handed over to a packager, and what came of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.jobs import CannotSucceed, Run
from media_app.models import MediaAsset, MediaJob
from media_app.services import artifacts, deletion, mastering, originals, quota, withheld
from media_app.services.artifacts import Completion, FileJob
from media_app.services.sound import heard_of
from render_app import packagers
from render_app.core.hls import PLAYLIST_TYPE, linked
from render_app.models import Production
from render_app.packagers import Package
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, WrongStatus

TYPE = "abr_package_v1"
MEASURED_AT_ONCE = 100
Status = Production.Status


def create(
    context: Context,
    asset_id: UUID | str,
    *,
    music_asset_id: UUID | str | None = None,
    preset: str = "",
    overrides: Mapping[str, Any] | None = None,
    packager: str = "",
) -> Production:
    """With music, or a preset, the recording is mastered first; else it is handed over as it is.

    With MEDIA_JOBS_ENABLED off all of it is done before this returns. Raises as `mastering.start_master`, InvalidInput.
    """
    packager = packager or settings.PACKAGER
    packagers.named(packager)
    asset = mastering.usable_asset(context, asset_id, "assetId")
    if asset.kind != MediaAsset.Kind.VIDEO:
        raise InvalidInput("A production needs a recording with video; this asset has none.", field="assetId")
    if music_asset_id and not preset:
        preset = settings.MUSIC_PRESET
    if overrides and not preset:
        raise InvalidInput("overrides are laid over a preset: name one.", field="overrides")
    copy = withheld.stand_in(asset)
    quota.refuse_job(context)
    with transaction.atomic():
        production = Production(
            **asset.context.stamp(),
            asset=asset,
            music_id=music_asset_id or None,
            preset=preset,
            overrides=dict(overrides or {}),
            packager=packager,
            status=Status.PENDING_MEDIA if preset else Status.QUEUED,
        )
        if preset:
            production.job = mastering.start_master(
                context, asset_id, preset, music_asset_id=music_asset_id, overrides=overrides, max_attempts=_attempts()
            )
            production.save()
        else:
            production.save()
            _hand_over(production, copy.key if copy is not None else asset.original_key)
    if not settings.MEDIA_JOBS_ENABLED:
        _do_it_here(production)
    return production


def get(context: Context, production_id: UUID | str) -> Production:
    """The caller's production. Raises NotFound."""
    found = Production.objects.in_tenant(context).select_related("job", "asset").filter(pk=production_id).first()
    if found is None:
        raise NotFound(f"There is no production {production_id} here. Check the id.")
    return found


def playlist(production: Production, name: str) -> str:
    """One of its playlists, its media as links that a browser may read. Raises WrongStatus, NotFound."""
    withheld.refuse_made(production.asset, production.created_at)
    if production.status != Status.COMPLETED:
        raise WrongStatus(f"The production is {production.status}: there is nothing to play yet.")
    store, prefix = storage.store(), _prefix(production)
    try:
        with store.open(f"{prefix}{name}") as file:
            text = file.read(1 << 24).decode("utf-8", "replace")
    except storage.ObjectMissing as error:
        raise NotFound(f"There is no playlist {name} in this production.") from error
    return linked(text, lambda file: store.url(f"{prefix}{file}"))


def measure() -> int:
    """Measure packages of an earlier version of Studio, which kept no sizes, and name the files that a packager wrote by itself."""
    unmeasured = Production.objects.filter(status=Status.COMPLETED, size_bytes=None)
    rows = list(unmeasured.order_by("pk")[:MEASURED_AT_ONCE])
    for production in rows:
        found = {one.key: one.size for one in storage.store().list(_prefix(production))}
        package = production.package_json | {"keys": sorted(found)}
        unmeasured.filter(pk=production.pk).update(size_bytes=sum(found.values()), package_json=package)
    return len(rows)


def _make(run: Run, job: MediaJob, production: Production) -> Package:
    """The packager makes the package."""
    asked, asset = job.input_json, production.asset
    is_original = asked["source_key"] == asset.original_key
    try:
        withheld.refuse_made(asset, production.created_at)
    except withheld.Withheld as why:
        raise CannotSucceed(str(why)) from why
    if is_original:
        originals.refuse_changed(asset)
    # A master has one track, which is of what was heard.
    heard = heard_of(asset) if is_original else None
    work = packagers.Work(str(production.pk), asked["source_key"], asked["mastered"], _prefix(production), heard)
    return packagers.named(production.packager).package(work, run)


def _place(run: Run, job: MediaJob, production: Production, package: Package) -> artifacts.Placed:
    """Playlists last: whoever finds one finds what it names."""
    files = sorted(package.files, key=lambda file: file.content_type == PLAYLIST_TYPE)
    return {f"{_prefix(production)}{file.path.name}": file for file in files}


def _register(made: Completion[Production, Package]) -> dict[str, Any]:
    production, facts = made.subject, dict(made.outputs.facts)
    playlist = f"{_prefix(production)}{facts['playlist']}"
    written = facts.pop(packagers.WRITTEN, {})
    production.package_json = {**facts, "playlist": playlist, "keys": sorted({*made.placed, *written})}
    production.size_bytes = sum(file.size for file in made.placed.values()) + sum(written.values())
    _move(production, Status.COMPLETED)
    return production.package_json


def on_retry(job: MediaJob) -> None:
    """A person gives the job another try. Raises WrongStatus when the production has gone on without this job."""
    _take_up(job, Status.QUEUED)


@receiver(mastering.master_ended, dispatch_uid="render_app.productions.mastered")
def _mastered(job: MediaJob, result: dict | None, **_) -> None:
    """In the transaction that ends the mastering: hand the master over, or say why there is none."""
    if result is None:
        _fail(job)
        return
    for production in Production.objects.select_for_update().filter(job=job, status=Status.PENDING_MEDIA):
        production.master_key = result["key"]
        production.master_json = {name: result[name] for name in ("checksum", "before", "after", "warnings")}
        production.status = Status.QUEUED
        _hand_over(production, production.master_key)


@receiver(mastering.master_retried, dispatch_uid="render_app.productions.master_retried")
def _on_master_retry(job: MediaJob, **_) -> None:
    if Production.objects.filter(job=job).exists():
        _take_up(job, Status.PENDING_MEDIA)


@receiver(pre_delete, sender=Production)
def _withdraw(instance: Production, **_) -> None:
    if instance.job_id:
        jobs.withdraw(MediaJob.objects.filter(pk=instance.job_id))


@receiver(post_delete, sender=Production)
def _delete_package(instance: Production, **_) -> None:
    deletion.schedule_deletion(instance.package_json.get("keys", ()))


def _hand_over(production: Production, source_key: str) -> None:
    production.job = jobs.enqueue(
        TYPE,
        production.asset,
        input_json={
            "production_id": str(production.pk),
            "source_key": source_key,
            "mastered": bool(production.preset),
            "packager": production.packager,
        },
        max_attempts=_attempts(),
    )
    production.save()


def _production_of(job: MediaJob) -> Production | None:
    """The production of a packaging job, now being worked on; None when it was removed or has moved on."""
    with transaction.atomic():
        production = (
            Production.objects.select_for_update(of=("self",))
            .select_related("asset")
            .filter(pk=job.input_json["production_id"], job=job, status__in=[Status.QUEUED, Status.PROCESSING])
            .first()
        )
        if production is not None:
            _move(production, Status.PROCESSING)
    return production


def _move(production: Production, status: str) -> None:
    if not production.may_move_to(status):
        raise WrongStatus(f"A production that is {production.status} cannot become {status}.")
    production.status = status
    if status != Status.FAILED:
        production.error_code = production.error_message = ""
    production.save()


def _fail(job: MediaJob) -> None:
    for production in Production.objects.select_for_update().filter(job=job):
        if production.may_move_to(Status.FAILED):
            production.error_code = job.error_code or job.status.lower()
            production.error_message = job.error_message or f"Its job is {job.status}."
            _move(production, Status.FAILED)


def _take_up(job: MediaJob, status: str) -> None:
    production = Production.objects.select_for_update().filter(job=job, status=Status.FAILED).first()
    if production is None:
        raise WrongStatus("The production that this job was for was removed or has moved on.")
    _move(production, status)


def _do_it_here(production: Production) -> None:
    """The same jobs, in this very process, one after another."""
    while True:
        production.refresh_from_db()
        job = production.job
        if job is None or job.status not in MediaJob.UNFINISHED:
            return
        jobs.run_here(job)
        if job.status in MediaJob.UNFINISHED:
            # It is to be tried again later, which is for the workers.
            return


def _attempts() -> int:
    """Nobody waits in a request for a second try."""
    return 3 if settings.MEDIA_JOBS_ENABLED else 1


def _prefix(production: Production) -> str:
    return keys.production_prefix(production.tenant_id, production.env, str(production.pk))


PACKAGE: FileJob[Production, Package] = FileJob(_production_of, _make, _place, _register)
HANDLERS = jobs.Handlers(PACKAGE.run, _fail, on_retry)
