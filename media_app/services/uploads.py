"""Letting files in: offer where to send them, say what has arrived, take what is complete.

The bytes go from the client to the store; Studio keeps who may send what where. An upload belongs to one version of an
asset, and the asset changes only when all of it has arrived, so that a replacement that never ends costs nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from media_app import jobs, storage
from media_app.core.files import accept, keys, parts
from media_app.models import AngleCounter, MediaAsset, MediaJob, Upload
from media_app.services import housekeeping
from sessions_app import services as sessions
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, StudioError, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session

ENDED = "This upload was ended before it was complete. Call init-upload to begin another."
#: How many part links one answer carries; a client with more parts to send asks again.
LINKS_AT_ONCE = 1000
INGEST_PRIORITY = 10


class UploadIncomplete(StudioError):
    """Complete was called before everything had arrived."""

    code = "upload_incomplete"
    status = 409


class NoRoom(StudioError):
    """The file does not fit into the store."""

    code = "no_room"
    status = 413


class UploadEnded(StudioError):
    """The upload was aborted or replaced."""

    code = "upload_ended"
    status = 409


@dataclass(frozen=True, slots=True)
class FileOffer:
    """What a client says of the file it is about to send."""

    camera_label: str
    filename: str
    content_type: str
    size_bytes: int
    fingerprint: str = ""


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


def init_upload(context: Context, session_id, offer: FileOffer) -> Progress:
    """Room for a camera's file. Asked again for the same file, the upload under way is offered again.

    Raises InvalidInput naming the field at fault, NotFound for an unknown session.
    """
    refusal = accept.refuse_upload(
        offer.filename, offer.content_type, offer.size_bytes, max_bytes=settings.MAX_UPLOAD_BYTES
    )
    if refusal is not None:
        raise InvalidInput(refusal.message, field=refusal.field)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        asset = session.assets.filter(camera_label=offer.camera_label).first()
        upload = asset.uploads.filter(state=Upload.State.OPEN).first() if asset is not None else None
        if upload is not None and not _same_file(upload, offer):
            _close(upload)
            upload = None
        if upload is None:
            asset = asset or _new_asset(session, offer)
            upload = _new_upload(asset, offer)
    try:
        _start_parts(upload)
        return progress_of(upload)
    except storage.StoreFull as error:
        abandon(upload)
        raise NoRoom(str(error), field="sizeBytes") from error
    except storage.UploadGone:
        # The store gave the parts up, by its own lifecycle: what is left is to begin anew.
        with transaction.atomic():
            get_session(context, session_id, lock=True)
            gone = Upload.objects.select_related("asset").filter(pk=upload.pk, state=Upload.State.OPEN).first()
            if gone is None:
                raise UploadEnded(ENDED) from None
            _close(gone)
            upload = _new_upload(gone.asset, offer)
        _start_parts(upload)
        return progress_of(upload)


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


def open_upload(context: Context, session_id, asset_id) -> Upload:
    """The upload under way for an asset, marked as asked about now.

    Raises NotFound when there is none.
    """
    asset = get_asset(context, session_id, asset_id)
    upload = asset.uploads.filter(state=Upload.State.OPEN).first()
    if upload is None:
        raise NotFound("No upload is under way for this camera. Call init-upload to begin one.")
    Upload.objects.filter(pk=upload.pk).update(updated_at=timezone.now())
    return upload


def complete_upload(
    context: Context, session_id, asset_id, *, upload_id=None, claimed: list[storage.Part] | None = None
) -> MediaAsset:
    """Take what has arrived, and begin its ingest. Repeated calls are harmless.

    `claimed` are the parts as the client knows them; what the store holds decides.
    Raises UploadIncomplete or PartsMismatch naming what is missing, UploadEnded when the upload was aborted.
    """
    asset = get_asset(context, session_id, asset_id)
    uploads = asset.uploads.filter(pk=upload_id) if upload_id is not None else asset.uploads.order_by("-created_at")
    upload = uploads.first()
    if upload is None:
        raise NotFound("There is no such upload for this camera. Call init-upload to begin one.", field="uploadId")
    if upload.state == Upload.State.COMPLETED:
        # The camera was read before its upload: another's complete may have come between.
        return get_asset(context, session_id, asset_id)
    if upload.state == Upload.State.ABORTED:
        raise UploadEnded(ENDED)
    _take(upload, claimed)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        upload = Upload.objects.filter(pk=upload.pk).first()
        if upload is None or upload.state == Upload.State.ABORTED:
            raise UploadEnded(ENDED)
        asset = get_asset(context, session_id, asset_id)
        if upload.state == Upload.State.OPEN:
            jobs.withdraw(MediaJob.objects.filter(asset=asset))
            _adopt(asset, upload)
            begin_ingest(asset, session)
            enqueue_ingest(asset, session)
    return asset


def abort_upload(context: Context, session_id, asset_id) -> None:
    """End the upload under way, if there is one; a camera that never had a file goes with it."""
    asset = get_asset(context, session_id, asset_id)
    upload = asset.uploads.filter(state=Upload.State.OPEN).first()
    if upload is not None:
        abandon(upload)


def abandon(upload: Upload, message: str = "") -> None:
    """End an upload. The asset that waited for it fails again with what it said before, or with `message`; one that never
    had a file is removed when there is no message."""
    with transaction.atomic():
        session = RecordingSession.objects.select_for_update(of=("self",)).filter(assets__uploads=upload).first()
        opened = Upload.objects.select_related("asset").filter(pk=upload.pk, state=Upload.State.OPEN).first()
        if session is None or opened is None:
            return
        _close(opened)
        asset = opened.asset
        if asset.status == MediaAsset.Status.UPLOADING and (message or asset.original_key):
            asset.status, asset.status_message = MediaAsset.Status.FAILED, asset.status_message or message
            asset.save(update_fields=["status", "status_message", "updated_at"])
        elif asset.status == MediaAsset.Status.UPLOADING:
            asset.delete()
        advance_if_ingested(session)


def remove_asset(context: Context, session_id, asset_id) -> None:
    """Take a camera out of its shoot; its files are swept later, its work is cancelled. The session goes back to review."""
    take_out(get_asset(context, session_id, asset_id))


def take_out(asset: MediaAsset) -> None:
    """As `remove_asset`, for whoever has found the asset already."""
    with transaction.atomic():
        session = RecordingSession.objects.select_for_update(of=("self",)).filter(assets=asset).first()
        # Asked again under the lock: another request may have removed it while this one waited.
        found = session.assets.filter(pk=asset.pk).first() if session is not None else None
        if session is None or found is None:
            return
        asset = found
        never_came = asset.status == MediaAsset.Status.UPLOADING and not asset.original_key
        asset.delete()
        if not never_came and session.status not in (RecordingSession.Status.DRAFT, RecordingSession.Status.INGESTING):
            advance(session, to=RecordingSession.Status.INGESTING, reason="")
        advance_if_ingested(session)


def remove_session(context: Context, session_id) -> None:
    """Take a shoot away with all it holds; its files are swept later, its jobs are cancelled and stay in the record."""
    sessions.remove_session(get_session(context, session_id))


def ingest_again(context: Context, session_id, asset_id) -> MediaJob:
    """Make an asset's derivatives anew, under a version of their own, from the original that is kept.

    Raises WrongStatus while it is still uploading or being ingested.
    """
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        asset = get_asset(context, session_id, asset_id)
        if asset.status not in (MediaAsset.Status.READY, MediaAsset.Status.FAILED) or not asset.original_key:
            raise WrongStatus(f"Camera {asset.camera_label} is {asset.status}. Wait until it is ready or has failed.")
        begin_ingest(asset, session)
        return enqueue_ingest(asset, session, derived_version=next_version(asset))


def begin_ingest(asset: MediaAsset, session: RecordingSession) -> None:
    """In the transaction that queues the work: the asset of a locked session is being made usable."""
    asset.status, asset.status_message = MediaAsset.Status.INGESTING, ""
    asset.save(update_fields=["status", "status_message", "updated_at"])
    if session.status != RecordingSession.Status.INGESTING:
        advance(session, to=RecordingSession.Status.INGESTING, reason="")


def enqueue_ingest(asset: MediaAsset, session: RecordingSession, derived_version: int | None = None) -> MediaJob:
    derived_version = derived_version or asset.version
    return jobs.enqueue(
        "ingest_asset_v1",
        asset.context,
        input_json={
            "asset_id": str(asset.pk),
            "camera": asset.camera_label,
            "original_key": asset.original_key,
            "derived_version": derived_version,
        },
        session=session,
        asset=asset,
        priority=INGEST_PRIORITY,
        dedupe_key=f"ingest:{asset.pk}:{derived_version}",
    )


def get_asset(context: Context, session_id, asset_id) -> MediaAsset:
    assets = MediaAsset.objects.in_tenant(context).filter(session_id=session_id, pk=asset_id)
    asset = assets.select_related("session").first()
    if asset is None:
        raise NotFound(f"There is no asset {asset_id} in session {session_id}. Read the session to see its cameras.")
    return asset


def advance_if_ingested(session: RecordingSession) -> None:
    """Move a locked session on when nothing more is coming: to sync when two or more can be compared, else to a person."""
    if session.status != RecordingSession.Status.INGESTING:
        return
    assets = list(session.assets.all())
    if any(asset.status in (MediaAsset.Status.UPLOADING, MediaAsset.Status.INGESTING) for asset in assets):
        return
    if not assets:
        advance(session, to=RecordingSession.Status.DRAFT)
    elif sum(asset.status == MediaAsset.Status.READY and asset.has_audio for asset in assets) >= 2:
        advance(session, to=RecordingSession.Status.SYNCING)
    else:
        advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=_why_not_synced(assets))


def _why_not_synced(assets: list[MediaAsset]) -> str:
    silent = [a.camera_label for a in assets if a.status == MediaAsset.Status.READY and not a.has_audio]
    failed = [a.camera_label for a in assets if a.status == MediaAsset.Status.FAILED]
    reasons = []
    if failed:
        reasons.append(f"{_cameras(failed)} could not be ingested")
    if silent:
        reasons.append(f"{_cameras(silent)} recorded no sound")
    if len(assets) == 1 and not reasons:
        return "There is one camera: nothing to compare it with. Add another angle."
    why = " and ".join(reasons) or "there is nothing to compare"
    return f"Sync needs two recordings with sound: {why}. Replace the file, or set the offsets by hand."


def _cameras(labels: list[str]) -> str:
    return f"camera {labels[0]}" if len(labels) == 1 else f"cameras {', '.join(labels[:-1])} and {labels[-1]}"


def next_version(asset: MediaAsset | keys.Angle) -> int:
    """A version that no key of this angle has had, and none that a person gave by hand."""
    if isinstance(asset, MediaAsset):
        asset = asset.angle()
    counter, _ = AngleCounter.objects.select_for_update().get_or_create(
        tenant_id=asset.tenant_id,
        env=asset.env,
        project_id=asset.project_id,
        day=asset.day,
        camera_label=asset.camera,
    )
    by_hand = MediaAsset.objects.filter(
        tenant_id=asset.tenant_id,
        env=asset.env,
        project_id=asset.project_id,
        shoot_date=asset.day,
        camera_label=asset.camera,
    ).aggregate(last=Max("version"))["last"]
    counter.last_version = max(counter.last_version, by_hand or 0) + 1
    counter.save(update_fields=["last_version"])
    return counter.last_version


def _same_file(upload: Upload, offer: FileOffer) -> bool:
    """By what both sides know. Two takes may share name and size, and their parts must never be mixed."""
    if upload.fingerprint and offer.fingerprint and upload.fingerprint != offer.fingerprint:
        return False
    return (upload.filename, upload.size_bytes, upload.content_type) == (
        offer.filename,
        offer.size_bytes,
        offer.content_type,
    )


def _new_asset(session: RecordingSession, offer: FileOffer) -> MediaAsset:
    asset = MediaAsset(
        **session.context.stamp(),
        session=session,
        camera_label=offer.camera_label,
        original_filename=offer.filename,
        content_type=offer.content_type,
        size_bytes=offer.size_bytes,
        project_id=session.project_id,
        shoot_date=session.date,
    )
    asset.version = next_version(asset)
    asset.save()
    return asset


def _new_upload(asset: MediaAsset, offer: FileOffer) -> Upload:
    first = asset.status == MediaAsset.Status.UPLOADING and not asset.uploads.exists()
    version = asset.version if first else next_version(asset)
    if asset.status == MediaAsset.Status.FAILED:
        asset.status = MediaAsset.Status.UPLOADING
        asset.save(update_fields=["status", "updated_at"])
    multipart = offer.size_bytes >= max(1, settings.MULTIPART_FROM_BYTES)
    return Upload.objects.create(
        **asset.context.stamp(),
        asset=asset,
        version=version,
        key=keys.original_key(asset.angle(version), offer.filename),
        filename=offer.filename,
        content_type=offer.content_type,
        size_bytes=offer.size_bytes,
        fingerprint=offer.fingerprint,
        part_size=parts.part_size(offer.size_bytes) if multipart else 0,
    )


def _start_parts(upload: Upload) -> None:
    if not upload.part_size or upload.store_upload_id:
        return
    store = storage.store()
    started = store.start_multipart(
        upload.key, content_type=upload.content_type, size=upload.size_bytes, part_size=upload.part_size
    )
    first = Upload.objects.filter(pk=upload.pk, store_upload_id="", state=Upload.State.OPEN)
    if not first.update(store_upload_id=started):
        store.abort_multipart(upload.key, started)
    upload.refresh_from_db()


def _close(upload: Upload) -> None:
    """In the caller's transaction; the store's side goes after it."""
    upload.state = Upload.State.ABORTED
    upload.save(update_fields=["state", "updated_at"])
    housekeeping.schedule_deletion(
        [upload.key], after=timedelta(0) if upload.store_upload_id else housekeeping.late_arrivals()
    )
    if upload.store_upload_id:
        transaction.on_commit(lambda: storage.store().abort_multipart(upload.key, upload.store_upload_id), robust=True)


def _take(upload: Upload, claimed: list[storage.Part] | None) -> None:
    """Make one object of what arrived, or say what is missing."""
    store = storage.store()
    if not upload.store_upload_id:
        whole = store.head(upload.key)
        if whole is None:
            raise UploadIncomplete(f"Nothing of {upload.filename} has arrived yet. Send it to its uploadUrl first.")
        if whole.size != upload.size_bytes:
            raise UploadIncomplete(
                f"{upload.filename} arrived with {whole.size:,} bytes instead of {upload.size_bytes:,}. Send it again."
            )
        return
    store.complete_multipart(
        upload.key, upload.store_upload_id, claimed, size=upload.size_bytes, part_size=upload.part_size
    )


def _adopt(asset: MediaAsset, upload: Upload) -> None:
    """The asset is this upload's file from now on; what was made of an earlier one goes."""
    if asset.original_key and asset.original_key != upload.key:
        housekeeping.schedule_deletion([asset.original_key])
    asset.derivatives.all().delete()
    upload.state = Upload.State.COMPLETED
    upload.save(update_fields=["state", "updated_at"])
    fresh = MediaAsset(pk=asset.pk)
    for name in ("kind", "duration_ms", "fps", "variable_frame_rate", "width", "height", "codec", "has_audio", "audio_codec",
                 "sample_rate", "audio_channels", "video_start_ms", "audio_start_ms", "timecode", "media_info", "checksum",
                 "warnings", "status_message"):  # fmt: skip
        setattr(asset, name, getattr(fresh, name))
    asset.status = MediaAsset.Status.INGESTING
    asset.version, asset.original_key, asset.original_filename = upload.version, upload.key, upload.filename
    asset.content_type, asset.size_bytes = upload.content_type, upload.size_bytes
    asset.save()
