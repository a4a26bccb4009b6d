"""Which clips of a camera are chapters of one recording, kept with the assets."""

from collections.abc import Iterable, Mapping

from media_app.core.cards import chapters
from media_app.core.cards.takes import CardFile
from media_app.models import MediaAsset, Upload
from sessions_app.core.cameras import camera_key
from sessions_app.errors import InvalidInput
from sessions_app.models import RecordingSession


def refuse_doubled(session: RecordingSession, camera: str, clip: int, file: CardFile, fingerprint: str) -> None:
    """Raise InvalidInput when another clip of the camera is the same chapter of the same recording: of this name and size, and of
    this fingerprint where both have one."""
    by_clip = _by_clip(session, camera)
    clips = _clips(by_clip) | {clip: file}
    for same in chapters.doubled(clips, clip):
        known = _fingerprint(by_clip[same])
        if not (known and fingerprint and known != fingerprint):
            raise InvalidInput(
                f"{file.name} is the same chapter as {clips[same].name}, which is here already as {camera_key(camera, same)}. "
                "Replace that clip, or leave this file out.",
                field="filename",
            )


def _fingerprint(asset: MediaAsset) -> str:
    """Of the file that an asset has, or awaits."""
    known = asset.uploads.exclude(state=Upload.State.ABORTED).order_by("-created_at").first()
    return known.fingerprint if known else ""


def link(session: RecordingSession, camera: str) -> None:
    """In the caller's transaction, under the session's lock: each chapter of a camera continues the one before it."""
    by_clip = _by_clip(session, camera)
    wanted = chapters.links(_clips(by_clip))
    changed = []
    for clip, asset in by_clip.items():
        before = by_clip[wanted[clip]] if clip in wanted else None
        if asset.continues_id != (before.pk if before else None):
            asset.continues = before
            changed.append(asset)
    # Loosened first: no two chapters may continue the same one, not even between two rows of an update.
    MediaAsset.objects.filter(pk__in=[asset.pk for asset in changed]).update(continues=None)
    MediaAsset.objects.bulk_update([asset for asset in changed if asset.continues_id], ["continues"])


def recordings(assets: Iterable[MediaAsset]) -> list[MediaAsset]:
    """The first chapter of each recording among assets; one without the chapter before it is a recording of its own."""
    known = list(assets)
    here = {asset.pk for asset in known}
    return [asset for asset in known if asset.continues_id not in here]


def _by_clip(session: RecordingSession, camera: str) -> dict[int, MediaAsset]:
    rows = session.assets.filter(camera_label=camera).order_by("clip")
    return {asset.clip: asset for asset in rows.only("clip", "original_filename", "size_bytes", "continues")}


def _clips(assets: Mapping[int, MediaAsset]) -> dict[int, CardFile]:
    return {clip: CardFile(asset.original_filename, asset.size_bytes) for clip, asset in assets.items()}
