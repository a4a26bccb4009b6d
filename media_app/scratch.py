"""Space on the scratch disk, kept for a job before its programs start.

A reservation is a file in the job's own folder, so it goes when the folder goes, however the worker ended. What a job has
written already counts as written, not twice. Whoever reserves holds a lock on the scratch root, so that two workers of one
disk cannot both have its last gigabyte.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sessions_app.errors import StudioError

_FILE = ".reserved"
#: The folder that the attempts of one job have in common, next to their own.
SHARED = "shared"


class NoScratchNow(StudioError):
    """Other work has the space; it comes back when that ends."""

    code = "no_scratch_now"
    status = 503


class NeverFitsScratch(StudioError):
    """The whole disk is too small."""

    code = "no_scratch"
    status = 507


def reserve(folder: Path, need: int, *, root: Path, spare: int) -> None:
    """Keep `need` bytes of the disk for `folder` (root/job/attempt) until it is removed; asked again, the new figure
    counts. `spare` bytes stay free whatever is asked.

    Raises NoScratchNow, NeverFitsScratch.
    """
    disk = os.statvfs(folder)
    if disk.f_blocks * disk.f_frsize < need + spare:
        raise NeverFitsScratch(
            f"This needs {_size(need)} of scratch and the whole disk under {root} has {_size(disk.f_blocks * disk.f_frsize)}. "
            "Point SCRATCH_ROOT at a larger disk, then try the job again."
        )
    with exclusive(root):
        disk = os.statvfs(folder)
        free = disk.f_bavail * disk.f_frsize - spare
        others = sum(_open_part(path.parent) for path in root.glob(f"*/*/{_FILE}") if path.parent != folder)
        wanted = max(0, need - _used(folder))
        if free - others < wanted:
            raise NoScratchNow(
                f"The scratch disk has no space for this now: it needs {_size(wanted)}, {_size(max(0, free))} are free and "
                f"{_size(others)} of them are reserved for other jobs. It waits; free some disk space, or point SCRATCH_ROOT at a "
                "larger one."
            )
        (folder / _FILE).write_text(str(need))


def remove(folder: Path) -> None:
    """One attempt's folder. Its job's goes with the last: a worker that lost its lease must not take its successor's."""
    if not folder.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()


def _open_part(folder: Path) -> int:
    """What a reservation still has to write."""
    with contextlib.suppress(OSError, ValueError):
        return max(0, int((folder / _FILE).read_text()) - _used(folder))
    return 0


def _used(folder: Path) -> int:
    """Bytes of the disk that lie in a folder and nowhere else: a hard link to the store costs nothing."""
    used = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            facts = path.lstat()
            used += facts.st_blocks * 512 if facts.st_nlink == 1 else 0
    return used


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Whether the folder is this process's alone until the context ends; a process that was killed has let go of it."""
    with _opened(folder) as held:
        yield _is_free(held)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Wait until no other process works in the folder, and keep the others waiting meanwhile."""
    with _opened(folder) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _is_free(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    held = os.open(folder, os.O_RDONLY)
    try:
        yield held
    finally:
        os.close(held)


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"
