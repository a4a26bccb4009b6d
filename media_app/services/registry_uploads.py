"""Uploads into the registry: as into a session, for an asset that has none."""

import uuid

from django.db import transaction

from media_app.models import MediaAsset
from media_app.services import registry, uploads
from media_app.services.registry import AssetFacts
from media_app.services.upload_progress import Progress
from media_app.services.uploads import FileOffer
from sessions_app.core.tenant import Context
from sessions_app.errors import WrongStatus


def init_upload(context: Context, facts: AssetFacts, offer: FileOffer, asset_id: uuid.UUID | None = None) -> Progress:
    """Begin the upload of a new asset; with `asset_id`, offer the one under way again, or replace that asset's file.

    Raises InvalidInput naming the field at fault, NotFound for an unknown asset, QuotaExceeded, StoreFull.
    """
    uploads.refuse_offer(offer, plain=True)
    with transaction.atomic():
        asset = _locked(context, asset_id) if asset_id else _new(context, facts, offer)
        upload = uploads.begin(context, asset, offer)
    return uploads.links_of(context, upload, offer)


def _locked(context: Context, asset_id: uuid.UUID) -> MediaAsset:
    """The asset whose file is sent. A camera's belongs to its session, which it would move."""
    MediaAsset.objects.in_tenant(context).select_for_update().filter(pk=asset_id).first()
    asset = registry.find_asset(context, asset_id)
    if asset.session_id is not None:
        raise WrongStatus(
            f"This asset is {asset.short_name} of a session. Send its file to /v2/sessions/{asset.session_id}/assets/init-upload.",
            field="asset_id",
        )
    return asset


def _new(context: Context, facts: AssetFacts, offer: FileOffer) -> MediaAsset:
    return registry.new_asset(
        context, facts, offer.filename, size=offer.size_bytes, content_type=offer.content_type
    )  # fmt: skip
