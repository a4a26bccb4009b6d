"""Removal of assets and sessions by a person."""

from django.db import transaction

from media_app.models import MediaAsset
from media_app.services.assets import get_asset
from media_app.services.ingest_queue import advance_if_ingested
from sessions_app import services as sessions
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session


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
