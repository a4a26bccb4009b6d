"""Chores that a worker does now and then: deleting what is due, ending stale uploads, applying the lifecycle policy."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from media_app import storage
from media_app.core.files.lifecycle import EXPIRING
from media_app.models import DerivedMedia, PendingDeletion, Upload, Worker
from media_app.services import spare
from media_app.services.deletion import is_referenced
from media_app.services.uploads import abandon

log = logging.getLogger(__name__)

SWEPT_AT_ONCE = 1000


def sweep_deletions() -> int:
    """Delete what is due from the store. An object goes before its row: a crash between repeats a harmless delete. The row
    is locked meanwhile, so that the object is not stored again before it is deleted."""
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


def sweep_stale_uploads() -> int:
    """Abort uploads without a request for UPLOAD_STALE_HOURS, and multipart uploads without a row."""
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
    """Abort multipart uploads of this age that no open upload's row names."""
    for key, upload_id in storage.store().stale_multiparts(older_than):
        if not Upload.objects.filter(store_upload_id=upload_id, state=Upload.State.OPEN).exists():
            storage.store().abort_multipart(key, upload_id)


def lifecycle_rules() -> list[storage.LifecycleRule]:
    # A rule without a folder would be the bucket's own, for all that lies in it.
    return [storage.LifecycleRule(name=kind.lies_in, days=kind.days or 0, folder=kind.lies_in) for kind in EXPIRING]


def sweep_expired() -> int:
    """Delete files that outlived the lifecycle policy. Studio's rows know them, so no store is ever listed; the row stays,
    with its checksum, and says since when its file is gone."""
    expired = 0
    for kind in EXPIRING:
        before = timezone.now() - timedelta(days=kind.days or 0)
        for row in DerivedMedia.objects.filter(kind=kind.name, expired_at=None, updated_at__lt=before)[:1000]:
            storage.store().delete(row.key)
            row.expired_at = timezone.now()
            row.save(update_fields=["expired_at"])
            expired += 1
    return expired


def sweep_drafts() -> None:
    """Remove what killed processes left half-written in a local store."""
    storage.store().tidy(timezone.now())


_more: list[Callable[[], object]] = []


def register(chore: Callable[[], object]) -> None:
    """Add a chore of an app above. It comes first, for what it gives away is swept by the others."""
    if chore not in _more:
        _more.append(chore)


def tidy() -> None:
    """Every chore, one after the other; a failure of one does not stop the others."""
    for chore in (
        *_more, sweep_deletions, sweep_stale_uploads, sweep_expired, sweep_drafts, forget_silent_workers, spare.reserve,
    ):  # fmt: skip
        try:
            chore()
        except Exception:  # Whatever is wrong with one chore, the others and the worker go on.
            log.exception("%s failed, and is tried again later", chore.__name__)


def forget_silent_workers() -> None:
    """Remove the rows of workers that ended a day ago or earlier without signing off."""
    Worker.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)).delete()
