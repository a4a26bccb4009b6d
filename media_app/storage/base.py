"""What every store can do, the values it answers with, and what can go wrong in a way that a person can act on."""

import abc
import mimetypes
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

from django.utils.http import content_disposition_header

from media_app.core.files.parts import part_faults
from sessions_app.errors import StudioError

#: Bytes moved at once: files are streamed, never held whole in memory.
BLOCK = 2**20

#: What Python's own table lacks or names otherwise than browsers do.
_MEDIA_TYPES = {
    "aac": "audio/aac",
    "dat": "application/octet-stream",
    "flac": "audio/flac",
    "m2ts": "video/mp2t",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "m3u8": "application/vnd.apple.mpegurl",
    "mkv": "video/x-matroska",
    "mpd": "application/dash+xml",
    "mts": "video/mp2t",
    "mxf": "application/mxf",
    "ts": "video/mp2t",
    "wav": "audio/wav",
    "webp": "image/webp",
}
MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255
_SAFE_SEGMENT = re.compile(rf"(?!\.)[!-\[\]-~]{{1,{MAX_SEGMENT_BYTES}}}\Z")


class BadKey(StudioError):
    """A storage key that no store may be asked for."""

    code = "bad_storage_key"


class ObjectMissing(StudioError):
    """There is nothing under this key."""

    code = "object_missing"
    status = 404


class UploadGone(StudioError):
    """The multipart upload was completed, given up, or never begun."""

    code = "upload_gone"
    status = 410


class PartsMismatch(StudioError):
    """What arrived is not the file that was announced. `details["parts"]` lists the numbers to send again."""

    code = "parts_mismatch"
    status = 409


class StoreFull(StudioError):
    """The disk under the store has no room."""

    code = "store_full"
    status = 507


class StoreUnreachable(StudioError):
    """The store does not answer, or not as a store should; trying later may help."""

    code = "store_unreachable"
    status = 503


class StoreRefused(StudioError):
    """The store answers, and refuses: its credentials, bucket or permissions are not as they should be."""

    code = "store_refused"
    status = 503


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object: `size` in bytes; `etag` without quotes, another for other bytes, never to be read as a checksum."""

    key: str
    size: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an upload; `etag` without quotes, `size` in bytes (0 where only a client has told us of the part)."""

    number: int
    etag: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that has begun and not ended."""

    key: str
    upload_id: str
    started: datetime


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """Objects under `prefix` that lie in a folder named `folder` (empty: in any) are deleted after `days`."""

    name: str
    days: int
    prefix: str = ""
    folder: str = ""

    def covers(self, key: str) -> bool:
        """Only the folder right above the object counts: a project may be called "mezzanines" too."""
        folder = key.split("/")[-2:-1]
        return key.startswith(self.prefix) and (not self.folder or folder == [self.folder])


@dataclass(frozen=True, slots=True)
class LifecycleOutcome:
    """Which rules the store itself now applies, which are left to Studio's own sweep by rows; `message` says it in a sentence."""

    by_store: tuple[str, ...]
    by_sweep: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What a store is made from; `public_endpoint_url` is the bucket's address as browsers see it, where it differs."""

    backend: str
    root: Path
    url_expires: int
    public_url: str = ""
    bucket: str = ""
    endpoint_url: str = ""
    public_endpoint_url: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    region: str = "auto"


class Store(abc.ABC):
    """Objects under keys, in a folder of this machine or in a bucket.

    Keys are printable ASCII, segments divided by "/", none empty or beginning with a dot; any method raises BadKey on
    another. A prefix is a folder: "a/b" holds "a/b/c", not "a/bc". Each may raise StoreUnreachable or StoreRefused.
    URLs expire `expires` seconds from now, by default after the setting STORAGE_URL_EXPIRES.
    """

    #: Whether `local_copy` takes room of the scratch disk.
    copies: ClassVar[bool] = True

    def __init__(self, settings: StoreSettings) -> None:
        self.settings = settings

    def prepare(self) -> None:  # noqa: B027  (most have nothing to load)
        """Load what the first request would have to wait for. The store itself is asked nothing."""

    def copied_bytes(self, size: int) -> int:
        """What `local_copy` of an object of `size` bytes takes of the scratch disk."""
        return size if self.copies else 0

    @abc.abstractmethod
    def presign_put(self, key: str, *, content_type: str, size: int, expires: int | None = None) -> str:
        """A URL that takes one PUT of exactly `size` bytes with this Content-Type, and makes it the object."""

    @abc.abstractmethod
    def start_multipart(self, key: str, *, content_type: str, size: int, part_size: int | None = None) -> str:
        """Begin an upload of `size` bytes in parts of `part_size` (`core.parts.part_size(size)`); its id.

        Raises StoreFull when the store knows that `size` bytes will not fit.
        """

    @abc.abstractmethod
    def presign_part(self, key: str, upload_id: str, number: int, *, size: int, expires: int | None = None) -> str:
        """A URL that takes one part of exactly `size` bytes by PUT and answers its ETag. Sent again, it replaces."""

    @abc.abstractmethod
    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """The parts that have arrived whole, by number. Raises UploadGone."""

    @abc.abstractmethod
    def complete_multipart(
        self, key: str, upload_id: str, parts: Iterable[Part] | None = None, *, size: int, part_size: int | None = None
    ) -> StoredObject:
        """Make the parts one object of `size` bytes.

        `parts` is what the client believes it has sent (None: whatever arrived). Called again after success it answers
        the same. Raises PartsMismatch, naming the parts, when one is missing, has another length than planned, or another
        ETag than the client says; UploadGone when there is neither such an upload nor the object.
        """

    @abc.abstractmethod
    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Give the upload up and free its parts. Harmless when it is gone."""

    @abc.abstractmethod
    def uploads(self) -> Iterator[Upload]:
        """Every multipart upload under way."""

    @abc.abstractmethod
    def head(self, key: str) -> StoredObject | None:
        """The object's size and etag, or None."""

    @abc.abstractmethod
    def put_file(self, key: str, path: Path, *, content_type: str, move: bool = False) -> StoredObject:
        """Store a copy of the file; seen whole or not at all, and there after a power cut. Raises StoreFull.

        With `move` the caller gives the file away: it may be gone afterwards, which on one disk saves copying it.
        """

    @abc.abstractmethod
    def put_bytes(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        """Store `data`, as `put_file` does."""

    @abc.abstractmethod
    def open(self, key: str) -> BinaryIO:
        """The object's bytes as a stream to be read once, forward, and closed. Raises ObjectMissing."""

    @abc.abstractmethod
    def read_range(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; fewer at the end, none past it. Raises ObjectMissing."""

    @abc.abstractmethod
    def local_copy(self, key: str, scratch_dir: Path) -> AbstractContextManager[Path]:
        """A path under which a program can read the object, of the object's full size, until the context ends.

        Read only: it may be the stored file itself. Raises ObjectMissing, StoreFull.
        """

    @abc.abstractmethod
    def url(
        self, key: str, *, expires: int | None = None, filename: str | None = None, content_type: str | None = None
    ) -> str:
        """A URL for GET and HEAD, Range included; with `filename` it is answered as a download of that name."""

    @abc.abstractmethod
    def delete(self, key: str) -> None:
        """Delete the object. Harmless when there is none."""

    @abc.abstractmethod
    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object under the prefix, in no promised order."""

    @abc.abstractmethod
    def apply_lifecycle(self, rules: Sequence[LifecycleRule], *, abort_uploads_days: int = 7) -> LifecycleOutcome:
        """Have the store itself keep the rules where it can, unfinished uploads given up after `abort_uploads_days`."""

    @abc.abstractmethod
    def apply_cors(self, origins: Sequence[str]) -> str:
        """Let pages of these origins upload and read with their presigned URLs; a sentence saying what was done."""

    @abc.abstractmethod
    def tidy(self, now: datetime) -> None:
        """Remove what killed processes left half written, once it is a day old."""

    def stale_multiparts(self, older_than: timedelta) -> Iterator[tuple[str, str]]:
        """(key, upload id) of each upload begun longer ago than `older_than` and not ended."""
        limit = datetime.now(UTC) - older_than
        return ((upload.key, upload.upload_id) for upload in self.uploads() if upload.started < limit)

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object under the prefix, which may not be empty; how many there were."""
        check_key(prefix.rstrip("/"))
        keys = [found.key for found in self.list(prefix)]
        self.delete_many(keys)
        return len(keys)

    def delete_many(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(key)

    def check(self) -> str | None:
        """Write, read and delete a small object: None when all is well, else a sentence for the operator."""
        key, data = f"health/{secrets.token_hex(8)}", secrets.token_bytes(32)
        try:
            self.put_bytes(key, data, content_type="application/octet-stream")
            try:
                if self.read_range(key, 0, len(data)) != data:
                    return "The store gave other bytes back than were written: check its disk or bucket."
            finally:
                self.delete(key)
        except StudioError as error:
            return str(error)
        return None

    def disk(self) -> tuple[int, int] | None:
        """Bytes free and bytes in all of the disk under the store; None where there is no such end."""
        return None

    def expiry(self, expires: int | None) -> int:
        """Seconds a URL lives."""
        return self.settings.url_expires if expires is None else expires

    def reading_until(self, expires: int | None) -> int:
        """When a URL for reading ends, in Unix seconds: on a grid of an eighth of its life, or of one second if that is
        under a minute. So a page drawn again a moment later shows the same URL, and the browser the picture it has.
        """
        lifetime = self.expiry(expires)
        grid = lifetime // 8 if lifetime >= 480 else 1
        return -(-(int(time.time()) + lifetime) // grid) * grid


def check_key(key: str) -> str:
    """The key itself. Raises BadKey unless every store can hold it."""
    if len(key) <= MAX_KEY_BYTES and all(map(_SAFE_SEGMENT.match, key.split("/"))):
        return key
    raise BadKey(
        f"{key[:100]!r} cannot be a storage key: use printable ASCII without spaces or backslashes, no part empty, "
        f"beginning with a dot or longer than {MAX_SEGMENT_BYTES} characters."
    )


def check_prefix(prefix: str) -> str:
    """The prefix as a folder, ending with "/", or "" for everything. Raises BadKey as `check_key` does."""
    return f"{check_key(prefix.rstrip('/'))}/" if prefix else ""


def bare_etag(etag: str) -> str:
    """An ETag header's value without its quotes."""
    return etag.strip().removeprefix("W/").strip('"')


def check_parts(arrived: Iterable[Part], claimed: Iterable[Part] | None, *, size: int, part_size: int) -> None:
    """Raises PartsMismatch unless these are the parts of a file of `size` bytes in parts of `part_size`, as claimed."""
    found = {part.number: part for part in arrived}
    sizes = {number: part.size for number, part in found.items()}
    faults = {fault.number: str(fault) for fault in part_faults(sizes, size, part_size)}
    for part in claimed or ():
        arrived_part = found.get(part.number)
        if arrived_part is None:
            faults.setdefault(part.number, f"part {part.number} does not belong to this file")
        elif bare_etag(part.etag) != arrived_part.etag:
            faults.setdefault(part.number, f"part {part.number} arrived with another ETag than you name")
    if faults:
        raise parts_mismatch(faults)


def parts_mismatch(faults: Mapping[int, str]) -> PartsMismatch:
    """The error that names each part at fault (number → what is wrong), the first few in its sentence."""
    named = [faults[number] for number in sorted(faults)]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return PartsMismatch(
        f"The upload is not whole: {', '.join(named[:5])}{more}. Send {'it' if len(named) == 1 else 'them'} again.",
        field="parts",
        details={"parts": sorted(faults)},
    )


def content_type_of(key: str) -> str:
    """The media type that the key's extension stands for."""
    extension = key.rpartition(".")[2].lower()
    return _MEDIA_TYPES.get(extension) or mimetypes.guess_type(key)[0] or "application/octet-stream"


def disposition(filename: str) -> str:
    """The Content-Disposition header of a download of this name; what cannot stand in a header becomes "_"."""
    safe = "".join(char if char.isprintable() and char not in "/\\" else "_" for char in filename)
    return content_disposition_header(True, safe) or "attachment"


def missing(key: str) -> ObjectMissing:
    return ObjectMissing(f"The store holds nothing under {key}: it was deleted, or its upload was never completed.")


def upload_gone(key: str) -> UploadGone:
    return UploadGone(
        f"The upload of {key} is no longer open: it was completed, given up or swept. Begin a new upload."
    )
