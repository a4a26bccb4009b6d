"""Recovery after crashes: jobs of lost workers return to the queue, lost wake-ups are sent again, scratch folders of ended
attempts are removed. Any process may run it at any time."""

import logging
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from media_app import broker, scratch
from media_app.jobs import owner_process
from media_app.jobs.failures import WorkersLost
from media_app.jobs.queue import lock_session_of, wake
from media_app.jobs.registry import notify_owner
from media_app.models import MediaJob, MediaJobAttempt

log = logging.getLogger(__name__)

#: Wake-ups sent again in one sweep, per kind: more than workers can answer until the next.
WAKE_AT_ONCE = 500


#: Error messages of a lost attempt.
SILENT, DEAD = "Its worker stopped responding.", "Its worker's process has ended."


def rescue() -> int:
    """Return the jobs of lost workers to the queue; a job that keeps losing workers is dead. A worker is lost when its lease has
    ended, or as soon as its process is gone where that can be checked. Of two workers that call this at once, one gets the row."""
    found = {token: (job_id, SILENT) for job_id, token in MediaJob.objects.abandoned().values_list("pk", "lock_token")}
    if here := owner_process.host():
        held = MediaJob.objects.held_on(here).values_list("pk", "lock_token", "owner_process")
        found |= {token: (job_id, DEAD) for job_id, token, whose in held if owner_process.is_gone(whose, token)}
    return sum(_give_back(job_id, token, why) for token, (job_id, why) in found.items())


def _give_back(job_id: uuid.UUID, token: uuid.UUID | None, why: str) -> bool:
    looked = MediaJob.objects.all() if why == DEAD else MediaJob.objects.abandoned()
    gone = looked.filter(pk=job_id, lock_token=token, status=MediaJob.Status.PROCESSING)
    with transaction.atomic():
        if (job := gone.first()) is not None:
            lock_session_of(job)
            job = gone.select_for_update(of=("self",)).first()
        if job is None:
            return False
        job.attempt_rows.filter(outcome=MediaJobAttempt.Outcome.RUNNING).update(
            outcome=MediaJobAttempt.Outcome.LOST, finished_at=Now(), error_message=why
        )
        lost = job.attempt_rows.filter(outcome=MediaJobAttempt.Outcome.LOST).count()
        job.lock_token, job.lease_until = None, None
        if job.cancel_requested:
            job.status, job.completed_at = MediaJob.Status.CANCELLED, timezone.now()
        elif lost >= settings.JOB_LOST_LIMIT:
            error = WorkersLost(f"{lost} workers died over this job. Look at its last log before trying it again.")
            job.status, job.completed_at = MediaJob.Status.DEAD, timezone.now()
            job.error_code, job.error_message = error.code, str(error)
        else:
            job.status, job.run_after = MediaJob.Status.PENDING, timezone.now()
            wake(job.kind)
        job.save()
        if job.status != MediaJob.Status.PENDING:
            notify_owner(job)
    log.warning("job %s lost its worker %s: now %s", job.pk, job.locked_by, job.status)
    return True


def sweep() -> None:
    """Rescue jobs, and send a wake-up for each due job that has none; for Celery, every few seconds."""
    rescue()
    for kind in MediaJob.Kind.values:
        # Of any type: a newer worker may know what this sweeper does not.
        due = MediaJob.objects.due().filter(kind=kind)[:WAKE_AT_ONCE].count()
        if due and (short := due - broker.waiting(kind)) > 0:
            broker.wake(kind, short)


def clear_scratch() -> None:
    """Remove the scratch folders of attempts that no longer run, and what the attempts of an ended job had in common."""
    root = Path(settings.SCRATCH_ROOT)
    for folder in root.glob("*/*") if root.is_dir() else ():
        try:
            job_id = uuid.UUID(folder.parent.name)
            token = None if folder.name == scratch.SHARED else uuid.UUID(folder.name)
        except ValueError:
            continue
        jobs = MediaJob.objects.filter(pk=job_id)
        running = jobs.filter(lock_token=token, status=MediaJob.Status.PROCESSING) if token else jobs.unfinished()
        if not running.exists():
            scratch.remove(folder)
