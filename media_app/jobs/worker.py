"""A worker: claims the next due job, runs it to its end, and repeats."""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Collection

from django.conf import settings
from django.db import Error as DjangoDbError
from django.db import connection

from media_app.jobs.claims import claim, of
from media_app.jobs.heartbeat import report_alive, report_stopped
from media_app.jobs.recovery import clear_scratch, rescue
from media_app.jobs.registry import known_types
from media_app.jobs.run import Flag
from media_app.models import MediaJob, Worker
from media_app.process import hardware_encoders

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
RESCUE_SECONDS = 3.0


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def record_encoders() -> None:
    """Note in this worker's row which hardware encoders work on its machine; they are tried once, and not where none is wanted."""
    if settings.VIDEO_HARDWARE_ENCODER == "off":
        return
    found = [trial.as_json for trial in hardware_encoders()]
    Worker.objects.filter(name=worker_name()).update(encoders=found)


def serve(
    stopping: threading.Event,
    *,
    drain: bool = False,
    job_types: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
) -> None:
    """Run jobs one after another until `stopping` is set; with `drain`, until none of these types and kinds is left. While the
    database is unreachable, wait."""
    worker, next_rescue, begun = worker_name(), 0.0, True
    job_types = job_types if job_types is not None else known_types()
    mine = of(MediaJob.objects.unfinished(), job_types, kinds)
    while not stopping.is_set():
        try:
            report_alive(worker, begun=begun)
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
            log.exception("the database does not answer; trying again")
            connection.close()
            next_rescue = 0.0  # a claim may have been committed without its answer
        stopping.wait(POLL_SECONDS)
    with contextlib.suppress(DjangoDbError):
        report_stopped(worker)


def run_one(
    worker: str, stopping: Flag, *, job_types: Collection[str] | None = None, kinds: Collection[str] | None = None
) -> bool:
    """The next due job, from claim to its end; False when there was none."""
    run = claim(worker, job_types=job_types, kinds=kinds)
    if run is None:
        return False
    run.worker_stopping = stopping
    with run:
        run.execute()
    return True


def run_here(job: MediaJob) -> None:
    """Run one job to its end in this process, for a caller that waits; wait for the worker if one has claimed it.

    A job that must be tried again later is left to the workers.
    """
    while True:
        run = claim(worker_name(), only=job)
        if run is not None:
            with run:
                run.execute()
        job.refresh_from_db()
        if job.status != MediaJob.Status.PROCESSING:
            return
        time.sleep(POLL_SECONDS)
