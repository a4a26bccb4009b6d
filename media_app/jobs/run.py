"""A job that runs: what its handler may ask for, and what becomes of the row when the handler ends, one way or another."""

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import Error as DjangoDbError
from django.db import connection, transaction
from django.db.models.functions import Now

from media_app.jobs import failures, owner_process
from media_app.jobs.failures import CANCELLED_BY_OPERATOR, CannotSucceed, JobCancelled, LeaseLost, WorkerStopped
from media_app.jobs.heartbeat import Heartbeat
from media_app.jobs.lease import Lease
from media_app.jobs.logs import Logs
from media_app.jobs.queue import wake
from media_app.jobs.registry import notify_owner, type_of
from media_app.models import MediaJob, MediaJobAttempt
from media_app.process import Cancelled, observed
from media_app.scratch import SHARED, NoScratchNow, locked, remove, reserve
from sessions_app.core import trace
from sessions_app.errors import StudioError

log = logging.getLogger(__name__)

#: How soon a database that went away is asked again.
RETRY_SECONDS = 0.5

Status, Outcome = MediaJob.Status, MediaJobAttempt.Outcome


class Flag(Protocol):
    def is_set(self) -> bool: ...


class Run:
    """A claimed job in its worker's hands. As a context, it sends heartbeats inside, and its scratch folder is gone afterwards."""

    def __init__(self, job: MediaJob, attempt: MediaJobAttempt, token: uuid.UUID) -> None:
        self.job, self.attempt, self.token = job, attempt, token
        self.lease = Lease(job, attempt, token)
        self.folder = Path(settings.SCRATCH_ROOT) / str(job.pk) / str(token)
        self.logs = Logs(self.lease, self.folder)
        self.heartbeat = Heartbeat(self.lease, self.logs)
        self.worker_stopping: Flag = threading.Event()
        self._finished = False
        self._trace = contextlib.ExitStack()

    @property
    def scratch(self) -> Path:
        """A folder of this attempt alone, gone when it ends."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder

    @contextlib.contextmanager
    def shared_folder(self) -> Iterator[Path]:
        """A folder that later attempts on this machine find again, until the job has ended. While another process has it, be it
        asleep, the attempt's own folder takes its place."""
        folder = self.folder.parent / SHARED
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(folder) as ours:
            yield folder if ours else self.scratch

    def reserve(self, need: int, folder: Path | None = None) -> None:
        """Keep so many bytes of the scratch disk for this attempt, or for what `shared_folder` gave. Raises NoScratchNow, with which
        the job goes back into the queue for a while, and NeverFitsScratch."""
        reserve(folder or self.scratch, need, root=Path(settings.SCRATCH_ROOT), spare=settings.SCRATCH_SPARE_BYTES)

    def cancelled(self) -> bool:
        """Whether to stop now. Cheap: long work asks often."""
        return self.heartbeat.cancelled.is_set() or self.heartbeat.lost.is_set() or self.worker_stopping.is_set()

    def check(self) -> None:
        if self.cancelled():
            raise Cancelled("The work was stopped; none of it was kept.")

    def progress(self, percent: float, step: str) -> None:
        """How far it is. Cheap, and safe from any thread: the heartbeat carries it to the row."""
        self.heartbeat.progress = (round(min(max(percent, 0.0), 100.0), 1), step[:120])

    def ran(self, argv: Sequence[str]) -> None:
        """Keep a program's arguments, exactly as they are, before it starts. Raises LeaseLost."""
        self.lease.ran(argv)

    def fence(self) -> None:
        """To be asked right before something is stored. Raises LeaseLost when another worker holds the job by now."""
        self.lease.fence()

    def amend(self, **changes: object) -> None:
        """Change the job's input, for this attempt and those that follow. Raises LeaseLost."""
        self.lease.amend(**changes)

    @property
    def lost_before(self) -> bool:
        """Whether an earlier worker of this job was lost: it may only be asleep, and wake."""
        return self.job.attempt_rows.filter(outcome=Outcome.LOST).exists()

    @contextlib.contextmanager
    def completing(self) -> Iterator[dict]:
        """What is written inside is written together with the job's completion, or not at all. Yields the dict that
        becomes `result_json`.

        Raises LeaseLost when another worker holds the job by now, Cancelled when that was asked for in time.
        """
        self.logs.store()
        result: dict = {}
        with transaction.atomic():
            if self.lease.hold().cancel_requested:
                self.heartbeat.cancelled.set()
                self.check()
            yield result
            self._complete(result)
        self._finished = True

    def _complete(self, result: dict) -> None:
        self._finish(
            Status.COMPLETED, Outcome.COMPLETED, exit_code=0 if self.attempt.commands else None, result_json=result
        )

    def _finish(self, status: str, outcome: str, *, exit_code: int | None, **changes: object) -> None:
        self.lease.finish(status, outcome, exit_code=exit_code, logs=self.logs.kept(), **changes)

    def _give_up(self, status: str, outcome: str, error: BaseException) -> None:
        code, message = getattr(error, "code", "unexpected"), failures.sentence(error)
        with transaction.atomic():
            self.lease.hold()
            self._finish(
                status, outcome, exit_code=getattr(error, "exit_code", None), error_code=code, error_message=message
            )
            self.job.refresh_from_db()
            notify_owner(self.job)

    def _try_later(self, outcome: str, error: Exception, *, wait: float) -> None:
        with transaction.atomic():
            if self.lease.hold().cancel_requested:
                self._give_up(Status.CANCELLED, Outcome.CANCELLED, JobCancelled(CANCELLED_BY_OPERATOR))
                return
            self._finish(
                Status.PENDING,
                outcome,
                exit_code=getattr(error, "exit_code", None),
                run_after=Now() + timedelta(seconds=wait),
                error_message=failures.sentence(error),
            )
            if not wait:
                wake(self.job.kind)

    def __enter__(self) -> "Run":
        job = self.job
        tenant = f"{job.tenant_id}/{job.env}"
        self._trace.enter_context(trace.bound(job_id=job.pk, session_id=job.session_id, tenant=tenant))
        self.heartbeat.start()
        return self

    def __exit__(self, *exc) -> None:
        self.heartbeat.stop()
        owner_process.held_tokens.discard(self.token)
        remove(self.folder)
        self._remove_shared()
        self._trace.close()

    def _remove_shared(self) -> None:
        """What the attempts had in common goes with the job's end; where the database does not answer, `clear_scratch` does it."""
        shared = self.folder.parent / SHARED
        with contextlib.suppress(DjangoDbError):
            if shared.exists() and not MediaJob.objects.unfinished().filter(pk=self.job.pk).exists():
                remove(shared)

    def execute(self) -> None:
        """Do the work, and record its end whatever comes of it."""
        try:
            known = type_of(self.job.type)
            assert known, self.job.type
            with observed(self.ran):
                known.does.run(self)
            if not self._finished:
                self.logs.store()
                self._complete({})
        except LeaseLost:
            log.warning("job %s: another worker holds it now; nothing written", self.job.pk)
        except Exception as error:  # noqa: BLE001 (of any handler: it becomes the job's end)
            self._end_badly_in_the_end(error)

    def _end_badly_in_the_end(self, error: Exception) -> None:
        """A database that went away is asked again for as long as a lease lasts: nobody else would know that this job waits."""
        ends = time.monotonic() + settings.JOB_LEASE_SECONDS
        while True:
            try:
                self._end_badly(error)
                return
            except DjangoDbError:
                if time.monotonic() > ends or self.worker_stopping.is_set() or connection.in_atomic_block:
                    raise
                log.warning(
                    "job %s: the database does not answer; the end of the job is recorded when it does", self.job.pk
                )
                connection.close()
                time.sleep(RETRY_SECONDS)

    def _end_badly(self, error: Exception) -> None:
        try:
            with contextlib.suppress(StudioError, OSError):
                self.logs.store()
            if isinstance(error, Cancelled) and self.heartbeat.cancelled.is_set():
                self._give_up(Status.CANCELLED, Outcome.CANCELLED, JobCancelled(CANCELLED_BY_OPERATOR))
            elif isinstance(error, Cancelled):
                self._try_later(
                    Outcome.RETURNED, WorkerStopped("Its worker was stopped; another one takes over."), wait=0
                )
            elif isinstance(error, NoScratchNow):
                log.warning("job %s waits for space: %s", self.job.pk, error)
                self._try_later(Outcome.RETURNED, error, wait=failures.outage_wait(self._count(Outcome.RETURNED)))
            elif isinstance(error, CannotSucceed):
                log.warning("job %s failed: %s", self.job.pk, error)
                self._give_up(Status.FAILED, Outcome.FAILED, error)
            elif failures.is_outage(error) and (before := self._count(Outcome.RETURNED)) < failures.OUTAGES:
                wait = failures.outage_wait(before)
                log.warning("job %s waits %.0f s for what it needs: %s", self.job.pk, wait, error)
                self._try_later(Outcome.RETURNED, error, wait=wait)
            elif (failed := self._count(Outcome.FAILED)) + 1 >= self.job.max_attempts:
                log.error("job %s is dead after its last attempt", self.job.pk, exc_info=error)
                self._give_up(Status.DEAD, Outcome.FAILED, error)
            else:
                wait = failures.backoff(failed)
                log.warning("job %s failed, again in %.0f s", self.job.pk, wait, exc_info=error)
                self._try_later(Outcome.FAILED, error, wait=wait)
        except LeaseLost:
            log.warning("job %s: another worker holds it now; nothing written", self.job.pk)

    def _count(self, outcome: str) -> int:
        return self.job.attempt_rows.filter(outcome=outcome).count()
