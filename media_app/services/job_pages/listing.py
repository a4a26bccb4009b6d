"""Which jobs a list shows, in which order, and why the failed ones failed."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from media_app.core import causes
from media_app.models import MediaJob
from sessions_app.errors import NotFound

Status = MediaJob.Status

#: What `age=` may say → its label; whether made within (+) or before (−), and how long ago.
AGES = {
    "last-hour": ("Last hour", 1, timedelta(hours=1)),
    "last-day": ("Last 24 hours", 1, timedelta(days=1)),
    "last-week": ("Last 7 days", 1, timedelta(days=7)),
    "before-day": ("More than a day ago", -1, timedelta(days=1)),
    "before-week": ("More than a week ago", -1, timedelta(days=7)),
    "before-month": ("More than 30 days ago", -1, timedelta(days=30)),
}
FILTERS = ("status", "type", "tenant", "age", "search", "cause")
#: Failures that are read to find their causes; a queue with more has one cause.
READ_FOR_CAUSES = 2000


def choose(jobs: QuerySet[MediaJob], asked: Mapping[str, str]) -> tuple[QuerySet[MediaJob], dict[str, str]]:
    """The jobs that an address asks for, without its status; and what of it cannot be read: field → sentence."""
    faults: dict[str, str] = {}
    if asked.get("type"):
        jobs = jobs.filter(type=asked["type"])
    if asked.get("tenant"):
        tenant_id, _, env = asked["tenant"].partition("/")
        jobs = jobs.filter(tenant_id=tenant_id, **({"env": env} if env else {}))
    if age := asked.get("age"):
        if age in AGES:
            _, side, ago = AGES[age]
            since = timezone.now() - ago
            jobs = jobs.filter(created_at__gte=since) if side > 0 else jobs.filter(created_at__lt=since)
        else:
            faults["age"] = f"{age!r} is not a valid age. Use one of {', '.join(AGES)}."
    if asked.get("status") and asked["status"] not in Status.values:
        faults["status"] = f"{asked['status']!r} is not a valid status. Use one of {', '.join(Status.values)}."
    if text := asked.get("search", "").strip():
        jobs = jobs.filter(_matching(text))
    if asked.get("cause"):
        jobs = jobs.filter(pk__in=_of_cause(jobs, asked["cause"]))
    return jobs, faults


def _matching(text: str) -> Q:
    found = Q(session__title__icontains=text) | Q(asset__original_filename__icontains=text)
    found |= Q(error_message__icontains=text) | Q(type__icontains=text) | Q(locked_by__icontains=text)
    with contextlib.suppress(ValueError):
        found |= Q(pk=UUID(text)) | Q(session=UUID(text)) | Q(asset=UUID(text))
    return found


def counts(jobs: QuerySet[MediaJob]) -> dict[str, int]:
    """Status → how many; "" → all."""
    counted = jobs.order_by().aggregate(**{name: Count("pk", filter=Q(status=name)) for name in Status.values})
    return {"": sum(counted.values())} | counted


def in_order(jobs: QuerySet[MediaJob], status: str) -> QuerySet[MediaJob]:
    """Those that wait in the order in which they are taken, the others the latest first."""
    if status == Status.PENDING:
        return jobs.filter(status=status).order_by(*MediaJob.QUEUE_ORDER)
    if status in MediaJob.ENDED:
        return jobs.filter(status=status).order_by("-completed_at", "-pk")
    return (jobs.filter(status=status) if status in Status.values else jobs).order_by("-created_at", "-pk")


def dead_causes(jobs: QuerySet[MediaJob]) -> list[causes.Cause]:
    """Why jobs are dead, the most frequent cause first."""
    return causes.group(_failures(jobs.filter(status=Status.DEAD)))


def _failures(jobs: QuerySet[MediaJob]) -> Iterator[causes.Failure]:
    rows = jobs.order_by("-completed_at").values_list("type", "error_code", "error_message", "completed_at")
    return (causes.Failure(*row) for row in rows[:READ_FOR_CAUSES])


def _of_cause(jobs: QuerySet[MediaJob], key: str) -> list[UUID]:
    bad = jobs.filter(status__in=MediaJob.ENDED_BADLY).order_by("-completed_at")
    rows = bad.values_list("pk", "type", "error_code", "error_message")[:READ_FOR_CAUSES]
    return [pk for pk, *failure in rows if causes.key_of(*failure) == key]


def find(jobs: QuerySet[MediaJob], job_id: UUID) -> MediaJob:
    job = jobs.select_related("session", "asset", "replay_of").filter(pk=job_id).first()
    if job is None:
        raise NotFound("This job does not exist. It may have been purged; go back to the list.")
    return job
