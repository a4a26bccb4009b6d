"""What a container's own bytes promise: how long the file should be, and whether its frames were counted."""

from pathlib import Path

MAX_BOXES = 100_000


def missing_bytes(path: Path) -> int:
    """By how much a file is shorter than its own boxes say: RIFF (WAV, AVI) and ISO files (MP4, MOV); else 0.

    A cut index of an ISO file counts as the whole file: tracks that it had may not even show.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI "):
            promised = int.from_bytes(head[4:8], "little")
            return 0 if promised in (0, 0xFFFFFFFF) else max(0, promised + 8 - size)
        if head[4:8] != b"ftyp":
            return 0
        at = 0
        for _ in range(MAX_BOXES):
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                return 0
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                return 0
            at += length
            if at > size:
                return size if name == b"moov" else at - size
    return 0


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
