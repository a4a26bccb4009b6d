"""The files of one camera as recordings: chapters in order, and what is wrong with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from media_app.core.cards.schemes import SPLITS, Named, read_name
from media_app.core.files.accept import AUDIO_EXTENSIONS
from media_app.core.files.keys import extension_of

#: A file this full, as a share of where devices split, was followed by another.
_FULL = 0.97
#: A chapter in the middle is as long as the others; one shorter than this share of them was cut, or is of something else.
_WHOLE = 0.9
#: Sound files of one take: the mix is what sync listens to.
_MIXES = ("", "LR", "MIX", "ST", "MS", "XY")


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
    def sound(self) -> bool:
        """Whether it has no picture, as far as its name says."""
        return self.said.sound or extension_of(self.name) in AUDIO_EXTENSIONS

    @property
    def said(self) -> Named:
        """What its name says."""
        return read_name(self.path)


@dataclass(frozen=True, slots=True)
class Take:
    """One recording: its chapters in order, one file each. `tracks` were recorded at the same time, `faults` are sentences."""

    chapters: tuple[CardFile, ...]
    tracks: tuple[CardFile, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def first(self) -> CardFile:
        return self.chapters[0]


def takes_of(files: Iterable[CardFile]) -> list[Take]:
    """The recordings of one camera, in order of time where the disk's times tell it, else of their numbers."""
    groups: dict[str, dict[int, list[CardFile]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(files, key=_by_name):
        said = file.said
        groups[said.take if said.chapter is not None else file.path][said.chapter or 1].append(file)
    found = [_take(by_chapter) for by_chapter in groups.values()]
    return _in_order(_joined_by_size(found))


def _by_name(file: CardFile) -> tuple[int, str]:
    return (file.said.number or 0, file.path)


def _take(by_chapter: Mapping[int, list[CardFile]]) -> Take:
    chapters, tracks, faults = [], [], []
    numbers = sorted(by_chapter)
    for number in numbers:
        main, others, doubled = _of_chapter(by_chapter[number])
        chapters.append(main)
        tracks += others
        faults += doubled
    faults += [*_missing(numbers, chapters), *_foreign(chapters), *_reordered(chapters)]
    return Take(tuple(chapters), tuple(tracks), tuple(faults))


def _of_chapter(files: list[CardFile]) -> tuple[CardFile, list[CardFile], list[str]]:
    """The file that stands for a chapter, those recorded at the same time, and copies of one file."""
    ranked = sorted(files, key=lambda file: (not _is_mix(file), file.said.track, file.path))
    main, others, doubled = ranked[0], [], []
    seen = {main.said.track: main}
    for file in ranked[1:]:
        if (same := seen.get(file.said.track)) is not None:
            doubled.append(f"{file.path} and {same.path} are the same chapter of one recording. Keep one of them.")
        else:
            seen[file.said.track] = file
            others.append(file)
    return main, others, doubled


def _is_mix(file: CardFile) -> bool:
    return any(file.said.track == mix or (mix and mix in file.said.track) for mix in _MIXES)


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


def _foreign(chapters: Sequence[CardFile]) -> list[str]:
    first = chapters[0]
    for file in chapters[1:]:
        if file.said.codec != first.said.codec or (file.serial and first.serial and file.serial != first.serial):
            return [
                f"{file.name} is named as a chapter of {first.name}, but is of another recording. Give it a clip of its own."
            ]
    full = max(file.size_bytes for file in chapters)
    for file in chapters[:-1]:
        if 0 < file.size_bytes < _WHOLE * full:
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


def _joined_by_size(takes: Sequence[Take]) -> list[Take]:
    """Takes of devices that only count their files: one that is as full as a file may be goes on in the next number."""
    out: list[Take] = []
    for take in takes:
        last = out[-1].chapters[-1] if out else None
        if last is not None and _goes_on(last, take.first):
            out[-1] = replace(out[-1], chapters=(*out[-1].chapters, *take.chapters))
        else:
            out.append(take)
    return out


def _goes_on(file: CardFile, following: CardFile) -> bool:
    one, two = file.said, following.said
    if one.chapter is not None or one.number is None or two.number != one.number + 1:
        return False
    return any(_FULL * split <= file.size_bytes <= split for split in SPLITS)


def _in_order(takes: Sequence[Take]) -> list[Take]:
    times = [take.first.modified_s for take in takes]
    if all(times) and len(set(times)) == len(times):
        return sorted(takes, key=lambda take: take.first.modified_s)
    return list(takes)
