"""When a running program must stop: cancel, time limit, no progress."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media_app.core.time.progress import Progress
from media_app.process.errors import Cancelled
from media_app.process.launch import signal_group

TERM_GRACE_S = 5.0
CANCEL_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Control:
    """How a program is supervised: stopped when `cancelled()` turns true, after `timeout` seconds, or after `stall_timeout`
    seconds without progress where it reports any, and without growth of the files in `outputs`: a minute of one still picture
    is encoded between two reports. stdout.log and stderr.log grow in the folder `logs`."""

    cancelled: Callable[[], bool] | None = None
    logs: Path | None = None
    timeout: float | None = None
    stall_timeout: float | None = None
    outputs: Path | None = None


class Watch:
    """Decides when a program must stop, and stops it: TERM to its group, then KILL."""

    def __init__(self, child: subprocess.Popen[bytes], control: Control, started: float) -> None:
        self.child = child
        self.control = control
        self.started = started
        self.advanced = started
        self.seconds = -1.0
        self.written = 0
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
                signal_group(self.child, signal.SIGKILL)
            return
        if self.control.cancelled and self.control.cancelled():
            self._stop_for_cancel()
        timeout, stall = self.control.timeout, self.control.stall_timeout
        if timeout is not None and now - self.started > timeout:
            self._stop(f"was stopped after {timeout:g} s, its time limit")
        elif stall is not None and now - self.advanced > stall and not self._has_written():
            self._stop(f"was stopped after {stall:g} s without progress")

    def _has_written(self) -> bool:
        """Whether the outputs have grown since this was last asked."""
        before, self.written = self.written, _bytes_in(self.control.outputs)
        if self.written > before:
            self.advanced = time.monotonic()
        return self.written > before

    def _stop(self, reason: str) -> None:
        self.reason = reason
        self.kill_at = time.monotonic() + TERM_GRACE_S
        signal_group(self.child, signal.SIGTERM)

    def _stop_for_cancel(self) -> None:
        signal_group(self.child, signal.SIGTERM)
        try:
            self.child.wait(CANCEL_GRACE_S)
        except subprocess.TimeoutExpired:
            signal_group(self.child, signal.SIGKILL)
            self.child.wait()
        raise Cancelled("The work was canceled; nothing of it was kept.")


def _bytes_in(folder: Path | None) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) if folder else 0
