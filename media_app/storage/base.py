"""What every store can do."""

import abc
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

from media_app.storage.checks import check_key
from media_app.storage.values import LifecycleOutcome, LifecycleRule, Part, StoredObject, StoreSettings, Upload
from sessions_app.errors import StudioError

#: Bytes moved at once: files are streamed, never held whole in memory.
BLOCK = 2**20


class Store(abc.ABC):
    """Objects under keys, in a folder of this machine or in a bucket.

    Keys are printable ASCII, segments divided by "/", none empty or beginning with a dot; any method raises BadKey on
    another. A prefix is a folder: "a/b" holds "a/b/c", not "a/bc". Each may raise StoreUnreachable or StoreRefused.
    URLs expire `expires` seconds from now, by default after the setting STORAGE_URL_EXPIRES.
    """

    #: Whether `local_copy` takes space of the scratch disk.
    copies: ClassVar[bool] = True

    def __init__(self, settings: StoreSettings) -> None:
        self.settings = settings

    def prepare(self) -> None:  # noqa: B027  (most have nothing to load)
        """Load what the first request would have to wait for. The store itself is asked nothing."""

    def copied_bytes(self, size: int) -> int:
        """What `local_copy` of an object of `size` bytes takes of the scratch disk."""
        return size if self.copies else 0

    @abc.abstractmethod
    def start_multipart(self, key: str, *, content_type: str, size: int, part_size: int | None = None) -> str:
        """Begin an upload of `size` bytes in parts of `part_size` (`core.parts.part_size(size)`); its id.

        Raises StoreFull when the store knows that `size` bytes will not fit.
        """

    @abc.abstractmethod
    def presign_part(self, key: str, upload_id: str, number: int, *, size: int, content_type: str = "") -> str:
        """A URL that takes one part of exactly `size` bytes by PUT and answers its ETag. Sent again, it replaces.

        Nothing is taken once the upload is complete or aborted. With `content_type` the local store takes no other; a bucket
        gives an object the type that was announced, whatever is said with its parts.
        """

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

    def glance(self, keys: Iterable[str], *, ask: bool = True) -> Mapping[str, StoredObject | None]:
        """As `head` of many keys, for answers that may not wait: of a bucket as it was seconds ago, without those that it does not
        answer in a moment. Without `ask`, only what was seen lately."""
        return {key: self.head(key) for key in keys}

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
