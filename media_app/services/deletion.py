"""Deletion in two steps: a row's change names the object it orphans, and the sweeper deletes the object later."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, PendingDeletion, Upload
from sessions_app.models import RecordingSession

#: How long an object may lie in the store before a row must point to it.
UNCLAIMED = timedelta(days=1)


def schedule_deletion(object_keys: Iterable[str], *, after: timedelta = timedelta(0)) -> None:
    """In the caller's transaction: list these objects for deletion, due `after` so long unless a row points to them then."""
    due_at = timezone.now() + after
    PendingDeletion.objects.bulk_create(
        [PendingDeletion(key=key, due_at=due_at) for key in sorted(set(object_keys)) if key],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["due_at"],
    )


def reserve(object_keys: Iterable[str]) -> None:
    """List objects that are about to be stored: without a `confirm`, because the work died, they are deleted in a day."""
    schedule_deletion(object_keys, after=UNCLAIMED)


def confirm(object_keys: Iterable[str]) -> None:
    """In the transaction that points rows to these objects: take them off the list."""
    PendingDeletion.objects.filter(key__in=list(object_keys)).delete()


def hasten(prefix: str) -> None:
    """In the caller's transaction: what was reserved under a folder is not coming; it is deleted now and not in a day."""
    PendingDeletion.objects.filter(key__startswith=prefix).update(due_at=timezone.now())


def give_up_upload(upload: Upload) -> None:
    """In the caller's transaction: end the store's side of an upload after it. A request under way may still make an object
    of it, so its key stays listed for a day."""
    reserve([upload.key])
    if upload.store_upload_id:
        transaction.on_commit(lambda: storage.store().abort_multipart(upload.key, upload.store_upload_id), robust=True)


def store_files(run: jobs.Run, files: Mapping[str, tuple[Path, str]], *, move: bool = True) -> None:
    """Move a job's outputs (key → local file and its content type, in this order) into the store, reserved beforehand; or copy them.

    Raises LeaseLost before anything is written that another worker's attempt may own by now.
    """
    reserve(files)
    for key, (path, content_type) in files.items():
        run.fence()
        storage.store().put_file(key, path, content_type=content_type, move=move)


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
        give_up_upload(instance)


@receiver(post_delete, sender=MediaJobAttempt)
def _delete_logs(instance: MediaJobAttempt, **_) -> None:
    attempt = instance
    schedule_deletion(
        keys.job_log_key(attempt.tenant_id, attempt.env, str(attempt.job_id), attempt.attempt_no, stream)
        for stream in ("stdout", "stderr")
    )


def is_referenced(key: str) -> bool:
    return (
        DerivedMedia.objects.filter(key=key).exists()
        or MediaAsset.objects.filter(original_key=key).exists()
        or Upload.objects.filter(key=key, state=Upload.State.OPEN).exists()
    )
