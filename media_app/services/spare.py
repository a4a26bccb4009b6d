"""Disk kept for the moment when there is none left: deleting needs some too.

With SQLite every change is first written to its log, so on a full disk not even what would free space can be deleted. A file
next to the database keeps `SPARE_BYTES`; whoever deletes gives it up first, and housekeeping makes it anew.
"""

import contextlib
import os
import shutil
from pathlib import Path

from django.conf import settings

SPARE_BYTES = 16 << 20
#: Below this the disk counts as full.
LOW_BYTES = 8 << 20
#: The spare is made anew when so much more than itself is free.
PLENTY_BYTES = 128 << 20


def reserve() -> None:
    """Make the spare, unless it is there or there is little space."""
    path = _path()
    if path is None or path.exists() or shutil.disk_usage(path.parent).free < SPARE_BYTES + PLENTY_BYTES:
        return
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        with draft.open("xb") as file:
            # Written and not merely announced: a file system may give a hole nothing.
            for _ in range(SPARE_BYTES >> 20):
                file.write(os.urandom(1 << 20))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def give_up_if_full() -> bool:
    """Give the spare up when the disk is full; whether it is full."""
    path = _path()
    if path is None or not is_full():
        return False
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return True


def is_full() -> bool:
    """Whether the disk under SQLite's database has hardly any space."""
    path = _path()
    return path is not None and shutil.disk_usage(path.parent).free < LOW_BYTES


def _path() -> Path | None:
    """The spare's place; None where the database is a server's."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3") or not Path(database["NAME"]).is_file():
        return None
    return Path(database["NAME"]).resolve().with_name(".spare")
