"""One program, run to its end: its pipes are read as it writes, its logs are bounded, and a cancel stops it."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from media_app.core.time.progress import Progress, ProgressParser
from media_app.process.errors import ToolFailed, ToolMissing, ToolStalled
from media_app.process.launch import Limits, signal_group, spawn
from media_app.process.logs import Log
from media_app.process.observe import notify_observer
from media_app.process.watch import Control, Watch

POLL_S = 0.1
#: A program that writes little at a time (ffprobe: a line per packet) is read in larger bites: waking up for each costs half
#: of the time.
SIP, GATHER_S = 4096, 0.002


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ended with exit code 0: its exact arguments, seconds it took, last lines of its stderr."""

    argv: tuple[str, ...]
    wall_s: float
    stderr_tail: str


@dataclass(frozen=True, slots=True)
class ProgressPipe:
    """Ends of a pipe that the program's arguments name by the number of `write`; what arrives is parsed as ffmpeg's
    `-progress`. Both ends are closed by `run`."""

    read: int
    write: int
    on_progress: Callable[[Progress], None] | None = None


def run(
    argv: Sequence[str],
    control: Control | None = None,
    *,
    limits: Limits | None = None,
    on_stdout: Callable[[bytes], None] | None = None,
    progress: ProgressPipe | None = None,
    cwd: Path | None = None,
) -> Finished:
    """Run `argv` to its end; memory stays flat whatever it writes.

    `on_stdout` gets stdout in blocks as they come; else it goes to the log. Log files are appended to, `argv` first, each
    capped at 5 MiB and then closed by the last 64 KiB.

    Raises ToolMissing, Cancelled (the group is gone within 2 s of `cancelled()` turning true), ToolStalled, ToolFailed.
    An exception from a hook stops the program and passes through.
    """
    argv, control = [str(part) for part in argv], control or Control()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        ends = stack.enter_context(_PipeEnds(progress))
        if shutil.which(argv[0]) is None:
            raise ToolMissing(f"The program {argv[0]} is not installed on this machine; run `make setup`.")
        notify_observer(argv)
        out = stack.enter_context(Log(None if on_stdout else control.logs, "stdout.log", argv))
        err = stack.enter_context(Log(control.logs, "stderr.log", argv))
        child = stack.enter_context(spawn(argv, limits or Limits(), (progress.write,) if progress else (), cwd))
        ends.close_write()
        watch = Watch(child, control)
        assert child.stdout
        assert child.stderr
        sinks: dict[IO[bytes] | int, Callable[[bytes], None]] = {
            child.stdout: _watched(on_stdout or out.write, watch),
            child.stderr: err.write,
        }
        if progress:
            sinks[progress.read] = _progress_sink(progress, watch)
        _pump(child, sinks, watch)
        exit_code = child.wait()
        if watch.stalled:
            raise ToolStalled(argv, exit_code, err.tail(), f"made no progress for {watch.stall_s:g} s")
        if exit_code:
            raise ToolFailed(argv, exit_code, err.tail())
        return Finished(tuple(argv), time.monotonic() - started, err.tail())


def _watched(sink: Callable[[bytes], None], watch: Watch) -> Callable[[bytes], None]:
    """The sink, for a program whose output is progress."""

    def feed(data: bytes) -> None:
        sink(data)
        watch.clock.progressed()

    return feed


def _progress_sink(pipe: ProgressPipe, watch: Watch) -> Callable[[bytes], None]:
    parser = ProgressParser()

    def feed(data: bytes) -> None:
        for block in parser.feed(data):
            watch.advanced_to(block)
            if pipe.on_progress:
                pipe.on_progress(block)

    return feed


def _pump(
    child: subprocess.Popen[bytes], sinks: dict[IO[bytes] | int, Callable[[bytes], None]], watch: "Watch"
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
                signal_group(child, signal.SIGKILL)
                break
            if not ended:
                watch.check()
    while True:
        try:
            child.wait(POLL_S)
            return
        except subprocess.TimeoutExpired:
            watch.check()


class _PipeEnds:
    """Closes each end once: a number that is closed twice may by then belong to another thread's file."""

    def __init__(self, pipe: ProgressPipe | None) -> None:
        self._open = [pipe.read, pipe.write] if pipe else []

    def __enter__(self) -> "_PipeEnds":
        return self

    def __exit__(self, *exc: object) -> None:
        while self._open:
            os.close(self._open.pop())

    def close_write(self) -> None:
        if len(self._open) == 2:
            os.close(self._open.pop())
