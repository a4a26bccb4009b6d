"""A take whose tracks are files of their own, packed into one file to be sent: a tar, of which the plain forms alone are read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from media_app.core.cards.schemes import side_file
from media_app.core.files.faults import NotMedia, SourceDamaged

BLOCK = 512
#: A name that is longer than its header has room for; nobody's is longer than this.
MOST_NAME_BYTES = 1 << 16
#: Entries of a tar that are looked at: a take has some dozen files.
MOST_ENTRIES = 1000
_FOLDER, _LONG_NAME, _PAX, _PAX_FOR_ALL = b"5", b"L", b"x", b"g"

#: Answers so many bytes from a place; fewer at the end.
Read = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in the tar: its path there, and where its bytes lie."""

    path: str
    at: int
    size: int


def packed_files(read: Read, size: int, name: str) -> list[PackedFile]:
    """The recordings in a tar of `size` bytes, which sentences call `name`. Raises NotMedia for what is none, SourceDamaged where it was cut."""
    return [file for file in _entries(read, size, name) if not side_file(file.path)]


def _entries(read: Read, size: int, name: str) -> Iterator[PackedFile]:
    at, long_name, seen = 0, "", 0
    while at + BLOCK <= size:
        if (seen := seen + 1) > MOST_ENTRIES:
            raise NotMedia(f"{name} has more than {MOST_ENTRIES:,} files. Pack the WAV files of one take alone.")
        header = read(at, BLOCK)
        if not any(header):
            return
        kind, length = header[156:157], _size(header, name)
        body = at + BLOCK
        if body + length > size:
            raise SourceDamaged(f"{name} ends within {_path(header, long_name)}. Pack the take again.")
        if kind in (_LONG_NAME, _PAX):
            said = read(body, min(length, MOST_NAME_BYTES))
            long_name = _text(said) if kind == _LONG_NAME else _pax_path(said) or long_name
        elif kind in (b"0", b"\0"):
            yield PackedFile(_path(header, long_name), body, length)
            long_name = ""
        elif kind not in (_FOLDER, _PAX_FOR_ALL):
            raise NotMedia(
                f"{_path(header, long_name)} in {name} is a link or something else that is no file. Pack the files themselves."
            )
        at = body + -(-length // BLOCK) * BLOCK


def _size(header: bytes, name: str) -> int:
    """Of an entry's body. Raises NotMedia for what is no header."""
    field = header[124:136]
    try:
        stands = int(_text(header[148:156]).strip() or "-1", 8)
        length = int.from_bytes(field[1:], "big") if field[0] == 0x80 else int(_text(field).strip() or "0", 8)
    except ValueError:
        stands, length = -1, 0
    if stands != sum(header[:148]) + 8 * ord(" ") + sum(header[156:]):
        raise NotMedia(f"{name} is not a tar that can be read. Pack the take again: tar -cf {name} and its WAV files.")
    return length


def _path(header: bytes, long_name: str) -> str:
    folder = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return long_name or "/".join(part for part in (folder, _text(header[:100])) if part)


def _pax_path(records: bytes) -> str:
    """What the records of a pax header (`30 path=…`) say of the path."""
    at = 0
    while at < len(records):
        digits, _, _ = records[at : at + 10].partition(b" ")
        if not digits.isdigit() or not int(digits):
            return ""
        key, _, value = records[at + len(digits) + 1 : at + int(digits) - 1].partition(b"=")
        if key == b"path":
            return _text(value)
        at += int(digits)
    return ""


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")
