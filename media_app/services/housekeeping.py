"""Throwing away, safely: a row's change names the object it orphans, and the object goes later."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import storage
from media_app.core.lifecycle import POLICY
from media_app.models import DerivedMedia, DoomedObject, MediaAsset, MediaJobAttempt, Upload
from sessions_app.errors import StudioError

log = logging.getLogger(__name__)


def doom(object_keys: Iterable[str]) -> None:
    """In the caller's transaction: these objects belong to nobody from now on."""
    DoomedObject.objects.bulk_create([DoomedObject(key=key) for key in object_keys if key], ignore_conflicts=True)


def reprieve(object_keys: Iterable[str]) -> None:
    """These keys are about to be written (again): they are not to be swept."""
    DoomedObject.objects.filter(key__in=list(object_keys)).delete()


@receiver(post_delete, sender=DerivedMedia)
def _doom_derivative(instance: DerivedMedia, **_) -> None:
    doom([instance.key])


@receiver(post_delete, sender=MediaAsset)
def _doom_original(instance: MediaAsset, **_) -> None:
    doom([instance.original_key])


@receiver(post_delete, sender=Upload)
def _doom_upload(instance: Upload, **_) -> None:
    if instance.state == Upload.State.OPEN:
        doom([instance.key])


@receiver(post_delete, sender=MediaJobAttempt)
def _doom_logs(instance: MediaJobAttempt, **_) -> None:
    doom([instance.stdout_key, instance.stderr_key])


def sweep_doomed() -> int:
    """Delete what was doomed from the store. An object goes before its row: a crash between repeats a harmless delete."""
    swept = 0
    for doomed in DoomedObject.objects.order_by("pk")[:1000]:
        if is_referenced(doomed.key):
            doomed.delete()
            continue
        storage.store().delete(doomed.key)
        doomed.delete()
        swept += 1
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
    for key, upload_id in storage.store().stale_multiparts(timedelta(hours=1)):
        if not Upload.objects.filter(store_upload_id=upload_id, state=Upload.State.OPEN).exists():
            storage.store().abort_multipart(key, upload_id)
    return len(stale)


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
    for chore in (sweep_stale_uploads, sweep_expired, sweep_doomed, sweep_drafts):
        try:
            chore()
        except (StudioError, OSError):
            log.exception("%s failed, and is tried again later", chore.__name__)
