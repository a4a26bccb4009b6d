"""Studio on one machine: the web server and the workers, one command."""

import hashlib
import json
import os
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from media_app.management.commands.media_worker import UNHURRIED_APART, stop_on_signals
from media_app.process import Service, keep_running
from studio.runtime.operator import local_operator

#: Beside what was collected: of which sources that was.
COLLECTED = ".collected"


class Command(BaseCommand):
    help = "Run the web server and the workers on this machine until Ctrl-C."
    #: The web server loads and checks every page itself.
    requires_system_checks = ("studio",)

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--workers",
            type=int,
            default=max(1, (os.cpu_count() or 2) - 1),
            help="jobs at once, besides one that is kept for audio and sync",
        )
        parser.add_argument("--demo", action="store_true", help="put the demo shoots there to look at")

    def handle(self, *args, port: int, host: str, workers: int, demo: bool, **options):
        refuse_taken_port(host, port)
        prepare()
        found = local_operator(f"http://{host}:{port}/")
        password = found["password"] or "the password you chose"
        self.stdout.write(f"Studio: {found['url']}   sign in as {found['username']} / {password}")
        services = services_of(host, port, workers)
        if demo:
            services.append(Service("demo shoots", (*manage(), "demo_gallery", "--url", found["url"]), once=True))
        stopping = stop_on_signals()
        keep_running(services, stopping.is_set, log=self.stderr.write)


def prepare() -> None:
    """Database and static files as this version wants them."""
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()


def collect_static() -> bool:
    """Hashing and packing the static files takes seconds, for which a Studio that starts again after a crash need not wait:
    whether it was done, for they are not those of the last time."""
    found, stamp = _static_sources(), Path(settings.STATIC_ROOT) / COLLECTED
    if stamp.is_file() and stamp.read_text() == found:
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(found)
    return True


def _static_sources() -> str:
    """What there is to collect, and how, as a digest."""
    digest = hashlib.sha256(json.dumps(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def manage() -> tuple[str, str]:
    return sys.executable, str(Path(settings.BASE_DIR) / "manage.py")


def services_of(host: str, port: int, workers: int) -> list[Service]:
    web = (sys.executable, "-m", "gunicorn", "--config", str(settings.BASE_DIR / "studio" / "gunicorn.py"))
    served = Service("web", (*web, "--bind", f"{host}:{port}", "studio.wsgi:application"))
    if settings.JOB_DISPATCH == "embedded":
        look = (*manage(), "media_worker")
        express = Service("audio worker", (*look, "--kinds", UNHURRIED_APART))
        return [served, express, *(Service(f"worker {number}", look) for number in range(1, workers + 1))]
    worker = (sys.executable, "-m", "celery", "--app", "studio", "worker", "--without-mingle", "--without-gossip")
    beat = ("--beat", "--queues", "housekeeping", "--concurrency", "2", "--hostname", "beat@%h")
    return [
        served,
        Service("audio worker", (*worker, "--queues", UNHURRIED_APART, "--concurrency", "1", "--hostname", "audio@%h")),
        Service("worker", (*worker, "--queues", "io,cpu,render", "--concurrency", str(workers))),
        Service("beat", (*worker, *beat)),
    ]


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.stderr.write(f"Port {port} cannot be used ({error.strerror}). Choose another: make serve PORT=8001\n")
            raise SystemExit(2) from error
