"""Files, folders and locks of one disk, synced so that they are there after a power cut; and what the disk says of errors."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from media_app.storage.base import BLOCK
from media_app.storage.errors import BadKey, StoreFull, StoreUnreachable
from sessions_app.errors import StudioError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IN_THE_WAY = {errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}


class BodyCut(StudioError):
    """The connection ended before the announced bytes had come."""

    code = "body_cut"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def place(received: BinaryIO, body: Path, offset: int) -> None:
    received.seek(0)
    with body.open("r+b") as file:
        file.seek(offset)
        shutil.copyfileobj(received, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())


def copy_exactly(source: Readable, target: BinaryIO, size: int) -> str:
    """Copy `size` bytes in blocks; their MD5 in hex. Raises BodyCut when the source ends before."""
    digest, left = hashlib.md5(usedforsecurity=False), size
    while left:
        block = source.read(min(BLOCK, left))
        if not block:
            raise BodyCut(f"The connection ended after {size - left:,} of {size:,} bytes: send them again.")
        digest.update(block)
        target.write(block)
        left -= len(block)
    return digest.hexdigest()


@contextmanager
def lock(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def make_folders(folder: Path) -> None:
    if not folder.is_dir():
        make_folders(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            # Another process made it and may have emptied and removed it since, which the caller's next step finds out.
            with contextlib.suppress(FileNotFoundError):
                if not stat.S_ISDIR(folder.stat().st_mode):
                    raise
        fsync_folder(folder.parent)


def fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(key: str, absent: StudioError | None = None) -> Iterator[None]:
    """Say what the disk says so that an operator can act on it; `absent` is what a missing file means here."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise StoreFull("The disk under the store is full: free some space, then send it again.") from error
        if error.errno in _IN_THE_WAY:
            raise BadKey(f"{key} cannot be stored: another object's name is in its way, or it is too long.") from error
        if error.errno == errno.ENOENT and absent:
            raise absent from error
        raise StoreUnreachable(
            f"The store's folder cannot be used ({error.strerror}): check its disk and rights."
        ) from error
