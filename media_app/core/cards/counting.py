"""Recordings of devices that only count their files: one that is as full as a file may be goes on in the next number."""

import re
from collections.abc import Iterable, Sequence

from media_app.core.cards.schemes import SPLITS
from media_app.core.cards.takes import CardFile, Take, in_order, takes_of

#: A file this full, as a share of where devices split, was followed by another.
_FULL = 0.97
#: Where devices that count up to three, four or five digits begin anew.
_LAST_NUMBERS = (999, 9999, 99_999)
_FOLDER_NUMBER = re.compile(r"(?:.*/)?(\d{3})[^/]*|(?:.*/)?DJI_(\d{3})", re.IGNORECASE)


def recordings_of(files: Iterable[CardFile]) -> list[Take]:
    """The recordings of one camera: chapters by their names, and files that are full with those that follow them."""
    return in_order(joined_by_size(takes_of(files)))


def joined_by_size(takes: Sequence[Take]) -> list[Take]:
    """The takes, those joined that are one recording, in the order of the first of each."""
    following = {index: found for index in range(len(takes)) if (found := _following(takes, index)) is not None}
    later = set(following.values())
    out = []
    for index in (index for index in range(len(takes)) if index not in later):
        take = takes[index]
        while index in following:
            index = following[index]
            take = take.followed_by(takes[index])
        out.append(take)
    return out


def _following(takes: Sequence[Take], index: int) -> int | None:
    """The one that goes on where a take ends; None where none does, or nothing tells which of two."""
    last = takes[index].chapters[-1]
    if not _is_full(last):
        return None
    found = [other for other, take in enumerate(takes) if other != index and _is_next(last, take.first)]
    return found[0] if len(found) == 1 else None


def _is_full(file: CardFile) -> bool:
    if file.said.chapter is not None or file.said.number is None:
        return False
    return any(_FULL * split <= file.size_bytes <= split for split in SPLITS)


def _is_next(file: CardFile, following: CardFile) -> bool:
    one, two = file.said, following.said
    if two.chapter is not None or two.number is None or one.number is None or one.lens != two.lens:
        return False
    if file.modified_s and following.modified_s and following.modified_s < file.modified_s:
        return False
    begins_anew = one.number in _LAST_NUMBERS and two.number in (0, 1)
    if two.number == one.number + 1:
        return file.folder == following.folder or _is_next_folder(file.folder, following.folder)
    return begins_anew and (
        _is_next_folder(file.folder, following.folder) or (file.folder == following.folder and file.modified_s > 0)
    )


def _is_next_folder(folder: str, following: str) -> bool:
    """`101CANON` after `100CANON` of one card."""
    one, two = _FOLDER_NUMBER.fullmatch(folder), _FOLDER_NUMBER.fullmatch(following)
    if not one or not two or folder.rpartition("/")[0] != following.rpartition("/")[0]:
        return False
    return int(two[1] or two[2]) == int(one[1] or one[2]) + 1
