"""The queue as an operator looks at it: what runs, what waits, what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from media_app.models import MediaJob, MediaJobAttempt
from media_app.services.cards import STEPS, Working, working
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession
from sessions_app.tenancy import Context

Status = MediaJob.Status
#: Status → the word for it, and its tone.
WORDS = {
    Status.PENDING: ("Waiting", "quiet"),
    Status.PROCESSING: ("Running", "busy"),
    Status.COMPLETED: ("Done", "good"),
    Status.FAILED: ("Failed", "bad"),
    Status.DEAD: ("Dead", "bad"),
    Status.CANCELLED: ("Cancelled", "quiet"),
}
#: How long a job may be due, with nothing running, before the board says that no worker is there.
PATIENCE = timedelta(seconds=30)
ENDED_BADLY = (Status.FAILED, Status.DEAD)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Figures:
    waiting: int
    running: int
    failed: int
    dead: int
    done_today: int
    oldest_due: datetime | None

    @property
    def oldest_wait(self) -> float | None:
        """Seconds that the oldest due job has waited."""
        return None if self.oldest_due is None else max(0.0, (timezone.now() - self.oldest_due).total_seconds())

    @property
    def no_worker(self) -> bool:
        return not self.running and (self.oldest_wait or 0) > PATIENCE.total_seconds()


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the board shows it. Times in seconds; `bar` is where its attempts lie on the session's time, in ‰."""

    job: MediaJob
    words: str
    working: Working | None
    waited: float | None
    took: float | None
    attempts: Sequence[MediaJobAttempt] = ()
    bars: Sequence[tuple[float, float]] = ()

    @property
    def status_word(self) -> str:
        return WORDS[Status(self.job.status)][0]

    @property
    def tone(self) -> str:
        return WORDS[Status(self.job.status)][1]

    @property
    def can_retry(self) -> bool:
        return self.job.status in (*ENDED_BADLY, Status.CANCELLED)

    @property
    def can_cancel(self) -> bool:
        return self.job.status in MediaJob.UNFINISHED and not self.job.cancel_requested


@dataclass(frozen=True, slots=True)
class Board:
    figures: Figures
    running: Sequence[JobLine]
    waiting: Sequence[JobLine]
    bad: Sequence[JobLine]
    done: Sequence[JobLine]


def board(context: Context) -> Board:
    jobs = MediaJob.objects.in_tenant(context).select_related("session", "asset")
    due = jobs.filter(status=Status.PENDING).order_by("-priority", "run_after", "created_at")
    ended = jobs.order_by("-completed_at")
    return Board(
        figures=_figures(context),
        running=[_line(job) for job in jobs.filter(status=Status.PROCESSING).order_by("locked_at")[:SHOWN]],
        waiting=[_line(job) for job in due[:SHOWN]],
        bad=[_line(job) for job in ended.filter(status__in=ENDED_BADLY)[:SHOWN]],
        done=[_line(job) for job in ended.filter(status__in=[Status.COMPLETED, Status.CANCELLED])[:20]],
    )


def timeline(context: Context, session: RecordingSession) -> list[JobLine]:
    """Every job of a session in order, each with its attempts laid out on the session's time."""
    jobs = MediaJob.objects.in_tenant(context).filter(session=session).select_related("session", "asset")
    ordered = list(jobs.prefetch_related("attempt_rows").order_by("created_at"))
    if not ordered:
        return []
    now = timezone.now()
    begin = ordered[0].created_at
    end = max(job.completed_at or now for job in ordered)
    whole = max((end - begin).total_seconds(), 0.001)

    def place(at: datetime) -> float:
        return round(1000 * (at - begin).total_seconds() / whole, 1)

    lines = []
    for job in ordered:
        attempts = list(job.attempt_rows.all())
        spans = [(place(a.started_at), place(a.finished_at or now)) for a in attempts]
        bars = [(start, max(stop - start, 4.0)) for start, stop in spans]
        lines.append(_line(job, attempts, bars))
    return lines


def get_job(context: Context, job_id) -> MediaJob:
    job = MediaJob.objects.in_tenant(context).filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job here. It may have been purged; reload the page.")
    return job


def _figures(context: Context) -> Figures:
    due = Q(status=Status.PENDING, run_after__lte=timezone.now())
    since = timezone.now() - timedelta(days=1)
    counted = MediaJob.objects.in_tenant(context).aggregate(
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
        running=Count("pk", filter=Q(status=Status.PROCESSING)),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
        dead=Count("pk", filter=Q(status=Status.DEAD)),
        done_today=Count("pk", filter=Q(status=Status.COMPLETED, completed_at__gte=since)),
        oldest_due=Min("run_after", filter=due),
    )
    return Figures(**counted)


def _line(job: MediaJob, attempts: Sequence[MediaJobAttempt] = (), bars: Sequence[tuple[float, float]] = ()) -> JobLine:
    begun = attempts[0].started_at if attempts else job.locked_at
    waited = (begun or timezone.now()) - job.created_at if job.status != Status.CANCELLED or begun else None
    took = job.completed_at - begun if job.completed_at and begun else None
    return JobLine(
        job=job,
        words=STEPS.get(job.type, job.type),
        working=working(job) if job.status in MediaJob.UNFINISHED else None,
        waited=waited.total_seconds() if waited is not None else None,
        took=took.total_seconds() if took is not None else None,
        attempts=attempts,
        bars=bars,
    )
