"""When a running program must stop: cancel, or no progress."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media_app.core.time.progress import Progress
from media_app.core.time.stall import StallClock
from media_app.process.activity import look_at
from media_app.process.errors import Cancelled
from media_app.process.launch import signal_group

TERM_GRACE_S = 5.0
CANCEL_GRACE_S = 1.0
#: Without progress for so long, a program is stopped, and the file that it was given is to blame. Ours alone and never a wall
#: clock's: see `StallClock`. With the grace it is gone within 30 s.
STALL_S = 20.0
LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Control:
    """How a program is supervised: stopped when `cancelled()` turns true, or after `stall_s` seconds in which it could have got
    on and neither reported progress, nor wrote to stdout, nor came further in a file. stdout.log and stderr.log grow in the
    folder `logs`."""

    cancelled: Callable[[], bool] | None = None
    logs: Path | None = None
    stall_s: float | None = None


class Watch:
    """Decides when a program must stop, and stops it: TERM to its group, then KILL."""

    def __init__(self, child: subprocess.Popen[bytes], control: Control) -> None:
        self.child = child
        self.control = control
        self.clock = StallClock()
        self.stall_s = STALL_S if control.stall_s is None else control.stall_s
        self.seconds = -1.0
        self.next_look = 0.0
        self.kill_at: float | None = None

    @property
    def stalled(self) -> bool:
        """Whether it was stopped for lack of progress."""
        return self.kill_at is not None

    def advanced_to(self, block: Progress) -> None:
        if block.seconds > self.seconds or block.done:
            self.seconds = block.seconds
            self.clock.progressed()

    def check(self) -> None:
        now = time.monotonic()
        if self.kill_at is not None:
            if now >= self.kill_at:
                signal_group(self.child, signal.SIGKILL)
            return
        if self.control.cancelled and self.control.cancelled():
            self._stop_for_cancel()
        if now >= self.next_look:
            self.next_look = now + LOOK_S
            self.clock.look(look_at(self.child.pid))
            if self.clock.seconds > self.stall_s:
                self._stop()

    def _stop(self) -> None:
        self.kill_at = time.monotonic() + TERM_GRACE_S
        signal_group(self.child, signal.SIGTERM)

    def _stop_for_cancel(self) -> None:
        signal_group(self.child, signal.SIGTERM)
        try:
            self.child.wait(CANCEL_GRACE_S)
        except subprocess.TimeoutExpired:
            signal_group(self.child, signal.SIGKILL)
            self.child.wait()
        raise Cancelled("The work was canceled; none of it was kept.")
