"""Lineage as a picture: files in columns from left to right, a line from each to what was made of it. Sizes are in pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN, LANE = 200, 46, 64, 12, 8, 16


@dataclass(frozen=True, slots=True)
class Node:
    """One file, or several of a kind: `column` counts from the left, `target` is the id of the asset that it belongs to."""

    key: str
    column: int
    title: str
    note: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place."""

    node: Node
    x: int
    y: int
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def text_x(self) -> int:
        """Where its text begins."""
        return self.x + 10

    @property
    def title_y(self) -> int:
        """The title's line."""
        return self.y + (19 if self.node.note else 28)

    @property
    def note_y(self) -> int:
        """The note's line."""
        return self.y + 36


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole drawing; `paths` are the lines, as SVG path data."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    paths: tuple[str, ...]


def draw(nodes: Sequence[Node], edges: Iterable[tuple[str, str]]) -> Picture:
    """Place each node in its column, the columns centered on each other. `edges`: key of a file → key of what was made of it;
    an edge whose ends are not both there is left out."""
    edges = list(edges)
    columns = sorted({node.column for node in nodes})
    tallest = max((sum(node.column == column for node in nodes) for column in columns), default=0)
    height = 2 * MARGIN + tallest * BOX_HEIGHT + max(0, tallest - 1) * GAP_Y
    boxes = {box.node.key: box for index, column in enumerate(columns) for box in _column(nodes, column, index, height)}
    width = 2 * MARGIN + len(columns) * BOX_WIDTH + max(0, len(columns) - 1) * GAP_X
    ends = [(boxes[start], boxes[end]) for start, end in edges if start in boxes and end in boxes]
    passing = any(end.x - start.x > BOX_WIDTH + GAP_X for start, end in ends)
    paths = tuple(_path(start, end, lane=height + LANE // 2) for start, end in ends)
    return Picture(width, height + (LANE if passing else 0), tuple(boxes.values()), paths)


def _column(nodes: Sequence[Node], column: int, index: int, height: int) -> list[Box]:
    held = [node for node in nodes if node.column == column]
    used = len(held) * BOX_HEIGHT + (len(held) - 1) * GAP_Y
    x, top = MARGIN + index * (BOX_WIDTH + GAP_X), (height - used) // 2
    return [Box(node, x, top + row * (BOX_HEIGHT + GAP_Y)) for row, node in enumerate(held)]


def _path(start: Box, end: Box, *, lane: int) -> str:
    """A curve to the next column; one that goes further runs below the boxes in between, for it is none of theirs."""
    x1, y1 = start.x + start.width, start.y + start.height // 2
    x2, y2 = end.x, end.y + end.height // 2
    half = GAP_X // 2
    if x2 - x1 <= GAP_X:
        return f"M{x1} {y1}C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
    down = f"C{x1 + half} {y1} {x1 + half} {lane} {x1 + GAP_X} {lane}"
    return f"M{x1} {y1}{down}H{x2 - GAP_X}C{x2 - half} {lane} {x2 - half} {y2} {x2} {y2}"


def shortened(text: str, most: int = 26) -> str:
    """A name that fits into a box; its end says what it is."""
    return text if len(text) <= most else f"{text[: most - 11]}…{text[-10:]}"
