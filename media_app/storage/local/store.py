"""The store in a folder of this machine."""

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from media_app.storage.base import Store
from media_app.storage.checks import check_key, check_prefix
from media_app.storage.errors import missing, upload_gone
from media_app.storage.local.disk import Readable, copy_exactly, disk_errors
from media_app.storage.local.files import Files, stored
from media_app.storage.local.links import Grant, link
from media_app.storage.local.multiparts import Multiparts
from media_app.storage.values import LifecycleOutcome, LifecycleRule, Part, StoredObject, StoreSettings, Upload


class LocalStore(Store):
    """Objects as files. Safe between threads and processes of one machine."""

    copies = False

    def __init__(self, settings: StoreSettings) -> None:
        super().__init__(settings)
        self._files = Files(settings.root)
        self._multiparts = Multiparts(self._files)
        self.root = self._files.root
        # Its own, so that a store that is let go takes its links with it.
        self._reading_link = lru_cache(maxsize=4096)(self._new_reading_link)

    def presign_part(self, key: str, upload_id: str, number: int, *, size: int, content_type: str = "") -> str:
        expires_at = int(time.time()) + self.settings.url_expires
        grant = Grant("PUT", check_key(key), expires_at, size, content_type or None, upload_id=upload_id, part=number)
        return self._link(grant)

    def url(
        self, key: str, *, expires: int | None = None, filename: str | None = None, content_type: str | None = None
    ) -> str:
        return self._reading_link(key, filename, content_type, self.reading_until(expires))

    def _new_reading_link(self, key: str, filename: str | None, content_type: str | None, until: int) -> str:
        return self._link(Grant("GET", check_key(key), until, content_type=content_type, filename=filename))

    def start_multipart(self, key: str, *, content_type: str, size: int, part_size: int | None = None) -> str:
        return self._multiparts.start(key, content_type=content_type, size=size, part_size=part_size)

    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        return self._multiparts.parts(key, upload_id)

    def receive_part(self, key: str, upload_id: str, number: int, stream: Readable, size: int) -> Part:
        """Take one part of exactly `size` bytes from `stream`, as `Multiparts.receive_part` does."""
        return self._multiparts.receive_part(key, upload_id, number, stream, size)

    def complete_multipart(
        self, key: str, upload_id: str, parts: Iterable[Part] | None = None, *, size: int, part_size: int | None = None
    ) -> StoredObject:
        self._multiparts.complete(key, upload_id, parts, size=size)
        published = self.head(key)
        if published is None or published.size != size:
            raise upload_gone(key)
        return published

    def abort_multipart(self, key: str, upload_id: str) -> None:
        self._multiparts.abort(key, upload_id)

    def uploads(self) -> Iterator[Upload]:
        return self._multiparts.all()

    def head(self, key: str) -> StoredObject | None:
        with disk_errors(key):
            try:
                found = self._files.path(key).lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return stored(key, found) if stat.S_ISREG(found.st_mode) else None

    def put_file(self, key: str, path: Path, *, content_type: str, move: bool = False) -> StoredObject:
        with path.open("rb") as source:
            if move and self._files.moved(key, path, source):
                return self._present(key)
            return self.receive(key, source, os.fstat(source.fileno()).st_size)

    def put_bytes(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        with self._files.draft(key) as (draft, file):
            file.write(data)
            self._files.sync_and_publish(draft, file, key)
        return self._present(key)

    def receive(self, key: str, stream: Readable, size: int) -> StoredObject:
        """Make the next `size` bytes of `stream` the object; nothing is kept unless all come.

        Raises BodyCut, StoreFull.
        """
        with self._files.draft(key) as (draft, file):
            self._files.check_space(size)
            copy_exactly(stream, file, size)
            self._files.sync_and_publish(draft, file, key)
        return self._present(key)

    def open(self, key: str) -> BinaryIO:
        return self.opened(key)[0]

    def opened(self, key: str) -> tuple[BinaryIO, StoredObject]:
        """The object's bytes, seekable, and its facts, both of the same moment. Raises ObjectMissing."""
        path = self._files.path(key)
        with disk_errors(key, absent=missing(key)):
            try:
                file = path.open("rb")
            except (NotADirectoryError, IsADirectoryError) as error:
                raise missing(key) from error
        return file, stored(key, os.fstat(file.fileno()))

    def read_range(self, key: str, start: int, length: int) -> bytes:
        file, found = self.opened(key)
        with file, disk_errors(key):
            file.seek(min(start, found.size))
            return file.read(min(length, found.size - file.tell()))

    @contextmanager
    def local_copy(self, key: str, scratch_dir: Path) -> Iterator[Path]:
        """A hard link in the scratch folder, which lasts if the object is replaced; across disks the object itself."""
        path = self._files.path(key)
        if self.head(key) is None:
            raise missing(key)
        link = scratch_dir / f"{secrets.token_hex(4)}-{path.name}"
        with contextlib.suppress(OSError):
            link.hardlink_to(path)
        try:
            yield link if link.exists() else path
        finally:
            link.unlink(missing_ok=True)

    def delete(self, key: str) -> None:
        path = self._files.path(key)
        with disk_errors(key):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            self._files.prune(path.parent)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        top = self._files.path(check_prefix(prefix).rstrip("/")) if prefix else self.root
        for folder, subfolders, names in os.walk(top):
            subfolders[:] = [name for name in subfolders if not name.startswith(".")]
            for name in names:
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    facts = path.lstat()
                    if stat.S_ISREG(facts.st_mode):
                        yield stored(path.relative_to(self.root).as_posix(), facts)

    def disk(self) -> tuple[int, int] | None:
        usage = shutil.disk_usage(next(folder for folder in (self.root, *self.root.parents) if folder.exists()))
        return usage.free, usage.total

    def tidy(self, now: datetime) -> None:
        self._files.tidy(now)

    def apply_lifecycle(self, rules: Sequence[LifecycleRule], *, abort_uploads_days: int = 7) -> LifecycleOutcome:
        names = tuple(rule.name for rule in rules)
        return LifecycleOutcome((), names, "The store is a folder of this machine: its sweep applies the rules.")

    def apply_cors(self, origins: Sequence[str]) -> str:
        return "The store is a folder that Studio itself serves: pages of the same origin need no CORS rules."

    def _link(self, grant: Grant) -> str:
        return link(self.settings.public_url, grant)

    def _present(self, key: str) -> StoredObject:
        found = self.head(key)
        if found is None:
            raise missing(key)
        return found
