"""Files of the registry as cameras of a session: they stay where they are stored, and the sync compares them."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from media_app.core.files import keys
from media_app.models import MediaAsset
from media_app.services.assets import next_version
from media_app.services.ingest_queue import advance_if_ingested
from media_app.services.registry import find_asset
from sessions_app.core.tenant import Context
from sessions_app.errors import WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session


def attach(context: Context, session_id: UUID, cameras: Mapping[str, UUID]) -> RecordingSession:
    """Make each asset the camera of its label, and move the session on to its sync.

    Raises NotFound, WrongStatus for an asset that is in a session already or is not ready, and for a label that is taken.
    """
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        for label, asset_id in cameras.items():
            _attach(session, find_asset(context, asset_id), label)
        if cameras:
            advance(session, to=RecordingSession.Status.INGESTING)
            advance_if_ingested(session)
    return session


def _attach(session: RecordingSession, asset: MediaAsset, label: str) -> None:
    if asset.session_id is not None:
        raise WrongStatus(
            f"{asset.original_filename} is in a session already. Register the file again, or use that session.",
            field="tracks",
        )
    if asset.status != MediaAsset.Status.READY:
        message = f"{asset.original_filename} is {asset.status}, not ready. Ask again when it is."
        raise WrongStatus(message, field="tracks")
    if session.assets.filter(camera_label=label).exists():
        raise WrongStatus(f"There is a camera {label} in this session already.", field="tracks")
    place = keys.Angle(asset.tenant_id, asset.env, session.project_id, session.date, label, 1)
    asset.session, asset.camera_label, asset.version = session, label, next_version(place)
    asset.project_id, asset.shoot_date = session.project_id, session.date
    asset.save(update_fields=["session", "camera_label", "version", "project_id", "shoot_date", "updated_at"])
