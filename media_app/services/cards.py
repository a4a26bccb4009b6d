"""Files of cards, sorted before a byte is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from media_app.core.cards.sorting import KnownCamera, SortedCamera, Sorting, sort_files
from media_app.core.cards.takes import CardFile, is_mix
from media_app.core.files.accept import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS
from media_app.models import MediaAsset
from media_app.services.chapters import device_of
from sessions_app.core.cameras import camera_key
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.services import get_session


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One file with the place that it is to be uploaded to; `continues` is the key of the chapter before it,
    `track` which of a recorder's tracks it is, and `mix` whether it holds all of them."""

    path: str
    size_bytes: int
    clip: int
    camera_key: str
    continues: str
    track: str = ""
    mix: bool = True


def sort(context: Context, files: Sequence[CardFile], used: Sequence[str], session_id=None) -> Sorting:
    """Which camera each file is of. Labels in use are not given again, but to another card of a camera of the session; what Studio does
    not take is set aside.

    Raises NotFound for an unknown session.
    """
    known = _known_cameras(get_session(context, session_id)) if session_id is not None else []
    return sort_files(files, used, VIDEO_EXTENSIONS | AUDIO_EXTENSIONS, known)


def _known_cameras(session: RecordingSession) -> list[KnownCamera]:
    found: dict[str, list[MediaAsset]] = {}
    for asset in session.assets.only("camera_label", "clip", "device", "session"):
        found.setdefault(asset.camera_label, []).append(asset)
    return [
        KnownCamera(
            label,
            session.camera_names.get(label, ""),
            frozenset(serial for asset in assets if (serial := device_of(asset).serial)),
            max(asset.clip for asset in assets),
        )
        for label, assets in found.items()
    ]


def planned(camera: SortedCamera) -> list[PlannedClip]:
    """The camera's files as numbered clips, in order."""
    out: list[PlannedClip] = []
    for take in camera.takes:
        before = ""
        for file, continued in zip(take.chapters, take.continued, strict=True):
            clip = camera.first_clip + len(out)
            key = camera_key(camera.label, clip)
            continues = before if continued else ""
            out.append(PlannedClip(file.path, file.size_bytes, clip, key, continues, file.said.track, is_mix(file)))
            before = key
    return out
