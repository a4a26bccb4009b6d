"""Purging: jobs that ended long ago go, with their attempts and logs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from media_app.models import MediaJob, MediaJobAttempt
from sessions_app.errors import InvalidInput

PURGED_AT_ONCE = 200


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
