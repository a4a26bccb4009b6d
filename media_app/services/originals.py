"""Originals, read only as long as they are the files that were taken.

The store's ETag, kept when an upload completes, shows cheaply whether the object is still the same. Another ETag may also mean
that the object was restored from a backup or copied to another bucket: then its SHA-256 decides, where it is known and the
bytes are at hand.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from media_app import storage
from media_app.core import kinds
from media_app.core.files.faults import NotUsable
from media_app.jobs import CannotSucceed
from media_app.making.sound_ranges import NotByRanges, Windows, sound_ranges
from media_app.models import DerivedMedia, MediaAsset
from media_app.services.withheld import Withheld, refuse_withheld, stand_in

_BLOCK = 2**20
#: A file smaller than this is fetched whole, and one of which the sound is more than this share.
LARGE, WORTH_WHILE = 64 << 20, 0.4
#: The share of a file up to which a film that shows some of its pictures reads these alone.
FEW_PICTURES = 0.3


class OriginalChanged(CannotSucceed):
    """The object under an asset's key is not the file that was taken."""

    code = "source_changed"
    status = 409


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The file that is handed out where an asset's original is asked for."""

    key: str
    filename: str


@contextmanager
def local_copy(asset: MediaAsset, scratch: Path) -> Iterator[Path]:
    """The original as a local file, as `Store.local_copy` gives it. Raises OriginalChanged, ObjectMissing, StoreFull."""
    with storage.store().local_copy(asset.original_key, scratch) as path:
        _refuse_other_size(asset, path.stat().st_size)
        # Asked after the copy was made: what replaced the object before or meanwhile has another ETag by now.
        found = _head(asset)
        if found.etag != asset.original_etag:
            with path.open("rb") as file:
                _verify(asset, found, file)
        yield path


def sound_of(asset: MediaAsset, scratch: Path, reserve: Callable[[int], None]) -> Path | None:
    """The original as a local file that is empty where only its picture lies; None where it is to be fetched whole: from a store on
    this disk, where its bytes are to be verified, and where its container does not say where the sound lies or winds it too
    closely with the picture.

    `reserve` is asked for scratch before the bytes are fetched. Raises as the store.
    """
    if asset.checksum:
        return None
    return _in_part(asset, scratch / "sound-of-original", _Part((), WORTH_WHILE, reserve))


def pictures_of(asset: MediaAsset, scratch: Path, windows: Windows) -> Path | None:
    """The original as a local file that has its sound and, of its picture, what is shown in these seconds of it; None where it is to be
    fetched whole: as in `sound_of`, and where that is more than a share of `FEW_PICTURES`. Room for the whole is kept already."""
    return _in_part(asset, scratch / "part-of-original", _Part(windows, FEW_PICTURES, lambda length: None))


@dataclass(frozen=True, slots=True)
class _Part:
    """What is wanted of a file besides its sound, and up to which share of it."""

    pictures: Windows
    share: float
    reserve: Callable[[int], None]


def _in_part(asset: MediaAsset, path: Path, part: _Part) -> Path | None:
    if not storage.store().copies or not asset.original_etag or asset.size_bytes < LARGE:
        return None
    with storage.PartialCopy(storage.store(), asset.original_key, asset.size_bytes, path) as copy:
        fetched = _fetch(copy, part)
    # Asked after the bytes came: what replaced the object before or meanwhile has another ETag by now.
    found = storage.store().head(asset.original_key)
    if fetched and found and (found.size, found.etag) == (asset.size_bytes, asset.original_etag):
        return path
    path.unlink()
    return None


def _fetch(copy: storage.PartialCopy, part: _Part) -> bool:
    """Whether the part was worth fetching by itself."""
    try:
        wanted = sound_ranges(cast("IO[bytes]", copy), copy.size, part.pictures)
    except (NotByRanges, NotUsable, storage.ObjectMissing):
        return False
    length = sum(one.length for one in wanted)
    if length > part.share * copy.size:
        return False
    part.reserve(length + copy.fetched)
    copy.fetch(wanted)
    return True


def handed_out(asset: MediaAsset) -> HandedOut:
    """The original, or the copy in which its faces are hidden. Raises OriginalChanged, Withheld."""
    if (row := stand_in(asset)) is None:
        refuse_changed(asset)
        return HandedOut(asset.original_key, asset.original_filename)
    return HandedOut(row.key, hidden_name(asset, row))


def hidden_name(asset: MediaAsset, row: DerivedMedia) -> str:
    """What the copy with hidden faces is called."""
    return f"{PurePosixPath(asset.original_filename).stem}.{kinds.ANONYMISED.name}{PurePosixPath(row.key).suffix}"


def look(assets: Iterable[MediaAsset]) -> None:
    """Have a bucket asked for the originals of a detail answer, all at once and for a moment at most: what `link_if_unchanged` and
    `fault_of` say of them follows from it."""
    keys = [asset.original_key for asset in assets if asset.original_key and asset.original_etag]
    if keys and storage.store().copies:
        storage.store().glance(keys)


def link_if_unchanged(asset: MediaAsset) -> str | None:
    """A URL of the original, or of its copy with hidden faces; None when there is none, or when something else lies under its key, as
    far as is known: a bucket is asked by `look` alone, for lists show many assets."""
    if not asset.original_key:
        return None
    try:
        row = stand_in(asset)
    except Withheld:
        return None
    if row is None and fault_of(asset):
        return None
    return storage.store().url(row.key if row is not None else asset.original_key)


def fault_of(asset: MediaAsset) -> str:
    """Why what lies under the original's key is not the file that was taken, as far as is known without waiting; empty otherwise."""
    if not asset.original_key or not asset.original_etag:
        return ""
    found = storage.store().glance([asset.original_key], ask=False).get(asset.original_key)
    return _fault(asset, found) if found is not None else ""


def refuse_changed(asset: MediaAsset) -> None:
    """Raise OriginalChanged when the object's size or ETag is not the recorded one, and Withheld for one not to be handed out. An object that is gone passes, because
    its link says so; one of an earlier version of Studio passes until a job has recorded its ETag."""
    refuse_withheld(asset)
    found = storage.store().head(asset.original_key) if asset.original_etag else None
    if found is not None and (fault := _fault(asset, found)):
        raise OriginalChanged(fault)


def _fault(asset: MediaAsset, found: storage.StoredObject) -> str:
    if found.size != asset.size_bytes:
        return _other_size(asset, found.size)
    if found.etag != asset.original_etag:
        return (
            f"The file of {asset.short_name} in the store is not the one that was taken: something replaced it. "
            "Upload it again. If it was restored from a backup, `manage.py verify_originals` accepts it by its checksum."
        )
    return ""


def verify(asset: MediaAsset) -> None:
    """Read all of the original and compare its SHA-256. Raises OriginalChanged, ObjectMissing."""
    found = _head(asset)
    _refuse_other_size(asset, found.size)
    with storage.store().open(asset.original_key) as file:
        _verify(asset, found, file)


def _verify(asset: MediaAsset, found: storage.StoredObject, file: BinaryIO) -> None:
    """Accept the object's ETag for the asset if its bytes have the asset's checksum. One that no upload recorded and no
    ingest has hashed is of an earlier version of Studio, and passes by its size."""
    if asset.checksum:
        if _sha256(file) != asset.checksum:
            raise OriginalChanged("The file in the store is not the one that was ingested before. Upload it again.")
    elif asset.original_etag:
        raise OriginalChanged("The file in the store is not the one that was uploaded. Upload it again.")
    MediaAsset.objects.filter(pk=asset.pk, original_key=asset.original_key).update(original_etag=found.etag)
    asset.original_etag = found.etag


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _head(asset: MediaAsset) -> storage.StoredObject:
    found = storage.store().head(asset.original_key)
    if found is None:
        raise storage.ObjectMissing(f"The file of {asset.short_name} is not in the store. Upload it again.")
    return found


def _refuse_other_size(asset: MediaAsset, size: int) -> None:
    if size != asset.size_bytes:
        raise OriginalChanged(_other_size(asset, size))


def _other_size(asset: MediaAsset, size: int) -> str:
    return (
        f"The file in the store has {size:,} bytes and {asset.size_bytes:,} were announced: something replaced it. "
        "Upload it again."
    )
