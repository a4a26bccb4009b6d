"""A tenant's share of the installation: counted from its rows, and refused with what is used."""

from django.conf import settings
from django.db.models import Sum

from media_app.core import quota as core
from media_app.models import DerivedMedia, MediaAsset, MediaJob, Upload
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError

WEBHOOK_JOB = "webhook_v1"
#: Jobs end in minutes.
RETRY_AFTER_SECONDS = 60


class QuotaExceeded(StudioError):
    """The tenant stores as much as it may."""

    code = "quota_exceeded"
    status = 413


class TooMuchWaiting(StudioError):
    """As many jobs or messages of the tenant wait as may."""

    code = "too_much_waiting"
    status = 429
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}


def usage(context: Context) -> core.Usage:
    """What the tenant uses, for those who show it."""
    return core.Usage(_stored(context), _announced(context), _jobs(context), _webhooks(context))


def refuse_bytes(context: Context, asked: int) -> None:
    """Raise QuotaExceeded when so many more bytes would be too many."""
    limit = settings.TENANT_MAX_BYTES
    if limit:
        used = core.Usage(stored=_stored(context), announced=_announced(context))
        _refuse(core.excess_bytes(used, asked, limit), QuotaExceeded, field="sizeBytes")


def refuse_job(context: Context) -> None:
    """Raise TooMuchWaiting when one more job that a person asks for would be too many. What follows by itself from one that
    was let in is never refused."""
    limit = settings.TENANT_MAX_JOBS
    if limit:
        _refuse(core.excess_jobs(core.Usage(jobs=_jobs(context)), limit), TooMuchWaiting)


def refuse_webhook(context: Context) -> None:
    """Raise TooMuchWaiting when one more message to a webhook would be too many."""
    limit = settings.TENANT_MAX_PENDING_WEBHOOKS
    if limit:
        _refuse(core.excess_webhooks(core.Usage(webhooks=_webhooks(context)), limit), TooMuchWaiting)


def _refuse(excess: core.Excess | None, error: type[StudioError], field: str | None = None) -> None:
    if excess is not None:
        details = {"used": excess.used, "asked": excess.asked, "limit": excess.limit}
        raise error(excess.message, field=field, details=details)


def _stored(context: Context) -> int:
    originals = MediaAsset.objects.in_tenant(context).exclude(original_key="")
    made = DerivedMedia.objects.in_tenant(context).filter(expired_at=None)
    return sum(rows.aggregate(total=Sum("size_bytes"))["total"] or 0 for rows in (originals, made))


def _announced(context: Context) -> int:
    uploads = Upload.objects.in_tenant(context).filter(state=Upload.State.OPEN)
    return uploads.aggregate(total=Sum("size_bytes"))["total"] or 0


def _jobs(context: Context) -> int:
    return MediaJob.objects.in_tenant(context).unfinished().exclude(type=WEBHOOK_JOB).count()


def _webhooks(context: Context) -> int:
    return MediaJob.objects.in_tenant(context).unfinished().filter(type=WEBHOOK_JOB).count()
