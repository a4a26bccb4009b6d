"""Signs of life: of a job, on which its lease depends; and of a worker, for the people who look."""

import shutil
import socket
import threading
import time
from contextvars import copy_context
from functools import partial
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


class Heart:
    """Renews the lease and looks for a cancel, from a thread and a connection of its own: work that blocks must not
    starve it. `cancelled` and `lost` are set when it learns of either; `told` is what it carries to the row."""

    def __init__(self, lease: Lease, logs: Logs) -> None:
        self.lease = lease
        self.logs = logs
        self.cancelled, self.lost = threading.Event(), threading.Event()
        #: Percent, and the step's name.
        self.told: tuple[float, str] = (0.0, "")
        self._over = threading.Event()
        self._started = time.monotonic()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        beat = partial(copy_context().run, self._beat)
        self._thread = threading.Thread(target=beat, name=f"heartbeat-{self.lease.job.pk}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _beat(self) -> None:
        lease_ends = time.monotonic() + settings.JOB_LEASE_SECONDS
        next_beat, said = time.monotonic() + settings.JOB_HEARTBEAT_SECONDS, self.told
        next_tell = 0.0
        try:
            while not self._over.wait(min(LOOK_SECONDS, settings.JOB_HEARTBEAT_SECONDS)):
                now = time.monotonic()
                try:
                    if now >= next_beat or self.told != said:
                        said = self.told
                        if not self.lease.renew(**self._progress(said)):
                            break
                        lease_ends, next_beat = now + settings.JOB_LEASE_SECONDS, now + settings.JOB_HEARTBEAT_SECONDS
                        sign_of_life(self.lease.attempt.worker)
                    if now >= next_tell:
                        self.logs.tell()
                        next_tell = now + TELL_SECONDS
                    asked = self.lease.mine().values_list("cancel_requested", flat=True).first()
                except DjangoDbError:
                    if now > lease_ends:
                        break
                    connection.close()
                    continue
                if asked is None:
                    break
                if asked:
                    self.cancelled.set()
            else:
                return
            self.lost.set()
        finally:
            connection.close()

    def _progress(self, told: tuple[float, str]) -> dict:
        percent, step = told
        spent = time.monotonic() - self._started
        eta = round(spent * (100 - percent) / percent, 1) if percent > 1 else None
        return {"progress_percent": percent, "progress_step": step, "eta_seconds": eta}


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
