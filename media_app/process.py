"""The only room that starts a program.

Each program runs in its own process group, niced, with a clean environment and resource limits, and dies with the
worker that started it. That last promise uses `PR_SET_PDEATHSIG`, which fires when the *thread* that forked ends, not
the process. `run` blocks in the calling thread until the program is gone, so the thread always outlives the program
and the signal means "the worker died", whichever thread called. The limits are set by a few lines of Python between
fork and exec of the tool (about 15 ms), not by `preexec_fn`, which may deadlock in a process that has threads. They also
take the network away where the system lets them (a namespace without one): the whitelists of `input_guard` refuse to
open an address, and should one ever be found that they miss, nobody answers.
"""

import contextlib
import ctypes
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeVar

from media_app.core.ffmpeg import input_guard, memory_for
from media_app.core.probe import NotMedia, SourceDamaged, refuse_by_first_bytes
from media_app.core.progress import Progress, ProgressParser
from sessions_app.errors import StudioError

GIB = 1 << 30
LOG_CAP = 5 << 20
TAIL_BYTES = 64 << 10
TERM_GRACE_S = 5.0
CANCEL_GRACE_S = 1.0
POLL_S = 0.1
#: Of a program that says little at a time, such as ffprobe with its line per packet, more is waited for: else half of the
#: time goes into waking up.
SIP, GATHER_S = 4096, 0.002
#: A program that ran for so long was all right: that it ended is news, and it starts again at once.
STEADY_S = 20.0
JSON_CAP = 32 << 20
LOOKING_S = 60.0
#: Whether programs are taken off the network; "online" where a test wants to see what else holds them back.
REACH = "offline"

First = TypeVar("First")
Second = TypeVar("Second")

_MP4_BEGINNINGS = frozenset({b"ftyp", b"mdat", b"free", b"skip", b"wide", b"moov", b"pnot"})

# argv: parent pid, "offline" or "online", nice, "name=soft" limits joined by commas, then the program and its arguments.
# 0x40000000 is CLONE_NEWNET, which root may ask for; 0x10000000, CLONE_NEWUSER, lets others ask too. Before prctl: a new
# user namespace would forget the signal.
_LAUNCHER = """
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
    resource.setrlimit(which, (hard, hard))
os.execvpe(argv[0], argv, os.environ)
"""


_observer: ContextVar[Callable[[Sequence[str]], None] | None] = ContextVar("observer", default=None)


@contextlib.contextmanager
def observed(on_start: Callable[[Sequence[str]], None]) -> Iterator[None]:
    """Inside, `on_start` is told the arguments of each program just before it starts, whoever starts it in this thread."""
    token = _observer.set(on_start)
    try:
        yield
    finally:
        _observer.reset(token)


def together(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Both, `second` in a thread of its own. What `first` raises goes before what `second` does, and neither is left running.

    Whoever observes hears of `second`'s programs when they have ended: in this thread, the only one that has his database.
    """
    observer, ran = _observer.get(), list[Sequence[str]]()
    context = copy_context()
    context.run(_observer.set, ran.append)
    try:
        with ThreadPoolExecutor(1) as beside:
            other = beside.submit(context.run, second)
            mine = first()
        return mine, other.result()
    finally:
        if observer:
            for argv in ran:
                observer(argv)


class ToolMissing(StudioError):
    """A program that Studio needs is not installed."""

    code = "tool_missing"
    status = 500


class Cancelled(StudioError):
    """Somebody stopped the work."""

    code = "cancelled"
    status = 409


class ToolFailed(StudioError):
    """A program ended with an error, was killed by a limit, or made no progress.

    `argv`, `exit_code` (negative: the signal that killed it) and `stderr_tail`, its last lines.
    """

    code = "tool_failed"
    status = 500

    def __init__(self, argv: Sequence[str], exit_code: int, stderr_tail: str, reason: str = "") -> None:
        self.argv = tuple(argv)
        self.exit_code = exit_code
        self.stderr_tail = stderr_tail
        self.reason = reason or _reason(exit_code)
        last = stderr_tail.strip().splitlines()[-1:] or ["It wrote no message."]
        super().__init__(f"{Path(argv[0]).name} {self.reason}: {last[0][:300]}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: CPU seconds, bytes per written file, bytes of address space, open files, niceness."""

    cpu_s: int = 24 * 3600
    file_bytes: int = 1 << 41
    memory_bytes: int = 8 * GIB
    open_files: int = 256
    nice: int = 10

    def launcher_argument(self) -> str:
        return f"CPU={self.cpu_s},FSIZE={self.file_bytes},AS={self.memory_bytes},NOFILE={self.open_files},CORE=0"


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ended with exit code 0: its exact arguments, seconds it took, last lines of its stderr."""

    argv: tuple[str, ...]
    wall_s: float
    stderr_tail: str


def run(
    argv: Sequence[str],
    *,
    on_stdout: Callable[[bytes], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress_pipe: tuple[int, int] | None = None,
    timeout: float | None = None,
    stall_timeout: float | None = None,
    limits: Limits | None = None,
    cancelled: Callable[[], bool] | None = None,
    stdout_path: Path | None = None,
    stderr_path: Path | None = None,
    cwd: Path | None = None,
) -> Finished:
    """Run `argv` to its end; memory stays flat whatever it writes.

    `on_stdout` gets stdout in pieces as they come; else it goes to `stdout_path` (nothing: thrown away). Both log
    files are appended to, `argv` first, each capped at 5 MiB and then closed by the last 64 KiB.
    `progress_pipe`: (read, write) ends of a pipe named in argv by the number of its write end; what arrives is parsed
    as ffmpeg's `-progress`, and `stall_timeout` counts seconds in which its time did not advance. Both ends are
    closed here.

    Raises ToolMissing, Cancelled (the group is gone within 2 s of `cancelled()` turning true), ToolFailed.
    An exception from a hook stops the program and passes through.
    """
    argv = [str(part) for part in argv]
    limits = limits or Limits()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        ends = stack.enter_context(_PipeEnds(progress_pipe))
        if shutil.which(argv[0]) is None:
            raise ToolMissing(f"The program {argv[0]} is not installed on this machine; run `make setup`.")
        if tell := _observer.get():
            tell(argv)
        out = stack.enter_context(_Log(stdout_path, argv))
        err = stack.enter_context(_Log(stderr_path, argv))
        child = stack.enter_context(_spawn(argv, limits, progress_pipe, cwd))
        ends.close_write()
        watch = _Watch(child, timeout, stall_timeout, cancelled, started)
        parser = ProgressParser()

        def on_progress_bytes(data: bytes) -> None:
            for block in parser.feed(data):
                watch.advanced_to(block)
                if on_progress:
                    on_progress(block)

        sinks: dict[IO[bytes] | int, Callable[[bytes], None]] = {}
        assert child.stdout
        assert child.stderr
        sinks[child.stdout] = on_stdout or out.write
        sinks[child.stderr] = err.write
        if progress_pipe:
            sinks[progress_pipe[0]] = on_progress_bytes
        _pump(child, sinks, watch)
        exit_code = child.wait()
        if watch.reason:
            raise ToolFailed(argv, exit_code, err.tail(), watch.reason)
        if exit_code:
            raise ToolFailed(argv, exit_code, err.tail())
        return Finished(tuple(argv), time.monotonic() - started, err.tail())


def ffmpeg(
    args: Sequence[str],
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
    timeout: float | None = None,
    stall_timeout: float | None = 120.0,
    limits: Limits | None = None,
    cwd: Path | None = None,
    damage_ok: bool = False,
) -> Finished:
    """Run ffmpeg with `args` (from `media_app.core.ffmpeg`, without the program's name).

    `logs`: a directory in which stdout.log and stderr.log grow. Progress comes through a pipe of its own. Anything that
    cannot be read or decoded is an error, for ffmpeg itself would end well with what it had; `damage_ok` is for a camera's
    original, of which the rest is worth having, and its caller compares what came out with what went in. Raises as `run`.
    """
    read, write = os.pipe()
    argv = ["ffmpeg", "-hide_banner", "-nostdin", "-y", "-v", "warning", "-nostats"]
    argv += [] if damage_ok else ["-xerror"]
    argv += ["-stats_period", "0.25", "-progress", f"pipe:{write}", *args]
    return run(
        argv,
        on_progress=on_progress,
        progress_pipe=(read, write),
        timeout=timeout,
        stall_timeout=stall_timeout,
        limits=limits,
        cancelled=cancelled,
        stdout_path=logs and logs / "stdout.log",
        stderr_path=logs and logs / "stderr.log",
        cwd=cwd,
    )


def ffprobe(
    path: Path,
    *,
    entries: Sequence[str] = ("-show_format", "-show_streams"),
    timeout: float | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> dict[str, Any]:
    """What ffprobe says of `path`, as parsed JSON. Raises as `run`; ToolFailed also when its answer is no JSON."""
    answer = bytearray()

    def collect(data: bytes) -> None:
        answer.extend(data)
        if len(answer) > JSON_CAP:
            raise ToolFailed(argv, 0, "The description of the file is longer than 32 MiB.")

    argv = ["ffprobe", "-hide_banner", "-v", "error", "-of", "json", *entries, *input_guard(path, ffprobe=True)]
    finished = run(
        argv,
        on_stdout=collect,
        timeout=LOOKING_S if timeout is None else timeout,
        limits=_looking(path),
        cancelled=cancelled,
        stderr_path=logs and logs / "stderr.log",
    )
    try:
        return dict(json.loads(answer.decode("utf-8", "replace")))
    except ValueError:
        raise ToolFailed(argv, 0, finished.stderr_tail, "gave no readable answer") from None


def probe_file(path: Path, *, cancelled: Callable[[], bool] | None = None, logs: Path | None = None) -> dict[str, Any]:
    """`ffprobe` for a file that somebody gave us: what it is not is said in words.

    Raises NotUsable types (EmptyFile, StillImage, NotMedia, SourceDamaged), OSError when there is no such file.
    """
    with path.open("rb") as file:
        head = file.read(64)
        refuse_by_first_bytes(head, os.fstat(file.fileno()).st_size)
    try:
        return ffprobe(path, cancelled=cancelled, logs=logs)
    except ToolFailed as error:
        raise _not_media(error, head) from error


def _not_media(error: ToolFailed, head: bytes) -> StudioError:
    if "moov atom not found" in error.stderr_tail and head[4:8] in _MP4_BEGINNINGS:
        return SourceDamaged(
            "The end of the file is missing: MP4 and MOV keep their index there. Copy it again from the card, or let "
            "the camera repair it."
        )
    # A positive code is its own verdict, the signals are those of a program that broke on what it read.
    if error.exit_code > 0 or error.exit_code in (-4, -6, -7, -8, -11):
        return NotMedia("This is no video or sound file that can be read here. Upload the recording itself.")
    return error


def ffprobe_packets(
    path: Path,
    on_stdout: Callable[[bytes], None],
    *,
    select: str | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> Finished:
    """Stream one text line per packet of `path`: `stream_index|pts|dts|duration|flags[|side data]`, in file order.

    It may take a minute, and a second for every MB: the slowest disk is quicker, and a file that makes the reader turn in
    circles is not. Raises as `run`.
    """
    argv = ["ffprobe", "-hide_banner", "-v", "error", "-of", "compact=p=0:nk=1"]
    argv += ["-show_entries", "packet=stream_index,pts,dts,duration,flags:packet_side_data=skip_samples"]
    argv += ["-select_streams", select] if select else []
    argv += input_guard(path, ffprobe=True)
    return run(
        argv,
        on_stdout=on_stdout,
        timeout=LOOKING_S + path.stat().st_size / 1e6,
        limits=replace(_looking(path), cpu_s=Limits().cpu_s),
        cancelled=cancelled,
        stderr_path=logs and logs / "stderr.log",
    )


def _looking(path: Path) -> Limits:
    """What ffprobe may use to look at a file."""
    return Limits(cpu_s=50, file_bytes=0, memory_bytes=memory_for(0, path.stat().st_size, cores()), nice=0)


def cores() -> int:
    """Processors that this process may run on, and with which ffmpeg counts its threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _spawn(
    argv: list[str], limits: Limits, progress_pipe: tuple[int, int] | None, cwd: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER]
    launcher += [str(os.getpid()), REACH, str(limits.nice), limits.launcher_argument(), *argv]
    child = subprocess.Popen(
        launcher,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(progress_pipe[1],) if progress_pipe else (),
        start_new_session=True,
        env=_environment(),
        cwd=cwd,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            _signal_group(child, signal.SIGKILL)
        child.wait()
        for stream in (child.stdout, child.stderr):
            if stream:
                stream.close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    # Arenas: each takes 64 MiB of the address space that the limit counts, used or not.
    plain = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1", "MALLOC_ARENA_MAX": "4"}
    return {"PATH": os.defpath} | plain | kept


def _pump(
    child: subprocess.Popen[bytes], sinks: dict[IO[bytes] | int, Callable[[bytes], None]], watch: "_Watch"
) -> None:
    """Carry bytes from the pipes to their sinks until the program is gone, stopping it when `watch` says so."""
    with selectors.DefaultSelector() as selector:
        for source, sink in sinks.items():
            selector.register(source, selectors.EVENT_READ, sink)
        while selector.get_map():
            ended = child.poll() is not None
            ready = selector.select(0 if ended else POLL_S)
            gathered = 0
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                gathered += len(data)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
            if 0 < gathered < SIP:
                time.sleep(GATHER_S)
            # A grandchild may hold the pipes open after the program itself has ended.
            if ended and not ready:
                _signal_group(child, signal.SIGKILL)
                break
            if not ended:
                watch.check()
    while True:
        try:
            child.wait(POLL_S)
            return
        except subprocess.TimeoutExpired:
            watch.check()


class _Watch:
    """Decides when a program must stop, and stops it: TERM to its group, then KILL."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        timeout: float | None,
        stall_timeout: float | None,
        cancelled: Callable[[], bool] | None,
        started: float,
    ) -> None:
        self.child = child
        self.timeout = timeout
        self.stall_timeout = stall_timeout
        self.cancelled = cancelled
        self.started = started
        self.advanced = started
        self.seconds = -1.0
        self.kill_at: float | None = None
        self.reason = ""

    def advanced_to(self, block: Progress) -> None:
        if block.seconds > self.seconds or block.done:
            self.seconds = block.seconds
            self.advanced = time.monotonic()

    def check(self) -> None:
        now = time.monotonic()
        if self.kill_at is not None:
            if now >= self.kill_at:
                _signal_group(self.child, signal.SIGKILL)
            return
        if self.cancelled and self.cancelled():
            self._stop_for_cancel()
        if self.timeout is not None and now - self.started > self.timeout:
            self._stop(f"was stopped after {self.timeout:g} s, its time limit")
        elif self.stall_timeout is not None and now - self.advanced > self.stall_timeout:
            self._stop(f"was stopped after {self.stall_timeout:g} s without progress")

    def _stop(self, reason: str) -> None:
        self.reason = reason
        self.kill_at = time.monotonic() + TERM_GRACE_S
        _signal_group(self.child, signal.SIGTERM)

    def _stop_for_cancel(self) -> None:
        _signal_group(self.child, signal.SIGTERM)
        try:
            self.child.wait(CANCEL_GRACE_S)
        except subprocess.TimeoutExpired:
            _signal_group(self.child, signal.SIGKILL)
            self.child.wait()
        raise Cancelled("The work was cancelled; nothing of it was kept.")


class _Log:
    """A log file that cannot fill the disk: the first 5 MiB, then only what came last."""

    def __init__(self, path: Path | None, argv: Sequence[str]) -> None:
        self._file = path.open("ab") if path else None
        self._left = max(0, LOG_CAP - self._file.tell()) if self._file else 0
        self._recent: deque[bytes] = deque()
        self._recent_bytes = 0
        self._skipped = 0
        if self._file:
            self._file.write(("$ " + " ".join(argv) + "\n").encode("utf-8", "backslashreplace"))
            self._file.flush()

    def __enter__(self) -> "_Log":
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file:
            if self._skipped:
                self._file.write(b"\n[... the middle of this log was left out ...]\n" + self._joined())
            self._file.close()

    def write(self, data: bytes) -> None:
        if self._file and self._left > 0:
            self._file.write(data[: self._left])
            self._file.flush()
        self._skipped += max(0, len(data) - self._left)
        self._left = max(0, self._left - len(data))
        self._recent.append(data)
        self._recent_bytes += len(data)
        while self._recent_bytes - len(self._recent[0]) >= TAIL_BYTES:
            self._recent_bytes -= len(self._recent.popleft())

    def tail(self) -> str:
        """The last 4,000 bytes as text."""
        return self._joined()[-4000:].decode("utf-8", "replace")

    def _joined(self) -> bytes:
        return b"".join(self._recent)[-TAIL_BYTES:]


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


class _PipeEnds:
    """Closes each end once: a number that is closed twice may by then belong to another thread's file."""

    def __init__(self, ends: tuple[int, int] | None) -> None:
        self._open = list(ends or ())

    def __enter__(self) -> "_PipeEnds":
        return self

    def __exit__(self, *exc: object) -> None:
        while self._open:
            os.close(self._open.pop())

    def close_write(self) -> None:
        if len(self._open) == 2:
            os.close(self._open.pop())


def _reason(exit_code: int) -> str:
    if exit_code == -signal.SIGXCPU or exit_code == -signal.SIGKILL:
        return "was killed, by a limit or by the system"
    if exit_code == -signal.SIGXFSZ:
        return "wrote more than it may"
    if exit_code < 0:
        return f"was killed by signal {-exit_code}"
    return f"failed with exit code {exit_code}"


def die_with_parent() -> None:
    """From now on this process ends, by SIGKILL, when the one that forked it does."""
    parent, libc = os.getppid(), ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Service:
    """A program beside others: its name in the log, and its arguments. With `once` it may end well and stay ended."""

    name: str
    argv: tuple[str, ...]
    once: bool = False


def keep_running(
    services: Sequence[Service], stopped: Callable[[], bool], *, log: Callable[[str], None], grace_s: float = 20.0
) -> None:
    """Run `services` until `stopped()`, or until all have ended well that may: one that ends otherwise is started again,
    later each time it does so soon. They die with this process; at the end all get SIGTERM, and after `grace_s` SIGKILL."""
    children: dict[str, subprocess.Popen[bytes]] = {}
    due = {service.name: 0.0 for service in services}
    delay = {service.name: 1.0 for service in services}
    began = {service.name: 0.0 for service in services}
    while not stopped():
        now = time.monotonic()
        for service in services:
            child = children.get(service.name)
            if child is None and now >= due[service.name]:
                children[service.name] = subprocess.Popen(launched(service.argv), start_new_session=True)
                began[service.name] = now
            elif child is not None and child.poll() is not None and not _ended_well(service, child):
                if now - began[service.name] > STEADY_S:
                    delay[service.name] = 1.0
                log(f"{service.name} ended with {child.returncode}; again in {delay[service.name]:.0f} s")
                due[service.name] = now + delay[service.name]
                delay[service.name] = min(30.0, delay[service.name] * 2)
                del children[service.name]
        if all(service.name in children and _ended_well(service, children[service.name]) for service in services):
            return
        time.sleep(POLL_S)
    for child in children.values():
        child.terminate()
    ends = time.monotonic() + grace_s
    for child in children.values():
        try:
            child.wait(max(0.1, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal_group(child, signal.SIGKILL)


def _ended_well(service: Service, child: "subprocess.Popen[bytes]") -> bool:
    return service.once and child.poll() == 0


def launched(argv: Sequence[str]) -> list[str]:
    """`argv` behind the launcher, unlimited but tied to this process's life."""
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), "online", "0", "CORE=0", *argv]
