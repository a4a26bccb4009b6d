"""What each type of job is called, what it needs, and its handlers."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from django.db import Error as DjangoDbError
from django.db import transaction
from django.dispatch import Signal

from media_app.models import MediaJob

if TYPE_CHECKING:
    from media_app.jobs.run import Run

log = logging.getLogger(__name__)

#: Sent in the transaction that gives a job up, with `job`: FAILED, DEAD or CANCELLED.
job_given_up = Signal()


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a job type does. `run` does the work. `on_failed` runs in the transaction that gives the job up, for its owner's
    state; `on_retry` in the one in which a person puts it back into the queue, which it may refuse. `replay` makes that
    job's outputs anew, keeps none, and answers name → checksum as the job's `result_json["checksums"]` has them."""

    run: "Callable[[Run], None]"
    on_failed: Callable[[MediaJob], None] | None = None
    on_retry: Callable[[MediaJob], object] | None = None
    replay: "Callable[[Run, MediaJob], dict[str, str]] | None" = None


@dataclass(frozen=True)
class JobType:
    """One type of background work. `name` is stored, `label` is what a person reads; a worker of its `kind` does it.

    `waited_for`: a person waits for it, so pages count it as work in progress. `handlers`, or the module that has them as
    `HANDLERS`: loaded by whoever runs the job, so that a web process which only enqueues loads no signal libraries.
    """

    name: str
    label: str
    handlers: Handlers | str
    kind: str = MediaJob.Kind.CPU
    waited_for: bool = True

    @cached_property
    def does(self) -> Handlers:
        """The handlers, loaded."""
        if isinstance(self.handlers, Handlers):
            return self.handlers
        found = import_module(self.handlers).HANDLERS
        assert isinstance(found, Handlers), self.handlers
        return found


_types: dict[str, JobType] = {}


def register(job_type: JobType) -> JobType:
    """Make a type known to enqueue, workers and pages; a later one of the same name takes its place."""
    _types[job_type.name] = job_type
    return job_type


def type_of(name: str) -> JobType | None:
    """The type of a stored name; None for one that this version does not know."""
    return _types.get(name)


def known_types() -> list[str]:
    """The names of all types, in order."""
    return sorted(_types)


def unwaited_types() -> list[str]:
    """The names of the types that nobody waits for."""
    return sorted(name for name, known in _types.items() if not known.waited_for)


def label_of(name: str) -> str:
    """What a person reads for a stored type, also for one that another version made."""
    known = _types.get(name)
    return known.label if known else name.removesuffix("_v1").replace("_", " ").capitalize()


def notify_owner(job: MediaJob) -> None:
    """In the transaction that gives the job up. An owner's fault must not keep the job from ending."""
    job_given_up.send(sender=MediaJob, job=job)
    known = type_of(job.type)
    if known is None or known.does.on_failed is None:
        return
    try:
        with transaction.atomic():
            known.does.on_failed(job)
    except DjangoDbError:
        raise
    except Exception:
        # Whatever an owner's handler raises is its own fault; the job ends all the same.
        log.exception("job %s ended as %s, and its owner could not be notified", job.pk, job.status)
