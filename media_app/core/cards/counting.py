"""Recordings of devices that only count their files: one that is as full as a file may be goes on in the next number."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

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
    by_number: dict[int | None, list[int]] = defaultdict(list)
    for index, take in enumerate(takes):
        by_number[take.first.said.number].append(index)
    following = {
        index: found for index in range(len(takes)) if (found := _following(takes, index, by_number)) is not None
    }
    later = set(following.values())
    out = []
    for index in (index for index in range(len(takes)) if index not in later):
        take = takes[index]
        while index in following:
            index = following[index]
            take = take.followed_by(takes[index])
        out.append(take)
    return out


def _following(takes: Sequence[Take], index: int, by_number: Mapping[int | None, Sequence[int]]) -> int | None:
    """The one that goes on where a take ends; None where none does, or nothing tells which of two."""
    last = takes[index].chapters[-1]
    if not _is_full(last) or last.said.number is None:
        return None
    numbers = (last.said.number + 1, *((0, 1) if last.said.number in _LAST_NUMBERS else ()))
    candidates = (other for number in numbers for other in by_number.get(number, ()) if other != index)
    found = list(islice((other for other in candidates if _is_next(last, takes[other].first)), 2))
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
    if two.number == one.number + 1:
        return file.folder == following.folder or _is_next_folder(file.folder, following.folder)
    # Within a folder only a clock tells the next from the first of all.
    is_later = 0 < file.modified_s < following.modified_s and one.number != _LAST_NUMBERS[0]
    return _is_next_folder(file.folder, following.folder) or (file.folder == following.folder and is_later)


def _is_next_folder(folder: str, following: str) -> bool:
    """`101CANON` after `100CANON` of one card."""
    one, two = _FOLDER_NUMBER.fullmatch(folder), _FOLDER_NUMBER.fullmatch(following)
    if not one or not two or folder.rpartition("/")[0] != following.rpartition("/")[0]:
        return False
    return int(two[1] or two[2]) == int(one[1] or one[2]) + 1
