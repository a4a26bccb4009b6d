"""Real servers for the tests, each in a folder of its own on a free port, gone when its context ends.

Used by the fixtures of `tests/services/fixtures.py`, and by anything else that needs one for a while. Each raises
`ServiceMissing`, saying what to install, when its program is not there.
"""

import contextlib
import functools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

START_SECONDS = 60
#: Below those that the system gives away.
PORTS = (16_000, 32_000)
#: One for each port of this process, for as long as it lives.
_held: list[socket.socket] = []


class ServiceMissing(RuntimeError):
    """A server's program is not on this machine, or would not start."""


class Program:
    """One server process in a process group of its own: started and awaited, stopped, killed, and started again."""

    def __init__(
        self,
        command: Sequence[object],
        log: Path,
        ready: Callable[[], bool],
        *,
        account: pwd.struct_passwd | None = None,
        stop_signal: int = signal.SIGTERM,
        **more,
    ) -> None:
        self.command = [str(word) for word in command]
        self.log = log
        self.ready = ready
        self.stop_signal = stop_signal
        self.more = {**more, **as_account(account)}
        self.process: subprocess.Popen | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    def launch(self) -> None:
        """Start it, and do not wait."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.more,
            )

    def wait_until_ready(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise ServiceMissing(
                    f"{self.command[0]} did not start:\n{self.log.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.05)

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def kill(self) -> None:
        """kill -9, as a power cut would, of the process and all that it has started in its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(self.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()

    def __enter__(self) -> "Program":
        self.launch()
        return self

    def __exit__(self, *error) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class Redis:
    url: str
    program: Program


@dataclass(frozen=True, slots=True)
class Postgres:
    """`url` names the database "studio" of the superuser "studio", who may make others next to it."""

    url: str
    program: Program


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    """Redis without any persistence: what it held is lost when it is killed."""
    server = shutil.which("redis-server") or missing("redis-server", "apt-get install redis-server")
    with tempfile.TemporaryDirectory(prefix="studio-redis-") as folder:
        port = free_port()
        command = [server, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
        with Program(command, Path(folder, "redis.log"), lambda: accepts(port)) as program:
            program.wait_until_ready()
            yield Redis(f"redis://127.0.0.1:{port}/0", program)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """PostgreSQL refuses to run as root: then it runs as the account that its package has made.

    It syncs nothing to the disk: its data outlive a killed server, not a power cut.
    """
    programs = postgres_programs()
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="studio-postgres-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        run(
            [
                programs / "initdb",
                "-D",
                folder / "data",
                "-U",
                "studio",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            **as_account(account),
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 200,
        }
        command = [
            programs / "postgres",
            *("-D", folder / "data", "-p", port),
            *(f"-c{key}={value}" for key, value in options.items()),
        ]
        answers = functools.partial(ready_for_queries, programs, port)
        log = folder / "postgres.log"
        with Program(command, log, answers, account=account, stop_signal=signal.SIGINT) as program:
            program.wait_until_ready()
            run([programs / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "studio", "studio"])
            yield Postgres(f"postgres://studio@127.0.0.1:{port}/studio", program)


def postgres_programs() -> Path:
    """The newest server's programs: Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    program = found[-1] if found else Path(on_path) if on_path else None
    return program.parent if program else missing("postgres", "apt-get install postgresql")


def ready_for_queries(programs: Path, port: int) -> bool:
    asked = subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
    return asked.returncode == 0


def run(command: Sequence[object], **more) -> None:
    """A step on the way to a server. Raises ServiceMissing with what it complains of."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise ServiceMissing(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")


def as_account(account: pwd.struct_passwd | None) -> dict:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"} if account else {}


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    """A port for a server that starts a while later, which nobody else takes meanwhile.

    The system gives none of these to who asks for any port, and another process of the tests finds its number held: by a socket
    of UDP, which is in no server's way.
    """
    while True:
        port = random.randrange(*PORTS)
        held = socket.socket(type=socket.SOCK_DGRAM)
        try:
            held.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        _held.append(held)
        return port


def missing(program: str, remedy: str) -> NoReturn:
    raise ServiceMissing(f"{program} is not on this machine: {remedy}.")
