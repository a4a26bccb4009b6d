"""Files of cards, sorted before a byte is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from media_app.core.cards.sorting import SortedCamera, Sorting, sort_files
from media_app.core.cards.takes import CardFile
from media_app.core.files.accept import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS
from sessions_app.core.cameras import camera_key


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One file with the place that it is to be uploaded to; `continues` is the key of the chapter before it,
    `track` which of a recorder's tracks it is."""

    path: str
    size_bytes: int
    clip: int
    camera_key: str
    continues: str
    track: str = ""


def sort(files: Sequence[CardFile], used: Sequence[str]) -> Sorting:
    """Which camera each file is of. Labels in use are not given again; what Studio does not take is set aside."""
    return sort_files(files, used, VIDEO_EXTENSIONS | AUDIO_EXTENSIONS)


def planned(camera: SortedCamera) -> list[PlannedClip]:
    """The camera's files as numbered clips, in order."""
    out: list[PlannedClip] = []
    for take in camera.takes:
        before = ""
        for file, continued in zip(take.chapters, take.continued, strict=True):
            key = camera_key(camera.label, len(out) + 1)
            out.append(
                PlannedClip(file.path, file.size_bytes, len(out) + 1, key, before if continued else "", file.said.track)
            )
            before = key
    return out
