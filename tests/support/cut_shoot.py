"""Sessions whose sync is decided, with proxies and sound: for tests and benches of the angle editor."""

from media_app.models import DerivedMedia, MediaAsset
from sessions_app.models import RecordingSession
from sync_app.services import review
from tests.support.review_shoot import OFFSETS, Camera, camera, synced


def decided(*cameras: Camera, **fields) -> RecordingSession:
    """A session of these cameras, approved, its files as the edit finds them."""
    cameras = cameras or tuple(camera(label, offset_ms=ms) for label, ms in OFFSETS.items())
    session = synced(*cameras, **fields)
    for asset in session.assets.all():
        MediaAsset.objects.filter(pk=asset.pk).update(
            original_key=f"originals/{asset.pk}.mp4", audio_channels=2, width=320, height=180
        )
        DerivedMedia.objects.filter(asset=asset).update(input_ref=f"originals/{asset.pk}.mp4")
    review.approve(session.context, session.pk, approved_by="ada", notes="By ear.")
    session.refresh_from_db()
    return session
