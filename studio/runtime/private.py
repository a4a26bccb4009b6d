"""Studio's own folder: for the user that it runs as and nobody else on the machine."""

import contextlib
import os
import stat
from pathlib import Path

#: Taken from every file and folder that Studio makes.
UMASK = 0o077


def prepare(folder: Path) -> None:
    """Make the folder private, with all that comes to lie in it; what an earlier version left open to others is closed."""
    os.umask(UMASK)
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder, *folder.iterdir()):
        # What belongs to somebody else, or vanishes meanwhile, cannot be changed; `manage.py check` says so of folders.
        with contextlib.suppress(OSError):
            _close(path)


def is_private(folder: Path) -> bool:
    """Whether other users of the machine cannot enter the folder, or one above it. One that is not there yet will be."""
    return not folder.exists() or any(not path.stat().st_mode & 0o007 for path in (folder, *folder.parents))


def _close(path: Path) -> None:
    """Take the rights of group and others; a folder that is everybody's, as /tmp is, stays as it is."""
    mode = path.lstat().st_mode
    own = stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    if own and mode & UMASK and not mode & stat.S_ISVTX:
        path.chmod(stat.S_IMODE(mode) & ~UMASK)
