"""Files of several cards as cameras with clips, before a byte is sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from media_app.core.cards.roots import called_letter, camera_name, card_of, claimed_letter
from media_app.core.cards.schemes import side_file
from media_app.core.cards.takes import CardFile, Take, takes_of

#: Names that say who made the file, but not which of several people's phones.
_ANYBODYS = ("", "iPhone", "Pixel", "Android phone")


@dataclass(frozen=True, slots=True)
class SortedCamera:
    """One camera or recorder: its label, the name that its card's folder gives it, and its recordings in order."""

    label: str
    name: str
    make: str
    takes: tuple[Take, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that is not sent, and what it is."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Sorting:
    """Whose recording each file is. `unplaced`: files for which no label was left."""

    cameras: tuple[SortedCamera, ...]
    set_aside: tuple[SetAside, ...] = ()
    unplaced: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(fault for camera in self.cameras for take in camera.takes for fault in take.faults)


@dataclass(frozen=True, slots=True)
class _Found:
    """A camera before it has a label."""

    name: str
    make: str
    claim: str
    takes: tuple[Take, ...]

    @property
    def order(self) -> tuple[bool, str, str]:
        """Pictures before sound, then by name."""
        return (self.takes[0].first.sound, self.name, self.takes[0].first.path)


def sort_files(
    files: Iterable[CardFile], used: Sequence[str] = (), recordings: frozenset[str] = frozenset()
) -> Sorting:
    """Cameras with clips for files that were dropped together.

    A camera is what one serial number made; else one device's files in one card's folder, where files that people named are
    apart that call another camera, or are sound beside pictures; files in no folder belong together where a make names them alike, and
    are cameras of their own else. `used` labels stay free. `recordings`: the
    extensions (with dot, in small letters) that Studio takes; what has another one is set aside.
    """
    kept: list[CardFile] = []
    aside: list[SetAside] = []
    for file in files:
        what = side_file(file.path) or _no_recording(file, recordings)
        if what:
            aside.append(SetAside(file.path, what))
        else:
            kept.append(file)
    cameras, unplaced = _labelled(_cameras(kept), used)
    aside += [
        SetAside(track.path, f"track of {take.first.name}")
        for camera in cameras
        for take in camera.takes
        for track in take.tracks
    ]
    return Sorting(cameras, tuple(aside), unplaced)


def _no_recording(file: CardFile, recordings: frozenset[str]) -> str:
    extension = "." + file.name.rpartition(".")[2].lower()
    return "" if not recordings or extension in recordings else "not a recording"


def _cameras(files: Sequence[CardFile]) -> list[_Found]:
    groups: dict[tuple[str, ...], list[CardFile]] = defaultdict(list)
    for file in files:
        groups[_device(file)].append(file)
    found = []
    for members in groups.values():
        takes = tuple(takes_of(members))
        first = takes[0].first
        name = camera_name(card_of(first.path))
        claim = first.said.camera or called_letter(_stem(first)) or claimed_letter(name) or claimed_letter(_stem(first))
        found.append(_Found(name, first.said.make, claim, takes))
    # A folder's name is that of a camera where it holds one.
    names = [one.name for one in found]
    return [one if names.count(one.name) == 1 else replace(one, name="") for one in found]


def _stem(file: CardFile) -> str:
    return file.name.rpartition(".")[0]


def _device(file: CardFile) -> tuple[str, ...]:
    """What all files of one camera have in common."""
    said, card = file.said, card_of(file.path)
    if file.serial:
        return ("serial", file.serial, said.lens)
    if card:
        folder = card.rpartition("/")[0]
        named = (called_letter(_stem(file)), str(file.sound)) if not said.make else ()
        return ("card", folder, camera_name(card), said.make, said.camera, said.body, said.lens, *named)
    if said.make in _ANYBODYS:
        return ("file", file.path)
    return ("make", said.make, said.camera, said.body, said.lens)


def _labelled(found: Sequence[_Found], used: Sequence[str]) -> tuple[tuple[SortedCamera, ...], tuple[str, ...]]:
    """A label for each: what a name claims, if only one claims it, then the alphabet."""
    claims = [camera.claim for camera in found]
    taken = set(used)
    labels: dict[int, str] = {}
    for index, claim in enumerate(claims):
        if claim and claims.count(claim) == 1 and claim not in taken:
            labels[index] = claim
            taken.add(claim)
    free = [letter for letter in ascii_uppercase if letter not in taken]
    for index in sorted(range(len(found)), key=lambda i: found[i].order):
        if index not in labels and free:
            labels[index] = free.pop(0)
    cameras = tuple(
        SortedCamera(labels[index], found[index].name, found[index].make, found[index].takes)
        for index in sorted(labels, key=lambda i: labels[i])
    )
    unplaced = tuple(
        file.path
        for index, camera in enumerate(found)
        if index not in labels
        for take in camera.takes
        for file in take.chapters
    )
    return cameras, unplaced
