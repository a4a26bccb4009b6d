"""Sync any media files on this machine: no database, no session."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath

import numpy as np
from django.core.management.base import BaseCommand

from media_app.audio import Wav, open_wav
from media_app.core.cards.chapters import faults, links
from media_app.core.cards.counting import recordings_of
from media_app.core.cards.schemes import side_file
from media_app.core.cards.takes import CardFile
from media_app.core.cards.tracks import JoinedTake, packed_path, tracks_by_chapter
from media_app.core.files.accept import AUDIO_EXTENSIONS, TAKE, VIDEO_EXTENSIONS
from media_app.core.files.faults import NeitherPictureNorSound
from media_app.core.sound.heard import Heard
from media_app.core.time.witness import Witnesses
from media_app.making.files import sha256
from media_app.making.joined import join, opened_take, tracks_in, tracks_of
from media_app.making.sound import hear, witnesses_without_sound
from sessions_app.core.cameras import LABELS, camera_key, key_order, split_key
from sessions_app.errors import StudioError
from sync_app.core import chapters, engine, witnesses
from sync_app.core.chapters import Chapter
from sync_app.core.values import Alignment, ArrayTrack, CameraSync

BAD_INPUT = 2
RATE = 48_000


class BadFiles(Exception):
    """The files cannot be synced as given; one sentence."""


class Command(BaseCommand):
    help = "Find each file's offset from its sound. Labels A, B, C… follow the order of the files."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="the master first, then the others")
        parser.add_argument(
            "--camera",
            action="append",
            default=[],
            metavar="B=FILE1,FILE2",
            help="a camera with several clips, or the folder that they lie in; chapters of one recording, by their names, are synced as one, "
            "and tracks of one take that are files of their own (FILE_Tr1+FILE_Tr2, found by their names in a folder) are one clip",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
        parser.add_argument(
            "--master", default="A", help="a label, or 'auto' for the file that hears best (default: A)"
        )

    def handle(self, *args, files: list[Path], camera: list[str], as_json: bool, master: str, **options):
        try:
            clips = clips_of(files, camera)
            with tempfile.TemporaryDirectory(prefix="sync-takes-") as folder:
                joined = {key: _joined(key, clip, Path(folder)) for key, clip in clips.items()}
                answer = sync_files([one.path for one in joined.values()], master=master, labels=list(clips))
            answer["heard"] = {key: _named(heard, joined[key].take.names) for key, heard in answer["heard"].items()}
            for key, one in joined.items():
                answer["warnings"][key] = [*one.take.warnings, *answer["warnings"][key]]
        except (BadFiles, StudioError, OSError) as error:
            self.stderr.write(f"sync_files: {error}")
            raise SystemExit(BAD_INPUT) from None
        self.stdout.write(json.dumps(answer, indent=2, allow_nan=False) if as_json else as_text(answer, clips))


#: The files of one clip: one, or one for each track.
Clip = tuple[Path, ...]


def clips_of(files: list[Path], cameras: list[str]) -> dict[str, Clip]:
    """Camera key → its files: A, B, C … in the order of `files`, and the clips of each `B=FILE1,FILE2`.

    Raises BadFiles.
    """
    found: dict[str, Clip] = {}
    for text in cameras:
        label, equals, paths = text.partition("=")
        if not equals or len(label) != 1 or label not in LABELS or not all(paths.split(",")):
            raise BadFiles(f"--camera is {text!r}: write a letter and its files, B=FILE1,FILE2.")
        if label in found:
            raise BadFiles(f"--camera {label} is given twice: name all its files at once.")
        clips = [clip for path in paths.split(",") for clip in _clips_at(path)]
        found |= {camera_key(label, number): clip for number, clip in enumerate(clips, 1)}
    free = [label for label in LABELS if label not in found]
    if len(files) > len(free):
        raise BadFiles(f"At most {len(free)} more cameras can be synced at once, not {len(files)}.")
    found |= {label: (file,) for label, file in zip(free, files, strict=False)}
    return dict(sorted(found.items(), key=lambda one: key_order(one[0])))


def _clips_at(path: str) -> list[Clip]:
    """What a file, several with `+` between them, or a folder is: clips. Raises BadFiles for a folder without recordings."""
    if Path(path).is_dir():
        return _clips_in(Path(path))
    return [(Path(path),)] if Path(path).exists() else [tuple(Path(one) for one in path.split("+"))]


def _clips_in(folder: Path) -> list[Clip]:
    inside = sorted(path for path in folder.rglob("*") if path.is_file())
    taken = VIDEO_EXTENSIONS | AUDIO_EXTENSIONS
    recordings = {
        path.as_posix(): path for path in inside if path.suffix.lower() in taken and not side_file(path.as_posix())
    }
    takes = recordings_of(CardFile(name, path.stat().st_size) for name, path in recordings.items())
    clips = [
        tuple(recordings[file.path] for file in tracks or [main])
        for take in takes
        for main, tracks in zip(take.chapters, tracks_by_chapter(take), strict=True)
    ]
    if not clips:
        raise BadFiles(f"There are no recordings in {folder}. Check the path.")
    return clips


@dataclass(frozen=True, slots=True)
class _JoinedClip:
    """One file to sync, and what it was joined from."""

    path: Path
    take: JoinedTake = field(default_factory=JoinedTake)


def _joined(key: str, clip: Clip, folder: Path) -> _JoinedClip:
    """A clip as one file, in `folder` where its tracks were joined. Raises BadFiles."""
    packed = len(clip) == 1 and clip[0].suffix.lower() == TAKE
    if len(clip) == 1 and not packed:
        return _JoinedClip(clip[0])
    for file in clip:
        _refuse_missing(file)
    made = folder / key / PurePath(packed_path(CardFile(clip[0].as_posix()))).with_suffix(".wav").name
    made.parent.mkdir()
    try:
        tracks = tracks_in(clip[0], clip[0].name) if packed else tracks_of(clip)
        with opened_take(tracks) as take:
            return _JoinedClip(made, join(take, made, lambda percent, step: None))
    except StudioError as error:
        raise BadFiles(f"{'+'.join(map(str, clip))}: {error}") from error


def _named(heard: dict | None, names: Mapping[int, str]) -> dict | None:
    """What is heard, with the names of its tracks where they have some."""
    if not heard or not names:
        return heard
    return heard | {"names": [names[number] for number in heard["channels"]]}


def sync_files(files: list[Path], *, master: str = "A", labels: Sequence[str] = LABELS) -> dict:
    """The answer that the contract gives for `--json`; `labels` are the files' camera keys.

    Raises BadFiles, or the StudioError of the file at fault, each with one sentence.
    """
    labels = labels[: len(files)]
    _refuse(files, labels, master)
    with tempfile.TemporaryDirectory(prefix="sync-files-") as folder, ExitStack() as held:
        with ThreadPoolExecutor(engine.AT_ONCE) as decoding:
            decoded = list(decoding.map(lambda label, file: _decoded(label, file, Path(folder)), labels, files))
        for one in decoded:
            if isinstance(one.track, Wav):
                held.enter_context(one.track)
        takes = _takes(decoded, dict(zip(labels, files, strict=True)))
        if len(takes) < 2:
            raise BadFiles("These files are chapters of one recording: give a second one to compare it with.")
        by_label = {one.label: one.track for one in decoded}
        tracks = [chapters.joined([by_label[c.key] for c in of], [c.seconds for c in of]) for of in takes.values()]
        known = {one.label: one.witnesses for one in decoded}
        chosen = None if master == "auto" else master
        alignment = chapters.spread(engine.align(tracks, master=chosen, created=witnesses.created(known)), takes)
    timecode_only = {one.label for one in decoded if one.heard and not one.heard.channels}
    alignment = witnesses.with_timecode_only(alignment, timecode_only)
    said = witnesses.said_of(alignment, known)
    answer = as_answer(witnesses.considered(alignment, said), labels)
    for label, faulty in _said_of_chapters(dict(zip(labels, files, strict=True))).items():
        answer["warnings"][label] = [*faulty, *answer["warnings"][label]]
    return answer | {
        "heard": {one.label: one.heard.as_json() if one.heard else None for one in decoded},
        "witnesses": {label: [witnesses.as_json(one) for one in given] for label, given in said.items()},
    }


def _takes(decoded: Sequence["_Decoded"], files: Mapping[str, Path]) -> dict[str, list[Chapter]]:
    """The recordings among the files, by the key of the first chapter."""
    before: dict[str, str] = {}
    for camera, clips in _cards(files).items():
        linked = links(clips) if len(clips) > 1 else {}
        before |= {camera_key(camera, clip): camera_key(camera, one) for clip, one in linked.items()}
    return chapters.recordings({one.label: one.track.frames / one.track.rate for one in decoded}, before)


def _said_of_chapters(files: Mapping[str, Path]) -> dict[str, list[str]]:
    """Camera key → what is missing or foreign in the recording that begins there, by the names of its files."""
    return {
        camera_key(camera, clip): said
        for camera, clips in _cards(files).items()
        for clip, said in (faults(clips) if len(clips) > 1 else {}).items()
    }


def _cards(files: Mapping[str, Path]) -> dict[str, dict[int, CardFile]]:
    """Camera → clip → its file."""
    found: dict[str, dict[int, CardFile]] = {}
    for key, file in files.items():
        camera, clip = split_key(key)
        found.setdefault(camera, {})[clip] = CardFile(file.as_posix(), file.stat().st_size)
    return found


@dataclass(frozen=True, slots=True)
class _Decoded:
    """One file's sound, what was listened to of it, and what else tells its time."""

    label: str
    track: Wav | ArrayTrack
    heard: Heard | None
    witnesses: Witnesses


def _decoded(label: str, file: Path, folder: Path) -> _Decoded:
    """An empty track where the file has no sound."""
    try:
        found = hear(file, folder, name=f"{label}.wav")
        return _Decoded(label, open_wav(found.wav, label), found.listened.heard, found.witnesses(label))
    except NeitherPictureNorSound:
        empty = ArrayTrack(label, np.zeros(0, np.float32), RATE)
        return _Decoded(label, empty, None, witnesses_without_sound(file, label))
    except StudioError as error:
        raise BadFiles(f"{file}: {error}") from error


def as_answer(alignment: Alignment, labels: Sequence[str]) -> dict:
    others = [label for label in labels if label != alignment.master]
    found = alignment.cameras
    return {
        "master": alignment.master,
        "offsets_ms": {alignment.master: 0.0} | {label: _number(found[label].offset_ms) for label in others},
        "confidence": {label: _number(found[label].confidence) for label in others},
        "probability": {label: _number(found[label].probability) for label in others},
        "classification": {label: found[label].classification for label in others},
        "drift_ppm": {label: _number(found[label].drift_ppm) for label in others},
        "segments": {label: as_segments(found[label]) for label in others},
        "coverage": {label: [asdict(cover) for cover in found[label].coverage] for label in others},
        "warnings": {label: list(alignment.warnings.get(label, ())) for label in labels},
    }


def as_segments(camera: CameraSync) -> list[dict[str, float | None]]:
    """The segments of a file, on its own clock; none where one line holds."""
    return [
        {
            "start_ms": _number(segment.start_s * 1000),
            "end_ms": _number(segment.end_s * 1000),
            "offset_ms": segment.offset_ms,
            "drift_ppm": segment.drift_ppm,
            "confidence": _number(segment.confidence),
            "probability": _number(segment.probability),
        }
        for segment in (camera.segments if len(camera.segments) > 1 else ())
    ]


def as_text(answer: dict, clips: Mapping[str, Clip]) -> str:
    files = {key: "+".join(map(str, clip)) for key, clip in clips.items()}
    lines = [f"master  {answer['master']}  {files[answer['master']]}"]
    for label, offset in answer["offsets_ms"].items():
        if label == answer["master"]:
            continue
        score = answer["confidence"][label]
        lines.append(
            f"{label}  {'no offset' if offset is None else f'{offset / 1000:+.4f} s'}  {answer['classification'][label]}"
            f"  score {'–' if score is None else f'{score:.1f}'}  {files[label]}"
        )
        lines += [f"   {warning}" for warning in answer["warnings"][label]]
    return "\n".join(lines)


def _refuse(files: list[Path], labels: Sequence[str], master: str) -> None:
    if len(files) < 2:
        raise BadFiles("Give two files or more: the master first, then the ones to place on its clock.")
    for file in files:
        _refuse_missing(file)
    if master != "auto" and master not in labels:
        raise BadFiles(f"--master is {master!r}: choose 'auto' or one of {', '.join(labels)}.")
    _refuse_twins(files)


def _refuse_missing(file: Path) -> None:
    if not file.exists():
        raise BadFiles(f"{file} does not exist. Check the path.")
    if not file.is_file():
        raise BadFiles(f"{file} is not a file.")


def _refuse_twins(files: list[Path]) -> None:
    """The same recording under two names would sync with itself perfectly and prove nothing."""
    seen: dict[tuple, Path] = {}
    for file in files:
        known = file.stat()
        twin = seen.setdefault(("inode", known.st_dev, known.st_ino), file)
        if twin is file:
            continue
        raise BadFiles(f"{twin} and {file} are the same file. Give each recording once.")
    by_size: dict[int, list[Path]] = {}
    for file in files:
        by_size.setdefault(file.stat().st_size, []).append(file)
    for same_size in (group for group in by_size.values() if len(group) > 1):
        digests: dict[str, Path] = {}
        for file in same_size:
            twin = digests.setdefault(sha256(file), file)
            if twin is not file:
                raise BadFiles(f"{twin} and {file} hold the same bytes. Give each recording once.")


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
