"""The values that stores take and answer with."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object: `size` in bytes; `etag` without quotes, another for other bytes, never to be read as a checksum."""

    key: str
    size: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an upload; `etag` without quotes, `size` in bytes (0 where only a client has announced the part)."""

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
