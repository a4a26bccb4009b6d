"""The embedded worker: takes jobs from the database and runs them."""

import contextlib
import signal
import sys
import threading
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from media_app import jobs
from media_app.models import MediaJob
from media_app.process import Service, keep_running
from media_app.services.chores import tidy

TIDY_SECONDS = 600.0
#: What one of several workers keeps to, so that no sound waits for the hour that a picture takes.
UNHURRIED_APART = ",".join([MediaJob.Kind.IO, MediaJob.Kind.CPU])


class Command(BaseCommand):
    help = "Run background jobs. With --drain, end when the queue is empty."
    #: What the settings must have. The rest would load every page, which no job needs: workers start again in haste.
    requires_system_checks = ("studio",)

    def add_arguments(self, parser):
        parser.add_argument(
            "--concurrency",
            type=int,
            default=1,
            help="how many jobs at once, each in its own process; one of several leaves pictures and renders to the others",
        )
        parser.add_argument("--drain", action="store_true", help="end when the queue is empty")
        parser.add_argument("--types", default="", help="only these job types, separated by commas")
        parser.add_argument("--kinds", default="", help="only these kinds of work, of io, cpu and render")

    def handle(self, *args, concurrency: int, drain: bool, types: str, kinds: str, **options):
        if concurrency < 1:
            self.stderr.write("--concurrency is a whole number from 1 up.")
            raise SystemExit(2)
        if unknown := set(names(kinds)) - set(MediaJob.Kind.values):
            known = ", ".join(MediaJob.Kind.values)
            self.stderr.write(f"--kinds has {', '.join(sorted(unknown))}: the kinds of work are {known}.")
            raise SystemExit(2)
        stopping = stop_on_signals()
        if concurrency > 1:
            command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "media_worker", "--types", types]
            command += ["--drain"] if drain else []
            workers = [
                Service(f"worker {number}", (*command, "--kinds", of), once=drain)
                for number, of in enumerate([kinds or UNHURRIED_APART, *[kinds] * (concurrency - 1)], start=1)
            ]
            keep_running(workers, stopping.is_set, log=self.stderr.write)
            return
        if not drain:
            threading.Thread(target=_keep_tidy, args=(stopping,), name="chores", daemon=True).start()
        jobs.serve(stopping, drain=drain, job_types=names(types) or None, kinds=names(kinds) or None)


def names(separated: str) -> list[str]:
    return [name.strip() for name in separated.split(",") if name.strip()]


def stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _keep_tidy(stopping: threading.Event) -> None:
    """Chores alongside the work; a draining worker leaves it to the next."""
    with contextlib.suppress(DatabaseError):
        jobs.record_encoders()
    while not stopping.is_set():
        tidy()
        connection.close()
        stopping.wait(TIDY_SECONDS)
