"""Uploads: offered, completed, aborted.

The bytes go from the client to the store; Studio keeps who may send what where. An upload belongs to one version of an
asset, and the asset changes only when all of it has arrived, so that a replacement that never ends costs nothing.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from media_app import jobs, storage
from media_app.core.cards.takes import CardFile
from media_app.core.files import accept, keys, parts
from media_app.models import MediaAsset, MediaJob, Upload
from media_app.services import chapters, deletion, quota
from media_app.services.assets import get_asset, next_version
from media_app.services.ingest_queue import advance_if_ingested, begin_ingest, enqueue_ingest
from media_app.services.upload_progress import Progress, progress_of
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session, lock_session_with

ENDED = "This upload was ended before it was complete. Call init-upload to begin another."


class UploadIncomplete(StudioError):
    """Complete was called before everything had arrived."""

    code = "upload_incomplete"
    status = 409


class UploadEnded(StudioError):
    """The upload was aborted or replaced."""

    code = "upload_ended"
    status = 409


@dataclass(frozen=True, slots=True)
class FileOffer:
    """What a client says of the file it is about to send; a file without a session has no camera."""

    camera_label: str
    filename: str
    content_type: str
    size_bytes: int
    fingerprint: str = ""
    clip: int = 1
    card_path: str = ""


def init_upload(context: Context, session_id, offer: FileOffer) -> Progress:
    """Begin the upload of a camera's file, or offer the one under way again for the same file.

    Raises InvalidInput naming the field at fault, NotFound for an unknown session, QuotaExceeded, StoreFull.
    """
    refuse_offer(offer)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        upload = begin(context, _clip_of(session, offer) or _new_asset(session, offer), offer)
    return links_of(context, upload, offer)


def refuse_offer(offer: FileOffer, *, plain: bool = False) -> None:
    """Raise InvalidInput for a file that Studio does not take; `plain` as for `accept.refuse_upload`."""
    refusal = accept.refuse_upload(
        offer.filename, offer.content_type, offer.size_bytes, max_bytes=settings.MAX_UPLOAD_BYTES, plain=plain
    )
    if refusal is not None:
        raise InvalidInput(refusal.message, field=refusal.field)
    if offer.card_path and offer.card_path.rpartition("/")[2] != offer.filename:
        raise InvalidInput(
            f"The path on the card ends in {offer.card_path.rpartition('/')[2]}, not in {offer.filename}. Send the path of this file, or none.",
            field="cardPath",
        )


def begin(context: Context, asset: MediaAsset, offer: FileOffer) -> Upload:
    """In the caller's transaction: the open upload of the same file, or a new one. The asset is new and unsaved, or locked.

    Raises QuotaExceeded.
    """
    new = asset._state.adding
    upload = None if new else asset.uploads.filter(state=Upload.State.OPEN).first()
    if upload is not None:
        if _same_file(upload, offer):
            return upload
        _close(upload)
    quota.refuse_bytes(context, offer.size_bytes)
    if new:
        asset.save()
    return _new_upload(asset, offer)


def links_of(context: Context, upload: Upload, offer: FileOffer) -> Progress:
    """Where to send what has not arrived. Raises QuotaExceeded and StoreFull, with which the upload ends."""
    _refuse_if_others_came_first(context, upload)
    try:
        return progress_of(upload)
    except storage.StoreFull as error:
        abandon(upload)
        error.field = "sizeBytes"
        raise
    except storage.UploadGone:
        return progress_of(_anew(context, upload, offer))


def _anew(context: Context, upload: Upload, offer: FileOffer) -> Upload:
    """The store gave the parts up, by its own lifecycle: what is left is to begin anew."""
    with transaction.atomic():
        _lock(context, upload.asset.session_id, upload.asset)
        gone = Upload.objects.select_related("asset").filter(pk=upload.pk, state=Upload.State.OPEN).first()
        if gone is None:
            raise UploadEnded(ENDED)
        _close(gone)
        return _new_upload(gone.asset, offer)


def _refuse_if_others_came_first(context: Context, upload: Upload) -> None:
    """Of uploads that were announced at the same moment, each saw the tenant's quota without the others."""
    if upload.store_upload_id:
        return
    try:
        quota.refuse_bytes(context, 0)
    except quota.QuotaExceeded:
        abandon(upload)
        raise


def open_upload(context: Context, session_id, asset_id) -> Upload:
    """The upload under way for an asset, marked as asked about now.

    Raises NotFound when there is none.
    """
    asset = get_asset(context, session_id, asset_id)
    upload = asset.uploads.filter(state=Upload.State.OPEN).first()
    if upload is None:
        raise NotFound("No upload is in progress for this camera. Call init-upload to start one.")
    Upload.objects.filter(pk=upload.pk).update(updated_at=timezone.now())
    return upload


def complete_upload(
    context: Context, session_id, asset_id, *, upload_id=None, claimed: list[storage.Part] | None = None
) -> MediaAsset:
    """Make what has arrived the camera's file, and queue its ingest. Repeated calls are harmless.

    `claimed` are the parts as the client knows them; what the store holds decides.
    Raises UploadIncomplete or PartsMismatch naming what is missing, UploadEnded when the upload was aborted.
    """
    asset = get_asset(context, session_id, asset_id)
    uploads = asset.uploads.filter(pk=upload_id) if upload_id is not None else asset.uploads.order_by("-created_at")
    upload = uploads.first()
    if upload is None:
        raise NotFound("This camera has no such upload. Call init-upload to start one.", field="uploadId")
    if upload.state == Upload.State.COMPLETED:
        # The camera was read before its upload: another's complete may have come between.
        return get_asset(context, session_id, asset_id)
    if upload.state == Upload.State.ABORTED:
        raise UploadEnded(ENDED)
    stored = _take(upload, claimed)
    with transaction.atomic():
        session = _lock(context, session_id, asset)
        upload = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if upload is None or upload.state == Upload.State.ABORTED:
            raise UploadEnded(ENDED)
        asset = get_asset(context, session_id, asset_id)
        if upload.state == Upload.State.OPEN:
            jobs.withdraw(MediaJob.objects.filter(asset=asset))
            _adopt(asset, upload, stored)
            if session is not None:
                chapters.link(session, asset.camera_label)
                asset.refresh_from_db(fields=chapters.LINKED)
            begin_ingest(asset, session)
            enqueue_ingest(asset)
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
        session = lock_session_with(assets__uploads=upload)
        opened = Upload.objects.select_related("asset").filter(pk=upload.pk, state=Upload.State.OPEN).first()
        if opened is None:
            return
        _close(opened)
        asset = opened.asset
        if asset.status == MediaAsset.Status.UPLOADING and (message or asset.original_key):
            asset.status, asset.status_message = MediaAsset.Status.FAILED, asset.status_message or message
            asset.save(update_fields=["status", "status_message", "updated_at"])
        elif asset.status == MediaAsset.Status.UPLOADING:
            asset.delete()
        advance_if_ingested(session)


def _lock(context: Context, session_id, asset: MediaAsset) -> RecordingSession | None:
    """The asset's session, locked until the transaction ends; of a file without a session, the asset itself."""
    if session_id is not None:
        return get_session(context, session_id, lock=True)
    MediaAsset.objects.select_for_update().filter(pk=asset.pk).first()
    return None


def _same_file(upload: Upload, offer: FileOffer) -> bool:
    """By what both sides know. Two takes may share name and size, and their parts must never be mixed."""
    if upload.fingerprint and offer.fingerprint and upload.fingerprint != offer.fingerprint:
        return False
    return (upload.filename, upload.size_bytes, upload.content_type) == (
        offer.filename,
        offer.size_bytes,
        offer.content_type,
    )


def _clip_of(session: RecordingSession, offer: FileOffer) -> MediaAsset | None:
    """The clip that the file is to be, where it is there already."""
    file = CardFile(offer.card_path or offer.filename, offer.size_bytes)
    chapters.refuse_doubled(session, offer.camera_label, offer.clip, file, offer.fingerprint)
    return session.assets.filter(camera_label=offer.camera_label, clip=offer.clip).first()


def _new_asset(session: RecordingSession, offer: FileOffer) -> MediaAsset:
    asset = MediaAsset(
        **session.context.stamp(),
        session=session,
        camera_label=offer.camera_label,
        clip=offer.clip,
        original_filename=offer.filename,
        card_path=offer.card_path,
        content_type=offer.content_type,
        size_bytes=offer.size_bytes,
        project_id=session.project_id,
        shoot_date=session.date,
    )
    asset.version = next_version(asset)
    return asset


def _new_upload(asset: MediaAsset, offer: FileOffer) -> Upload:
    """Begin an upload of a saved asset, under a version of its own."""
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
        key=keys.original_key(asset.location(version), offer.filename),
        filename=offer.filename,
        card_path=offer.card_path,
        content_type=offer.content_type,
        size_bytes=offer.size_bytes,
        fingerprint=offer.fingerprint,
        part_size=parts.part_size(offer.size_bytes) if multipart else 0,
    )


def _close(upload: Upload) -> None:
    """End an upload, in the caller's transaction; the store's side goes after it."""
    upload.state = Upload.State.ABORTED
    upload.save(update_fields=["state", "updated_at"])
    deletion.give_up_upload(upload)


def _take(upload: Upload, claimed: list[storage.Part] | None) -> storage.StoredObject:
    """Make one object of what arrived, or say what is missing. No link of the upload can write from then on."""
    if not upload.store_upload_id:
        raise UploadIncomplete(f"Nothing of {upload.filename} has arrived yet. Ask for the upload's links first.")
    try:
        return storage.store().complete_multipart(
            upload.key, upload.store_upload_id, claimed, size=upload.size_bytes, part_size=upload.stored_part_size
        )
    except storage.PartsMismatch as error:
        if upload.in_one_piece and not claimed:
            raise UploadIncomplete(
                f"Nothing of {upload.filename} has arrived yet. Send it to its uploadUrl first."
            ) from error
        raise


def _adopt(asset: MediaAsset, upload: Upload, stored: storage.StoredObject) -> None:
    """The asset is this upload's file from now on; what was made of an earlier one goes."""
    if asset.original_key and asset.original_key != upload.key:
        deletion.schedule_deletion([asset.original_key])
    asset.derivatives.all().delete()
    upload.state = Upload.State.COMPLETED
    upload.save(update_fields=["state", "updated_at"])
    asset.forget_file()
    asset.status = MediaAsset.Status.INGESTING
    asset.version, asset.original_key, asset.original_filename = upload.version, upload.key, upload.filename
    asset.content_type, asset.size_bytes = upload.content_type, upload.size_bytes
    asset.card_path = upload.card_path
    asset.original_etag = stored.etag
    asset.save()
