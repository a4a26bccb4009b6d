"""How a file is cut into parts for a multipart upload.

Limits as Amazon S3 and Cloudflare R2 publish them: 1 to 10,000 parts, 5 MiB to 5 GiB each (the last may be smaller),
objects up to 5 TiB. R2 further wants every part but the last to have the same length, so the part size is decided once,
from the file's size alone, and kept: a resume with another size would mix the parts up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MIB = 2**20
MAX_PARTS = 10_000
MIN_PART_BYTES = 5 * MIB
MAX_PART_BYTES = 5 * 2**30
MAX_OBJECT_BYTES = 5 * 2**40

_USUAL_PART_BYTES = 16 * MIB
_AIMED_PARTS = 9_000


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """One part of a file: `size` bytes from `offset`; numbers count from 1."""

    number: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class PartFault:
    """A part that is not as planned. Sizes in bytes; `expected` None: no such part; `found` None: not arrived."""

    number: int
    expected: int | None
    found: int | None

    def __str__(self) -> str:
        if self.expected is None:
            return f"part {self.number} does not belong to this file"
        if self.found is None:
            return f"part {self.number} has not arrived"
        return f"part {self.number} has {self.found:,} bytes instead of {self.expected:,}"


def part_size(total: int) -> int:
    """Bytes of each part but the last for a file of `total` bytes: at least 16 MiB, whole MiB, 9,000 parts at most.

    Raises ValueError unless 0 ≤ total ≤ 5 TiB.
    """
    _check_total(total)
    aimed = _ceil_div(total, _AIMED_PARTS)
    return max(_USUAL_PART_BYTES, _ceil_div(aimed, MIB) * MIB)


def part_count(total: int, size: int) -> int:
    """How many parts of `size` bytes hold `total` bytes; an empty file is one empty part.

    Raises ValueError when either is out of range, or when there would be more than 10,000 parts.
    """
    _check_total(total)
    if not 1 <= size <= MAX_PART_BYTES:
        raise ValueError(f"A part has 1 byte to 5 GiB, not {size}.")
    count = max(1, _ceil_div(total, size))
    if count > MAX_PARTS:
        raise ValueError(f"Parts of {size} bytes make {count} parts of this file; {MAX_PARTS} is the most.")
    return count


def planned_part(number: int, total: int, size: int) -> PlannedPart:
    """Part `number` of a file of `total` bytes cut into parts of `size` bytes.

    Raises ValueError when the file has no such part.
    """
    count = part_count(total, size)
    if not 1 <= number <= count:
        raise ValueError(f"This file has parts 1 to {count}, not {number}.")
    offset = (number - 1) * size
    return PlannedPart(number, offset, min(size, total - offset))


def plan_parts(total: int, size: int | None = None) -> Iterator[PlannedPart]:
    """Every part of a file of `total` bytes, in order; `size` bytes each but the last, `part_size(total)` unless given.

    Raises ValueError as `part_count` does.
    """
    chosen = part_size(total) if size is None else size
    count = part_count(total, chosen)
    return (planned_part(number, total, chosen) for number in range(1, count + 1))


def part_faults(found: Mapping[int, int], total: int, size: int) -> list[PartFault]:
    """Where the parts that arrived (`found`: number → bytes) are not the file of `total` bytes in parts of `size`."""
    planned = {part.number: part.size for part in plan_parts(total, size)}
    return [
        PartFault(number, planned.get(number), found.get(number))
        for number in sorted(planned.keys() | found.keys())
        if planned.get(number) != found.get(number)
    ]


def _check_total(total: int) -> None:
    if not 0 <= total <= MAX_OBJECT_BYTES:
        raise ValueError(f"A file has 0 bytes to 5 TiB, not {total} bytes.")


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)
