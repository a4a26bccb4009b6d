"""What the index of an ISO file says that makes a file unusable, found before a program opens it."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from media_app.core.files.faults import OutOfRange, Protected, ReferenceMovie
from media_app.core.files.first_bytes import refuse_behind
from media_app.core.files.unread import PROTECTED, PROTECTED_MESSAGE
from media_app.making.boxes import Box, Boxes, is_iso
from media_app.making.containers import trailing_bytes

#: A cut for every second of half an hour. Readers search them all for each packet.
MAX_EDITS = 2000
_TRACK = (b"moov", b"trak")
_SAMPLES = (*_TRACK, b"mdia", b"minf", b"stbl", b"stsd")
_REFERENCES = (*_TRACK, b"mdia", b"minf", b"dinf", b"dref")


def refuse_by_index(path: Path) -> None:
    """Raise Protected, ReferenceMovie or OutOfRange where the index of an MP4 or MOV says so, and as `refuse_behind_the_end`."""
    refuse_behind_the_end(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if not is_iso(file.read(8)):
            return
        boxes = Boxes(file, 0, size)
        if any(name in PROTECTED for name in _entries(boxes, _SAMPLES)):
            raise Protected(PROTECTED_MESSAGE)
        if any(boxes.at(b"moov", b"rmra")) or _lies_elsewhere(boxes):
            raise ReferenceMovie(
                "This is a reference movie: it only points at recordings in other files. Upload those, or save it again as "
                "a self-contained movie."
            )
        most = max((_count(file, box) for box in boxes.at(*_TRACK, b"edts", b"elst")), default=0)
        if most > MAX_EDITS:
            raise OutOfRange(
                f"The file's index assembles it from {most:,} pieces (its edit list); Studio takes at most {MAX_EDITS:,}. "
                "Export it again as a plain MP4 or MOV."
            )


def refuse_behind_the_end(path: Path) -> None:
    """Raise NotMedia when another file hangs on the end of an MP4 or MOV."""
    if trailing := trailing_bytes(path):
        with path.open("rb") as file:
            file.seek(-trailing, 2)
            refuse_behind(file.read(16))


def _lies_elsewhere(boxes: Boxes) -> bool:
    """Whether the media of every track is said to lie in other files."""
    flags = []
    for box in boxes.at(*_REFERENCES):
        for entry in boxes.within(box.body + 8, box.end):
            boxes.file.seek(entry.body)
            flags.append(bool(boxes.file.read(4)[-1:] == b"\x01"))
    return bool(flags) and not any(flags)


def _entries(boxes: Boxes, where: tuple[bytes, ...]) -> Iterator[bytes]:
    """Names of the entries of every list of this kind."""
    for box in boxes.at(*where):
        for entry in boxes.within(box.body + 8, box.end):
            yield entry.name


def _count(file: IO[bytes], box: Box) -> int:
    """How many entries a list says that it has."""
    file.seek(box.body + 4)
    return int.from_bytes(file.read(4), "big")
