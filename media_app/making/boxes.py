"""The boxes of an ISO file (MP4, MOV, 3GP): read by seeking, a few bytes each, however large the file is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from media_app.core.files.faults import OutOfRange

MAX_BOXES = 100_000
#: Boxes that are read of one file altogether: a few seconds. Fourteen hours in fragments of a second have a tenth of them.
MOST_READ = 1_000_000
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


@dataclass(slots=True)
class Budget:
    """How many boxes may still be read, of a list and all that lie within it."""

    left: int = MOST_READ

    def spend(self) -> None:
        """Raise OutOfRange when it is used up: an index that is made to cost."""
        self.left -= 1
        if self.left < 0:
            raise OutOfRange(
                "The file's index has far more parts than a recording needs. Export it again as MP4 or MOV."
            )


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes from `begin` to `end` of a file, in order; ends at what cannot be one. Raises OutOfRange, see `Budget`."""

    file: IO[bytes]
    begin: int
    end: int
    budget: Budget = field(default_factory=Budget)

    def within(self, begin: int, end: int) -> "Boxes":
        """The boxes of a part of these, on the same budget."""
        return Boxes(self.file, begin, end, self.budget)

    def __iter__(self) -> Iterator[Box]:
        at = self.begin
        for _ in range(MAX_BOXES):
            if at + 8 > self.end:
                return
            self.budget.spend()
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
                    yield from self.within(box.body, min(box.end, self.end)).at(*names[1:])


def is_iso(head: bytes) -> bool:
    """Whether a file that begins with these bytes is made of boxes."""
    return head[4:8] in BEGINNINGS
