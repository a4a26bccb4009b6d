"""Assets by id, and the versions that their keys carry."""

from django.db.models import Max

from media_app.core.files import keys
from media_app.models import AngleCounter, MediaAsset
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound


def get_asset(context: Context, session_id, asset_id) -> MediaAsset:
    assets = MediaAsset.objects.in_tenant(context).filter(session_id=session_id, pk=asset_id)
    asset = assets.select_related("session").first()
    if asset is None:
        raise NotFound(f"There is no asset {asset_id} in session {session_id}. Read the session to see its cameras.")
    return asset


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
