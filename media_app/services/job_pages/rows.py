"""A job and its attempts, as lists and pages show them."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from media_app.jobs import label_of
from media_app.models import MediaJob, MediaJobAttempt
from media_app.services import replay
from media_app.services.summaries import Working, working

Status = MediaJob.Status
STREAMS = ("stdout", "stderr")

#: Status → the word for it, and its tone.
STATUS_LABELS = {
    Status.PENDING: ("Waiting", "quiet"),
    Status.PROCESSING: ("Running", "busy"),
    Status.COMPLETED: ("Done", "good"),
    Status.FAILED: ("Failed", "bad"),
    Status.DEAD: ("Failed for good", "bad"),
    Status.CANCELLED: ("Canceled", "quiet"),
}


def status_in_words(job: MediaJob) -> str:
    """The job's status inside a sentence: done, failed for good."""
    return STATUS_LABELS[Status(job.status)][0].lower()


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as lists show it, times in seconds."""

    job: MediaJob
    label: str
    working: Working | None
    waited: float | None
    took: float | None

    @property
    def status_label(self) -> str:
        return STATUS_LABELS[Status(self.job.status)][0]

    @property
    def tone(self) -> str:
        return STATUS_LABELS[Status(self.job.status)][1]

    @property
    def can_retry(self) -> bool:
        return self.job.status in (*MediaJob.ENDED_BADLY, Status.CANCELLED)

    @property
    def can_cancel(self) -> bool:
        return self.job.status in MediaJob.UNFINISHED and not self.job.cancel_requested

    @property
    def can_replay(self) -> bool:
        return replay.can_be(self.job)

    @property
    def can_purge(self) -> bool:
        return self.job.status in MediaJob.ENDED


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt, with its programs as a shell would take them and the logs that it has."""

    row: MediaJobAttempt
    commands: Sequence[str]
    streams: Sequence[tuple[str, int]]
    took: float | None


def row_of(job: MediaJob, attempts: Sequence[MediaJobAttempt] = ()) -> JobRow:
    begun = attempts[0].started_at if attempts else job.locked_at
    waited = (begun or timezone.now()) - job.created_at if job.status != Status.CANCELLED or begun else None
    took = job.completed_at - begun if job.completed_at and begun else None
    return JobRow(
        job=job,
        label=label_of(job.type),
        working=working(job) if job.status in MediaJob.UNFINISHED else None,
        waited=waited.total_seconds() if waited is not None else None,
        took=took.total_seconds() if took is not None else None,
    )


def attempts_of(job: MediaJob) -> list[AttemptRow]:
    """The latest first."""
    views = []
    for row in job.attempt_rows.order_by("-attempt_no"):
        took = row.finished_at - row.started_at if row.finished_at else None
        sizes = [(name, getattr(row, f"{name}_bytes")) for name in STREAMS]
        running = row.outcome == MediaJobAttempt.Outcome.RUNNING
        views.append(
            AttemptRow(
                row=row,
                commands=[shlex.join(argv) for argv in row.commands],
                streams=[(name, size) for name, size in sizes if size or running or getattr(row, f"{name}_key")],
                took=took.total_seconds() if took else None,
            )
        )
    return views
