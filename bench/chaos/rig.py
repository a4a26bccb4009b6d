"""The one module that runs a Studio under fire, and does to it what the plan says: programs, disks, wires, servers."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.chaos import plan
from bench.chaos.door import Door
from bench.chaos.listener import Listener
from bench.proxy import Proxy
from media_app import process
from tests.services import servers, stores, swift
from tests.services.servers import Program, free_port

ROOT = Path(__file__).resolve().parents[2]
DISK_MIB = 768
RESTART_S = 0.5
#: On a machine that is busy with other things, CHAOS_PATIENCE is how many times longer to wait.
PATIENCE = float(os.environ.get("CHAOS_PATIENCE", "1"))
#: What is killed together with a program is gone by then.
DYING_S = 0.3


@dataclass
class Kept:
    """A program that is started again whenever it ends, as systemd or a container runtime would."""

    name: str
    argv: Sequence[str]
    child: subprocess.Popen | None = None
    ended: float = 0.0


@dataclass
class Rig:
    """One Studio in `folder`, with the settings of `environment`, on `servers` where it is not alone on one machine."""

    folder: Path
    engine: str
    environment: dict[str, str] = field(default_factory=dict)
    servers: "Servers | None" = None
    kept: list[Kept] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.var, self.door = self.folder / "var", Door(self.folder / "signals", plan.points(self.engine))
        self.web_port = free_port()
        self.listener = Listener()
        self.var.mkdir(exist_ok=True)
        self.proxy = Proxy(self.web_port)
        self.url = f"http://127.0.0.1:{self.proxy.port}/"
        #: What a client's bytes go through.
        self.wire = self.servers.wire if self.servers else self.proxy
        self.full_disk_is_real = self._mount()

    def variables(self) -> dict[str, str]:
        return {
            "STUDIO_VAR": str(self.var),
            "LOG_LEVEL": "WARNING",
            # Small footage goes both ways: the longer camera in parts, the shorter in one piece.
            "MULTIPART_FROM_BYTES": str(8 << 20),
            # The disk that is filled is small, and Studio leaves some of it free.
            "SCRATCH_SPARE_BYTES": str(32 << 20),
            **self.listener.environment,
            **self.environment,
        }

    def start(self) -> None:
        """Studio, as it is shipped, with a door for faults; returns when it answers."""
        if not self.kept:
            self.kept = [Kept(name, argv) for name, argv in programs(self.engine, self.web_port)]
        if self.engine == "services":
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=self._environ(), check=True)
        for kept in self.kept:
            self._launch(kept)
        threading.Thread(target=self._restart_ended, daemon=True).start()
        self.wait_until_it_answers()

    def wait_until_it_answers(self, limit_s: float = 90 * PATIENCE) -> None:
        ends = time.monotonic() + limit_s
        while True:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}/healthz", timeout=5),
            ):
                return
            if time.monotonic() > ends:
                raise TimeoutError(f"Studio did not answer:\n{self.log()}")
            time.sleep(0.1)

    def wires(self) -> list[Proxy]:
        return [self.proxy, *([self.servers.inner, self.servers.wire] if self.servers else [])]

    def fill_disk(self, *, leave: int) -> None:
        """Nothing but `leave` bytes is left on Studio's disk."""
        # Unbuffered: what a buffer could not write, it would try to write again when the file is cut and closed.
        with (self.var / "filler").open("ab", buffering=0) as file:
            with contextlib.suppress(OSError):
                os.posix_fallocate(file.fileno(), file.tell(), shutil.disk_usage(self.var).free)
            with contextlib.suppress(OSError):
                while file.write(bytes(1 << 16)):
                    pass
            file.truncate(max(0, (self.var / "filler").stat().st_size - leave))

    def free_disk(self) -> None:
        (self.var / "filler").unlink(missing_ok=True)

    def processes(self) -> dict[int, str]:
        """pid → command line of each Python program of this Studio."""
        mark = f"CHAOS_FOLDER={self.door.folder}".encode()
        return {pid: line for pid, line, environ in _every_process() if mark in environ and pid != os.getpid()}

    def named(self, *words: str) -> list[int]:
        """Those whose command line has all the words, eldest first."""
        found = [pid for pid, line in self.processes().items() if all(word in line for word in words)]
        return sorted(found, key=_born)

    def tools(self) -> dict[int, str]:
        """pid → command line of each ffmpeg and ffprobe at work on this Studio's files."""
        return {
            pid: line
            for pid, line, _ in _every_process()
            if str(self.folder) in line and Path(line.split(" ")[0]).name in ("ffmpeg", "ffprobe")
        }

    def orphans(self) -> dict[int, str]:
        """Tools whose worker is gone."""
        mine = self.processes()
        return {pid: line for pid, line in self.tools().items() if _parent(pid) not in mine}

    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "programs.log").read_text(errors="replace")[-4000:]
        return ""

    def stop(self) -> None:
        self._stopping.set()
        for kept in self.kept:
            if kept.child is not None and kept.child.poll() is None:
                kept.child.terminate()
        ends = time.monotonic() + 10
        for kept in self.kept:
            if kept.child is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    kept.child.wait(max(0.1, ends - time.monotonic()))
        for pid in [*self.processes(), *self.tools()]:
            kill(pid)
        for kept in self.kept:
            if kept.child is not None:
                kept.child.wait()
        self.proxy.close()
        self.listener.close()
        if self.full_disk_is_real:
            subprocess.run(["umount", "--lazy", str(self.var)], check=False)

    def _mount(self) -> bool:
        """Whether Studio's folder is a disk of its own, which can be filled. Only root can make one."""
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return False
        argv = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(self.var)]
        return subprocess.run(argv, check=False, capture_output=True).returncode == 0

    def _launch(self, kept: Kept) -> None:
        with (self.folder / "programs.log").open("ab") as log:
            kept.child = subprocess.Popen(
                process.launched(kept.argv),
                cwd=ROOT,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environ(self) -> dict[str, str]:
        return os.environ | self.variables() | self.door.environment()

    def _restart_ended(self) -> None:
        while not self._stopping.wait(0.05):
            for kept in self.kept:
                if kept.child is None or kept.child.poll() is None:
                    continue
                kept.ended = kept.ended or time.monotonic()
                if time.monotonic() - kept.ended > RESTART_S and not self._stopping.is_set():
                    kept.ended = 0.0
                    self._launch(kept)


def programs(engine: str, port: int) -> list[tuple[str, tuple[str, ...]]]:
    """What runs, as `make serve` and docker-compose.yml run it."""
    if engine == "sqlite":
        return [("serve", (sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "2"))]
    gunicorn = (sys.executable, "-m", "gunicorn", "--config", "studio/gunicorn.py")
    celery = (sys.executable, "-m", "celery", "--app", "studio", "worker", "--without-mingle", "--without-gossip")
    return [
        ("web", (*gunicorn, "--bind", f"127.0.0.1:{port}", "studio.wsgi:application")),
        ("worker", (*celery, "--queues", "io,cpu", "--concurrency", "2", "--hostname", "worker@%h")),
        ("render", (*celery, "--queues", "render", "--concurrency", "1", "--hostname", "render@%h")),
        ("beat", (*celery, "--beat", "--queues", "housekeeping", "--concurrency", "2", "--hostname", "beat@%h")),
    ]


@dataclass
class Servers:
    """Postgres, Redis and an S3 store of one Studio's own, to be killed. `inner` is the wire between Studio and the store,
    `wire` that between a client and the store."""

    programs: dict[str, tuple[Program, ...]]
    redis_url: str
    environment: dict[str, str]
    inner: Proxy
    wire: Proxy

    def kill(self, name: str) -> None:
        for program in self.programs[name]:
            program.kill()

    def start(self, name: str) -> None:
        for program in self.programs[name]:
            program.launch()
        for program in self.programs[name]:
            program.wait_until_ready()


@contextlib.contextmanager
def real_servers() -> Iterator[Servers]:
    """Raises ServiceMissing."""
    with servers.postgres() as database, servers.redis() as broker, swift.swift() as store:
        port = int(store.endpoint_url.rpartition(":")[2])
        inner, wire = Proxy(port), Proxy(port)
        stores.admin(store).create_bucket(Bucket="studio")
        programs = {"postgres": (database.program,), "redis": (broker.program,), "store": store.programs}
        environment = {
            "DATABASE_URL": database.url,
            "JOB_DISPATCH": "celery",
            "REDIS_URL": broker.url,
            "STORAGE_BACKEND": "s3",
            "S3_BUCKET": "studio",
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{inner.port}",
            "S3_PUBLIC_ENDPOINT_URL": f"http://127.0.0.1:{wire.port}",
            "S3_ACCESS_KEY_ID": store.access_key,
            "S3_SECRET_ACCESS_KEY": store.secret_key,
            "S3_REGION": store.region,
        }
        try:
            yield Servers(programs, broker.url, environment, inner, wire)
        finally:
            inner.close()
            wire.close()


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def gone(pid: int) -> bool:
    """Ended, if only as a zombie that nobody has waited for yet."""
    return _state(pid) in ("", "Z", "X")


def _every_process() -> Iterator[tuple[int, str, bytes]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if line and _state(int(folder.name)) not in ("", "Z", "X"):
                yield int(folder.name), line, (folder / "environ").read_bytes()


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _state(pid: int) -> str:
    return (_stat(pid) or [""])[0]


def _parent(pid: int) -> int:
    return int((_stat(pid) or ["", "0"])[1])


def _born(pid: int) -> int:
    return int((_stat(pid) or ["0"] * 20)[19])
