"""Starting a program so that it dies with the process that started it, within limits and off the network.

`PR_SET_PDEATHSIG` fires when the *thread* that forked ends, not the process: `run` blocks in the calling thread until the
program is gone, so the signal means "the worker died", whichever thread called. The limits are set by a few lines of Python
between fork and exec of the tool (about 15 ms), not by `preexec_fn`, which may deadlock in a process that has threads. They
also take the network away where the system allows it (a namespace without one): `input_guard` refuses addresses already, and
an address that slips through reaches nobody.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

GIB = 1 << 30
#: "online" only where a test checks what else holds programs back.
REACH = "offline"

# argv: parent pid, "offline" or "online", nice, "name=soft" limits joined by commas, then the program and its arguments.
# 0x40000000 is CLONE_NEWNET, which root may ask for; 0x10000000, CLONE_NEWUSER, lets others ask too. Before prctl: a new
# user namespace would forget the signal.
LAUNCHER = """
import ctypes, os, resource, signal, sys, time
parent, reach, nice, limits, *argv = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
if reach == "offline" and hasattr(libc, "unshare"):
    libc.unshare(0x40000000) and libc.unshare(0x50000000)
if hasattr(libc, "prctl") and libc.prctl(1, signal.SIGKILL, 0, 0, 0):
    sys.exit("prctl failed")
if os.getppid() != int(parent):
    os.kill(os.getpid(), signal.SIGKILL)
os.nice(int(nice))
# Linux shares processors among sessions before it looks at the niceness of their programs, and this one has a session of
# its own: so that is made as nice as can be, for people who click wait for what it takes. Refused for a tenth of a second after
# another program did the same.
for _ in range(5 if int(nice) else 0):
    try:
        with open("/proc/self/autogroup", "w") as group:
            group.write("19")
        break
    except BlockingIOError:
        time.sleep(0.1)
    except OSError:
        break
for limit in limits.split(","):
    name, value = limit.split("=")
    which, hard = getattr(resource, "RLIMIT_" + name), int(value)
    ceiling = resource.getrlimit(which)[1]
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    # Two seconds lie between the signal of the limit, which tells itself from others, and the one that ends all.
    resource.setrlimit(which, (hard - 2 if name == "CPU" and hard > 2 else hard, hard))
os.execvpe(argv[0], argv, os.environ)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: CPU seconds, bytes per written file, bytes of address space, open files; and its niceness, that of
    the settings unless a person waits for it."""

    cpu_s: int = 24 * 3600
    file_bytes: int = 1 << 41
    memory_bytes: int = 8 * GIB
    open_files: int = 256
    nice: int | None = None

    def launcher_argument(self) -> str:
        return f"CPU={self.cpu_s},FSIZE={self.file_bytes},AS={self.memory_bytes},NOFILE={self.open_files},CORE=0"


@contextlib.contextmanager
def spawn(
    argv: list[str], limits: Limits, inherited: tuple[int, ...], cwd: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    nice = settings.PROGRAM_NICENESS if limits.nice is None else limits.nice
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER]
    launcher += [str(os.getpid()), REACH, str(nice), limits.launcher_argument(), *argv]
    child = subprocess.Popen(
        launcher,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=inherited,
        start_new_session=True,
        env=_environment(),
        cwd=cwd,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            signal_group(child, signal.SIGKILL)
        child.wait()
        for stream in (child.stdout, child.stderr):
            if stream:
                stream.close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    # Arenas: each takes 64 MiB of the address space that the limit counts, used or not.
    plain = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1", "MALLOC_ARENA_MAX": "4"}
    return {"PATH": os.defpath} | plain | kept


def signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def die_with_parent() -> None:
    """From now on this process ends, by SIGKILL, when the one that forked it does."""
    parent, libc = os.getppid(), ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def launched(argv: Sequence[str]) -> list[str]:
    """`argv` behind the launcher, unlimited but tied to this process's life."""
    return [sys.executable, "-I", "-S", "-c", LAUNCHER, str(os.getpid()), "online", "0", "CORE=0", *argv]
