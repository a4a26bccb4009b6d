"""A take's files, one for each track, as one WAV with all of their channels, no sample of them changed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from media_app.audio import Wav, WavForm, WavWriter, open_wav
from media_app.core.cards.packed import packed_files
from media_app.core.cards.takes import CardFile
from media_app.core.cards.tracks import JOINED, JoinedTake, JoinedTrack, in_track_order, track_names
from media_app.core.files.accept import refuse_upload
from media_app.core.files.faults import NotUsable
from media_app.core.files.keys import extension_of
from media_app.making.files import HASH_BLOCK

MOST_CHANNELS, MOST_RATE = 64, 768_000
BLOCK_FRAMES = 1 << 16
#: Tracks of one take begin at one sample; by less than this recorders' notes of it may differ.
_APART_S = 0.04
_HEADER_BYTES = 256
#: Percent of the work when the files' checksums are known.
_HASHED = 30

Report = Callable[[float, str], None]


class NotOneTake(NotUsable):
    """Files that cannot be joined: of another rate or time, or more than are taken."""

    code = "not_one_take"


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file of a take: `size` bytes from `at` in the file at `path`. `name`: its path on the card."""

    name: str
    path: Path
    at: int
    size: int

    @property
    def filename(self) -> str:
        return self.name.rpartition("/")[2]


def tracks_in(path: Path, name: str) -> list[TrackFile]:
    """The files of a packed take, which sentences call `name`. Raises NotUsable types."""
    with path.open("rb") as file:

        def read(at: int, count: int) -> bytes:
            file.seek(at)
            return file.read(count)

        found = packed_files(read, path.stat().st_size, name)
    if not found:
        raise NotOneTake(f"There is no file in {name}. Pack the WAV files of one take.")
    files = [TrackFile(one.path, path, one.at, one.size) for one in found]
    for one in files:
        _refuse_name(one, name)
    return files


def _refuse_name(file: TrackFile, name: str) -> None:
    refusal = refuse_upload(file.filename, "", file.size, max_bytes=file.size)
    if refusal is not None:
        raise NotOneTake(f"A file in {name} is not taken. {refusal.message}")
    if extension_of(file.filename) not in JOINED:
        raise NotOneTake(f"{file.filename} in {name} is not a WAV file. Pack the WAV files of one take alone.")


def tracks_of(paths: Sequence[Path]) -> list[TrackFile]:
    """Files that lie by themselves as the tracks of one take."""
    return [TrackFile(path.as_posix(), path, 0, path.stat().st_size) for path in paths]


@dataclass(frozen=True, slots=True)
class Take:
    """The tracks of one take, open. `form`: that of the joined file."""

    files: tuple[TrackFile, ...]
    tracks: tuple[str, ...]
    wavs: tuple[Wav, ...]
    form: WavForm

    @property
    def rate(self) -> int:
        return self.wavs[0].rate

    @property
    def frames(self) -> int:
        return max(wav.frames for wav in self.wavs)

    @property
    def channels(self) -> int:
        return sum(wav.channels for wav in self.wavs)

    @property
    def size_bytes(self) -> int:
        """Of the joined file, with room for its header."""
        header = _HEADER_BYTES + sum(len(body) for body in self.form.chunks.values())
        return self.frames * self.channels * self.form.bits // 8 + header


@contextmanager
def opened_take(files: Sequence[TrackFile]) -> Iterator[Take]:
    """The tracks, the mix first. Raises NotOneTake and NotWav with a sentence for what cannot be joined."""
    by_name = {file.name: file for file in files}
    if len(by_name) < len(files):
        twice = next(
            one.filename for one, other in pairwise(sorted(files, key=lambda f: f.name)) if one.name == other.name
        )
        raise NotOneTake(f"{twice} is there twice. Pack each track once.")
    ordered = [by_name[one.path] for one in in_track_order([CardFile(name) for name in by_name])]
    names = track_names([file.name for file in ordered])
    with ExitStack() as held:
        wavs = [held.enter_context(open_wav(one.path, one.filename, at=one.at, size=one.size)) for one in ordered]
        _refuse(wavs)
        take = Take(tuple(ordered), tuple(names), tuple(wavs), _form(wavs))
        yield replace(take, form=replace(take.form, chunks=_chunks(take)))


def _refuse(wavs: Sequence[Wav]) -> None:
    first = wavs[0]
    if first.rate > MOST_RATE:
        raise NotOneTake(f"{first.label} claims {first.rate:,} samples a second, which no recorder writes.")
    for other in wavs[1:]:
        if other.rate != first.rate:
            raise NotOneTake(
                f"{other.label} has {other.rate:,} samples a second and {first.label} {first.rate:,}: tracks of one take have one rate. "
                "Send it as a separate clip."
            )
        if None not in (first.began_at, other.began_at):
            apart = ((other.began_at or 0) - (first.began_at or 0)) / first.rate
            if abs(apart) > _APART_S:
                raise NotOneTake(
                    f"By its timecode {other.label} began {abs(apart):.3f} s {'after' if apart > 0 else 'before'} {first.label}: it is of "
                    "another take. Send it as a separate clip."
                )
    if (channels := sum(wav.channels for wav in wavs)) > MOST_CHANNELS:
        raise NotOneTake(f"The files have {channels} channels, and at most {MOST_CHANNELS} are taken of one take.")
    if not any(wav.frames for wav in wavs):
        raise NotOneTake("There is no sound in any of the files. Copy them again from the recorder.")


def _form(wavs: Sequence[Wav]) -> WavForm:
    """The smallest in which every sample stays as it is."""
    bits = max(wav.bits for wav in wavs)
    floats, whole = [wav for wav in wavs if wav.is_float], [wav for wav in wavs if not wav.is_float]
    if not floats:
        return WavForm(bits, is_float=False, has_places=False)
    deep = next((wav for wav in whole if wav.bits == 32), None)
    if deep is not None:
        raise NotOneTake(
            f"{deep.label} has 32-bit whole numbers and {floats[0].label} floating point: no file holds both to the last bit. Send one of "
            "them as a separate clip."
        )
    return WavForm(32, is_float=True, has_places=False)


def _chunks(take: Take) -> dict[bytes, bytes]:
    """What recorders note of a file with several tracks: the time of day (`bext`), and the tracks' names (`iXML`)."""
    noted = next((wav.broadcast for wav in take.wavs if wav.broadcast), b"")
    names = [name for _, name in sorted(_described(take).names.items())]
    tracks = "".join(
        f"<TRACK><CHANNEL_INDEX>{n}</CHANNEL_INDEX><INTERLEAVE_INDEX>{n}</INTERLEAVE_INDEX><NAME>{escape(name)}</NAME></TRACK>"
        for n, name in enumerate(names, 1)
    )
    listed = f"<TRACK_LIST><TRACK_COUNT>{len(names)}</TRACK_COUNT>{tracks}</TRACK_LIST>"
    text = f'<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>1.5</IXML_VERSION>{listed}</BWFXML>'
    return ({b"bext": noted} if noted else {}) | {b"iXML": text.encode()}


def join(take: Take, path: Path, report: Report) -> JoinedTake:
    """Write all channels of a take to `path`, shorter tracks silent at their end. `report` is called often, and may raise."""
    digests = []
    for count, file in enumerate(take.files):
        report(_HASHED * count / len(take.files), "reading the tracks")
        digests.append(_sha256(file))
    with WavWriter(path, take.rate, take.channels, form=take.form) as out:
        for start in range(0, take.frames, BLOCK_FRAMES):
            report(_HASHED + (100 - _HASHED) * start / take.frames, "joining the tracks")
            count = min(BLOCK_FRAMES, take.frames - start)
            block = np.zeros((count, take.channels), take.form.sample)
            channel = 0
            for wav in take.wavs:
                part = wav.read_as(min(start, wav.frames), count, take.form)
                block[: len(part), channel : channel + wav.channels] = part
                channel += wav.channels
            out.write(block)
    return _described(take, digests)


def _described(take: Take, digests: Sequence[str] = ()) -> JoinedTake:
    files, channel = [], 1
    known = digests or [""] * len(take.files)
    for file, track, wav, digest in zip(take.files, take.tracks, take.wavs, known, strict=True):
        channels = tuple(range(channel, channel + wav.channels))
        channel += wav.channels
        files.append(JoinedTrack(file.filename, track, channels, wav.frames, file.size, digest))
    return JoinedTake(rate=take.rate, frames=take.frames, files=tuple(files))


def _sha256(file: TrackFile) -> str:
    """Hex digest of the file's own bytes."""
    digest, left = hashlib.sha256(), file.size
    with file.path.open("rb") as stream:
        stream.seek(file.at)
        while left > 0 and (block := stream.read(min(left, HASH_BLOCK))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()
