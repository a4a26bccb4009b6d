"""How Studio is doing, in numbers: for the operations page and for /metrics. One query per table."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils import timezone

from media_app import storage
from media_app.models import MediaJob, MediaJobAttempt, PendingDeletion, Upload, Worker
from media_app.services.stored import StoredTable, tables

Status = MediaJob.Status
Outcome = MediaJobAttempt.Outcome
WINDOW = timedelta(hours=1)
#: A worker beats every 5 s; one without a heartbeat for this long is gone or hangs.
SILENT = timedelta(seconds=30)
#: Attempts that are read for a window; more end within an hour only where nobody waits for any of them.
MOST_ATTEMPTS = 20_000
BAD = (Outcome.FAILED, Outcome.LOST)


@dataclass(frozen=True, slots=True)
class TenantDepth:
    """One tenant's share of the queue; `oldest` is how many seconds its oldest due job has waited."""

    tenant_id: str
    env: str
    waiting: int
    running: int
    dead: int
    oldest: float | None


@dataclass(frozen=True, slots=True)
class Depth:
    """`by_type` is (type, status) → jobs; `oldest_by_type` type → seconds, of those that have a due job."""

    by_type: Mapping[tuple[str, str], int]
    oldest_by_type: Mapping[str, float]
    tenants: Sequence[TenantDepth]

    def count(self, *statuses: str) -> int:
        return sum(number for (_, status), number in self.by_type.items() if status in statuses)

    @property
    def oldest(self) -> float | None:
        return max(self.oldest_by_type.values(), default=None)


@dataclass(frozen=True, slots=True)
class RecentAttempts:
    """Attempts that ended within the window: (type, outcome) → how many; type → sorted seconds of the completed ones."""

    ended: Mapping[tuple[str, str], int]
    seconds: Mapping[str, Sequence[float]]

    def quantile(self, work: str, share: float) -> float:
        took = self.seconds[work]
        return took[min(len(took) - 1, int(share * len(took)))]

    @property
    def bad(self) -> int:
        return sum(number for (_, outcome), number in self.ended.items() if outcome in BAD)

    @property
    def finished(self) -> int:
        """Attempts that ended by themselves; canceled and requeued ones do not count."""
        counting = (*BAD, Outcome.COMPLETED)
        return sum(number for (_, outcome), number in self.ended.items() if outcome in counting)

    @property
    def failure_percent(self) -> float | None:
        return 100 * self.bad / self.finished if self.finished else None


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    name: str
    host: str
    alive: bool
    started_at: datetime
    seen_at: datetime
    silent_for: float
    scratch_free: int
    scratch_total: int
    job: MediaJob | None
    #: As `core.ffmpeg.hardware.Trial.as_json`; None while nothing was tried.
    encoders: Sequence[Mapping[str, Any]] | None = None

    @property
    def untried(self) -> str:
        """Why there are none."""
        return "Off (VIDEO_HARDWARE_ENCODER)" if settings.VIDEO_HARDWARE_ENCODER == "off" else "Not tried yet"

    @property
    def hardware(self) -> list[str]:
        """Labels of the hardware encoders that work on its machine."""
        return [str(one["label"]) for one in self.encoders or () if one["works"]]

    @property
    def refusals(self) -> list[Mapping[str, Any]]:
        """Those that do not, each with ffmpeg's reason."""
        return [one for one in self.encoders or () if not one["works"]]


@dataclass(frozen=True, slots=True)
class Stored:
    """`files` is kind → (how many, bytes); `disk` is bytes free and in all under a local store."""

    files: Mapping[str, tuple[int, int]]
    uploads_open: int
    uploads_hour: int
    bytes_hour: int
    overdue_objects: int
    disk: tuple[int, int] | None


def depth(jobs: QuerySet[MediaJob] | None = None) -> Depth:
    now = timezone.now()
    due = Q(status=Status.PENDING, run_after__lte=now)
    rows = (MediaJob.objects.all() if jobs is None else jobs).order_by().values("type", "status", "tenant_id", "env")
    by_type: Counter[tuple[str, str]] = Counter()
    oldest: dict[str, float] = {}
    tenants: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    waits: dict[tuple[str, str], float] = {}
    for row in rows.annotate(number=Count("pk"), first=Min("run_after", filter=due)):
        tenant = (row["tenant_id"], row["env"])
        by_type[row["type"], row["status"]] += row["number"]
        tenants[tenant][row["status"]] += row["number"]
        if row["first"] is not None:
            waited = max(0.0, (now - row["first"]).total_seconds())
            oldest[row["type"]] = max(waited, oldest.get(row["type"], 0.0))
            waits[tenant] = max(waited, waits.get(tenant, 0.0))
    depths = [
        TenantDepth(
            *tenant, known[Status.PENDING], known[Status.PROCESSING], known[Status.DEAD], oldest=waits.get(tenant)
        )
        for tenant, known in tenants.items()
    ]
    busiest = sorted(depths, key=lambda one: (-one.waiting, -one.running, one.tenant_id, one.env))
    return Depth(dict(sorted(by_type.items())), oldest, busiest)


def recent(jobs: QuerySet[MediaJob] | None = None, window: timedelta = WINDOW) -> RecentAttempts:
    attempts = MediaJobAttempt.objects.filter(finished_at__gte=timezone.now() - window)
    if jobs is not None:
        attempts = attempts.filter(job__in=jobs.order_by().values("pk"))
    ended: Counter[tuple[str, str]] = Counter()
    seconds: dict[str, list[float]] = defaultdict(list)
    rows = attempts.order_by("-finished_at").values_list("job__type", "outcome", "started_at", "finished_at")
    for work, outcome, started, finished in rows[:MOST_ATTEMPTS]:
        ended[work, outcome] += 1
        if outcome == Outcome.COMPLETED and finished is not None:
            seconds[work].append((finished - started).total_seconds())
    return RecentAttempts(dict(sorted(ended.items())), {work: sorted(took) for work, took in sorted(seconds.items())})


def workers(jobs: QuerySet[MediaJob] | None = None) -> list[WorkerStatus]:
    """Every worker that has reported and not signed off, each with its current job where that may be seen."""
    now = timezone.now()
    running = (MediaJob.objects.all() if jobs is None else jobs).filter(status=Status.PROCESSING)
    held = {job.locked_by: job for job in running.order_by()}
    return [
        WorkerStatus(
            name=worker.name,
            host=worker.host,
            alive=now - worker.seen_at < SILENT,
            started_at=worker.started_at,
            seen_at=worker.seen_at,
            silent_for=max(0.0, (now - worker.seen_at).total_seconds()),
            scratch_free=worker.scratch_free,
            scratch_total=worker.scratch_total,
            job=held.get(worker.name),
            encoders=worker.encoders,
        )
        for worker in Worker.objects.all()
    ]


def hardware_encoder() -> str | None:
    """The first hardware encoder that works wherever a job may run: on the machine of every living worker that was asked."""
    alive = timezone.now() - SILENT
    living = Worker.objects.filter(seen_at__gte=alive, encoders__isnull=False)
    working = [
        [one["name"] for one in encoders or () if one["works"]]
        for encoders in living.values_list("encoders", flat=True)
    ]
    return next((name for name in working[0] if all(name in others for others in working)), None) if working else None


def _held(table: StoredTable) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each kind of object that a table points to: how many rows, and their bytes."""
    totals: dict[str, Any] = {"number": Count("pk"), "size": Sum("size_bytes")}
    if table.column:
        for row in table.rows().order_by().values(table.column).annotate(**totals).order_by(table.column):
            yield row[table.column], (row["number"], row["size"] or 0)
        return
    found = table.rows().aggregate(**totals)
    yield table.name, (found["number"], found["size"] or 0)


def stored() -> Stored:
    now = timezone.now()
    files = {name: held for table in tables() for name, held in _held(table)}
    recently_done = Q(state=Upload.State.COMPLETED, updated_at__gte=now - WINDOW)
    uploads = Upload.objects.aggregate(
        open=Count("pk", filter=Q(state=Upload.State.OPEN)),
        done=Count("pk", filter=recently_done),
        size=Sum("size_bytes", filter=recently_done),
    )
    return Stored(
        files=files,
        uploads_open=uploads["open"],
        uploads_hour=uploads["done"],
        bytes_hour=uploads["size"] or 0,
        overdue_objects=PendingDeletion.objects.filter(due_at__lt=now - WINDOW).count(),
        disk=storage.store().disk(),
    )
