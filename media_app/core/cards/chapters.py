"""The clips of one camera that are chapters of one recording, by their names and sizes."""

from collections.abc import Mapping
from itertools import pairwise

from media_app.core.cards.takes import CardFile, Take, takes_of


def links(clips: Mapping[int, CardFile]) -> dict[int, int]:
    """Clip → the clip that it continues, for every chapter whose one before is there and of the same recording."""
    number = {id(file): clip for clip, file in clips.items()}
    found = {}
    for take in takes_of(clips.values()):
        for before, after in pairwise(take.chapters):
            if _follows(before, after) and not _foreign(take):
                found[number[id(after)]] = number[id(before)]
    return found


def doubled(clips: Mapping[int, CardFile], clip: int) -> int | None:
    """The clip that is the same chapter of the same recording as `clip`; None where there is none."""
    new = clips[clip].said
    if new.chapter is None:
        return None
    same = (other for other, file in clips.items() if other != clip and file.said == new)
    return next(same, None)


def _follows(before: CardFile, after: CardFile) -> bool:
    one, two = before.said.chapter, after.said.chapter
    return one is None or two is None or two == one + 1


def _foreign(take: Take) -> bool:
    first = take.first
    return any(file.said.codec != first.said.codec for file in take.chapters)
