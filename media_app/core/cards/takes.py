"""The files of one camera as recordings: chapters in order, and what is wrong with them."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from media_app.core.cards.roots import card_of
from media_app.core.cards.schemes import Named, read_name
from media_app.core.files.accept import AUDIO_EXTENSIONS
from media_app.core.files.keys import extension_of

#: A chapter in the middle is as long as the others; one shorter than this share of them was cut, or is of something else.
_WHOLE = 0.9
#: Sound files of one take: the mix is what sync listens to.
_MIXES = ("", "LR", "MIX", "ST", "MS", "XY")
#: Times on cards are in steps of so many seconds.
_STEP_S = 2.0
#: Bytes a second that a recording has at least, and seconds between the clocks of two chapters beyond that.
_SLOWEST, _SLACK_S = 60_000, 3600.0


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file on a card, before a byte of it is sent. `path` from the folder that was dropped; `modified_s` and `size_bytes` as the
    disk has them, 0 where not known."""

    path: str
    size_bytes: int = 0
    modified_s: float = 0.0
    serial: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Empty for a file that lay in none."""
        return self.path.rpartition("/")[0]

    @property
    def sound(self) -> bool:
        """Whether it has no picture, as far as its name says."""
        return self.said.sound or extension_of(self.name) in AUDIO_EXTENSIONS

    @property
    def said(self) -> Named:
        """What its name says."""
        return read_name(self.path)


@dataclass(frozen=True, slots=True)
class Take:
    """One recording: its chapters in order, one file each. `tracks` were recorded at the same time, `faults` are sentences.

    `copies`: files that are there twice, each with the one that is kept. `breaks`: indices of chapters that do not go on where the one
    before ends, for something is missing or they are of another recording.
    """

    chapters: tuple[CardFile, ...]
    tracks: tuple[CardFile, ...] = ()
    faults: tuple[str, ...] = ()
    copies: tuple[tuple[CardFile, CardFile], ...] = ()
    breaks: frozenset[int] = frozenset()

    @property
    def first(self) -> CardFile:
        return self.chapters[0]

    @property
    def has_mix(self) -> bool:
        """Whether the file that stands for the recording holds all of its tracks, as far as its name says."""
        return is_mix(self.first)

    @property
    def continued(self) -> list[CardFile | None]:
        """For each chapter the one that it continues."""
        before = [None, *self.chapters[:-1]]
        return [None if index in self.breaks else file for index, file in enumerate(before)]

    def followed_by(self, other: "Take") -> "Take":
        """Both as one recording."""
        return Take(
            (*self.chapters, *other.chapters),
            (*self.tracks, *other.tracks),
            (*self.faults, *other.faults),
            (*self.copies, *other.copies),
            self.breaks | {index + len(self.chapters) for index in other.breaks},
        )


def takes_of(files: Iterable[CardFile]) -> list[Take]:
    """The recordings of one camera, by the names of their chapters."""
    groups: dict[str, list[CardFile]] = defaultdict(list)
    for file in sorted(files, key=_by_name):
        groups[file.said.take or file.name.upper()].append(file)
    return [take for group in groups.values() for take in _of_group(group)]


def in_order(takes: Sequence[Take]) -> list[Take]:
    """By time, where the disk has one for each recording, else by number."""
    times = [take.first.modified_s for take in takes]
    if all(times) and len(set(times)) == len(times):
        return sorted(takes, key=lambda take: take.first.modified_s)
    return sorted(takes, key=lambda take: _by_name(take.first))


def is_copy(one: CardFile, other: CardFile) -> bool:
    """Whether two files of one camera are the same, by name and size, and by their times where both are known. A device that counts
    recordings alone may come to the same name again, so a time is asked for there."""
    same = (one.name.upper(), one.size_bytes, one.said) == (other.name.upper(), other.size_bytes, other.said)
    if not same or not one.size_bytes:
        return False
    if one.modified_s and other.modified_s:
        return abs(one.modified_s - other.modified_s) <= _STEP_S
    return one.said.chapter is not None


def is_mix(file: CardFile) -> bool:
    """Whether a file holds the sound of all tracks, as far as its name says."""
    return any(file.said.track == mix or (mix and mix in file.said.track) for mix in _MIXES)


def _by_name(file: CardFile) -> tuple[list[tuple[int, str]], int, str]:
    return (natural(file.folder), file.said.number or 0, file.path)


def natural(text: str) -> list[tuple[int, str]]:
    """A key that puts `card 2` before `card 10`."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"([0-9]+)", text)]


def _of_group(files: Sequence[CardFile]) -> list[Take]:
    """The recordings among files whose names say that they are of one."""
    copies = _copies(files)
    first, *others = _apart([file for file in files if id(file) not in copies])
    takes = [_take(first, list(copies.values())), *(_take(more, ()) for more in others)]
    return _with_doubts(takes)


def _copies(files: Sequence[CardFile]) -> dict[int, tuple[CardFile, CardFile]]:
    """Of each file that is a copy: it, and the one that is kept; by the file's `id`."""
    alike: dict[Hashable, list[CardFile]] = defaultdict(list)
    for file in files:
        alike[file.name.upper(), file.size_bytes, file.said].append(file)
    found = {}
    for same in alike.values():
        kept, *others = sorted(same, key=lambda file: file.modified_s)
        for file in others:
            if is_copy(file, kept):
                found[id(file)] = (file, kept)
            else:
                kept = file
    return found


def _apart(files: Sequence[CardFile]) -> list[list[CardFile]]:
    """A list for each recording: devices count anew on another card, in another folder, or when somebody resets them."""
    if len({_place(file) for file in files}) == len(files):
        return [list(files)]
    ways: tuple[Callable[[CardFile], Hashable], ...] = (
        lambda file: card_of(file.path),
        lambda file: file.folder,
        lambda file: file.said.codec,
    )
    for way in ways:
        parts: dict[Hashable, list[CardFile]] = defaultdict(list)
        for file in files:
            parts[way(file)].append(file)
        if len(parts) > 1:
            return [one for part in parts.values() for one in _apart(part)]
    seen: Counter[Hashable] = Counter()
    by_turn: dict[int, list[CardFile]] = defaultdict(list)
    for file in files:
        by_turn[seen[_place(file)]].append(file)
        seen[_place(file)] += 1
    return list(by_turn.values())


def _place(file: CardFile) -> tuple[int, str]:
    """What of a recording a file is: one recording has each once."""
    return (file.said.chapter or 1, file.said.track)


def _with_doubts(takes: Sequence[Take]) -> list[Take]:
    """The takes, with a sentence where one may be a copy of another: nothing tells the two files apart, but their times."""
    seen: dict[Hashable, CardFile] = {}
    out = []
    for take in takes:
        doubts = [
            f"{file.path} has the name of {seen[file.said, file.size_bytes].path}, and may be a copy of it. Leave one of them out if it is."
            for file in take.chapters
            if (file.said, file.size_bytes) in seen and (file.size_bytes or file.said.chapter is not None)
        ]
        seen |= {(file.said, file.size_bytes): file for file in take.chapters}
        out.append(replace(take, faults=(*take.faults, *doubts[:1])))
    return out


def _take(files: Sequence[CardFile], copies: Sequence[tuple[CardFile, CardFile]]) -> Take:
    by_chapter: dict[int, list[CardFile]] = defaultdict(list)
    for file in files:
        by_chapter[file.said.chapter or 1].append(file)
    numbers = sorted(by_chapter)
    chapters, tracks = _main_files([by_chapter[number] for number in numbers])
    faults = [
        f"{copy.path} and {kept.path} are the same chapter of one recording, of the same size. The first is set aside."
        for copy, kept in copies
    ]
    foreign = _foreign(chapters)
    faults += [*_missing(numbers, chapters), *foreign.values(), *_short(chapters, foreign), *_reordered(chapters)]
    gaps = {index for index, (before, after) in enumerate(pairwise(numbers), 1) if after - before > 1}
    return Take(tuple(chapters), tuple(tracks), tuple(faults), tuple(copies), frozenset(gaps | foreign.keys()))


def _main_files(chapters: Sequence[Sequence[CardFile]]) -> tuple[list[CardFile], list[CardFile]]:
    """The file that stands for each chapter, of one track wherever that has them all, and those recorded at the same time."""
    share = Counter(file.said.track for files in chapters for file in files)
    ranked = [
        sorted(files, key=lambda file: (not is_mix(file), -share[file.said.track], file.said.track, file.path))
        for files in chapters
    ]
    return [files[0] for files in ranked], [file for files in ranked for file in files[1:]]


def _missing(numbers: Sequence[int], chapters: Sequence[CardFile]) -> list[str]:
    faults = []
    if numbers[0] > 1:
        faults.append(
            f"{chapters[0].name} is chapter {numbers[0]} of a recording, and what comes before it is not here. Add it from the card."
        )
    for (before, after), (file, following) in zip(pairwise(numbers), pairwise(chapters), strict=True):
        if after - before > 1:
            one = after - before == 2
            gap = f"chapter {before + 1} is" if one else f"chapters {before + 1} to {after - 1} are"
            faults.append(
                f"Between {file.name} and {following.name}, {gap} missing. Copy what is missing from the card."
            )
    return faults


def _foreign(chapters: Sequence[CardFile]) -> dict[int, str]:
    """Index → sentence for each chapter that is not of the recording that its name says."""
    first, found = chapters[0], {}
    for index, (before, file) in enumerate(pairwise(chapters), 1):
        if file.said.codec != first.said.codec or (file.serial and first.serial and file.serial != first.serial):
            found[index] = (
                f"{file.name} is named as a chapter of {first.name}, but is of another recording. Give it a separate clip."
            )
        elif (apart := _too_late(before, file)) is not None:
            found[index] = (
                f"{file.name} was written {apart:.0f} h after {before.name}, longer than it can last: it is of another recording, or the "
                "device's clock was set in between. It is sent as a separate recording."
            )
    return found


def _too_late(before: CardFile, file: CardFile) -> float | None:
    """The hours between the times at which two files were written, where the second cannot be so long; None where it can."""
    if not (before.modified_s and file.modified_s and file.size_bytes):
        return None
    apart = file.modified_s - before.modified_s
    return apart / 3600 if apart > file.size_bytes / _SLOWEST + _SLACK_S else None


def _short(chapters: Sequence[CardFile], foreign: Mapping[int, str]) -> list[str]:
    full = max(file.size_bytes for file in chapters)
    for index, file in enumerate(chapters[:-1]):
        if index not in foreign and 0 < file.size_bytes < _WHOLE * full:
            return [
                f"{file.name} is shorter than the other chapters of its recording: it was cut, or is of another one."
            ]
    return []


def _reordered(chapters: Sequence[CardFile]) -> list[str]:
    times = [file.modified_s for file in chapters]
    if all(times) and len(set(times)) > 1 and times != sorted(times):
        late = next(after for before, after in pairwise(chapters) if after.modified_s < before.modified_s)
        return [
            f"{late.name} was written before the chapter that its name puts in front of it. Check the order of the chapters."
        ]
    return []
