"""A 3D table of colors as a .cube file (Adobe's Cube LUT 1.0): read whole before anything is rendered, and written plainly.

What ffmpeg's reader gets wrong is refused: it passes over the beginning of a domain, and knows no words but three.
"""

from dataclasses import dataclass
from math import isfinite

#: More nodes to a side than any grade has; their text stays below the largest file.
MOST_NODES = 65
LARGEST_BYTES = 16 << 20
#: Words with a range, which must be that of a whole picture.
_RANGES = {
    "DOMAIN_MIN": (0.0, 0.0, 0.0),
    "DOMAIN_MAX": (1.0, 1.0, 1.0),
    "LUT_3D_INPUT_RANGE": (0.0, 1.0),
}

Row = tuple[float, float, float]


class BadCube(ValueError):
    """A file that is no table, as a sentence without its subject."""


@dataclass(frozen=True, slots=True)
class Cube:
    """`nodes` to each side; the rows run through red first, then green, then blue."""

    nodes: int
    rows: tuple[Row, ...]

    @property
    def text(self) -> str:
        """As every reader takes it."""
        lines = (f"{red:.7f} {green:.7f} {blue:.7f}\n" for red, green, blue in self.rows)
        return f"LUT_3D_SIZE {self.nodes}\n{''.join(lines)}"


def read_cube(data: bytes) -> Cube:
    """The table of a file. Raises BadCube."""
    nodes, rows = 0, list[Row]()
    for number, line in enumerate(data.decode("utf-8", "replace").lstrip("\ufeff").splitlines(), 1):
        word, *values = line.split() or ["#"]
        if word.startswith("#") or word == "TITLE":
            continue
        if word == "LUT_3D_SIZE":
            nodes = _nodes(values)
        elif word == "LUT_1D_SIZE":
            raise BadCube("has one curve for each channel; a table of three dimensions is needed (LUT_3D_SIZE).")
        elif word in _RANGES:
            if _numbers(values, number) != _RANGES[word]:
                raise BadCube(f"has a {word} other than that of a whole picture, 0 to 1. Export it again without one.")
        else:
            rows.append(_row([word, *values], number))
    if not nodes:
        raise BadCube("says no LUT_3D_SIZE, so it is no 3D .cube file.")
    if len(rows) != nodes**3:
        raise BadCube(f"has {len(rows):,} rows; a table of {nodes} to a side has {nodes**3:,}.")
    return Cube(nodes, tuple(rows))


def _nodes(values: list[str]) -> int:
    nodes = int(values[0]) if len(values) == 1 and values[0].isascii() and values[0].isdigit() else 0
    if not 2 <= nodes <= MOST_NODES:
        raise BadCube(f"has a LUT_3D_SIZE that is not between 2 and {MOST_NODES}.")
    return nodes


def _row(values: list[str], number: int) -> Row:
    found = _numbers(values, number)
    if len(found) != 3:
        raise BadCube(f"has no color of three numbers in line {number}.")
    return found[0], found[1], found[2]


def _numbers(values: list[str], number: int) -> tuple[float, ...]:
    try:
        found = tuple(map(float, values))
    except ValueError:
        raise BadCube(f"has something other than numbers in line {number}.") from None
    if not all(isfinite(one) and abs(one) < 1e6 for one in found):
        raise BadCube(f"has a number in line {number} that is no color.")
    return found
