"""The store in a folder of this machine, with signed URLs that answer as a bucket's do.

    root/<key>                     objects
    root/.drafts/                  files being written, moved into place when whole
    root/.uploads/<upload id>/     one multipart upload:
        upload.json                what was announced: key, size, part size
        body                       the file itself, sparse: part N lies at (N − 1) · part size
        parts/<number>.<size>.<md5>  an empty marker for each part whose bytes are on the disk
        lock, slot-NN              who is writing

Completing is one rename, whatever the file's size. A marker is made after its part's bytes are synced, so a torn write
leaves none. Parts are written under a shared lock of the upload and the lock of their slot; completing and giving up
take the upload's lock alone, so no late part can write into an object that has been published. Locks are the kernel's
(flock), so they hold between processes and vanish with them.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import quote, urlencode

from django.core import signing

from media_app.core.files import parts as core_parts
from media_app.storage.base import (
    BLOCK,
    BadKey,
    LifecycleOutcome,
    LifecycleRule,
    Part,
    PartsMismatch,
    Store,
    StoredObject,
    StoreFull,
    StoreSettings,
    StoreUnreachable,
    Upload,
    UploadGone,
    check_key,
    check_parts,
    check_prefix,
    missing,
    parts_mismatch,
    upload_gone,
)
from sessions_app.errors import StudioError

#: Where the signed URLs are mounted (`media_app/urls.py`).
URL_PATH = "/store/"
DRAFT_LIFETIME_SECONDS = 86_400

_SALT = "studio.storage.local"
_SLOTS = 16
_MARKER = re.compile(r"(\d{5})\.(\d+)\.([0-9a-f]{32})", re.ASCII)
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IN_THE_WAY = {errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}


class LinkRefused(StudioError):
    """The signature of a URL does not belong to what is asked for."""

    code = "link_refused"
    status = 403


class LinkExpired(LinkRefused):
    """The URL was good, and is too old."""

    code = "link_expired"


class BodyCut(StudioError):
    """The connection ended before the announced bytes had come."""

    code = "body_cut"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What one signed URL allows, all of it inside the signature. `expires_at` is in Unix seconds."""

    method: str
    key: str
    expires_at: int
    size: int | None = None
    content_type: str | None = None
    upload_id: str | None = None
    part: int | None = None
    filename: str | None = None

    def token(self) -> str:
        facts = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        return signing.Signer(salt=_SALT).sign_object(facts)


def read_grant(token: str, method: str, key: str) -> Grant:
    """What the token allows. Raises LinkRefused unless signed here for this method and key, LinkExpired later."""
    try:
        grant = Grant(**signing.Signer(salt=_SALT).unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkRefused("This link was changed, or not made by this server: ask Studio for a new one.") from error
    if (grant.method, grant.key) != (method, key):
        raise LinkRefused(f"This link is for {grant.method} of another address: ask Studio for one of its own.")
    if grant.expires_at < time.time():
        raise LinkExpired("This link has expired: ask Studio for a new one, and go on where you were.")
    return grant


@dataclass(frozen=True, slots=True)
class _Announced:
    """What `upload.json` says of an upload; `started` is ISO 8601."""

    key: str
    size: int
    part_size: int
    content_type: str
    started: str


class LocalStore(Store):
    """Objects as files. Safe between threads and processes of one machine."""

    copies = False

    def __init__(self, settings: StoreSettings) -> None:
        super().__init__(settings)
        self.root = settings.root.resolve()
        self._drafts = self.root / ".drafts"
        self._uploads = self.root / ".uploads"
        # Its own, so that a store that is let go takes its links with it.
        self._reading_link = lru_cache(maxsize=4096)(self._new_reading_link)

    def presign_put(self, key: str, *, content_type: str, size: int, expires: int | None = None) -> str:
        return self._link(Grant("PUT", check_key(key), self._expires_at(expires), size, content_type))

    def presign_part(self, key: str, upload_id: str, number: int, *, size: int, expires: int | None = None) -> str:
        expires_at = self._expires_at(expires)
        return self._link(Grant("PUT", check_key(key), expires_at, size, upload_id=upload_id, part=number))

    def url(
        self, key: str, *, expires: int | None = None, filename: str | None = None, content_type: str | None = None
    ) -> str:
        return self._reading_link(key, filename, content_type, self.reading_until(expires))

    def _new_reading_link(self, key: str, filename: str | None, content_type: str | None, until: int) -> str:
        return self._link(Grant("GET", check_key(key), until, content_type=content_type, filename=filename))

    def start_multipart(self, key: str, *, content_type: str, size: int, part_size: int | None = None) -> str:
        self._path(key)
        part_size = part_size or core_parts.part_size(size)
        core_parts.part_count(size, part_size)
        announced = _Announced(key, size, part_size, content_type, datetime.now(UTC).isoformat())
        upload_id = secrets.token_hex(16)
        with _disk_errors(key):
            self._check_room(size)
            draft = self._new_draft_path()
            _make_folders(draft / "parts")
            with (draft / "body").open("wb") as body:
                body.truncate(size)
                os.fsync(body.fileno())
            _write_durably(draft / "upload.json", json.dumps(asdict(announced)).encode())
            _fsync_folder(draft)
            _make_folders(self._uploads)
            draft.rename(self._uploads / upload_id)
            _fsync_folder(self._uploads)
        return upload_id

    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        folder, _ = self._announced(key, upload_id)
        return _markers(folder)

    def receive_part(self, key: str, upload_id: str, number: int, stream: Readable, size: int) -> Part:
        """Take one part of exactly `size` bytes from `stream`.

        Nothing changes unless every byte comes. Raises BodyCut, PartsMismatch (no such part, or of another length),
        StoreFull, UploadGone.
        """
        folder, announced = self._announced(key, upload_id)
        planned = _planned(announced, number, size)
        with _disk_errors(key, absent=upload_gone(key)), tempfile.TemporaryFile(dir=folder) as received:
            etag = _copy_exactly(stream, received, size)
            with self._holding(key, upload_id, fcntl.LOCK_SH), _lock(folder / f"slot-{number % _SLOTS:02}"):
                _remove_marker(folder, number)
                _place(received, folder / "body", planned.offset)
                (folder / "parts" / f"{number:05}.{size}.{etag}").touch()
                _fsync_folder(folder / "parts")
        return Part(number, etag, size)

    def complete_multipart(
        self, key: str, upload_id: str, parts: Iterable[Part] | None = None, *, size: int, part_size: int | None = None
    ) -> StoredObject:
        with contextlib.suppress(UploadGone), self._holding(key, upload_id, fcntl.LOCK_EX) as announced:
            folder = self._uploads / upload_id
            if (folder / "body").exists():
                _check_size(announced, size)
                check_parts(_markers(folder), parts, size=size, part_size=announced.part_size)
                self._publish(folder / "body", key)
            self._remove_upload(folder)
        published = self.head(key)
        if published is None or published.size != size:
            raise upload_gone(key)
        return published

    def abort_multipart(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(UploadGone), self._holding(key, upload_id, fcntl.LOCK_EX):
            self._remove_upload(self._uploads / upload_id)

    def uploads(self) -> Iterator[Upload]:
        for facts in self._uploads.glob("*/upload.json"):
            with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
                announced = _Announced(**json.loads(facts.read_bytes()))
                yield Upload(announced.key, facts.parent.name, datetime.fromisoformat(announced.started))

    def head(self, key: str) -> StoredObject | None:
        with _disk_errors(key):
            try:
                found = self._path(key).lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _stored(key, found) if stat.S_ISREG(found.st_mode) else None

    def put_file(self, key: str, path: Path, *, content_type: str, move: bool = False) -> StoredObject:
        with path.open("rb") as source:
            if move and self._moved(key, path, source):
                return self._present(key)
            return self.receive(key, source, os.fstat(source.fileno()).st_size)

    def put_bytes(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        with self._draft(key) as (draft, file):
            file.write(data)
            self._sync_and_publish(draft, file, key)
        return self._present(key)

    def receive(self, key: str, stream: Readable, size: int) -> StoredObject:
        """Make the next `size` bytes of `stream` the object; nothing is kept unless all come.

        Raises BodyCut, StoreFull.
        """
        with self._draft(key) as (draft, file):
            self._check_room(size)
            _copy_exactly(stream, file, size)
            self._sync_and_publish(draft, file, key)
        return self._present(key)

    def open(self, key: str) -> BinaryIO:
        return self.opened(key)[0]

    def opened(self, key: str) -> tuple[BinaryIO, StoredObject]:
        """The object's bytes, seekable, and its facts, both of the same moment. Raises ObjectMissing."""
        path = self._path(key)
        with _disk_errors(key, absent=missing(key)):
            try:
                file = path.open("rb")
            except (NotADirectoryError, IsADirectoryError) as error:
                raise missing(key) from error
        return file, _stored(key, os.fstat(file.fileno()))

    def read_range(self, key: str, start: int, length: int) -> bytes:
        file, found = self.opened(key)
        with file, _disk_errors(key):
            file.seek(min(start, found.size))
            return file.read(min(length, found.size - file.tell()))

    @contextmanager
    def local_copy(self, key: str, scratch_dir: Path) -> Iterator[Path]:
        """A hard link in the scratch folder, which lasts if the object is replaced; across disks the object itself."""
        path = self._path(key)
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
        path = self._path(key)
        with _disk_errors(key):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            self._prune(path.parent)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        top = self._path(check_prefix(prefix).rstrip("/")) if prefix else self.root
        for folder, subfolders, names in os.walk(top):
            subfolders[:] = [name for name in subfolders if not name.startswith(".")]
            for name in names:
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    facts = path.lstat()
                    if stat.S_ISREG(facts.st_mode):
                        yield _stored(path.relative_to(self.root).as_posix(), facts)

    def disk(self) -> tuple[int, int] | None:
        usage = shutil.disk_usage(next(folder for folder in (self.root, *self.root.parents) if folder.exists()))
        return usage.free, usage.total

    def tidy(self, now: datetime) -> None:
        for draft in self._drafts.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if draft.lstat().st_mtime < now.timestamp() - DRAFT_LIFETIME_SECONDS:
                    shutil.rmtree(draft, ignore_errors=True) if draft.is_dir() else draft.unlink()

    def apply_lifecycle(self, rules: Sequence[LifecycleRule], *, abort_uploads_days: int = 7) -> LifecycleOutcome:
        names = tuple(rule.name for rule in rules)
        return LifecycleOutcome((), names, "The store is a folder of this machine: its sweep applies the rules.")

    def apply_cors(self, origins: Sequence[str]) -> str:
        return "The store is a folder that Studio itself serves: pages of the same origin need no CORS rules."

    def _link(self, grant: Grant) -> str:
        query = urlencode({"grant": grant.token()})
        return f"{self.settings.public_url.rstrip('/')}{URL_PATH}{quote(grant.key)}?{query}"

    def _expires_at(self, expires: int | None) -> int:
        return int(time.time()) + self.expiry(expires)

    def _path(self, key: str) -> Path:
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

    def _check_room(self, size: int) -> None:
        _make_folders(self.root)
        free = shutil.disk_usage(self.root).free
        if free < size:
            raise StoreFull(
                f"The file has {size / 1e9:,.1f} GB, the store {free / 1e9:,.1f} GB left: free some, or add a disk."
            )

    def _announced(self, key: str, upload_id: str) -> tuple[Path, _Announced]:
        check_key(key)
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise upload_gone(key)
        folder = self._uploads / upload_id
        with _disk_errors(key, absent=upload_gone(key)):
            announced = _Announced(**json.loads((folder / "upload.json").read_bytes()))
        if announced.key != key:
            raise upload_gone(key)
        return folder, announced

    @contextmanager
    def _holding(self, key: str, upload_id: str, how: int) -> Iterator[_Announced]:
        """The upload, locked. Whether it is still open is asked again once the lock is ours."""
        folder, _ = self._announced(key, upload_id)
        with _disk_errors(key, absent=upload_gone(key)), _lock(folder / "lock", how):
            _, announced = self._announced(key, upload_id)
            yield announced

    def _remove_upload(self, folder: Path) -> None:
        """Out of sight in one step, so that nobody meets half an upload; then gone."""
        _make_folders(self._drafts)
        gone = self._new_draft_path()
        folder.rename(gone)
        _fsync_folder(self._uploads)
        shutil.rmtree(gone, ignore_errors=True)

    def _new_draft_path(self) -> Path:
        return self._drafts / secrets.token_hex(16)

    @contextmanager
    def _draft(self, key: str) -> Iterator[tuple[Path, BinaryIO]]:
        self._path(key)
        with _disk_errors(key):
            _make_folders(self._drafts)
            draft = self._new_draft_path()
            try:
                with draft.open("xb") as file:
                    yield draft, file
            finally:
                draft.unlink(missing_ok=True)

    def _sync_and_publish(self, draft: Path, file: BinaryIO, key: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        self._publish(draft, key)

    def _publish(self, draft: Path, key: str) -> None:
        """Move a synced file to its key. A folder that another process has just emptied and removed is made again."""
        target = self._path(key)
        for _ in range(100):
            with contextlib.suppress(FileNotFoundError):
                _make_folders(target.parent)
                draft.replace(target)
                break
        else:
            raise StoreUnreachable(
                f"The folder of {key} vanishes as soon as it is made: look what else works in the store."
            )
        with contextlib.suppress(FileNotFoundError):
            _fsync_folder(target.parent)

    def _moved(self, key: str, path: Path, file: BinaryIO) -> bool:
        """Whether the file could be moved into the store: not across disks."""
        with _disk_errors(key):
            os.fsync(file.fileno())
            try:
                self._publish(path, key)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                return False
        return True

    def _present(self, key: str) -> StoredObject:
        found = self.head(key)
        if found is None:
            raise missing(key)
        return found

    def _prune(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent


def _stored(key: str, facts: os.stat_result) -> StoredObject:
    """Every write makes a new file, so inode, time and size together tell two contents of one key apart."""
    etag = f"{facts.st_mtime_ns:x}-{facts.st_size:x}-{facts.st_ino:x}"
    return StoredObject(key, facts.st_size, etag, datetime.fromtimestamp(facts.st_mtime, UTC))


def _planned(announced: _Announced, number: int, size: int) -> core_parts.PlannedPart:
    try:
        planned = core_parts.planned_part(number, announced.size, announced.part_size)
    except ValueError as error:
        raise PartsMismatch(str(error), field="partNumber", details={"parts": [number]}) from error
    if planned.size != size:
        raise parts_mismatch({number: str(core_parts.PartFault(number, planned.size, size))})
    return planned


def _check_size(announced: _Announced, size: int) -> None:
    if size != announced.size:
        raise PartsMismatch(
            f"The upload was announced with {announced.size:,} bytes, not {size:,}: begin a new one for another file.",
            field="sizeBytes",
        )


def _markers(folder: Path) -> Sequence[Part]:
    names = sorted(marker.name for marker in (folder / "parts").glob("*"))
    matches = (_MARKER.fullmatch(name) for name in names)
    return [Part(int(m[1]), m[3], int(m[2])) for m in matches if m]


def _remove_marker(folder: Path, number: int) -> None:
    """Before its bytes change, and for good: after a power cut a marker must not vouch for a torn part."""
    for marker in (folder / "parts").glob(f"{number:05}.*"):
        marker.unlink()
        _fsync_folder(folder / "parts")


def _place(received: BinaryIO, body: Path, offset: int) -> None:
    received.seek(0)
    with body.open("r+b") as file:
        file.seek(offset)
        shutil.copyfileobj(received, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())


def _copy_exactly(source: Readable, target: BinaryIO, size: int) -> str:
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
def _lock(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _make_folders(folder: Path) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            # Another process made it and may have emptied and removed it since, which the caller's next step finds out.
            with contextlib.suppress(FileNotFoundError):
                if not stat.S_ISDIR(folder.stat().st_mode):
                    raise
        _fsync_folder(folder.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_errors(key: str, absent: StudioError | None = None) -> Iterator[None]:
    """Say what the disk says so that an operator can act on it; `absent` is what a missing file means here."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull("The disk under the store is full: free some room, then send it again.") from error
        if error.errno in _IN_THE_WAY:
            raise BadKey(f"{key} cannot be stored: another object's name is in its way, or it is too long.") from error
        if error.errno == errno.ENOENT and absent:
            raise absent from error
        raise StoreUnreachable(
            f"The store's folder cannot be used ({error.strerror}): check its disk and rights."
        ) from error
