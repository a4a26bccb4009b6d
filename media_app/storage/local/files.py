"""The objects of a store's folder, and the drafts that become objects by a rename."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from media_app.core.quota import in_bytes
from media_app.storage.checks import check_key
from media_app.storage.errors import BadKey, StoreFull, StoreTooSmall, StoreUnreachable
from media_app.storage.local.disk import disk_errors, fsync_folder, make_folders
from media_app.storage.values import StoredObject

DRAFT_LIFETIME_SECONDS = 86_400


class Files:
    """A root folder, its objects by key, and `.drafts` beneath it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.drafts = self.root / ".drafts"

    def path(self, key: str) -> Path:
        path = self.root / check_key(key)
        try:
            straight = path.resolve() == path
        except (OSError, RuntimeError):
            straight = False
        if not straight:
            raise BadKey(
                f"{key} leads through a symbolic link: the store follows none. Remove it from the store's folder."
            )
        return path

    def check_space(self, size: int, *, promised: int = 0) -> None:
        """Raise StoreFull unless `size` bytes fit next to what is `promised` to uploads under way, StoreTooSmall where they never could."""
        make_folders(self.root)
        total, _, free = shutil.disk_usage(self.root)
        if size > total:
            raise StoreTooSmall(f"The file has {in_bytes(size)}, the whole store {in_bytes(total)}. Use a larger disk.")
        if free - promised < size:
            kept = f" {in_bytes(promised)} of them are reserved for uploads in progress." if promised else ""
            raise StoreFull(
                f"The file has {in_bytes(size)}, the store {in_bytes(free)} left.{kept} Free some disk, or add some."
            )

    def new_draft_path(self) -> Path:
        return self.drafts / secrets.token_hex(16)

    @contextmanager
    def draft(self, key: str) -> Iterator[tuple[Path, BinaryIO]]:
        self.path(key)
        with disk_errors(key):
            make_folders(self.drafts)
            draft = self.new_draft_path()
            try:
                with draft.open("xb") as file:
                    yield draft, file
            finally:
                draft.unlink(missing_ok=True)

    def sync_and_publish(self, draft: Path, file: BinaryIO, key: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        self.publish(draft, key)

    def publish(self, draft: Path, key: str) -> None:
        """Move a synced file to its key. A folder that another process has just emptied and removed is made again."""
        target = self.path(key)
        for _ in range(100):
            with contextlib.suppress(FileNotFoundError):
                make_folders(target.parent)
                draft.replace(target)
                break
        else:
            raise StoreUnreachable(
                f"The folder of {key} vanishes as soon as it is made: check what else uses the store."
            )
        with contextlib.suppress(FileNotFoundError):
            fsync_folder(target.parent)

    def moved(self, key: str, path: Path, file: BinaryIO) -> bool:
        """Whether the file could be moved into the store: not across disks."""
        with disk_errors(key):
            os.fsync(file.fileno())
            try:
                self.publish(path, key)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                return False
        return True

    def prune(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent

    def tidy(self, now: datetime) -> None:
        """Remove drafts that are a day old."""
        for draft in self.drafts.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if draft.lstat().st_mtime < now.timestamp() - DRAFT_LIFETIME_SECONDS:
                    shutil.rmtree(draft, ignore_errors=True) if draft.is_dir() else draft.unlink()


def stored(key: str, facts: os.stat_result) -> StoredObject:
    """Every write makes a new file, so inode, time and size together tell two contents of one key apart."""
    etag = f"{facts.st_mtime_ns:x}-{facts.st_size:x}-{facts.st_ino:x}"
    return StoredObject(key, facts.st_size, etag, datetime.fromtimestamp(facts.st_mtime, UTC))
