"""The order in which a line is read, by the directions of its characters (Unicode's annex 9, without embeddings and isolates)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from unicodedata import bidirectional

_RIGHT = frozenset({"R", "AL"})
_NUMBERS = frozenset({"EN", "AN"})


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one script and one direction, in the order in which it is spoken."""

    text: str
    rightward: bool


def runs_of(line: str) -> tuple[Run, ...]:
    """The runs of a line from the left of the picture to its right."""
    runs = []
    for level, group in groupby(zip(_levels(line), line, strict=True), key=lambda one: one[0]):
        runs += [(level, text) for text in _by_script("".join(char for _, char in group))]
    return tuple(Run(text, rightward=level % 2 == 0) for level, text in _in_sight(runs))


def _levels(line: str) -> list[int]:
    """Even reads to the right, odd to the left; what lies inside the other direction is one higher."""
    kinds = [bidirectional(char) for char in line]
    strong = next((kind for kind in kinds if kind == "L" or kind in _RIGHT), "L")
    base = 1 if strong in _RIGHT else 0
    found: list[int | None] = []
    before = strong
    for kind in kinds:
        before = kind if kind == "L" or kind in _RIGHT else before
        if kind in _RIGHT:
            found.append(1)
        elif kind == "L":
            found.append(2 * base)
        elif kind in _NUMBERS:
            found.append(2 if base or before in _RIGHT else 0)
        else:
            found.append(found[-1] if kind == "NSM" and found else None)
    return [base if level is None else level for level in _between(found, base)]


def _between(levels: list[int | None], base: int) -> Iterator[int | None]:
    """Spaces and signs go with what is on both sides of them, else with the line."""
    for at, level in enumerate(levels):
        if level is not None:
            yield level
            continue
        before = next((one for one in reversed(levels[:at]) if one is not None), base)
        after = next((one for one in levels[at:] if one is not None), base)
        yield before if before == after else min(before, after) if before and after else base


def _by_script(text: str) -> Iterator[str]:
    """A text cut where its script changes; signs and marks stay with what is before them, and at its beginning with what comes."""
    from fontTools.unicodedata import script  # noqa: PLC0415 (a web process draws no words)

    begin, of = 0, ""
    for at, char in enumerate(text):
        found = script(char)
        if found in ("Zyyy", "Zinh"):
            continue
        if of and found != of:
            yield text[begin:at]
            begin = at
        of = found
    yield text[begin:]


def _in_sight(runs: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Rule L2: from the highest level down, every stretch at or above it is turned around."""
    order = list(runs)
    for level in range(max((level for level, _ in runs), default=0), 0, -1):
        turned: list[tuple[int, str]] = []
        for above, group in groupby(order, key=lambda run: run[0] >= level):
            stretch = list(group)
            turned += reversed(stretch) if above else stretch
        order = turned
    return order
