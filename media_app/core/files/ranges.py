"""Which bytes of a file an HTTP Range header asks for (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

# Longer than any range of a real file; int() of an endless row of digits is work for nothing.
_LONGEST_HEADER = 100
_SINGLE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE | re.ASCII)


class Unsatisfiable(ValueError):
    """The header is well formed, but no byte of the file lies in its range: answer 416."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length` ≥ 1 bytes of a file from `start`, counted from 0."""

    start: int
    length: int

    @property
    def last(self) -> int:
        """The last byte, itself included, as Content-Range writes it."""
        return self.start + self.length - 1

    def content_range(self, size: int) -> str:
        """The Content-Range header of this part of a file of `size` bytes."""
        return f"bytes {self.start}-{self.last}/{size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range that `header` asks for in a file of `size` bytes, or None where the whole file is the answer.

    The whole file answers no header, another unit than bytes, what is malformed, and several ranges in one header
    (a server may ignore Range, section 14.2). A last byte past the end is the end; a suffix longer than the file is all
    of it.
    Raises Unsatisfiable when the range starts past the end or asks for the last 0 bytes.
    """
    if not header or len(header) > _LONGEST_HEADER:
        return None
    match = _SINGLE.fullmatch(header)
    if not match:
        return None
    first, last = match.groups()
    if first:
        return _from_first(int(first), int(last) if last else None, size)
    return _suffix(int(last), size) if last else None


def _from_first(first: int, last: int | None, size: int) -> ByteRange | None:
    if last is not None and last < first:
        return None
    if first >= size:
        raise Unsatisfiable(f"The file has {size} bytes, and byte {first} was asked for.")
    end = size - 1 if last is None else min(last, size - 1)
    return ByteRange(first, end - first + 1)


def _suffix(length: int, size: int) -> ByteRange | None:
    if length == 0:
        raise Unsatisfiable("The last 0 bytes are no range.")
    if size == 0:
        return None
    length = min(length, size)
    return ByteRange(size - length, length)
