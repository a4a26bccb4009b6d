"""Throwing away, safely: a row's change names the object it orphans, and the object goes later."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.core.files.lifecycle import POLICY
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, PendingDeletion, Upload, Worker
from sessions_app.errors import InvalidInput
from sessions_app.models import RecordingSession

log = logging.getLogger(__name__)


#: How long an object may lie in the store before the row that points to it must be there.
UNCLAIMED = timedelta(days=1)
SWEPT_AT_ONCE, PURGED_AT_ONCE = 1000, 200


def schedule_deletion(object_keys: Iterable[str], *, after: timedelta = timedelta(0)) -> None:
    """In the caller's transaction: these objects belong to nobody, and are swept `after` so long."""
    due_at = timezone.now() + after
    PendingDeletion.objects.bulk_create(
        [PendingDeletion(key=key, due_at=due_at) for key in sorted(set(object_keys)) if key],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["due_at"],
    )


def reserve(object_keys: Iterable[str]) -> None:
    """These objects are about to be stored. Should nobody `keep` them, because the work died, they are swept in a day."""
    schedule_deletion(object_keys, after=UNCLAIMED)


def confirm(object_keys: Iterable[str]) -> None:
    """In the transaction that points rows to these objects: they stay."""
    PendingDeletion.objects.filter(key__in=list(object_keys)).delete()


def store_files(run: jobs.Run, files: Mapping[str, tuple[Path, str]]) -> None:
    """Move a job's outputs (key → local file and its content type, in this order) into the store, to be kept or swept.

    Raises LeaseLost before anything is written that another worker's attempt may own by now.
    """
    reserve(files)
    for key, (path, content_type) in files.items():
        run.fence()
        storage.store().put_file(key, path, content_type=content_type, move=True)


@receiver(pre_delete, sender=RecordingSession)
def _withdraw_work_on_session(instance: RecordingSession, **_) -> None:
    jobs.withdraw(MediaJob.objects.filter(session=instance))


@receiver(pre_delete, sender=MediaAsset)
def _withdraw_work_on_asset(instance: MediaAsset, **_) -> None:
    jobs.withdraw(MediaJob.objects.filter(asset=instance))


@receiver(post_delete, sender=DerivedMedia)
def _delete_derivative(instance: DerivedMedia, **_) -> None:
    schedule_deletion([instance.key])


@receiver(post_delete, sender=MediaAsset)
def _delete_original(instance: MediaAsset, **_) -> None:
    schedule_deletion([instance.original_key])


@receiver(post_delete, sender=Upload)
def _delete_upload(instance: Upload, **_) -> None:
    if instance.state == Upload.State.OPEN:
        schedule_deletion([instance.key], after=late_arrivals())


@receiver(post_delete, sender=MediaJobAttempt)
def _delete_logs(instance: MediaJobAttempt, **_) -> None:
    attempt = instance
    schedule_deletion(
        keys.job_log_key(attempt.tenant_id, attempt.env, str(attempt.job_id), attempt.attempt_no, stream)
        for stream in ("stdout", "stderr")
    )


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or with a dry run would go: jobs, their attempts, and the logs of these in the store."""

    jobs: int
    attempts: int
    logs: int


def purge(jobs_to_go: QuerySet[MediaJob], *, dry_run: bool = False) -> Purged:
    """Remove jobs that have ended, with their attempts and logs. What waits or runs stays, whoever asks; so does all that
    the jobs made, which belongs to assets and results."""
    ended = jobs_to_go.filter(status__in=MediaJob.ENDED)
    jobs_gone = attempts_gone = logs_gone = 0
    for batch in _in_batches(list(ended.order_by().values_list("pk", flat=True)), PURGED_AT_ONCE):
        with transaction.atomic():
            # Again under lock: somebody may have put one back into the queue since.
            held = MediaJob.objects.filter(pk__in=batch, status__in=MediaJob.ENDED).order_by("pk")
            held_ids = list(held.select_for_update().values_list("pk", flat=True))
            attempts = MediaJobAttempt.objects.filter(job__in=held_ids)
            kept = Count("pk", filter=~Q(stdout_key="")), Count("pk", filter=~Q(stderr_key=""))
            counted = attempts.aggregate(all=Count("pk"), out=kept[0], err=kept[1])
            jobs_gone += len(held_ids)
            attempts_gone += counted["all"]
            logs_gone += counted["out"] + counted["err"]
            if not dry_run:
                MediaJob.objects.filter(pk__in=held_ids).delete()
    return Purged(jobs_gone, attempts_gone, logs_gone)


def purge_older_than(days: int, *, dry_run: bool = False, within: QuerySet[MediaJob] | None = None) -> Purged:
    """Purge the jobs that ended more than so many days ago.

    Raises InvalidInput when `days` is no number of days.
    """
    if not 0 <= days <= 36_500:
        raise InvalidInput("A whole number of days, from 0 to 36500.", field="older_than_days")
    before = timezone.now() - timedelta(days=days)
    jobs_to_go = MediaJob.objects.all() if within is None else within
    return purge(jobs_to_go.filter(completed_at__lt=before), dry_run=dry_run)


def _in_batches(ids: list, size: int) -> Iterator[list]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def forget_silent_workers() -> None:
    """Workers that ended without a word, a day ago and longer."""
    Worker.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)).delete()


def late_arrivals() -> timedelta:
    """How long a file may still come in by a link that was given out."""
    return timedelta(seconds=settings.STORAGE_URL_EXPIRES)


def sweep_deletions() -> int:
    """Delete what is due from the store. An object goes before its row: a crash between repeats a harmless delete. The row
    is held meanwhile, so that nobody stores the object anew under our hands."""
    swept = 0
    due = PendingDeletion.objects.filter(due_at__lte=timezone.now())
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:SWEPT_AT_ONCE]):
        with transaction.atomic():
            pending = due.select_for_update(skip_locked=True).filter(pk=pk).first()
            if pending is None:
                continue
            if not is_referenced(pending.key):
                storage.store().delete(pending.key)
                swept += 1
            pending.delete()
    return swept


def is_referenced(key: str) -> bool:
    return (
        DerivedMedia.objects.filter(key=key).exists()
        or MediaAsset.objects.filter(original_key=key).exists()
        or Upload.objects.filter(key=key, state=Upload.State.OPEN).exists()
    )


def sweep_stale_uploads() -> int:
    """End uploads that nobody has asked about for the setting's hours, and multiparts that no row knows."""
    from media_app.services.uploads import abandon

    before = timezone.now() - timedelta(hours=settings.UPLOAD_STALE_HOURS)
    stale = list(Upload.objects.filter(state=Upload.State.OPEN, updated_at__lt=before))
    for upload in stale:
        abandon(
            upload,
            f"The upload of {upload.filename} stopped more than {settings.UPLOAD_STALE_HOURS} hours ago. "
            "Drop the file again to send it.",
        )
    sweep_unknown_multiparts(timedelta(hours=1))
    return len(stale)


def sweep_unknown_multiparts(older_than: timedelta) -> None:
    """Abort what was begun in the store longer ago than this and no open upload's row names."""
    for key, upload_id in storage.store().stale_multiparts(older_than):
        if not Upload.objects.filter(store_upload_id=upload_id, state=Upload.State.OPEN).exists():
            storage.store().abort_multipart(key, upload_id)


def lifecycle_rules() -> list[storage.LifecycleRule]:
    return [storage.LifecycleRule(name=keep.folder, days=keep.days, folder=keep.folder) for keep in POLICY]


def sweep_expired() -> int:
    """Delete files that outlived the lifecycle policy. Studio's rows know them, so no store is ever listed; the row stays,
    with its checksum, and says since when its file is gone."""
    expired = 0
    for keep in POLICY:
        before = timezone.now() - timedelta(days=keep.days)
        for row in DerivedMedia.objects.filter(kind=keep.kind, expired_at=None, updated_at__lt=before)[:1000]:
            storage.store().delete(row.key)
            row.expired_at = timezone.now()
            row.save(update_fields=["expired_at"])
            expired += 1
    return expired


def sweep_drafts() -> None:
    """What killed processes left half-written in a local store."""
    storage.store().tidy(timezone.now())


def tidy() -> None:
    """Every chore; a worker calls it now and then. One that fails does not stop the others."""
    for chore in (sweep_stale_uploads, sweep_expired, sweep_deletions, sweep_drafts, forget_silent_workers):
        try:
            chore()
        except Exception:
            log.exception("%s failed, and is tried again later", chore.__name__)
