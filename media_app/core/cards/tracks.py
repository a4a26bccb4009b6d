"""The tracks of one take that a recorder writes to files of their own: their names, what is missing, and the one file that they are sent as."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any

from media_app.core.cards.schemes import without_track
from media_app.core.cards.takes import CardFile, Take, is_mix, natural
from media_app.core.files.accept import TAKE
from media_app.core.files.keys import extension_of

#: Files whose tracks can be joined to the sample.
JOINED = frozenset([".wav", ".wave", ".bwf", ".rf64"])
MIX = "mix"


@dataclass(frozen=True, slots=True)
class JoinedTrack:
    """One file of a take as it lies in the joined one. `channels`: numbers from 1; `frames`: as long as it was before it was filled up."""

    filename: str
    track: str
    channels: tuple[int, ...]
    frames: int
    size_bytes: int
    sha256: str

    @property
    def names(self) -> dict[int, str]:
        """What each of its channels is called."""
        name = f"track {self.track}" if self.track[:1].isdigit() else self.track
        ends = {1: [""], 2: [" L", " R"]}.get(len(self.channels)) or [f" {n}" for n in range(1, len(self.channels) + 1)]
        return {channel: f"{name}{end}" for channel, end in zip(self.channels, ends, strict=True)}


@dataclass(frozen=True, slots=True)
class JoinedTake:
    """What is known of a file that was joined from others: the name and size of the file that they were sent as, its rate and the longest track's frames."""

    filename: str = ""
    size_bytes: int = 0
    rate: int = 0
    frames: int = 0
    files: tuple[JoinedTrack, ...] = ()

    @property
    def names(self) -> dict[int, str]:
        """Channel → what it is called."""
        return {channel: name for file in self.files for channel, name in file.names.items()}

    @property
    def warnings(self) -> list[str]:
        """What a person should know: tracks that end early, and two that are one."""
        said, seen = [], dict[str, str]()
        for file in self.files:
            if file.frames < self.frames:
                short = (self.frames - file.frames) / self.rate
                said.append(
                    f"{file.filename} is {short:.3f} s shorter than the longest track of its take: it is silent at its end."
                )
            if file.sha256 in seen:
                said.append(f"{seen[file.sha256]} and {file.filename} hold the same bytes: one track is there twice.")
            seen.setdefault(file.sha256, file.filename)
        return said

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(stored: Mapping[str, Any]) -> JoinedTake:
    """What `JoinedTake.as_json` gave; an empty one for a file that was not joined."""
    if not stored:
        return JoinedTake()
    files = tuple(JoinedTrack(**(one | {"channels": tuple(one["channels"])})) for one in stored["files"])
    return JoinedTake(stored["filename"], stored["size_bytes"], stored["rate"], stored["frames"], files)


def track_names(paths: Sequence[str]) -> list[str]:
    """What each file of a take is called among them: by its device's scheme, else by what tells the names apart. `mix` for what holds all."""
    files = [CardFile(path) for path in paths]
    said = [MIX if file.said.take and is_mix(file) else file.said.track for file in files]
    if all(said) and len(set(said)) == len(said):
        return said
    stems = [PurePosixPath(file.name).stem for file in files]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
    shared = len(list(alike)) if len(stems) > 1 else 0
    ends = [stem[shared:].lstrip("_- ") for stem in stems]
    return ends if all(ends) and len(set(ends)) == len(ends) else stems


def in_track_order(files: Sequence[CardFile]) -> list[CardFile]:
    """The mix first, then by number."""
    return sorted(files, key=lambda file: (not is_mix(file), natural(file.said.track), natural(file.path)))


def tracks_by_chapter(take: Take) -> list[list[CardFile]]:
    """For each chapter its files in the order of their tracks, where there are several that can be joined; else none."""
    found = []
    for main in take.chapters:
        chapter = main.said.chapter or 1
        files = [main, *(one for one in take.tracks if (one.said.chapter or 1) == chapter)]
        joined = len(files) > 1 and all(extension_of(file.name) in JOINED for file in files)
        found.append(in_track_order(files) if joined else [])
    return found


def packed_path(main: CardFile) -> str:
    """The path of the one file that a take is sent as, by that of a file of it: without the track where it still says of which
    recording and chapter it is; TR1.WAV in a folder that is named like the take is called like the folder."""
    plain, said = without_track(main.path), main.said
    folder = main.folder.rpartition("/")[2]
    for stem in (plain, f"{main.folder}/{folder}" if folder else ""):
        named = CardFile(f"{stem}{TAKE}").said if stem and not stem.endswith("/") else None
        if named and (named.take, named.chapter or 1) == (said.take, said.chapter or 1):
            return f"{stem}{TAKE}"
    return str(PurePosixPath(main.path).with_suffix(TAKE))


def missing_tracks(takes: Sequence[Take]) -> list[str]:
    """A sentence for each recording of a recorder that lacks tracks which most others have."""
    tracks = [
        (of[0], {file.said.track for file in of}) for take in takes for of in tracks_by_chapter(take) if len(of) > 1
    ]
    every = {track for _, of in tracks for track in of}
    usual = {track for track in every if 2 * sum(track in of for _, of in tracks) > len(tracks)}
    return [
        f"{file.path} is without {_listed(sorted(usual - of, key=natural))}, which the other recordings have. Copy it from the card if it was "
        "recorded."
        for file, of in tracks
        if usual - of
    ]


def _listed(tracks: Sequence[str]) -> str:
    names = [f"track {track}" if track else "the mix" for track in tracks]
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
