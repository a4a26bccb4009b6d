"""Heartbeats: of a job, which renew its lease; and of a worker, which operators see."""

import shutil
import socket
import threading
import time
from contextvars import copy_context
from pathlib import Path

from django.conf import settings
from django.db import Error as DjangoDbError
from django.db import connection
from django.db.models.functions import Now

from media_app.core.forecast import Pace
from media_app.jobs.lease import Lease
from media_app.jobs.logs import Logs
from media_app.models import Worker

#: How often a running job is checked, its logs are saved, and a worker is reported alive.
CHECK_SECONDS, LOGS_SECONDS, ALIVE_SECONDS = 0.5, 1.0, 5.0
#: The thread ends after so many checks without a running job.
IDLE_CHECKS = 20


class Heartbeat:
    """Renew a job's lease, save its progress and logs, and watch for a cancel, in a thread of its own, which work that blocks does not
    hold up. `cancelled` and `lost` are set when either is seen."""

    def __init__(self, lease: Lease, logs: Logs) -> None:
        self.lease = lease
        self.logs = logs
        self.cancelled, self.lost = threading.Event(), threading.Event()
        #: Percent, and the step's name; set from any thread, saved with the next beat.
        self.progress: tuple[float, str] = (0.0, "")
        self._pace = Pace(time.monotonic())
        self._beating = threading.Lock()

    def start(self) -> None:
        self._context = copy_context()
        now = time.monotonic()
        self._saved, self._next_logs = self.progress, 0.0
        self._lease_ends, self._next_beat = now + settings.JOB_LEASE_SECONDS, now + settings.JOB_HEARTBEAT_SECONDS
        _thread.add(self)

    def stop(self) -> None:
        """Stop writing: after the return no beat is under way."""
        _thread.drop(self)
        with self._beating:
            pass

    def beat(self) -> None:
        with self._beating:
            if self in _thread and not self._context.run(self._is_ours):
                self.lost.set()
                _thread.drop(self)

    def _is_ours(self) -> bool:
        now = time.monotonic()
        try:
            if now >= self._next_beat or self.progress != self._saved:
                self._saved = self.progress
                if not self.lease.renew(**self._columns(*self._saved)):
                    return False
                self._lease_ends = now + settings.JOB_LEASE_SECONDS
                self._next_beat = now + settings.JOB_HEARTBEAT_SECONDS
                report_alive(self.lease.attempt.worker)
            if now >= self._next_logs:
                self.logs.save_tails()
                self._next_logs = now + LOGS_SECONDS
            asked = self.lease.mine().values_list("cancel_requested", flat=True).first()
        except DjangoDbError:
            connection.close()
            return now <= self._lease_ends
        if asked:
            self.cancelled.set()
        return asked is not None

    def _columns(self, percent: float, step: str) -> dict:
        now = time.monotonic()
        self._pace.see(now, percent)
        left = self._pace.seconds_left(now, percent)
        return {
            "progress_percent": percent, "progress_step": step, "eta_seconds": None if left is None else round(left, 1),
        }  # fmt: skip


class HeartbeatThread:
    """The one thread of a process, with its own connection, that runs all its heartbeats: starting and ending a thread for each
    job would take longer than the shortest jobs. It ends after a while without jobs."""

    def __init__(self) -> None:
        self._heartbeats: set[Heartbeat] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __contains__(self, heartbeat: Heartbeat) -> bool:
        return heartbeat in self._heartbeats

    def add(self, heartbeat: Heartbeat) -> None:
        with self._lock:
            self._heartbeats.add(heartbeat)
            # A forked process has the object without the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="heartbeat", daemon=True)
                self._thread.start()

    def drop(self, heartbeat: Heartbeat) -> None:
        self._heartbeats.discard(heartbeat)

    def _loop(self) -> None:
        idle = 0
        while idle < IDLE_CHECKS or not self._ended():
            time.sleep(min(CHECK_SECONDS, settings.JOB_HEARTBEAT_SECONDS))
            heartbeats = tuple(self._heartbeats)
            for heartbeat in heartbeats:
                heartbeat.beat()
            idle = 0 if heartbeats else idle + 1
            if not heartbeats:
                connection.close()

    def _ended(self) -> bool:
        with self._lock:
            if self._heartbeats:
                return False
            self._thread = None
            return True


_thread = HeartbeatThread()
_reported: dict[str, float] = {}


def report_alive(worker: str, *, begun: bool = False) -> None:
    """Update the worker's row, which operators see and leases do not need. Cheap: it writes at most every ALIVE_SECONDS. `begun`:
    this is a new process, whichever had the name before."""
    if not begun and time.monotonic() < _reported.get(worker, 0.0) + ALIVE_SECONDS:
        return
    _reported[worker] = time.monotonic()
    disk = shutil.disk_usage(_nearest(Path(settings.SCRATCH_ROOT)))
    facts = {"host": socket.gethostname()[:100], "scratch_free": disk.free, "scratch_total": disk.total}
    started = {"started_at": Now()} if begun else {}
    if not Worker.objects.filter(name=worker).update(seen_at=Now(), **facts, **started):
        Worker.objects.bulk_create([Worker(name=worker, **facts)], ignore_conflicts=True)


def report_stopped(worker: str) -> None:
    """Remove the worker's row at its orderly end. The row of a worker that crashed stays."""
    _reported.pop(worker, None)
    Worker.objects.filter(name=worker).delete()


def _nearest(path: Path) -> Path:
    """The path, or the first folder above it that exists."""
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))
