"""The queue: one row per job, one holder per row.

A worker claims a row and holds it by a lease that a heartbeat renews. Every claim has a token of its own, and every write
that settles a job asks for it, so that a worker which lost its lease (it hung, or its machine slept) changes nothing.
This room knows no handler: `tasks.py` of each app registers what its jobs do.
"""

import contextlib
import errno
import logging
import os
import random
import shutil
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import Error as DjangoDbError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.dispatch import Signal
from django.utils import timezone
from django.utils.module_loading import import_string

from media_app import broker, storage
from media_app.core import keys
from media_app.models import MediaAsset, MediaJob, MediaJobAttempt, Worker
from media_app.process import Cancelled, ToolFailed, observed
from media_app.scratch import NoRoomNow, reserve
from sessions_app import trace
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError, WrongStatus
from sessions_app.models import RecordingSession

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
RESCUE_SECONDS = 3.0
#: How far apart the waiting jobs of one tenant stand in the line: longer than most jobs take, so that a tenant's second
#: stands behind everybody's first; short enough that the last of a thousand is not for ever behind newcomers.
APART = timedelta(hours=1)
#: Wake-ups made good in one sweep, per kind: more than workers can answer until the next.
WAKE_AT_ONCE = 500
#: How often a job may be put off because a disk is full or a store away, a day's worth: then it counts as a failure.
OUTAGES = 1500
NO_ROOM = "No space left on device"
#: How often a worker says that it is there, and how often it tells what its programs say.
SIGN_SECONDS, TELL_SECONDS = 5.0, 1.0
STREAMS = ("stdout", "stderr")
#: Bytes of a running program's log that its attempt's row holds.
LIVE_TAIL = 16 << 10
CANCELLED_BY_OPERATOR = "Cancelled by an operator."


#: Sent in the transaction that gives a job up, with `job`: FAILED, DEAD or CANCELLED.
job_given_up = Signal()


class CannotSucceed(StudioError):
    """The job's input is at fault: trying again would change nothing. Its message is for the operator."""

    code = "cannot_succeed"


class LeaseLost(Exception):
    """Another worker holds the job now: write nothing, leave."""


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


def enqueue(
    job_type: str,
    context: Context,
    *,
    input_json: dict,
    session: RecordingSession | None = None,
    asset: MediaAsset | None = None,
    priority: int = 0,
    max_attempts: int = 3,
    dedupe_key: str = "",
) -> MediaJob:
    """A new job; or, where an unfinished one has the same `dedupe_key`, that one."""
    unfinished = MediaJob.objects.unfinished().filter(dedupe_key=dedupe_key)
    kind = _work[job_type].kind if job_type in _work else MediaJob.Kind.CPU
    while True:
        if dedupe_key and (waiting := unfinished.first()):
            return waiting
        try:
            with transaction.atomic():
                _wake(kind)
                return MediaJob.objects.create(
                    **context.stamp(),
                    type=job_type,
                    kind=kind,
                    turn=_turn(context, kind, priority),
                    input_json=input_json,
                    session=session,
                    asset=asset,
                    priority=priority,
                    max_attempts=max_attempts,
                    dedupe_key=dedupe_key,
                )
        except IntegrityError:
            # Somebody was quicker with the same key; by now theirs may be done, and ours is wanted after all.
            if not dedupe_key:
                raise


def _turn(context: Context, kind: str, priority: int) -> datetime:
    """Where a new job stands in the line: now, or behind the last that waits of its tenant. So five hundred jobs of one
    tenant let the first of another pass, and a claim need not count anything."""
    waiting = MediaJob.objects.filter(
        status=MediaJob.Status.PENDING, tenant_id=context.tenant_id, kind=kind, priority=priority
    )
    last = waiting.aggregate(last=Max("turn"))["last"]
    now = timezone.now()
    return max(now, last + APART) if last else now


def _wake(kind: str) -> None:
    """Once the caller's transaction is committed, tell a worker that there is work: the embedded ones look by themselves."""
    if settings.JOB_DISPATCH == "celery":
        transaction.on_commit(partial(broker.wake, kind), robust=True)


def lock_session_of(job: MediaJob) -> None:
    """The job's session, where it has one, held until the transaction ends. Everybody takes the session before the rows
    that hang on it, so that no two transactions wait for each other."""
    if job.session_id is not None:
        RecordingSession.objects.select_for_update(of=("self",)).filter(jobs=job).first()


def request_cancel(jobs: Iterable[MediaJob]) -> int:
    """An operator asks for an end: what waits is cancelled here and now, and its owner told; what runs is stopped by its
    worker within two seconds. Answers how many there were to stop."""
    return sum(_cancel(job) for job in jobs)


def _cancel(job: MediaJob) -> bool:
    with transaction.atomic():
        lock_session_of(job)
        if not withdraw(MediaJob.objects.filter(pk=job.pk)):
            return False
        job.refresh_from_db()
        if job.status == MediaJob.Status.CANCELLED:
            _tell_owner(job)
    return True


def withdraw(jobs: models.QuerySet[MediaJob]) -> int:
    """Cancel work that nobody wants any more, in the transaction of whoever replaces or removes its owner, which need not
    be told."""
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


def retry(job: MediaJob) -> None:
    """Back into the queue with its attempts forgiven: what an operator's Retry does.

    Raises WrongStatus when the job is not one that ended badly, or its work is in the queue again already; and whatever
    its owner refuses with.
    """
    ended = [MediaJob.Status.FAILED, MediaJob.Status.DEAD, MediaJob.Status.CANCELLED]
    try:
        with transaction.atomic():
            lock_session_of(job)
            again = MediaJob.objects.filter(pk=job.pk, status__in=ended).update(
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
            _wake(job.kind)
            if again and (hook := _work[job.type].again if job.type in _work else ""):
                import_string(hook)(job)
    except IntegrityError as error:
        raise WrongStatus("The same work waits in the queue already, as a newer job.") from error
    if not again:
        raise WrongStatus(f"This job is {job.status}: only one that failed, died or was cancelled can be tried again.")


def claim(
    worker: str,
    *,
    job_types: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    only: MediaJob | None = None,
) -> "Run | None":
    """The next due job of these types and kinds (or `only` this one), held by `worker` from now on; None when nothing is
    due."""
    types = known_types() if job_types is None else job_types
    if kinds is not None and set(kinds) >= set(MediaJob.Kind.values):
        kinds = None
    if connection.vendor == "sqlite" and not _of(MediaJob.objects.due(), types, kinds).exists():
        return None  # a look into an empty queue does not stop the one writer there can be
    token = uuid.uuid4()
    with transaction.atomic():
        job = MediaJob.objects.take(worker, token, settings.JOB_LEASE_SECONDS, types, kinds, only)
        if job is None:
            return None
        attempt = MediaJobAttempt.objects.create(
            job=job, tenant_id=job.tenant_id, env=job.env, attempt_no=job.attempts, worker=worker
        )
    return Run(job, attempt, token)


def _of(found: models.QuerySet[MediaJob], types: Collection[str], kinds: Collection[str] | None):
    found = found.filter(type__in=types)
    return found if kinds is None else found.filter(kind__in=kinds)


def _lease() -> models.expressions.Combinable:
    """The lease's end by the database's clock: workers' clocks differ."""
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


class Flag(Protocol):
    def is_set(self) -> bool: ...


@dataclass
class Run:
    """A claimed job in its worker's hands."""

    job: MediaJob
    attempt: MediaJobAttempt
    token: uuid.UUID
    worker_stopping: Flag = field(default_factory=threading.Event)
    _cancel: threading.Event = field(default_factory=threading.Event)
    _lost: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _settled: bool = False
    _told: tuple[float, str] = (0.0, "")
    _telling: threading.Lock = field(default_factory=threading.Lock)
    _thread: int = field(default_factory=threading.get_ident)
    _started: float = field(default_factory=time.monotonic)
    _heart: threading.Thread | None = None
    _heard: dict[str, int] = field(default_factory=dict)
    _trace: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def scratch(self) -> Path:
        """A folder of this attempt alone, gone when it ends."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder

    @property
    def _folder(self) -> Path:
        return Path(settings.SCRATCH_ROOT) / str(self.job.pk) / str(self.token)

    def reserve(self, need: int) -> None:
        """Keep so many bytes of the scratch disk for this attempt. Raises NoRoomNow, with which the job goes back into the
        queue for a while, and NoRoomEver."""
        reserve(self.scratch, need, root=Path(settings.SCRATCH_ROOT), spare=settings.SCRATCH_SPARE_BYTES)

    def cancelled(self) -> bool:
        """Whether to stop now. Cheap: long work asks often."""
        return self._cancel.is_set() or self._lost.is_set() or self.worker_stopping.is_set()

    def check(self) -> None:
        if self.cancelled():
            raise Cancelled("The work was stopped; nothing of it was kept.")

    def progress(self, percent: float, step: str) -> None:
        """How far it is. Cheap, and safe from any thread: the heartbeat carries it to the row."""
        self._told = (round(min(max(percent, 0.0), 100.0), 1), step[:120])

    def ran(self, argv: Sequence[str]) -> None:
        """Keep a program's arguments, exactly as they are, before it starts. Raises LeaseLost."""
        running = MediaJobAttempt.objects.filter(pk=self.attempt.pk, outcome=MediaJobAttempt.Outcome.RUNNING)
        with self._telling:
            self.attempt.commands.append(list(argv))
            kept = running.update(commands=self.attempt.commands)
        if threading.get_ident() != self._thread:
            connection.close()  # of a thread that lives as long as its program
        if not kept:
            raise LeaseLost

    def fence(self) -> None:
        """To be asked right before something is stored. Raises LeaseLost when another worker holds the job by now."""
        if not self._mine().exists():
            raise LeaseLost

    @property
    def lost_before(self) -> bool:
        """Whether an earlier worker of this job was lost: it may only be asleep, and wake."""
        return self.job.attempt_rows.filter(outcome=MediaJobAttempt.Outcome.LOST).exists()

    def amend(self, **changes: object) -> None:
        """Change what the job was told, for this attempt and those that follow. Raises LeaseLost."""
        self.job.input_json = {**self.job.input_json, **changes}
        if not self._mine().update(input_json=self.job.input_json, updated_at=Now()):
            raise LeaseLost

    @contextlib.contextmanager
    def completing(self) -> Iterator[dict]:
        """What is written inside is written together with the job's completion, or not at all. Yields the dict that
        becomes `result_json`.

        Raises LeaseLost when another worker holds the job by now.
        """
        self._keep_logs()
        result: dict = {}
        with transaction.atomic():
            self._hold()
            yield result
            self._complete(result)
        self._settled = True

    def _complete(self, result: dict) -> None:
        self._settle(
            MediaJob.Status.COMPLETED,
            MediaJobAttempt.Outcome.COMPLETED,
            exit_code=0 if self.attempt.commands else None,
            result_json=result,
        )

    def _mine(self) -> models.QuerySet[MediaJob]:
        return MediaJob.objects.filter(pk=self.job.pk, lock_token=self.token, status=MediaJob.Status.PROCESSING)

    def _hold(self) -> MediaJob:
        lock_session_of(self.job)
        held = self._mine().select_for_update(of=("self",)).first()
        if held is None:
            raise LeaseLost
        return held

    def _settle(self, status: str, outcome: str, *, exit_code: int | None = None, **changes) -> None:
        if status == MediaJob.Status.COMPLETED:
            changes |= {"progress_percent": 100, "eta_seconds": 0, "error_code": "", "error_message": ""}
        if status != MediaJob.Status.PENDING:
            changes["completed_at"] = Now()
        if not self._mine().update(status=status, lock_token=None, lease_until=None, updated_at=Now(), **changes):
            raise LeaseLost
        MediaJobAttempt.objects.filter(pk=self.attempt.pk).update(
            outcome=outcome,
            finished_at=Now(),
            exit_code=exit_code,
            error_message=changes.get("error_message", ""),
            **self._logs_kept(),
        )

    def _give_up(self, status: str, outcome: str, error: BaseException) -> None:
        code, message = getattr(error, "code", "unexpected"), _sentence(error)
        with transaction.atomic():
            self._hold()
            self._settle(
                status, outcome, exit_code=getattr(error, "exit_code", None), error_code=code, error_message=message
            )
            self.job.refresh_from_db()
            _tell_owner(self.job)

    def _try_later(self, outcome: str, error: Exception, *, wait: float) -> None:
        with transaction.atomic():
            if self._hold().cancel_requested:
                self._give_up(
                    MediaJob.Status.CANCELLED, MediaJobAttempt.Outcome.CANCELLED, JobCancelled(CANCELLED_BY_OPERATOR)
                )
                return
            self._settle(
                MediaJob.Status.PENDING,
                outcome,
                exit_code=getattr(error, "exit_code", None),
                run_after=Now() + timedelta(seconds=wait),
                error_message=_sentence(error),
            )
            if not wait:
                _wake(self.job.kind)

    def _keep_logs(self) -> None:
        if not self._folder.exists():
            return
        self.fence()
        self._tell_logs()
        for stream in STREAMS:
            path = self.scratch / f"{stream}.log"
            if not path.exists() or not path.stat().st_size:
                continue
            key = keys.job_log_key(self.job.tenant_id, self.job.env, str(self.job.pk), self.attempt.attempt_no, stream)
            storage.store().put_file(key, path, content_type="text/plain; charset=utf-8")
            setattr(self.attempt, f"{stream}_key", key)

    def _logs_kept(self) -> dict[str, str]:
        """Where the whole logs lie; a tail is kept on the row only while its log lies nowhere else."""
        kept = {f"{stream}_key": getattr(self.attempt, f"{stream}_key") for stream in STREAMS}
        return kept | {f"{stream}_tail": "" for stream in STREAMS if kept[f"{stream}_key"]}

    def _tell_logs(self) -> None:
        """The end of each log that has grown goes to the attempt's row, for whoever is watching."""
        changes: dict[str, str | int] = {}
        for stream in STREAMS:
            with contextlib.suppress(OSError), (self._folder / f"{stream}.log").open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size == self._heard.get(stream, 0):
                    continue
                file.seek(max(0, size - LIVE_TAIL))
                said = file.read(LIVE_TAIL).decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
                changes |= {f"{stream}_tail": said, f"{stream}_bytes": size}
                self._heard[stream] = size
        if changes:
            running = MediaJobAttempt.objects.filter(pk=self.attempt.pk, outcome=MediaJobAttempt.Outcome.RUNNING)
            running.update(**changes)

    def _progress_columns(self, told: tuple[float, str]) -> dict:
        percent, step = told
        spent = time.monotonic() - self._started
        eta = round(spent * (100 - percent) / percent, 1) if percent > 1 else None
        return {"progress_percent": percent, "progress_step": step, "eta_seconds": eta, "updated_at": Now()}

    def _beat(self) -> None:
        """Renew the lease and look for a cancel, from a thread and a connection of its own: work that blocks must not
        starve it."""
        lease_ends = time.monotonic() + settings.JOB_LEASE_SECONDS
        next_beat, said = time.monotonic() + settings.JOB_HEARTBEAT_SECONDS, self._told
        next_tell = 0.0
        try:
            while not self._over.wait(min(LOOK_SECONDS, settings.JOB_HEARTBEAT_SECONDS)):
                now = time.monotonic()
                try:
                    if now >= next_beat or self._told != said:
                        said = self._told
                        if not self._mine().update(lease_until=_lease(), **self._progress_columns(said)):
                            break
                        lease_ends, next_beat = now + settings.JOB_LEASE_SECONDS, now + settings.JOB_HEARTBEAT_SECONDS
                        sign_of_life(self.attempt.worker)
                    if now >= next_tell:
                        self._tell_logs()
                        next_tell = now + TELL_SECONDS
                    asked = self._mine().values_list("cancel_requested", flat=True).first()
                except DjangoDbError:
                    if now > lease_ends:
                        break
                    connection.close()
                    continue
                if asked is None:
                    break
                if asked:
                    self._cancel.set()
            else:
                return
            self._lost.set()
        finally:
            connection.close()

    def __enter__(self) -> "Run":
        job = self.job
        tenant = f"{job.tenant_id}/{job.env}"
        self._trace.enter_context(trace.bound(job_id=job.pk, session_id=job.session_id, tenant=tenant))
        beat = partial(copy_context().run, self._beat)
        self._heart = threading.Thread(target=beat, name=f"heartbeat-{job.pk}", daemon=True)
        self._heart.start()
        return self

    def __exit__(self, *exc) -> None:
        self._over.set()
        if self._heart is not None:
            self._heart.join()
        _remove_scratch(self._folder)
        self._trace.close()

    def carry_out(self) -> None:
        """Do the work, and settle the row whatever comes of it."""
        try:
            with observed(self.ran):
                import_string(_work[self.job.type].run)(self)
            if not self._settled:
                self._keep_logs()
                with transaction.atomic():  # nothing else is written: the token in the write is fence enough
                    self._complete({})
        except LeaseLost:
            log.warning("job %s: another worker holds it now; nothing written", self.job.pk)
        except Exception as error:
            self._end_badly(error)

    def _end_badly(self, error: Exception) -> None:
        status, outcome = MediaJob.Status, MediaJobAttempt.Outcome
        try:
            with contextlib.suppress(StudioError, OSError):
                self._keep_logs()
            if isinstance(error, Cancelled) and self._cancel.is_set():
                self._give_up(status.CANCELLED, outcome.CANCELLED, JobCancelled(CANCELLED_BY_OPERATOR))
            elif isinstance(error, Cancelled):
                self._try_later(
                    outcome.RETURNED, WorkerStopped("Its worker was stopped; the next one takes it up."), wait=0
                )
            elif isinstance(error, NoRoomNow):
                log.warning("job %s waits for room: %s", self.job.pk, error)
                self._try_later(outcome.RETURNED, error, wait=outage_wait(self._count(outcome.RETURNED)))
            elif isinstance(error, CannotSucceed):
                log.warning("job %s failed: %s", self.job.pk, error)
                self._give_up(status.FAILED, outcome.FAILED, error)
            elif is_outage(error) and (before := self._count(outcome.RETURNED)) < OUTAGES:
                wait = outage_wait(before)
                log.warning("job %s waits %.0f s for what it needs: %s", self.job.pk, wait, error)
                self._try_later(outcome.RETURNED, error, wait=wait)
            elif self._failures() + 1 >= self.job.max_attempts:
                log.error("job %s is dead after its last attempt", self.job.pk, exc_info=error)
                self._give_up(status.DEAD, outcome.FAILED, error)
            else:
                wait = backoff(self._failures())
                log.warning("job %s failed, again in %.0f s", self.job.pk, wait, exc_info=error)
                self._try_later(outcome.FAILED, error, wait=wait)
        except LeaseLost:
            log.warning("job %s: another worker holds it now; nothing written", self.job.pk)

    def _failures(self) -> int:
        return self._count(MediaJobAttempt.Outcome.FAILED)

    def _count(self, outcome: str) -> int:
        return self.job.attempt_rows.filter(outcome=outcome).count()


class JobCancelled(StudioError):
    code = "cancelled"


class WorkerStopped(StudioError):
    code = "worker_stopped"


class WorkersLost(StudioError):
    """Worker after worker died over one job: it is the job that kills them."""

    code = "workers_lost"


def _sentence(error: BaseException) -> str:
    if isinstance(error, StudioError):
        return str(error)
    return "".join(traceback.format_exception_only(error)).strip()


def _tell_owner(job: MediaJob) -> None:
    """In the caller's transaction. An owner that cannot be told must not keep the job from ending."""
    job_given_up.send(sender=MediaJob, job=job)
    work = _work.get(job.type)
    if work is None or not work.failed:
        return
    try:
        with transaction.atomic():
            import_string(work.failed)(job)
    except DjangoDbError:
        raise
    except Exception:
        log.exception("job %s ended as %s, and its owner could not be told", job.pk, job.status)


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures: doubling from the setting up to an hour, and a little chance against herds."""
    return min(3600.0, settings.JOB_BACKOFF_SECONDS * 2**failures) * random.uniform(1.0, 1.1)


def is_outage(error: BaseException) -> bool:
    """Whether the machine or the store is at fault, not the job: it costs no attempt, however often it comes."""
    if isinstance(error, ToolFailed):
        return NO_ROOM in error.stderr_tail
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, storage.StoreUnreachable | storage.StoreFull)


def outage_wait(before: int) -> float:
    """Seconds until it is worth another try: soon at first, then each minute."""
    return min(60.0, settings.JOB_BACKOFF_SECONDS / 2 * 2 ** min(before, 10))


def rescue() -> int:
    """Jobs whose worker stopped giving signs of life go back into the queue; those that keep losing workers are dead.
    Any worker may call it at any time: of two that do, one finds the row."""
    rescued = 0
    for job_id, token in list(MediaJob.objects.abandoned().values_list("pk", "lock_token")):
        with transaction.atomic():
            gone = MediaJob.objects.abandoned().filter(pk=job_id, lock_token=token)
            if (job := gone.first()) is not None:
                lock_session_of(job)
                job = gone.select_for_update(of=("self",)).first()
            if job is None:
                continue
            job.attempt_rows.filter(outcome=MediaJobAttempt.Outcome.RUNNING).update(
                outcome=MediaJobAttempt.Outcome.LOST,
                finished_at=Now(),
                error_message="Its worker stopped giving signs of life.",
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
            job.save()
            if job.status != MediaJob.Status.PENDING:
                _tell_owner(job)
            rescued += 1
            log.warning("job %s lost its worker %s: now %s", job.pk, job.locked_by, job.status)
    return rescued


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
            _remove_scratch(folder)


def _remove_scratch(folder: Path) -> None:
    """One attempt's folder. Its job's goes with the last: a worker that lost its lease must not take its successor's."""
    if not folder.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def sweep() -> None:
    """What holds the second engine together, every few seconds, by whoever: lost workers' jobs go back, and due jobs whose
    wake-up was lost, or whose time has come only now, get one."""
    rescue()
    for kind in MediaJob.Kind.values:
        # Of any type: a newer worker may know what this sweeper does not.
        due = MediaJob.objects.due().filter(kind=kind)[:WAKE_AT_ONCE].count()
        if due and (short := due - broker.waiting(kind)) > 0:
            broker.wake(kind, short)


_signed: dict[str, float] = {}


def sign_of_life(worker: str, *, begun: bool = False) -> None:
    """The worker is there: for the people who look, the leases need it not. At most every SIGN_SECONDS, so call it freely;
    with `begun` it is a new process, whoever had the name before."""
    if not begun and time.monotonic() < _signed.get(worker, 0.0) + SIGN_SECONDS:
        return
    _signed[worker] = time.monotonic()
    disk = shutil.disk_usage(_nearest(Path(settings.SCRATCH_ROOT)))
    facts = {"host": socket.gethostname()[:100], "scratch_free": disk.free, "scratch_total": disk.total}
    started = {"started_at": Now()} if begun else {}
    if not Worker.objects.filter(name=worker).update(seen_at=Now(), **facts, **started):
        Worker.objects.bulk_create([Worker(name=worker, **facts)], ignore_conflicts=True)


def sign_off(worker: str) -> None:
    """It ends as it should. One whose row stays behind did not."""
    _signed.pop(worker, None)
    Worker.objects.filter(name=worker).delete()


def _nearest(path: Path) -> Path:
    """The path, or the first folder above it that exists."""
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))


def serve(
    stopping: threading.Event,
    *,
    drain: bool = False,
    job_types: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
) -> None:
    """Run jobs one after another until `stopping` is set; with `drain`, until none of these types and kinds is left. A
    database that goes away for a while only makes it wait."""
    worker, next_rescue, begun = worker_name(), 0.0, True
    job_types = job_types if job_types is not None else known_types()
    mine = _of(MediaJob.objects.unfinished(), job_types, kinds)
    while not stopping.is_set():
        try:
            sign_of_life(worker, begun=begun)
            begun = False
            if time.monotonic() >= next_rescue:
                rescue()
                clear_scratch()
                next_rescue = time.monotonic() + RESCUE_SECONDS
            if run_one(worker, stopping, job_types=job_types, kinds=kinds):
                continue
            if drain and not mine.exists():
                break
        except DjangoDbError:
            log.exception("the database does not answer; looking again")
            connection.close()
        stopping.wait(LOOK_SECONDS)
    with contextlib.suppress(DjangoDbError):
        sign_off(worker)


def run_one(
    worker: str, stopping: Flag, *, job_types: Collection[str] | None = None, kinds: Collection[str] | None = None
) -> bool:
    """The next due job, from claim to its end; False when there was none."""
    run = claim(worker, job_types=job_types, kinds=kinds)
    if run is None:
        return False
    run.worker_stopping = stopping
    with run:
        run.carry_out()
    return True


def carry_out_here(job: MediaJob) -> None:
    """Run one job in this process, to its end: for callers that wait. Should a worker have taken it, wait for that one.

    A job that is to be tried again later is left to the workers.
    """
    while True:
        run = claim(worker_name(), only=job)
        if run is not None:
            with run:
                run.carry_out()
        job.refresh_from_db()
        if job.status != MediaJob.Status.PROCESSING:
            return
        time.sleep(LOOK_SECONDS)
