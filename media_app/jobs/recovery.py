"""What is done for those who can do nothing any more: jobs of lost workers go back into the line, wake-ups that got lost are
sent again, scratch folders of attempts that ended are removed. Anybody may, at any time."""

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

#: Wake-ups made good in one sweep, per kind: more than workers can answer until the next.
WAKE_AT_ONCE = 500


#: What an attempt's row says of its end.
SILENT, DEAD = "Its worker stopped giving signs of life.", "Its worker's process has ended."


def rescue() -> int:
    """Jobs of lost workers go back into the line; those that keep losing workers are dead. Lost is a worker whose lease has
    ended, wherever it is, and at once one of this machine whose process is gone. Any worker may call it at any time: of two
    that do, one finds the row."""
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
    """What holds the second engine together, every few seconds, by whoever: lost workers' jobs go back, and due jobs whose
    wake-up was lost, or whose time has come only now, get one."""
    rescue()
    for kind in MediaJob.Kind.values:
        # Of any type: a newer worker may know what this sweeper does not.
        due = MediaJob.objects.due().filter(kind=kind)[:WAKE_AT_ONCE].count()
        if due and (short := due - broker.waiting(kind)) > 0:
            broker.wake(kind, short)


def clear_scratch() -> None:
    """Remove the folders of attempts that are not running any more."""
    root = Path(settings.SCRATCH_ROOT)
    for folder in root.glob("*/*") if root.is_dir() else ():
        try:
            job_id, token = uuid.UUID(folder.parent.name), uuid.UUID(folder.name)
        except ValueError:
            continue
        running = MediaJob.objects.filter(pk=job_id, lock_token=token, status=MediaJob.Status.PROCESSING)
        if not running.exists():
            scratch.remove(folder)
