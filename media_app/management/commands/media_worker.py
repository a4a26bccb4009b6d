"""The embedded worker: takes jobs from the database and runs them."""

import logging
import multiprocessing
import os
import signal
import threading
import time

import django
from django.core.management.base import BaseCommand

from media_app import jobs

log = logging.getLogger(__name__)

TIDY_SECONDS = 600.0
GRACE_SECONDS = 15.0


class Command(BaseCommand):
    help = "Run background jobs. With --drain, end when the queue is empty."

    def add_arguments(self, parser):
        parser.add_argument("--concurrency", type=int, default=1, help="how many jobs at once, each in its own process")
        parser.add_argument("--drain", action="store_true", help="end when the queue is empty")
        parser.add_argument("--types", default="", help="only these job types, separated by commas")

    def handle(self, *args, concurrency: int, drain: bool, types: str, **options):
        if concurrency < 1:
            self.stderr.write("--concurrency is a whole number from 1 up.")
            raise SystemExit(2)
        job_types = [name.strip() for name in types.split(",") if name.strip()] or None
        stopping = stop_on_signals()
        if concurrency == 1:
            keep_tidy(stopping, drain=drain)
            jobs.serve(stopping, drain=drain, job_types=job_types)
        else:
            _oversee(concurrency, stopping, drain, job_types)


def stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def keep_tidy(stopping: threading.Event, *, drain: bool) -> None:
    """Housekeeping beside the work, from a thread; a draining worker leaves it to the next."""
    if drain:
        return

    def tidy_now_and_then() -> None:
        from django.db import connection

        from media_app.services.housekeeping import tidy

        while not stopping.is_set():
            tidy()
            connection.close()
            stopping.wait(TIDY_SECONDS)

    threading.Thread(target=tidy_now_and_then, name="housekeeping", daemon=True).start()


def _work(drain: bool, job_types: list[str] | None, tidies: bool) -> None:
    django.setup()
    stopping = stop_on_signals()
    threading.Thread(target=_leave_with_parent, args=(stopping,), name="parent watch", daemon=True).start()
    if tidies:
        keep_tidy(stopping, drain=drain)
    jobs.serve(stopping, drain=drain, job_types=job_types)


def _leave_with_parent(stopping: threading.Event) -> None:
    """A worker whose overseer was killed has nobody to stop or replace it: it ends too."""
    parent = os.getppid()
    while not stopping.wait(1):
        if os.getppid() != parent:
            stopping.set()


def _oversee(count: int, stopping: threading.Event, drain: bool, job_types: list[str] | None) -> None:
    """`count` worker processes: one that dies is replaced, and all end when told to (or, draining, by themselves)."""
    fresh = multiprocessing.get_context("spawn")

    def start(index: int):
        child = fresh.Process(target=_work, args=(drain, job_types, index == 0), name=f"worker-{index}")
        child.start()
        return child

    children = [start(index) for index in range(count)]
    while not stopping.is_set() and any(child.is_alive() for child in children):
        for index, child in enumerate(children):
            if not child.is_alive() and child.exitcode != 0:
                log.error("worker %s ended with %s; another takes its place", child.pid, child.exitcode)
                time.sleep(1)
                children[index] = start(index)
        stopping.wait(0.5)
    for child in children:
        child.terminate()
    for child in children:
        child.join(GRACE_SECONDS)
        if child.is_alive():
            child.kill()
