"""The queue as those who run Studio look at it: which jobs, why they ended badly, and everything about one."""

import contextlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from media_app import storage
from media_app.core import causes
from media_app.core.files.keys import tenant_prefix
from media_app.core.time.axis import axis
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, Upload
from media_app.services import replay
from media_app.services.summaries import STEPS, Working, working
from sessions_app import summaries
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
#: What `age=` may say → its words; whether made within (+) or before (−), and how long ago.
AGES = {
    "last-hour": ("in the last hour", 1, timedelta(hours=1)),
    "last-day": ("in the last day", 1, timedelta(days=1)),
    "last-week": ("in the last week", 1, timedelta(days=7)),
    "before-day": ("more than a day ago", -1, timedelta(days=1)),
    "before-week": ("more than a week ago", -1, timedelta(days=7)),
    "before-month": ("more than 30 days ago", -1, timedelta(days=30)),
}
FILTERS = ("status", "type", "tenant", "age", "search", "cause")
#: Failures that are read to find their causes; a queue with more has one cause.
READ_FOR_CAUSES = 2000
LOG_PIECE = 256 << 10
STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as lists show it. Times in seconds."""

    job: MediaJob
    words: str
    working: Working | None
    waited: float | None
    took: float | None

    @property
    def status_word(self) -> str:
        return WORDS[Status(self.job.status)][0]

    @property
    def tone(self) -> str:
        return WORDS[Status(self.job.status)][1]

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
class Step:
    """One line of a session's history: something that happened, or a job with its attempts as `bars` (start and length, ‰)."""

    at: datetime
    words: str
    state: str
    tone: str
    camera: str
    who: str
    detail: str
    bars: Sequence[tuple[float, float]]
    line: JobLine | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A stored object that a job read or made; `key` is empty where the name is no key, as of a camera's offset."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt, with its programs as a shell would take them and the logs that it has."""

    row: MediaJobAttempt
    commands: Sequence[str]
    streams: Sequence[tuple[str, int]]
    took: float | None


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Text of a log from a place on; `next` is where it goes on, `over` whether it does not."""

    text: str
    next: int
    over: bool


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
            faults["age"] = f"{age!r} is no age. Choose one of {', '.join(AGES)}."
    if asked.get("status") and asked["status"] not in Status.values:
        faults["status"] = f"{asked['status']!r} is no status. Choose one of {', '.join(Status.values)}."
    if words := asked.get("search", "").strip():
        jobs = jobs.filter(_matching(words))
    if asked.get("cause"):
        jobs = jobs.filter(pk__in=_of_cause(jobs, asked["cause"]))
    return jobs, faults


def _matching(words: str) -> Q:
    found = Q(session__title__icontains=words) | Q(asset__original_filename__icontains=words)
    found |= Q(error_message__icontains=words) | Q(type__icontains=words) | Q(locked_by__icontains=words)
    with contextlib.suppress(ValueError):
        found |= Q(pk=UUID(words)) | Q(session=UUID(words)) | Q(asset=UUID(words))
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
    return [pk for pk, *told in rows if causes.key_of(*told) == key]


def find(jobs: QuerySet[MediaJob], job_id: UUID) -> MediaJob:
    job = jobs.select_related("session", "asset", "replay_of").filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job here. It may have been purged; go back to the list.")
    return job


def line(job: MediaJob, attempts: Sequence[MediaJobAttempt] = ()) -> JobLine:
    begun = attempts[0].started_at if attempts else job.locked_at
    waited = (begun or timezone.now()) - job.created_at if job.status != Status.CANCELLED or begun else None
    took = job.completed_at - begun if job.completed_at and begun else None
    return JobLine(
        job=job,
        words=STEPS.get(job.type, job.type),
        working=working(job) if job.status in MediaJob.UNFINISHED else None,
        waited=waited.total_seconds() if waited is not None else None,
        took=took.total_seconds() if took is not None else None,
    )


def attempts_of(job: MediaJob) -> list[AttemptView]:
    """The latest first."""
    views = []
    for row in job.attempt_rows.order_by("-attempt_no"):
        took = row.finished_at - row.started_at if row.finished_at else None
        said = [(name, getattr(row, f"{name}_bytes")) for name in STREAMS]
        running = row.outcome == MediaJobAttempt.Outcome.RUNNING
        views.append(
            AttemptView(
                row=row,
                commands=[shlex.join(argv) for argv in row.commands],
                streams=[(name, size) for name, size in said if size or running or getattr(row, f"{name}_key")],
                took=took.total_seconds() if took else None,
            )
        )
    return views


def read_log(job: MediaJob, attempt_no: int, stream: str, start: int) -> LogPiece:
    """What an attempt's program said from byte `start` on: out of the store when it has ended, else as far as its worker
    has told. Raises NotFound, ObjectMissing."""
    attempt = job.attempt_rows.filter(attempt_no=attempt_no).first()
    if attempt is None or stream not in STREAMS:
        raise NotFound("There is no such attempt. Reload the job's page.")
    over = attempt.outcome != MediaJobAttempt.Outcome.RUNNING
    if key := getattr(attempt, f"{stream}_key"):
        kept = storage.store().head(key)
        size = kept.size if kept is not None else 0
        if start >= size:
            return LogPiece("", start, over)
        piece = storage.store().read_range(key, start, min(LOG_PIECE, size - start))
        return LogPiece(piece.decode("utf-8", "replace"), start + len(piece), over and start + len(piece) >= size)
    tail, size = getattr(attempt, f"{stream}_tail").encode(), getattr(attempt, f"{stream}_bytes")
    if start >= size:
        return LogPiece("", start, over)
    wanted = tail[-(size - start) :].decode("utf-8", "ignore")
    gap = (
        "[… more was said before; the whole log is kept when the attempt has ended …]\n"
        if size - start > len(tail)
        else ""
    )
    return LogPiece(gap + wanted, size, over)


def inputs_of(job: MediaJob) -> list[Link]:
    """The stored objects that the job's input names, by key or, as sync does its sounds, by checksum."""
    named = [Link(name.replace("_", " "), key) for name, key in _keys_in(job.input_json, job)]
    sounds = job.input_json.get("inputs")
    if not isinstance(sounds, dict) or not job.session_id:
        return named
    known = DerivedMedia.objects.filter(asset__session=job.session_id, checksum__in=[str(c) for c in sounds.values()])
    return named + [
        Link(f"sound of camera {label}", key)
        for key, label in known.order_by("asset__camera_label").values_list("key", "asset__camera_label")
    ]


def outputs_of(job: MediaJob) -> list[Link]:
    """What the job says it made: objects by their keys, else the names that it gives checksums for."""
    result = job.result_json or {}
    links = {key: Link(key.rpartition("/")[2], key) for _, key in _keys_in(result, job)}
    if job.type == replay.REPLAY:
        return []
    for name in result.get("checksums") or {}:
        links.setdefault(
            name, Link(name.rpartition("/")[2] if is_key(name, job) else name, name if is_key(name, job) else "")
        )
    return list(links.values())


def is_key(text: str, job: MediaJob) -> bool:
    return text.startswith(tenant_prefix(job.tenant_id, job.env)) and " " not in text


def _keys_in(value: Any, job: MediaJob, name: str = "") -> Iterator[tuple[str, str]]:
    """Every storage key of the job's own tenant in a JSON value, with the name that it has there."""
    if isinstance(value, dict):
        for inner, held in value.items():
            if is_key(str(inner), job):
                yield name, str(inner)
            yield from _keys_in(held, job, f"{name} {inner}".strip())
    elif isinstance(value, list):
        for held in value:
            yield from _keys_in(held, job, name)
    elif isinstance(value, str) and is_key(value, job):
        yield name, value


def history(context: Context, session: RecordingSession) -> list[Step]:
    """Everything that happened to a session, in order: uploads, jobs with their attempts, syncs, decisions."""
    theirs = Q(session=session) | Q(replay_of__session=session)
    jobs = list(
        MediaJob.objects.in_tenant(context)
        .filter(theirs)
        .select_related("session", "asset")
        .prefetch_related("attempt_rows")
        .order_by("created_at")
    )
    now = timezone.now()
    events = [*_uploads(session), *summaries.history(session)]
    rows: list[tuple[datetime, list[tuple[datetime, datetime]], summaries.Event | MediaJob]] = [
        (event.at, [(event.at, event.until or event.at)], event) for event in events
    ]
    for job in jobs:
        spans = [(attempt.started_at, attempt.finished_at or now) for attempt in job.attempt_rows.all()]
        rows.append((job.created_at, spans, job))
    scale = axis([(start.timestamp(), end.timestamp()) for _, spans, _ in rows for start, end in spans])

    def bar(start: datetime, end: datetime) -> tuple[float, float]:
        begin, finish = scale.place(start.timestamp()), scale.place(end.timestamp())
        return min(begin, 996.0), round(max(finish - begin, 4.0), 1)

    steps = []
    for at, spans, what in sorted(rows, key=lambda row: row[0]):
        bars = [bar(*span) for span in spans]
        if isinstance(what, MediaJob):
            shown = line(what, list(what.attempt_rows.all()))
            camera = what.asset.camera_label if what.asset else ""
            why = what.error_message[:300] if shown.can_retry else ""
            steps.append(Step(at, shown.words, shown.status_word, shown.tone, camera, what.locked_by, why, bars, shown))
        else:
            steps.append(Step(at, what.words, what.state, what.tone, what.camera, what.who, what.detail, bars))
    return steps


_UPLOADS = {
    Upload.State.OPEN: ("Under way", "busy"),
    Upload.State.COMPLETED: ("Arrived", "good"),
    Upload.State.ABORTED: ("Given up", "quiet"),
}


def _uploads(session: RecordingSession) -> Iterator[summaries.Event]:
    assets = MediaAsset.objects.filter(session=session)
    for upload in Upload.objects.filter(asset__in=assets).select_related("asset"):
        state, tone = _UPLOADS[Upload.State(upload.state)]
        moving = upload.state == Upload.State.OPEN
        yield summaries.Event(
            at=upload.created_at,
            words=f"Upload of {upload.filename}",
            state=state,
            tone=tone,
            until=timezone.now() if moving else upload.updated_at,
            camera=upload.asset.camera_label,
        )
