"""The clips of one camera that are chapters of one recording, by their names and sizes."""

from collections.abc import Mapping

from media_app.core.cards.counting import recordings_of
from media_app.core.cards.takes import CardFile, is_copy


def links(clips: Mapping[int, CardFile]) -> dict[int, int]:
    """Clip → the clip that it continues, for every chapter whose one before is there and of the same recording."""
    number = {id(file): clip for clip, file in clips.items()}
    return {
        number[id(file)]: number[id(before)]
        for take in recordings_of(clips.values())
        for file, before in zip(take.chapters, take.continued, strict=True)
        if before is not None
    }


def faults(clips: Mapping[int, CardFile]) -> dict[int, list[str]]:
    """Clip → what is wrong with the recording of which it is the first chapter, as sentences."""
    number = {id(file): clip for clip, file in clips.items()}
    return {number[id(take.first)]: list(take.faults) for take in recordings_of(clips.values()) if take.faults}


def doubled(clips: Mapping[int, CardFile], clip: int) -> list[int]:
    """The clips that are the same chapter of the same recording as `clip`, as far as names and sizes tell."""
    new = clips[clip]
    if new.said.chapter is None:
        return []
    return [other for other, file in clips.items() if other != clip and is_copy(file, new)]
