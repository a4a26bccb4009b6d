"""Real servers for the tests, each in a folder of its own on a free port, gone when its context ends.

Used by the fixtures of `tests/services/fixtures.py`, and by anything else that needs one for a while. Each raises
`ServiceMissing`, saying what to install, when its program is not there.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60


class ServiceMissing(RuntimeError):
    """A server's program is not on this machine, or would not start."""


@dataclass(frozen=True, slots=True)
class Redis:
    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Postgres:
    """`url` names the database "studio" of the superuser "studio", who may make others beside it."""

    url: str
    pid: int


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    program = shutil.which("redis-server") or missing("redis-server", "apt-get install redis-server")
    with tempfile.TemporaryDirectory(prefix="studio-redis-") as folder:
        port = free_port()
        command = [
            program,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with running(command, Path(folder, "redis.log")) as process:
            wait_until(lambda: accepts(port), process, Path(folder, "redis.log"))
            yield Redis(f"redis://127.0.0.1:{port}/0", process.pid)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """PostgreSQL refuses to run as root: then it runs as the account that its package has made."""
    programs = postgres_programs()
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="studio-postgres-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data, log = folder / "data", folder / "postgres.log"
        # No fsync: a test's database dies with the test.
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "studio", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            **as_account(account),
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServiceMissing(f"initdb failed: {made.stderr.strip()}")
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 200,
        }
        command = [
            programs / "postgres",
            "-D",
            data,
            "-p",
            port,
            *(f"-c{key}={value}" for key, value in options.items()),
        ]
        with running(command, log, account, stop=signal.SIGINT) as process:
            wait_until(lambda: ready_for_queries(programs, port), process, log)
            subprocess.run(
                [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "studio", "studio"],
                check=True,
                capture_output=True,
            )
            yield Postgres(f"postgres://studio@127.0.0.1:{port}/studio", process.pid)


def postgres_programs() -> Path:
    """The newest server's programs: Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    program = found[-1] if found else Path(on_path) if on_path else None
    return program.parent if program else missing("postgres", "apt-get install postgresql")


def ready_for_queries(programs: Path, port: int) -> bool:
    asked = subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
    return asked.returncode == 0


@contextlib.contextmanager
def running(
    command: Sequence[object],
    log: Path,
    account: pwd.struct_passwd | None = None,
    *,
    stop: int = signal.SIGTERM,
    **more,
) -> Iterator[subprocess.Popen]:
    """A program in a process group of its own, stopped at the end, the whole group killed if it does not go."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **as_account(account),
            **more,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def as_account(account: pwd.struct_passwd | None) -> dict:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"} if account else {}


def wait_until(ready: Callable[[], bool], process: subprocess.Popen, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > limit:
            tail = log.read_text(errors="replace")[-2000:]
            raise ServiceMissing(f"{process.args[0]} did not start:\n{tail}")
        time.sleep(0.05)


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    """A port that was free a moment ago: a server that loses the race for it fails to start, visibly."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def missing(program: str, remedy: str):
    raise ServiceMissing(
        f"{program} is not on this machine: {remedy}. (Python {sys.version_info.major}.{sys.version_info.minor})"
    )
