"""How a program can fail."""

import signal
from collections.abc import Sequence
from pathlib import Path

from media_app.core.files.faults import NotUsable
from sessions_app.errors import StudioError


class ToolMissing(StudioError):
    """A program that Studio needs is not installed."""

    code = "tool_missing"
    status = 500


class Cancelled(StudioError):
    """Somebody stopped the work."""

    code = "cancelled"
    status = 409


class ToolFailed(StudioError):
    """A program ended with an error, or was killed by a limit.

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


class ToolStalled(ToolFailed, NotUsable):
    """A program that did not get on with the file it was given: trying again would change nothing. The message is for the
    operator."""

    code = "tool_stalled"
    status = 422

    def __str__(self) -> str:
        return (
            "Reading this file stalls: it is damaged, or built in a way that no program can read. Copy it "
            "again from the card, or export it again."
        )


def _reason(exit_code: int) -> str:
    if exit_code == -signal.SIGXCPU or exit_code == -signal.SIGKILL:
        return "was killed, by a limit or by the system"
    if exit_code == -signal.SIGXFSZ:
        return "wrote more than it may"
    if exit_code < 0:
        return f"was killed by signal {-exit_code}"
    return f"failed with exit code {exit_code}"
