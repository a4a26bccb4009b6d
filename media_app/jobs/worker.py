"""A worker: takes the job that is due next, sees it through, and looks again."""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Collection

from django.db import Error as DjangoDbError
from django.db import connection

from media_app.jobs.claims import claim, of
from media_app.jobs.heartbeat import sign_of_life, sign_off
from media_app.jobs.recovery import clear_scratch, rescue
from media_app.jobs.registry import known_types
from media_app.jobs.run import Flag
from media_app.models import MediaJob

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
RESCUE_SECONDS = 3.0


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


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
    mine = of(MediaJob.objects.unfinished(), job_types, kinds)
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
            next_rescue = 0.0  # what it was about to take may be ours by now
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
        run.execute()
    return True


def run_here(job: MediaJob) -> None:
    """Run one job in this process, to its end: for callers that wait. Should a worker have taken it, wait for that one.

    A job that is to be tried again later is left to the workers.
    """
    while True:
        run = claim(worker_name(), only=job)
        if run is not None:
            with run:
                run.execute()
        job.refresh_from_db()
        if job.status != MediaJob.Status.PROCESSING:
            return
        time.sleep(LOOK_SECONDS)
