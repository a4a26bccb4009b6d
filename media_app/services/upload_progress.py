"""Where an upload stands: what has arrived, and links for what is missing."""

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
    """What has arrived, and fresh links for what is missing."""
    store = storage.store()
    if not upload.store_upload_id:
        arrived = store.head(upload.key)
        url = store.presign_put(upload.key, content_type=upload.content_type, size=upload.size_bytes)
        whole = (storage.Part(1, arrived.etag, arrived.size),) if arrived is not None else ()
        return Progress(upload, url, whole, ())
    try:
        arrived_parts = store.parts(upload.key, upload.store_upload_id)
    except storage.UploadGone:
        whole_object = store.head(upload.key)
        if whole_object is None or whole_object.size != upload.size_bytes:
            raise
        # All parts were made one, and whoever asked for it died before it was written down: complete ends it.
        planned = parts.plan_parts(upload.size_bytes, upload.part_size)
        arrived_parts = [storage.Part(part.number, whole_object.etag, part.size) for part in planned]
    have = {part.number for part in arrived_parts}
    missing = (part for part in parts.plan_parts(upload.size_bytes, upload.part_size) if part.number not in have)
    links = tuple(
        PartLink(
            part.number,
            part.size,
            store.presign_part(upload.key, upload.store_upload_id, part.number, size=part.size),
        )
        for part in islice(missing, LINKS_AT_ONCE)
    )
    return Progress(upload, "", tuple(arrived_parts), links)


def received_bytes(upload: Upload) -> int:
    """How much of an upload is in the store."""
    if upload.store_upload_id:
        return sum(part.size for part in storage.store().parts(upload.key, upload.store_upload_id))
    whole = storage.store().head(upload.key)
    return whole.size if whole is not None else 0
