"""What a container's own bytes promise: how long the file should be, and whether its frames were counted."""

from collections.abc import Set as AbstractSet
from fractions import Fraction
from pathlib import Path
from typing import IO, Literal

from media_app.making.boxes import MAX_BOXES, Box, Boxes, is_iso

#: Without these the picture or the sound ends early; what else is cut away costs neither.
_HOLDING = frozenset({b"mdat", b"moof", b"moov"})
#: What a fragment is made of.
_FRAGMENT = frozenset({b"moof", b"mdat"})
#: What a whole recording has.
_WHOLE = frozenset({b"ftyp", b"mdat", b"moov"})
#: How files of sound in chunks begin, and in which order the bytes of their lengths are.
_CHUNKED: dict[tuple[bytes, bytes], Literal["little", "big"]] = {
    (b"RIFF", b"WAVE"): "little",
    (b"FORM", b"AIFF"): "big",
    (b"FORM", b"AIFC"): "big",
}
#: Lengths of chunks that were never filled in: the sound goes on to the end of the file.
_UNFILLED = frozenset({0, 0xFFFFFFFF})
_BEGINNINGS = frozenset(name for name, _ in _CHUNKED)
#: An MP3 whose file is this much longer than its first frame says was joined from several, or has something else behind it.
_JOINED = Fraction(17, 16)


def missing_bytes(path: Path) -> int:
    """By how much a file is shorter than its own boxes say: RIFF (WAV, AVI) and ISO files (MP4, MOV); else 0.

    A cut index of an ISO file counts as the whole file: tracks that it had may not even show. Bytes after the last box,
    which phones and action cameras write in a form of their own, are no box that was cut.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI "):
            promised = int.from_bytes(head[4:8], "little")
            return 0 if promised in (0, 0xFFFFFFFF) else max(0, promised + 8 - size)
        if not is_iso(head):
            return 0
        end, name = _last_promise(file, size)
        if end <= size or name not in _HOLDING:
            return 0
        return size if name == b"moov" else end - size


def trailing_bytes(path: Path) -> int:
    """How many bytes follow the last box of the recording in an ISO file, or the last chunk in a WAV or AIFF; 0 for others."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if is_iso(head):
            return size - _recording_end(Boxes(file, 0, size))
        order = _CHUNKED.get((head[:4], head[8:12]))
        return size - _chunks_end(file, size, order) if order else 0


def missing_of_fragment(path: Path) -> int:
    """How many bytes an ISO file in fragments is short of the last one; 0 for others. What lies before it can be played all the same."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if not is_iso(file.read(12)):
            return 0
        known = set[bytes]()
        for box in Boxes(file, 0, size):
            if _is_cut_fragment(box, known, size):
                return box.end - size
            known.add(box.name)
    return 0


def is_chunked(head: bytes) -> bool:
    """Whether a file that begins with these bytes is sound in chunks: WAV, AIFF."""
    return (head[:4], head[8:12]) in _CHUNKED


def begins_recording(head: bytes) -> bool:
    """Whether a recording begins with these bytes, as one may that hangs on the end of another."""
    return head[4:8] == b"ftyp" or is_chunked(head)


def _chunks_end(file: IO[bytes], size: int, order: Literal["little", "big"]) -> int:
    """Where the chunks of the recording end: at what is no chunk, or where another recording begins."""
    at = len(b"RIFF....WAVE")
    for _ in range(MAX_BOXES):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or head[:4] in _BEGINNINGS or not all(32 <= letter < 127 for letter in head[:4]):
            break
        length = int.from_bytes(head[4:], order)
        if head[:4] in (b"data", b"SSND") and length in _UNFILLED:
            return size
        at += 8 + length + length % 2
    return min(at, size)


def _recording_end(boxes: Boxes) -> int:
    """Where the boxes of the first recording end: at what is no box, or where another file begins. One that was written in
    fragments may begin anew at each."""
    reached, known = 0, set[bytes]()
    for box in boxes:
        if _is_cut_fragment(box, known, boxes.end):
            return boxes.end
        another = box.name == b"ftyp" and known >= _WHOLE and b"moof" not in known
        if another or box.end > boxes.end or not box.has_name:
            return box.start
        known.add(box.name)
        reached = box.end
    return reached


def _is_cut_fragment(box: Box, known: AbstractSet[bytes], size: int) -> bool:
    """Whether the file ends within this box, and the box is the last fragment's and no bytes of another kind."""
    return box.end > size and box.name in _FRAGMENT and b"moof" in known


def _last_promise(file: IO[bytes], size: int) -> tuple[int, bytes]:
    """Where the last box says that it ends, and its name."""
    end, name = 0, b""
    for box in Boxes(file, 0, size):
        end, name = box.end, box.name
    return end, name


def mp3_counts_frames(path: Path) -> bool:
    """Does this MP3's first frame say how many there are (Xing, Info, VBRI), and is the file as long as it says? Otherwise its
    duration is a guess."""
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3" and len(head) == 10:
            size = 0
            for seven_bits in head[6:10]:
                size = size << 7 | seven_bits & 0x7F
            file.seek(size + 10)
        else:
            file.seek(0)
        begin, first = file.tell(), file.read(256)
        held = file.seek(0, 2) - begin
    if first[:1] != b"\xff":
        return False
    at = max(first.find(b"Xing"), first.find(b"Info"))
    if at < 0:
        return b"VBRI" in first
    flags, counted = int.from_bytes(first[at + 4 : at + 8], "big"), int.from_bytes(first[at + 12 : at + 16], "big")
    counts_bytes = flags & 3 == 3
    return not counts_bytes or held < counted * _JOINED
