"""A program's log files, bounded."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

LOG_CAP = 5 << 20
TAIL_BYTES = 64 << 10


class Log:
    """A log file that cannot fill the disk: the first 5 MiB, then only what came last."""

    def __init__(self, folder: Path | None, name: str, argv: Sequence[str]) -> None:
        self._file = (folder / name).open("ab") if folder else None
        self._left = max(0, LOG_CAP - self._file.tell()) if self._file else 0
        self._recent: deque[bytes] = deque()
        self._recent_bytes = 0
        self._skipped = 0
        if self._file:
            self._file.write(("$ " + " ".join(argv) + "\n").encode("utf-8", "backslashreplace"))
            self._file.flush()

    def __enter__(self) -> "Log":
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
