"""Uploads into the registry: as into a session, for an asset that has none."""

import uuid

from django.conf import settings
from django.db import transaction

from media_app import storage
from media_app.core.files import accept
from media_app.models import MediaAsset, Upload
from media_app.services import quota, registry, uploads
from media_app.services.registry import AssetFacts
from media_app.services.upload_progress import Progress, progress_of
from media_app.services.uploads import FileOffer
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, WrongStatus


def init_upload(context: Context, facts: AssetFacts, offer: FileOffer, asset_id: uuid.UUID | None = None) -> Progress:
    """Begin the upload of a new asset; with `asset_id`, offer the one under way again, or replace that asset's file.

    Raises InvalidInput naming the field at fault, NotFound for an unknown asset, QuotaExceeded, NoRoom.
    """
    refusal = accept.refuse_upload(
        offer.filename, offer.content_type, offer.size_bytes, max_bytes=settings.MAX_UPLOAD_BYTES, plain=True
    )
    if refusal is not None:
        raise InvalidInput(refusal.message, field=refusal.field)
    with transaction.atomic():
        asset = _locked(context, asset_id) if asset_id else None
        upload = _under_way(asset, offer) if asset else None
        if upload is None:
            quota.refuse_bytes(context, offer.size_bytes)
            asset = asset or _new(context, facts, offer)
            upload = uploads.new_upload(asset, offer)
    uploads.refuse_if_others_came_first(context, upload)
    try:
        return progress_of(upload)
    except storage.StoreFull as error:
        uploads.abandon(upload)
        raise uploads.NoRoom(str(error), field="sizeBytes") from error
    except storage.UploadGone:
        return progress_of(_anew(upload, offer))


def _locked(context: Context, asset_id: uuid.UUID) -> MediaAsset:
    """The asset whose file is sent. A camera's belongs to its session, which it would move."""
    asset = registry.find_asset(context, asset_id)
    if asset.session_id is not None:
        raise WrongStatus(
            f"This asset is {asset.short_name} of a session. Send its file to /v2/sessions/{asset.session_id}/assets/init-upload.",
            field="asset_id",
        )
    return MediaAsset.objects.select_for_update().get(pk=asset.pk)


def _under_way(asset: MediaAsset, offer: FileOffer) -> Upload | None:
    """The open upload of the same file; one of another file is closed."""
    upload = asset.uploads.filter(state=Upload.State.OPEN).first()
    if upload is not None and not uploads.same_file(upload, offer):
        uploads.close(upload)
        return None
    return upload


def _new(context: Context, facts: AssetFacts, offer: FileOffer) -> MediaAsset:
    asset = registry.new_asset(
        context, facts, offer.filename, size=offer.size_bytes, content_type=offer.content_type
    )  # fmt: skip
    asset.save()
    return asset


def _anew(upload: Upload, offer: FileOffer) -> Upload:
    """The store gave the parts up, by its own lifecycle: what is left is to begin anew."""
    with transaction.atomic():
        asset = MediaAsset.objects.select_for_update().get(pk=upload.asset_id)
        opened = asset.uploads.filter(pk=upload.pk, state=Upload.State.OPEN).first()
        if opened is None:
            raise uploads.UploadEnded(uploads.ENDED)
        uploads.close(opened)
        return uploads.new_upload(asset, offer)
