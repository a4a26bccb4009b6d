"""Sessions whose sync is decided, with proxies and sound: for tests and benches of the angle editor."""

import hashlib

from media_app import storage
from media_app.making.inspect import inspect
from media_app.models import DerivedMedia, MediaAsset
from sessions_app.models import RecordingSession
from sync_app.services import review
from tests.support.review_shoot import OFFSETS, Camera, camera, picture, synced


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


def with_originals(session: RecordingSession) -> RecordingSession:
    """The same with files to render from: the pictures of its proxies, without sound."""
    for asset in session.assets.all():
        film = picture(asset.duration_ms / 1000, asset.camera_label)
        stored = storage.store().put_bytes(asset.original_key, film.read_bytes(), content_type="video/mp4")
        MediaAsset.objects.filter(pk=asset.pk).update(
            media_info=inspect(film).as_json(),
            has_audio=False,
            audio_channels=None,
            size_bytes=stored.size,
            codec="h264",
            checksum=hashlib.sha256(film.read_bytes()).hexdigest(),
        )
    return session
