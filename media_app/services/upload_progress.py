"""Where an upload stands: what has arrived, and links for what is missing.

Each upload is a multipart upload of the store, also the one that a client sends by a single PUT: its links end with it, so
that nothing can be written once it is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from media_app import storage
from media_app.core.files import parts
from media_app.models import Upload

#: How many part links one answer carries; a client with more parts to send asks again.
LINKS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class PartLink:
    number: int
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands: what has arrived, and where to send the rest. `url` is set when there are no parts."""

    upload: Upload
    url: str
    arrived: tuple[storage.Part, ...]
    missing: tuple[PartLink, ...]

    @property
    def received_bytes(self) -> int:
        return sum(part.size for part in self.arrived)


def progress_of(upload: Upload) -> Progress:
    """What has arrived, and fresh links for what is missing. Raises UploadGone, StoreFull."""
    begin_in_store(upload)
    arrived = tuple(_arrived(upload))
    if upload.in_one_piece:
        return Progress(upload, _link(upload, 1, upload.size_bytes), arrived, ())
    have = {part.number for part in arrived}
    missing = (part for part in parts.plan_parts(upload.size_bytes, upload.part_size) if part.number not in have)
    links = (PartLink(part.number, part.size, _link(upload, part.number, part.size)) for part in missing)
    return Progress(upload, "", arrived, tuple(islice(links, LINKS_AT_ONCE)))


def begin_in_store(upload: Upload) -> None:
    """Begin the store's side of an upload, unless that was done before."""
    if upload.store_upload_id:
        return
    store = storage.store()
    begun = store.start_multipart(
        upload.key, content_type=upload.content_type, size=upload.size_bytes, part_size=upload.stored_part_size
    )
    waiting = Upload.objects.filter(pk=upload.pk, store_upload_id="", state=Upload.State.OPEN)
    if not waiting.update(store_upload_id=begun):
        store.abort_multipart(upload.key, begun)
    upload.refresh_from_db()


def received_bytes(upload: Upload) -> int:
    """How much of an upload is in the store."""
    if not upload.store_upload_id:
        return 0
    return sum(part.size for part in storage.store().parts(upload.key, upload.store_upload_id))


def _arrived(upload: Upload) -> Sequence[storage.Part]:
    try:
        return storage.store().parts(upload.key, upload.store_upload_id)
    except storage.UploadGone:
        whole = storage.store().head(upload.key)
        if whole is None or whole.size != upload.size_bytes:
            raise
        # The store joined all parts, and the process that asked for it died before it was written down: complete ends it.
        planned = parts.plan_parts(upload.size_bytes, upload.stored_part_size)
        return [storage.Part(part.number, whole.etag, part.size) for part in planned]


def _link(upload: Upload, number: int, size: int) -> str:
    named = upload.content_type if upload.in_one_piece else ""
    return storage.store().presign_part(upload.key, upload.store_upload_id, number, size=size, content_type=named)
