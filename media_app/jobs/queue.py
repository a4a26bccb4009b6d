"""The queue: jobs are added, ordered by fair share, canceled and retried."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils import timezone

from media_app import broker
from media_app.jobs.failures import CANCELLED_BY_OPERATOR, JobCancelled
from media_app.jobs.registry import notify_owner, type_of
from media_app.models import MediaAsset, MediaJob
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError, WrongStatus
from sessions_app.models import RecordingSession

#: The distance between two waiting jobs of one tenant in the queue: longer than most jobs take, so that a tenant's second
#: comes after everybody's first; short enough that the last of a thousand does not wait forever behind newcomers.
APART = timedelta(hours=1)


#: Whose work a job is: an asset, also for the pages of its session; a session; or a tenant alone.
Owner = MediaAsset | RecordingSession | Context


def enqueue(
    job_type: str,
    owner: Owner,
    *,
    input_json: dict,
    priority: int = 0,
    max_attempts: int = 3,
    dedupe_key: str = "",
) -> MediaJob:
    """A new job, or the unfinished one that has the same `dedupe_key`."""
    context = owner if isinstance(owner, Context) else owner.context
    unfinished = MediaJob.objects.unfinished().filter(dedupe_key=dedupe_key)
    known = type_of(job_type)
    kind = known.kind if known else MediaJob.Kind.CPU
    while True:
        if dedupe_key and (waiting := unfinished.first()):
            return waiting
        try:
            with transaction.atomic():
                wake(kind)
                return MediaJob.objects.create(
                    **context.stamp(),
                    type=job_type,
                    kind=kind,
                    fair_share_at=_fair_share_at(context, kind, priority),
                    input_json=input_json,
                    **_owned_by(owner),
                    priority=priority,
                    max_attempts=max_attempts,
                    dedupe_key=dedupe_key,
                )
        except IntegrityError:
            # Another transaction used the key first; its job may be done by now, and then this one is still needed.
            if not dedupe_key:
                raise


def _owned_by(owner: Owner) -> dict[str, Any]:
    """The job's columns that name its asset and its session."""
    if isinstance(owner, MediaAsset):
        return {"asset": owner, "session_id": owner.session_id}
    return {"session": owner} if isinstance(owner, RecordingSession) else {}


def _fair_share_at(context: Context, kind: str, priority: int) -> datetime:
    """A new job's place in the queue: now, or behind the last waiting job of its tenant. The first job of another tenant thus
    passes five hundred of this one, and a claim has nothing to count."""
    waiting = MediaJob.objects.filter(
        status=MediaJob.Status.PENDING, tenant_id=context.tenant_id, kind=kind, priority=priority
    )
    last = waiting.aggregate(last=Max("fair_share_at"))["last"]
    now = timezone.now()
    return max(now, last + APART) if last else now


def wake(kind: str) -> None:
    """Wake a Celery worker once the caller's transaction is committed; embedded workers poll."""
    if settings.JOB_DISPATCH == "celery":
        transaction.on_commit(partial(broker.wake, kind), robust=True)


def lock_session_of(job: MediaJob) -> None:
    """Lock the job's session, if it has one, until the transaction ends. A session is always locked before its rows, so that no two
    transactions deadlock."""
    if job.session_id is not None:
        RecordingSession.objects.select_for_update(of=("self",)).filter(jobs=job).first()


def request_cancel(jobs: Iterable[MediaJob]) -> int:
    """Cancel jobs for an operator: a waiting one at once, and its owner is notified; a running one is stopped by its worker within two
    seconds. Returns how many there were to stop."""
    return sum(_cancel(job) for job in jobs)


def _cancel(job: MediaJob) -> bool:
    with transaction.atomic():
        lock_session_of(job)
        if not withdraw(MediaJob.objects.filter(pk=job.pk)):
            return False
        job.refresh_from_db()
        if job.status == MediaJob.Status.CANCELLED:
            notify_owner(job)
    return True


def withdraw(jobs: models.QuerySet[MediaJob]) -> int:
    """Cancel jobs whose owner is being replaced or removed, in the same transaction; the owner is not notified."""
    reason = JobCancelled(CANCELLED_BY_OPERATOR)
    waiting = jobs.filter(status=MediaJob.Status.PENDING).update(
        status=MediaJob.Status.CANCELLED,
        error_code=reason.code,
        error_message=str(reason),
        completed_at=Now(),
        updated_at=Now(),
    )
    running = jobs.filter(status=MediaJob.Status.PROCESSING).update(cancel_requested=True, updated_at=Now())
    return waiting + running


def give_up(job: MediaJob, error: StudioError) -> None:
    """In the transaction that queued the job: end it before anybody takes it. An operator may retry it."""
    MediaJob.objects.filter(pk=job.pk, status=MediaJob.Status.PENDING).update(
        status=MediaJob.Status.DEAD,
        error_code=error.code,
        error_message=str(error),
        completed_at=Now(),
        updated_at=Now(),
    )


def retry(job: MediaJob) -> None:
    """Put a job back into the queue for an operator, with three attempts more.

    Raises WrongStatus when the job did not fail, die or get canceled, or when its work is in the queue already, and the owner's
    refusals.
    """
    ended = [MediaJob.Status.FAILED, MediaJob.Status.DEAD, MediaJob.Status.CANCELLED]
    try:
        with transaction.atomic():
            lock_session_of(job)
            requeued = MediaJob.objects.filter(pk=job.pk, status__in=ended).update(
                status=MediaJob.Status.PENDING,
                run_after=Now(),
                max_attempts=F("attempts") + 3,
                cancel_requested=False,
                error_code="",
                error_message="",
                completed_at=None,
                updated_at=Now(),
            )
            job.refresh_from_db()
            wake(job.kind)
            if requeued and (known := type_of(job.type)) and known.does.on_retry:
                known.does.on_retry(job)
    except IntegrityError as error:
        raise WrongStatus("The same work is already waiting in the queue as a newer job.") from error
    if not requeued:
        raise WrongStatus(f"This job is {job.status}: only a job that failed or was canceled can be retried.")
