"""Files of several cards as cameras with clips, before a byte is sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from media_app.core.cards.counting import recordings_of
from media_app.core.cards.roots import called_letter, camera_name, card_of, claimed_letter
from media_app.core.cards.schemes import side_file
from media_app.core.cards.takes import CardFile, Take
from media_app.core.cards.tracks import missing_tracks, tracks_by_chapter

#: Names that say who made the file, but not which of several people's phones.
_ANYBODYS = ("", "iPhone", "Pixel", "Android phone")


@dataclass(frozen=True, slots=True)
class SortedCamera:
    """One camera or recorder: its label, the name that its card's folder gives it, and its recordings in order.

    `first_clip`: the number of its next clip; above 1 for another card of a camera that is there already.
    """

    label: str
    name: str
    make: str
    takes: tuple[Take, ...]
    first_clip: int = 1


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """A camera that is there already, and what tells another card of it: its name, and the serial numbers of what recorded its clips."""

    label: str
    name: str = ""
    serials: frozenset[str] = frozenset()
    clips: int = 0


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that is not sent, and what it is. `instead`: the path of the file that is sent in its place, where a person may choose; `track`: which
    track of that recording it is."""

    path: str
    what: str
    size_bytes: int = 0
    instead: str = ""
    track: str = ""


@dataclass(frozen=True, slots=True)
class Sorting:
    """Whose recording each file is. `unplaced`: files for which no label was left."""

    cameras: tuple[SortedCamera, ...]
    set_aside: tuple[SetAside, ...] = ()
    unplaced: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        found = (fault for camera in self.cameras for take in camera.takes for fault in take.faults)
        return (*found, *(note for camera in self.cameras for note in _notes(camera)))


@dataclass(frozen=True, slots=True)
class _Found:
    """A camera before it has a label."""

    name: str
    make: str
    claim: str
    takes: tuple[Take, ...]
    serial: str = ""

    @property
    def order(self) -> tuple[bool, str, str]:
        """Pictures before sound, then by name."""
        return (self.takes[0].first.sound, self.name, self.takes[0].first.path)


def sort_files(
    files: Iterable[CardFile],
    used: Sequence[str] = (),
    recordings: frozenset[str] = frozenset(),
    known: Sequence[KnownCamera] = (),
) -> Sorting:
    """Cameras with clips for files that were dropped together.

    A camera is what one serial number made; else one device's files in one card's folder, where files that people named are
    apart that call another camera, or are sound beside pictures; files in no folder belong together where a make names them alike, and
    are cameras of their own else. `used` labels stay free. `recordings`: the
    extensions (with dot, in small letters) that Studio takes; what has another one is set aside. `known`: the cameras that are there,
    whose letter another card of theirs gets, by serial number or by name.
    """
    kept: list[CardFile] = []
    aside: list[SetAside] = []
    for file in files:
        what = side_file(file.path) or _no_recording(file, recordings)
        if what:
            aside.append(SetAside(file.path, what, file.size_bytes))
        else:
            kept.append(file)
    cameras, unplaced = _labelled(_cameras(kept), used, known)
    for take in (take for camera in cameras for take in camera.takes):
        of = {file.said.chapter or 1: file for file in take.chapters}
        for track in take.tracks:
            clip = of[track.said.chapter or 1]
            aside.append(SetAside(track.path, f"track of {clip.name}", track.size_bytes, clip.path, track.said.track))
        aside += [SetAside(copy.path, f"copy of {kept.path}", copy.size_bytes, kept.path) for copy, kept in take.copies]
    return Sorting(cameras, tuple(aside), unplaced)


def _notes(camera: SortedCamera) -> list[str]:
    """What a person should know of a camera that is there already, or whose recordings have a file for each track."""
    who = f"Camera {camera.label}"
    if camera.first_clip > 1:
        name = f" ({camera.name})" if camera.name else ""
        return [
            f"{who}{name} is here already: these files are added to it. Choose another letter if another camera made them.",
            *_tracks(camera),
        ]
    return _tracks(camera)


def _tracks(camera: SortedCamera) -> list[str]:
    return [*missing_tracks(camera.takes), *_apart(camera)]


def _apart(camera: SortedCamera) -> list[str]:
    """What becomes of tracks that cannot be sent as one clip."""
    who = f"Camera {camera.label}"
    apart = [take for take in camera.takes if take.tracks and not all(tracks_by_chapter(take))]
    if any(take.first.path.upper().endswith(".MXF") for take in apart):
        return [
            f"{who} keeps picture and sound in files of their own (CONTENTS/VIDEO and CONTENTS/AUDIO): its pictures have no sound to sync "
            "by, and are placed by hand. Export the clips with their sound, or send the sound as a separate camera."
        ]
    without = [take for take in apart if not take.has_mix]
    if not without:
        return []
    return [
        f"{who} has a file for each track and no mix. One track is sent of each recording: that of {without[0].first.name}, unless another one "
        "is chosen among the files set aside."
    ]


def _no_recording(file: CardFile, recordings: frozenset[str]) -> str:
    extension = "." + file.name.rpartition(".")[2].lower()
    return "" if not recordings or extension in recordings else "not a recording"


def _cameras(files: Sequence[CardFile]) -> list[_Found]:
    groups: dict[tuple[str, ...], list[CardFile]] = defaultdict(list)
    for file in _with_serials(files):
        groups[_device(file)].append(file)
    found = []
    for members in groups.values():
        takes = tuple(recordings_of(members))
        first = takes[0].first
        name = camera_name(card_of(first.path))
        # A letter that stands alone in a device's own name is a lens or a reel.
        alone = "" if first.said.make else claimed_letter(_stem(first))
        claim = first.said.camera or called_letter(_stem(first)) or claimed_letter(name) or alone
        found.append(_Found(name, first.said.make, claim, takes, first.serial))
    # A folder's name is that of a camera where it holds one.
    names = [one.name for one in found]
    return [one if names.count(one.name) == 1 else replace(one, name="") for one in found]


def _with_serials(files: Sequence[CardFile]) -> list[CardFile]:
    """The files, each with the serial number of the others that lie with it where those have one and no more."""
    serials: dict[tuple[str, ...], set[str]] = defaultdict(set)
    places = [_device(replace(file, serial="")) for file in files]
    for place, file in zip(places, files, strict=True):
        serials[place] |= {file.serial} - {""}
    return [
        replace(file, serial=next(iter(serials[place]))) if len(serials[place]) == 1 else file
        for place, file in zip(places, files, strict=True)
    ]


def _stem(file: CardFile) -> str:
    return file.name.rpartition(".")[0]


def _device(file: CardFile) -> tuple[str, ...]:
    """What all files of one camera have in common."""
    said, card = file.said, card_of(file.path)
    if file.serial:
        return ("serial", file.serial, said.lens)
    if card or file.folder:
        folder = card.rpartition("/")[0]
        named = (called_letter(_stem(file)), str(file.sound)) if not said.make else ()
        return ("card", folder, camera_name(card), said.make, said.camera, said.body, said.lens, *named)
    if said.make in _ANYBODYS:
        return ("file", file.path, str(file.size_bytes), str(file.modified_s))
    return ("make", said.make, said.camera, said.body, said.lens)


def _labelled(
    found: Sequence[_Found], used: Sequence[str], known: Sequence[KnownCamera]
) -> tuple[tuple[SortedCamera, ...], tuple[str, ...]]:
    """A label for each: that of a camera which is there already, what a name claims, if only one claims it, then the alphabet."""
    claims = [camera.claim for camera in found]
    taken = {*used, *(camera.label for camera in known)}
    labels: dict[int, str] = {}
    first_clips: dict[int, int] = {}
    for index, camera in enumerate(found):
        there = _known_as(camera, known)
        if there is not None and there.label not in labels.values():
            labels[index], first_clips[index] = there.label, there.clips + 1
    for index, claim in enumerate(claims):
        if index not in labels and claim and claims.count(claim) == 1 and claim not in taken:
            labels[index] = claim
            taken.add(claim)
    free = [letter for letter in ascii_uppercase if letter not in taken]
    for index in sorted(range(len(found)), key=lambda i: found[i].order):
        if index not in labels and free:
            labels[index] = free.pop(0)
    cameras = tuple(
        SortedCamera(labels[index], found[index].name, found[index].make, found[index].takes, first_clips.get(index, 1))
        for index in sorted(labels, key=lambda i: labels[i])
    )
    unplaced = tuple(
        file.path
        for index, camera in enumerate(found)
        if index not in labels
        for take in camera.takes
        for file in (*take.chapters, *take.tracks, *(copy for copy, _ in take.copies))
    )
    return cameras, unplaced


def _known_as(camera: _Found, known: Sequence[KnownCamera]) -> KnownCamera | None:
    """The camera that is there already of which these files are another card: by serial number, else by the name of its folder."""
    by_serial = (one for one in known if camera.serial and camera.serial in one.serials)
    name = camera.name.casefold()
    by_name = (
        one
        for one in known
        if name
        and one.name.casefold() == name
        and not (camera.serial and one.serials and camera.serial not in one.serials)
    )
    return next(by_serial, None) or next(by_name, None)
