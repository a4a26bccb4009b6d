"""What each type of job does, and who hears how it ended: dotted paths, so that this package knows no handler."""

import logging
from dataclasses import dataclass

from django.db import Error as DjangoDbError
from django.db import transaction
from django.dispatch import Signal
from django.utils.module_loading import import_string

from media_app.models import MediaJob

log = logging.getLogger(__name__)

#: Sent in the transaction that gives a job up, with `job`: FAILED, DEAD or CANCELLED.
job_given_up = Signal()


@dataclass(frozen=True, slots=True)
class Work:
    """What a job type does, by dotted path: a web process that only enqueues never loads the signal libraries.

    `run(Run)` does it, on a worker of its `kind`. `failed(MediaJob)` runs in the transaction that gives the job up, for its owner's state;
    `again(MediaJob)` in the one in which a person puts it back into the queue, which it may refuse.
    `replay(Run, MediaJob)` makes that job's outputs anew, keeps none, and answers name → checksum as the job's
    `result_json["checksums"]` has them.
    """

    run: str
    kind: str = MediaJob.Kind.CPU
    failed: str = ""
    again: str = ""
    replay: str = ""


_work: dict[str, Work] = {}


def register(
    job_type: str, *, run: str, kind: str = MediaJob.Kind.CPU, failed: str = "", again: str = "", replay: str = ""
) -> None:
    _work[job_type] = Work(run, MediaJob.Kind(kind), failed=failed, again=again, replay=replay)


def work_of(job_type: str) -> Work | None:
    return _work.get(job_type)


def known_types() -> list[str]:
    return sorted(_work)


def notify_owner(job: MediaJob) -> None:
    """In the transaction that gives the job up. An owner that cannot be told must not keep it from ending."""
    job_given_up.send(sender=MediaJob, job=job)
    work = work_of(job.type)
    if work is None or not work.failed:
        return
    try:
        with transaction.atomic():
            import_string(work.failed)(job)
    except DjangoDbError:
        raise
    except Exception:
        log.exception("job %s ended as %s, and its owner could not be told", job.pk, job.status)
