"""Files of cards, sorted before a byte is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_app.core.cards.sorting import KnownCamera, SortedCamera, Sorting, sort_files
from media_app.core.cards.takes import CardFile, is_mix
from media_app.core.cards.tracks import packed_path, track_names, tracks_by_chapter
from media_app.core.files.accept import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS
from media_app.models import MediaAsset
from media_app.services.chapters import device_of
from sessions_app.core.cameras import camera_key
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.services import get_session


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    """One file of a take, and what it is called among the others."""

    path: str
    size_bytes: int
    name: str


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One file with the place that it is to be uploaded to; `continues` is the key of the chapter before it,
    `track` which of a recorder's tracks it is, and `mix` whether it holds all of them. `tracks`: all files of its take, where they can be
    sent as one, packed in a file at `packed_path`."""

    path: str
    size_bytes: int
    clip: int
    camera_key: str
    continues: str
    track: str = ""
    mix: bool = True
    tracks: tuple[PlannedTrack, ...] = ()
    packed_path: str = ""


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
        for file, continued, tracks in zip(take.chapters, take.continued, tracks_by_chapter(take), strict=True):
            clip = camera.first_clip + len(out)
            key = camera_key(camera.label, clip)
            continues = before if continued else ""
            one = PlannedClip(file.path, file.size_bytes, clip, key, continues, file.said.track, is_mix(file))
            out.append(replace(one, tracks=_planned_tracks(tracks), packed_path=packed_path(file) if tracks else ""))
            before = key
    return out


def _planned_tracks(files: Sequence[CardFile]) -> tuple[PlannedTrack, ...]:
    names = track_names([file.path for file in files])
    return tuple(PlannedTrack(file.path, file.size_bytes, name) for file, name in zip(files, names, strict=True))
