"""What a container's own bytes promise: how long the file should be, and whether its frames were counted."""

from pathlib import Path
from typing import IO

from media_app.making.boxes import Boxes, is_iso

#: Without these the picture or the sound ends early; what else is cut away costs neither.
_HOLDING = frozenset({b"mdat", b"moof", b"moov"})
#: What a whole recording has.
_WHOLE = frozenset({b"ftyp", b"mdat", b"moov"})


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
    """How many bytes follow the last box of the recording in an ISO file; 0 for others."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        return size - _recording_end(Boxes(file, 0, size)) if is_iso(file.read(12)) else 0


def _recording_end(boxes: Boxes) -> int:
    """Where the boxes of the first recording end: at what is no box, or where another file begins. One that was written in
    fragments may begin anew at each."""
    reached, known = 0, set[bytes]()
    for box in boxes:
        another = box.name == b"ftyp" and known >= _WHOLE and b"moof" not in known
        if another or box.end > boxes.end or not box.has_name:
            return box.start
        known.add(box.name)
        reached = box.end
    return reached


def _last_promise(file: IO[bytes], size: int) -> tuple[int, bytes]:
    """Where the last box says that it ends, and its name."""
    end, name = 0, b""
    for box in Boxes(file, 0, size):
        end, name = box.end, box.name
    return end, name


def mp3_counts_frames(path: Path) -> bool:
    """Does this MP3's first frame say how many there are (Xing, Info, VBRI)? Otherwise its duration is a guess."""
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3" and len(head) == 10:
            size = 0
            for seven_bits in head[6:10]:
                size = size << 7 | seven_bits & 0x7F
            file.seek(size + 10)
        else:
            file.seek(0)
        first = file.read(256)
    return first[:1] == b"\xff" and any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))
