"""What the system says of a running program."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from media_app.core.time.stall import Look

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
#: Running or ready to, and waiting for a disk.
_BUSY = frozenset({"R", "D"})


def look_at(pid: int) -> Look:
    """A program as it is now; where the system has no /proc, the time alone."""
    folder, at = Path("/proc") / str(pid), time.monotonic()
    with contextlib.suppress(OSError):
        spent = _stat(folder / "stat")[11:13]
        busy = any(_stat(thread / "stat")[0] in _BUSY for thread in (folder / "task").iterdir())
        return Look(at, sum(map(int, spent)) / TICKS_PER_S, busy, dict(_positions(folder)))
    return Look(at)


def _stat(path: Path) -> list[str]:
    """The fields of a `stat` that follow the program's name, which may hold spaces."""
    return path.read_text().rpartition(")")[2].split()


def _positions(folder: Path) -> Iterator[tuple[str, int]]:
    """Open file → the byte it is at. A file that goes meanwhile is left out."""
    for number in (folder / "fd").iterdir():
        with contextlib.suppress(OSError):
            position = (folder / "fdinfo" / number.name).read_text().split(maxsplit=2)[1]
            yield f"{number.name} {number.readlink()}", int(position)
