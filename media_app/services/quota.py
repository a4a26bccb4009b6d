"""A tenant's share of the installation: counted from its rows, and refused with what is used."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from media_app.core import quota as core
from media_app.models import MediaJob, Upload
from media_app.services.stored import tables
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
    _refuse_more(context, asked, core.FILE, field="sizeBytes")


def refuse_derived(context: Context, asked: int) -> None:
    """Raise QuotaExceeded when so many bytes, made of a file that is here, would be too many."""
    _refuse_more(context, asked, core.DERIVED)


def refuse_made(context: Context, asked: int) -> None:
    """Raise QuotaExceeded when files that a job made, so many bytes more than those that they replace, would be too many.
    Less than there was is always kept."""
    if asked > 0:
        _refuse_more(context, asked, core.MADE)


def refuse_expected(context: Context, asked: int | None) -> None:
    """Raise QuotaExceeded when a job's files, as far as their size is known from earlier ones, would be too many."""
    if asked is not None:
        _refuse_more(context, asked, core.EXPECTED)


def _refuse_more(context: Context, asked: int, message: str, field: str | None = None) -> None:
    limit = settings.TENANT_MAX_BYTES
    if limit:
        used = core.Usage(stored=_stored(context), announced=_announced(context))
        _refuse(core.excess_bytes(used, asked, limit, message), QuotaExceeded, field=field)


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


@dataclass(frozen=True, slots=True)
class TenantUsage:
    """What one tenant uses, and what it may. `stored`: label of what is stored, and its bytes."""

    tenant_id: str
    env: str
    used: core.Usage
    stored: Sequence[tuple[str, int]] = ()

    @property
    def shares(self) -> list[core.Share]:
        """Of bytes, jobs and messages, in this order."""
        return [
            core.Share(self.used.stored + self.used.announced, settings.TENANT_MAX_BYTES),
            core.Share(self.used.jobs, settings.TENANT_MAX_JOBS),
            core.Share(self.used.webhooks, settings.TENANT_MAX_PENDING_WEBHOOKS),
        ]


def of_tenants(user) -> list[TenantUsage]:
    """What each tenant uses whose records this member of staff may see: one query for each table."""
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for rows, totals in _counted(user):
        for row in rows.order_by().values("tenant_id", "env").annotate(**totals):
            counted[row["tenant_id"], row["env"]].update({name: row[name] or 0 for name in totals})
    return [_usage_of(*tenant, found) for tenant, found in sorted(counted.items())]


def _usage_of(tenant_id: str, env: str, found: Mapping[str, int]) -> TenantUsage:
    stored = [(table.label, found.get(table.name, 0)) for table in tables()]
    waiting = {name: found.get(name, 0) for name in ("announced", "jobs", "webhooks")}
    return TenantUsage(tenant_id, env, core.Usage(sum(size for _, size in stored), **waiting), stored)


def _counted(user) -> Iterator[tuple[QuerySet, Mapping[str, Sum | Count]]]:
    """What counts towards a quota, by the names of `Usage` and of the tables, among the rows that a member of staff may see."""
    size, is_webhook = Sum("size_bytes"), Q(type=WEBHOOK_JOB)
    for table in tables():
        yield table.rows().open_to(user), {table.name: size}
    yield Upload.objects.open_to(user).filter(state=Upload.State.OPEN), {"announced": size}
    jobs = {"jobs": Count("pk", filter=~is_webhook), "webhooks": Count("pk", filter=is_webhook)}
    yield MediaJob.objects.open_to(user).unfinished(), jobs


def _stored(context: Context) -> int:
    rows = (table.rows().in_tenant(context) for table in tables())
    return sum(found.aggregate(total=Sum("size_bytes"))["total"] or 0 for found in rows)


def _announced(context: Context) -> int:
    uploads = Upload.objects.in_tenant(context).filter(state=Upload.State.OPEN)
    return uploads.aggregate(total=Sum("size_bytes"))["total"] or 0


def _jobs(context: Context) -> int:
    return MediaJob.objects.in_tenant(context).unfinished().exclude(type=WEBHOOK_JOB).count()


def _webhooks(context: Context) -> int:
    return MediaJob.objects.in_tenant(context).unfinished().filter(type=WEBHOOK_JOB).count()
