"""The boxes of an ISO file (MP4, MOV, 3GP): read by seeking, a few bytes each, however large the file is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MAX_BOXES = 100_000
#: How an ISO file may begin.
BEGINNINGS = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})


@dataclass(frozen=True, slots=True)
class Box:
    """`start` and `end` in the file; its content begins at `body`. `end` may lie beyond the file: then it was cut."""

    name: bytes
    start: int
    body: int
    end: int

    @property
    def has_name(self) -> bool:
        """Whether its four letters are ones that a box may have."""
        return all(32 <= letter < 127 or letter == 0xA9 for letter in self.name)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes from `begin` to `end` of a file, in order; ends at what cannot be one."""

    file: IO[bytes]
    begin: int
    end: int

    def __iter__(self) -> Iterator[Box]:
        at = self.begin
        for _ in range(MAX_BOXES):
            if at + 8 > self.end:
                return
            self.file.seek(at)
            head = self.file.read(16)
            length, body = int.from_bytes(head[:4], "big"), at + 8
            if length == 1:
                length, body = int.from_bytes(head[8:16], "big"), at + 16
            elif length == 0:
                length = self.end - at
            if length < body - at:
                return
            yield Box(head[4:8], at, body, at + length)
            at += length

    def at(self, *names: bytes) -> Iterator[Box]:
        """Every box on this path of names: `at(b"moov", b"trak")`."""
        for box in self:
            if box.name == names[0]:
                if len(names) == 1:
                    yield box
                else:
                    yield from Boxes(self.file, box.body, min(box.end, self.end)).at(*names[1:])


def is_iso(head: bytes) -> bool:
    """Whether a file that begins with these bytes is made of boxes."""
    return head[4:8] in BEGINNINGS
