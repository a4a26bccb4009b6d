"""A whole Studio for a test: the shipped web server and workers as programs of their own, on the test's database and store."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from media_app.models import MediaJob
from studio.demo.client import Client
from tests.services.brokers import Broker
from tests.services.servers import accepts, free_port
from tests.support.factories import TENANT, a_token, a_user
from tests.support.waiting import PATIENCE_S, until

CELERY = ("-m", "celery", "--app", "studio")
ALONE = ("--without-mingle", "--without-gossip")
WORKER = ("worker", "--queues", "io,cpu,render", "--concurrency", "1", *ALONE)
BEAT = ("worker", "--beat", "--queues", "housekeeping", "--concurrency", "2", "--hostname", "beat@%h", *ALONE)
SPEED = {
    "JOB_LEASE_SECONDS": "3", "JOB_HEARTBEAT_SECONDS": "0.5", "JOB_BACKOFF_SECONDS": "0.2", "LOG_LEVEL": "WARNING",
    "VIDEO_HARDWARE_ENCODER": "off",  # else each worker's start tries four encoders
}  # fmt: skip


@dataclass
class Studio:
    """Starts programs and knows how to look for what they leave."""

    folder: Path
    broker: Broker | None = None
    started: list[subprocess.Popen] = field(default_factory=list)
    changes: dict[str, str] = field(default_factory=dict)
    _beat: subprocess.Popen | None = None

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": database_url(),
            "STUDIO_VAR": str(settings.VAR_DIR),
            "MEDIA_STORE_ROOT": str(settings.MEDIA_STORE_ROOT),
            "SCRATCH_ROOT": str(settings.SCRATCH_ROOT),
            "SECRET_KEY": settings.SECRET_KEY,
            "MEZZANINE": settings.MEZZANINE,
            "CONN_MAX_AGE": "0",
            **({"JOB_DISPATCH": "celery", "REDIS_URL": self.broker.server.url} if self.broker else {}),
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            **SPEED,
            **self.changes,
        }

    def start(self, *argv: str) -> subprocess.Popen:
        log = (self.folder / "programs.log").open("ab")
        child = subprocess.Popen(
            [sys.executable, *argv], cwd=settings.BASE_DIR, env=self.environment(), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        self.started.append(child)
        return child

    def web(self) -> Client:
        """The web server, answering; as a client with a token."""
        port = free_port()
        child = self.start(
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads",
            "8",
            "--workers",
            "1",
            "studio.wsgi:application",
        )
        until(lambda: accepts(port) or child.poll() is not None, self.log)
        assert child.poll() is None, self.log()
        return Client(f"http://127.0.0.1:{port}/", a_token(a_user(), TENANT))

    def worker(self) -> subprocess.Popen:
        """One of the engine's workers, and, with Celery, the housekeeper that there has to be once."""
        if self.broker is None:
            return self.start("manage.py", "media_worker")
        self.beat()
        return self.start(*CELERY, *WORKER)

    def beat(self) -> None:
        if self._beat is None or self._beat.poll() is not None:
            self._beat = self.start(*CELERY, *BEAT)

    def drain(self) -> None:
        """A worker until the queue is empty."""
        if self.broker is None:
            assert self.start("manage.py", "media_worker", "--drain").wait(PATIENCE_S) == 0, self.log()
            return
        if not MediaJob.objects.unfinished().exists():
            return
        worker = self.worker()
        self.until_idle()
        self.end(worker)

    def until_idle(self) -> None:
        """Wait until there is no job any more."""
        until(lambda: not MediaJob.objects.unfinished().exists(), lambda: f"{self.unfinished()}\n{self.log()}")

    def unfinished(self) -> list[tuple]:
        return list(
            MediaJob.objects.unfinished().values_list("type", "status", "attempts", "progress_step", "run_after")
        )

    def end(self, worker: subprocess.Popen) -> None:
        """Ask it to stop, and see that it does so in good order."""
        worker.terminate()
        code = worker.wait(PATIENCE_S)
        assert code == 0, f"ended with {code}: {self.log()}"

    def kill(self, child: subprocess.Popen) -> None:
        child.send_signal(signal.SIGKILL)
        child.wait()

    def tools_running(self) -> list[str]:
        """Command lines of ffmpeg and ffprobe that work in this test's scratch or store."""
        mine = {str(settings.SCRATCH_ROOT), str(settings.MEDIA_STORE_ROOT)}
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if any(folder in line for folder in mine) and line.startswith(("ffmpeg", "ffprobe")):
                    found.append(line)
        return found

    def scratch_left(self) -> list[Path]:
        return files_under(Path(settings.SCRATCH_ROOT))

    def objects(self) -> set[str]:
        root = Path(settings.MEDIA_STORE_ROOT)
        files = (path.relative_to(root).as_posix() for path in files_under(root))
        return {name for name in files if not name.startswith((".drafts/", ".uploads/"))}

    def log(self) -> str:
        return (self.folder / "programs.log").read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        for child in self.started:
            if child.poll() is None:
                child.terminate()
        for child in self.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def files_under(root: Path) -> list[Path]:
    """Every file below `root`; a folder that a worker removes meanwhile has none, where `rglob` would raise."""
    return [Path(folder) / name for folder, _, names in os.walk(root) for name in names]


def database_url() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


BOTH_ENGINES = pytest.mark.parametrize(
    "engine", ["embedded", pytest.param("celery", marks=pytest.mark.services)], indirect=True
)


@pytest.fixture
def engine(request) -> str:
    """Which of the queue's engines works; a test that promises the same of both is marked BOTH_ENGINES."""
    return getattr(request, "param", "embedded")


@pytest.fixture
def studio(request, engine, transactional_db, tmp_path) -> Iterator[Studio]:
    studio = Studio(tmp_path, request.getfixturevalue("celery_broker") if engine == "celery" else None)
    try:
        yield studio
    finally:
        studio.stop()
