"""The store in a bucket, reached through django-storages and the boto3 client beneath it."""

import contextlib
import io
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from media_app.core.files import parts as core_parts
from media_app.storage.base import BLOCK, Store
from media_app.storage.checks import bare_etag, check_key, check_parts, check_prefix
from media_app.storage.errors import (
    ObjectMissing,
    PartsMismatch,
    StoreRefused,
    StoreUnreachable,
    UploadGone,
    missing,
    upload_gone,
)
from media_app.storage.glances import Glances
from media_app.storage.media_types import disposition
from media_app.storage.s3.client import TRANSFER, client
from media_app.storage.s3.errors import CannotDo, PastTheEnd, s3_errors
from media_app.storage.s3.rules import cors, lifecycle
from media_app.storage.s3.stream import Stream
from media_app.storage.values import (
    LifecycleOutcome,
    LifecycleRule,
    Part,
    StoredObject,
    StoreSettings,
    Upload,
)
from sessions_app.errors import StudioError

#: The longest that a signature of version 4 may live: a week.
MAX_EXPIRES_SECONDS = 7 * 86_400
# Waits before asking again for parts that a listing lacks: it may lag behind the parts themselves.
_LISTING_LAG_SECONDS = (0.3, 1.0)
_DELETED_AT_ONCE = 1000
_JOINED_AT_MOST = 3


class S3Store(Store):
    """Objects in a bucket, reached through django-storages and the boto3 client beneath it. Safe between threads."""

    def __init__(self, settings: StoreSettings) -> None:
        super().__init__(settings)
        if not settings.bucket:
            raise StoreRefused("The store is a bucket, and none is named: set S3_BUCKET.")
        self.bucket = settings.bucket
        # A signature carries the second in which it was made, so an equal URL is one that was kept.
        self._link = lru_cache(maxsize=4096)(self._new_link)
        self._glances = Glances(self.head)

    def prepare(self) -> None:
        assert self._client
        self._new_link("prepared", None, None, int(time.time()) + 60)

    def presign_part(self, key: str, upload_id: str, number: int, *, size: int, content_type: str = "") -> str:
        return self._sign("upload_part", key, None, UploadId=upload_id, PartNumber=number, ContentLength=size)

    def url(
        self, key: str, *, expires: int | None = None, filename: str | None = None, content_type: str | None = None
    ) -> str:
        return self._link(key, filename, content_type, self.reading_until(expires))

    def _new_link(self, key: str, filename: str | None, content_type: str | None, until: int) -> str:
        overrides = {}
        if filename:
            overrides["ResponseContentDisposition"] = disposition(filename)
        if content_type:
            overrides["ResponseContentType"] = content_type
        return self._sign("get_object", key, until - int(time.time()), **overrides)

    def start_multipart(self, key: str, *, content_type: str, size: int, part_size: int | None = None) -> str:
        core_parts.part_count(size, part_size or core_parts.part_size(size))
        with s3_errors(key):
            begun = self._client.create_multipart_upload(**self._at(key), ContentType=content_type)
        return str(begun["UploadId"])

    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        with s3_errors(key, absent=upload_gone(key)):
            pages = self._client.get_paginator("list_parts").paginate(**self._at(key), UploadId=upload_id)
            return [
                Part(found["PartNumber"], bare_etag(found["ETag"]), found["Size"])
                for page in pages
                for found in page.get("Parts", ())
            ]

    def complete_multipart(
        self, key: str, upload_id: str, parts: Iterable[Part] | None = None, *, size: int, part_size: int | None = None
    ) -> StoredObject:
        claimed = None if parts is None else tuple(parts)
        try:
            self._join(key, upload_id, claimed, size, part_size or core_parts.part_size(size))
        except UploadGone:
            done = self.head(key)
            if done is None or done.size != size:
                raise
            return done
        done = self.head(key)
        if done is None or done.size != size:
            raise StoreUnreachable(
                f"The store joined the parts of {key}, but does not hold their {size:,} bytes: ask again."
            )
        return done

    def abort_multipart(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(UploadGone), s3_errors(key, absent=upload_gone(key)):
            self._client.abort_multipart_upload(**self._at(key), UploadId=upload_id)

    def uploads(self) -> Iterator[Upload]:
        for found in self._pages("list_multipart_uploads", "Uploads"):
            yield Upload(found["Key"], found["UploadId"], found["Initiated"])

    def head(self, key: str) -> StoredObject | None:
        with contextlib.suppress(ObjectMissing), s3_errors(key, absent=missing(key)):
            found = self._client.head_object(**self._at(key))
            return StoredObject(key, found["ContentLength"], bare_etag(found["ETag"]), found["LastModified"])
        return None

    def glance(self, keys: Iterable[str], *, ask: bool = True) -> Mapping[str, StoredObject | None]:
        wanted = list(keys)
        if ask:
            self._glances.ask(wanted)
        return self._glances.known(wanted)

    def put_file(self, key: str, path: Path, *, content_type: str, move: bool = False) -> StoredObject:
        size = path.stat().st_size
        with s3_errors(key):
            self._client.upload_file(
                str(path), self.bucket, check_key(key), ExtraArgs={"ContentType": content_type}, Config=TRANSFER
            )
        return self._present(key, size)

    def put_bytes(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        with s3_errors(key):
            self._client.put_object(**self._at(key), Body=data, ContentType=content_type)
        return self._present(key, len(data))

    def open(self, key: str) -> BinaryIO:
        with s3_errors(key, absent=missing(key)):
            body = self._client.get_object(**self._at(key))["Body"]
        return io.BufferedReader(Stream(key, body), BLOCK)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        if length <= 0:
            self._must_exist(key)
            return b""
        try:
            with s3_errors(key, absent=missing(key)):
                found = self._client.get_object(**self._at(key), Range=f"bytes={start}-{start + length - 1}")
                return bytes(found["Body"].read())
        except PastTheEnd:
            return b""

    @contextmanager
    def local_copy(self, key: str, scratch_dir: Path) -> Iterator[Path]:
        found = self._must_exist(key)
        copy = scratch_dir / f"{secrets.token_hex(4)}-{key.rpartition('/')[2]}"
        try:
            with s3_errors(key, absent=missing(key)):
                self._client.download_file(self.bucket, key, str(copy), Config=TRANSFER)
            if copy.stat().st_size != found.size:
                raise StoreUnreachable(
                    f"Only {copy.stat().st_size:,} of the {found.size:,} bytes of {key} came: try again."
                )
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    def delete(self, key: str) -> None:
        with s3_errors(key):
            self._client.delete_object(**self._at(key))

    def delete_many(self, keys: Iterable[str]) -> None:
        """A thousand in one request; one by one where the store does not take such a request."""
        for batch in _batched(keys, _DELETED_AT_ONCE):
            left = batch
            with contextlib.suppress(StudioError), s3_errors(batch[0]):
                names = [{"Key": check_key(key)} for key in batch]
                answer = self._client.delete_objects(Bucket=self.bucket, Delete={"Objects": names, "Quiet": True})
                left = [failed["Key"] for failed in answer.get("Errors", ())]
            for key in left:
                self.delete(key)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        for found in self._pages("list_objects_v2", "Contents", Prefix=check_prefix(prefix)):
            yield StoredObject(found["Key"], found["Size"], bare_etag(found["ETag"]), found["LastModified"])

    def tidy(self, now: datetime) -> None:
        """Nothing to do: a bucket has no half-written objects, and unfinished uploads are listed as such."""

    def apply_lifecycle(self, rules: Sequence[LifecycleRule], *, abort_uploads_days: int = 7) -> LifecycleOutcome:
        """A bucket matches the beginning of keys only, so a rule about a folder inside them stays with the sweep."""
        swept = tuple(rule.name for rule in rules if rule.folder)
        wanted = lifecycle(rules, abort_uploads_days)
        try:
            with s3_errors(self.bucket):
                self._client.put_bucket_lifecycle_configuration(
                    Bucket=self.bucket, LifecycleConfiguration={"Rules": wanted}
                )
        except CannotDo:
            names = tuple(rule.name for rule in rules)
            return LifecycleOutcome((), names, "This store keeps no lifecycle rules: Studio's sweep applies them all.")
        kept = tuple(rule["ID"] for rule in wanted)
        return LifecycleOutcome(kept, swept, f"The bucket applies {', '.join(kept)}; Studio's sweep the rest.")

    def apply_cors(self, origins: Sequence[str]) -> str:
        if not origins:
            return "No page may use the bucket yet: set PUBLIC_URL, then apply this again."
        try:
            with s3_errors(self.bucket):
                self._client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [cors(origins)]})
        except CannotDo:
            return "This store keeps no CORS rules of its own: allow the origins in its server's configuration."
        return f"The bucket now lets pages of {', '.join(origins)} upload and read."

    @property
    def _client(self) -> Any:
        return self._client_of(self.settings.endpoint_url)

    def _client_of(self, endpoint_url: str) -> Any:
        return client(endpoint_url, self.settings.access_key, self.settings.secret_key, self.settings.region)

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": check_key(key)}

    def _sign(self, method: str, key: str, expires: int | None, **params: Any) -> str:
        seconds = min(self.expiry(expires), MAX_EXPIRES_SECONDS)
        client = self._client_of(self.settings.public_endpoint_url or self.settings.endpoint_url)
        with s3_errors(key):
            return str(client.generate_presigned_url(method, Params={**self._at(key), **params}, ExpiresIn=seconds))

    def _pages(self, method: str, field: str, **params: Any) -> Iterator[Mapping[str, Any]]:
        with s3_errors(self.bucket):
            for page in self._client.get_paginator(method).paginate(Bucket=self.bucket, **params):
                yield from page.get(field, ())

    def _whole(
        self, key: str, upload_id: str, claimed: Sequence[Part] | None, size: int, part_size: int
    ) -> Sequence[Part]:
        """The parts that make the file, given time to be listed."""
        for pause in _LISTING_LAG_SECONDS:
            arrived = self.parts(key, upload_id)
            with contextlib.suppress(PartsMismatch):
                check_parts(arrived, claimed, size=size, part_size=part_size)
                return arrived
            time.sleep(pause)
        arrived = self.parts(key, upload_id)
        check_parts(arrived, claimed, size=size, part_size=part_size)
        return arrived

    def _join(self, key: str, upload_id: str, claimed: Sequence[Part] | None, size: int, part_size: int) -> None:
        """Make the parts one object. A part that is sent again meanwhile makes the store refuse: then they are listed anew."""
        for _ in range(_JOINED_AT_MOST - 1):
            arrived = self._whole(key, upload_id, claimed, size, part_size)
            with contextlib.suppress(PartsMismatch):
                return self._complete(key, upload_id, arrived)
        return self._complete(key, upload_id, self._whole(key, upload_id, claimed, size, part_size))

    def _complete(self, key: str, upload_id: str, arrived: Sequence[Part]) -> None:
        listed = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in arrived]
        with s3_errors(key, absent=upload_gone(key)):
            self._client.complete_multipart_upload(
                **self._at(key), UploadId=upload_id, MultipartUpload={"Parts": listed}
            )

    def _must_exist(self, key: str) -> StoredObject:
        found = self.head(key)
        if found is None:
            raise missing(key)
        return found

    def _present(self, key: str, size: int) -> StoredObject:
        found = self.head(key)
        if found is None or found.size != size:
            raise StoreUnreachable(f"The store took {key}, but does not hold its {size:,} bytes: send it again.")
        return found


def _batched(keys: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    rest = iter(keys)
    while batch := tuple(islice(rest, size)):
        yield batch
