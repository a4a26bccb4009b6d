"""Multipart uploads: a sparse file in a folder of its own, and a marker for each part that has arrived whole."""

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from media_app.core.files import parts as core_parts
from media_app.storage.checks import check_key, check_parts, parts_mismatch
from media_app.storage.errors import PartsMismatch, UploadGone, upload_gone
from media_app.storage.local.disk import (
    Readable,
    copy_exactly,
    disk_errors,
    fsync_folder,
    lock,
    make_folders,
    place,
    write_durably,
)
from media_app.storage.local.files import Files
from media_app.storage.values import Part, Upload

_SLOTS = 16
_MARKER = re.compile(r"(\d{5})\.(\d+)\.([0-9a-f]{32})", re.ASCII)
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Announced:
    """What `upload.json` says of an upload; `started` is ISO 8601."""

    key: str
    size: int
    part_size: int
    content_type: str
    started: str


class Multiparts:
    """The uploads under `.uploads` of a store's folder."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._root = files.root / ".uploads"

    def start(self, key: str, *, content_type: str, size: int, part_size: int | None = None) -> str:
        self._files.path(key)
        part_size = part_size or core_parts.part_size(size)
        core_parts.part_count(size, part_size)
        announced = _Announced(key, size, part_size, content_type, datetime.now(UTC).isoformat())
        upload_id = secrets.token_hex(16)
        with disk_errors(key):
            self._files.check_space(size, promised=self._yet_to_come())
            draft = self._files.new_draft_path()
            make_folders(draft / "parts")
            with (draft / "body").open("wb") as body:
                body.truncate(size)
                os.fsync(body.fileno())
            write_durably(draft / "upload.json", json.dumps(asdict(announced)).encode())
            fsync_folder(draft)
            make_folders(self._root)
            draft.rename(self._root / upload_id)
            fsync_folder(self._root)
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
        with disk_errors(key, absent=upload_gone(key)), tempfile.TemporaryFile(dir=folder) as received:
            etag = copy_exactly(stream, received, size)
            with self._holding(key, upload_id, fcntl.LOCK_SH), lock(folder / f"slot-{number % _SLOTS:02}"):
                _remove_marker(folder, number)
                place(received, folder / "body", planned.offset)
                (folder / "parts" / f"{number:05}.{size}.{etag}").touch()
                fsync_folder(folder / "parts")
        return Part(number, etag, size)

    def complete(self, key: str, upload_id: str, parts: Iterable[Part] | None, *, size: int) -> None:
        """Make the file that the parts are the object, unless that was done before."""
        with contextlib.suppress(UploadGone), self._holding(key, upload_id, fcntl.LOCK_EX) as announced:
            folder = self._root / upload_id
            if (folder / "body").exists():
                _check_size(announced, size)
                check_parts(_markers(folder), parts, size=size, part_size=announced.part_size)
                self._files.publish(folder / "body", key)
            self._remove(folder)

    def abort(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(UploadGone), self._holding(key, upload_id, fcntl.LOCK_EX):
            self._remove(self._root / upload_id)

    def all(self) -> Iterator[Upload]:
        for facts in self._root.glob("*/upload.json"):
            with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
                announced = _Announced(**json.loads(facts.read_bytes()))
                yield Upload(announced.key, facts.parent.name, datetime.fromisoformat(announced.started))

    def _yet_to_come(self) -> int:
        """Bytes that were announced and are not on the disk yet: their space is promised to others."""
        missing = 0
        for upload in self.all():
            with contextlib.suppress(FileNotFoundError):
                facts = (self._root / upload.upload_id / "body").stat()
                missing += max(0, facts.st_size - facts.st_blocks * 512)
        return missing

    def _announced(self, key: str, upload_id: str) -> tuple[Path, _Announced]:
        check_key(key)
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise upload_gone(key)
        folder = self._root / upload_id
        with disk_errors(key, absent=upload_gone(key)):
            announced = _Announced(**json.loads((folder / "upload.json").read_bytes()))
        if announced.key != key:
            raise upload_gone(key)
        return folder, announced

    @contextmanager
    def _holding(self, key: str, upload_id: str, how: int) -> Iterator[_Announced]:
        """The upload, locked. Whether it is still open is asked again once the lock is ours."""
        folder, _ = self._announced(key, upload_id)
        with disk_errors(key, absent=upload_gone(key)), lock(folder / "lock", how):
            _, announced = self._announced(key, upload_id)
            yield announced

    def _remove(self, folder: Path) -> None:
        """Out of sight in one step, so that nobody meets half an upload; then gone."""
        make_folders(self._files.drafts)
        gone = self._files.new_draft_path()
        folder.rename(gone)
        fsync_folder(self._root)
        shutil.rmtree(gone, ignore_errors=True)


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
        fsync_folder(folder / "parts")
