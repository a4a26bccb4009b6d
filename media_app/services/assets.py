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


def next_version(asset: MediaAsset | keys.Location) -> int:
    """A version that no key of this clip, or of this registry asset, has had."""
    location = asset.location() if isinstance(asset, MediaAsset) else asset
    if isinstance(location, keys.Registered):
        return _next_of_registered(location)
    return _next_of_angle(location)


def _next_of_registered(location: keys.Registered) -> int:
    """The asset's id stands in its keys, so it counts by itself; one that is not saved yet begins."""
    asset = MediaAsset.objects.select_for_update().filter(pk=location.asset_id).first()
    if asset is None:
        return 1
    version = max(asset.last_version, asset.version) + 1
    MediaAsset.objects.filter(pk=asset.pk).update(last_version=version)
    return version


def _next_of_angle(angle: keys.Angle) -> int:
    """Also above every version in use: an earlier release let people type them."""
    counter, _ = AngleCounter.objects.select_for_update().get_or_create(
        tenant_id=angle.tenant_id,
        env=angle.env,
        project_id=angle.project_id,
        day=angle.day,
        camera_label=angle.camera,
        clip=angle.clip,
    )
    in_use = MediaAsset.objects.filter(
        tenant_id=angle.tenant_id,
        env=angle.env,
        project_id=angle.project_id,
        shoot_date=angle.day,
        camera_label=angle.camera,
        clip=angle.clip,
    ).aggregate(last=Max("version"))["last"]
    counter.last_version = max(counter.last_version, in_use or 0) + 1
    counter.save(update_fields=["last_version"])
    return counter.last_version
