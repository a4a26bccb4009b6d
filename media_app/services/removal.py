"""Removal of assets and sessions by a person."""

from django.db import transaction

from media_app.models import MediaAsset
from media_app.services import chapters
from media_app.services.assets import get_asset
from media_app.services.ingest_queue import advance_if_ingested
from sessions_app import services as sessions
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session, lock_session_with


def remove_asset(context: Context, session_id, asset_id) -> None:
    """Take a camera out of its shoot; its files are swept later, its work is canceled. The session goes back to review."""
    take_out(get_asset(context, session_id, asset_id))


def take_out(asset: MediaAsset) -> None:
    """As `remove_asset`, for whoever has found the asset already."""
    with transaction.atomic():
        session = lock_session_with(assets=asset)
        # Asked again under the lock: another request may have removed it while this one waited.
        found = MediaAsset.objects.filter(pk=asset.pk, session=session).first()
        if found is None:
            return
        never_came = found.status == MediaAsset.Status.UPLOADING and not found.original_key
        found.delete()
        if session is None:
            return
        chapters.link(session, found.camera_label)
        if not never_came and session.status not in (RecordingSession.Status.DRAFT, RecordingSession.Status.INGESTING):
            advance(session, to=RecordingSession.Status.INGESTING, reason="")
        advance_if_ingested(session)


def remove_session(context: Context, session_id) -> None:
    """Take a shoot away with all it holds; its files are swept later, its jobs are canceled and stay in the record."""
    sessions.remove_session(get_session(context, session_id))
