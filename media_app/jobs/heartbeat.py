"""Signs of life: of a job, on which its lease depends; and of a worker, for the people who look."""

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

from media_app.jobs.lease import Lease
from media_app.jobs.logs import Logs
from media_app.models import Worker

#: How often a running job is looked at, how often it tells what its programs say, and how often a worker says that it is there.
LOOK_SECONDS, TELL_SECONDS, SIGN_SECONDS = 0.5, 1.0, 5.0
#: How many looks that find no running job end the thread that looks.
IDLE_LOOKS = 20


class Heartbeat:
    """Renews the lease and looks for a cancel, from the process's pulse: work that blocks must not starve it. `cancelled` and
    `lost` are set when it learns of either; `told` is what it carries to the row."""

    def __init__(self, lease: Lease, logs: Logs) -> None:
        self.lease = lease
        self.logs = logs
        self.cancelled, self.lost = threading.Event(), threading.Event()
        #: Percent, and the step's name.
        self.told: tuple[float, str] = (0.0, "")
        self._started = time.monotonic()
        self._beating = threading.Lock()

    def start(self) -> None:
        self._context = copy_context()
        now = time.monotonic()
        self._said, self._next_tell = self.told, 0.0
        self._lease_ends, self._next_beat = now + settings.JOB_LEASE_SECONDS, now + settings.JOB_HEARTBEAT_SECONDS
        _thread.add(self)

    def stop(self) -> None:
        """From now on it writes nothing."""
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
            if now >= self._next_beat or self.told != self._said:
                self._said = self.told
                if not self.lease.renew(**self._progress(self._said)):
                    return False
                self._lease_ends = now + settings.JOB_LEASE_SECONDS
                self._next_beat = now + settings.JOB_HEARTBEAT_SECONDS
                sign_of_life(self.lease.attempt.worker)
            if now >= self._next_tell:
                self.logs.tell()
                self._next_tell = now + TELL_SECONDS
            asked = self.lease.mine().values_list("cancel_requested", flat=True).first()
        except DjangoDbError:
            connection.close()
            return now <= self._lease_ends
        if asked:
            self.cancelled.set()
        return asked is not None

    def _progress(self, told: tuple[float, str]) -> dict:
        percent, step = told
        spent = time.monotonic() - self._started
        eta = round(spent * (100 - percent) / percent, 1) if percent > 1 else None
        return {"progress_percent": percent, "progress_step": step, "eta_seconds": eta}


class HeartbeatThread:
    """The one thread, with a connection of its own, in which the hearts of a process beat: a thread for each job would take
    longer to start and to end than the shortest jobs do. It ends when there is none for a while."""

    def __init__(self) -> None:
        self._hearts: set[Heartbeat] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __contains__(self, heart: Heartbeat) -> bool:
        return heart in self._hearts

    def add(self, heart: Heartbeat) -> None:
        with self._lock:
            self._hearts.add(heart)
            # Of a process that was forked the thread stayed behind.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._go_on, name="heartbeat", daemon=True)
                self._thread.start()

    def drop(self, heart: Heartbeat) -> None:
        self._hearts.discard(heart)

    def _go_on(self) -> None:
        idle = 0
        while idle < IDLE_LOOKS or not self._ended():
            time.sleep(min(LOOK_SECONDS, settings.JOB_HEARTBEAT_SECONDS))
            hearts = tuple(self._hearts)
            for heart in hearts:
                heart.beat()
            idle = 0 if hearts else idle + 1
            if not hearts:
                connection.close()

    def _ended(self) -> bool:
        with self._lock:
            if self._hearts:
                return False
            self._thread = None
            return True


_thread = HeartbeatThread()
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
