"""Shapes as they are drawn: outlines in px of a frame 1080 px high, with those that a boolean operation takes made one."""

import re
from collections.abc import Iterator
from typing import Any

from render_app.core.timeline.nouns import Shape, Vector

LINES = 1080
_PATH = re.compile(r"[MmZzLlHhVvCcSsQqTtAa0-9eE+\-.,\s]*")


class BadPath(ValueError):
    """Data of a path that cannot be read; `index`: of which shape."""

    def __init__(self, index: int) -> None:
        super().__init__("is no data of a path as SVG has it (M 0 0 L 10 0 …).")
        self.index = index


def drawing_of(vector: Vector, size: tuple[int, int]) -> dict[str, Any]:
    """What is drawn, the lowest first. Outlines have numbers, those of operations behind those of shapes. Raises BadPath."""
    width, height = size
    ids = [*(shape.id for shape in vector.shapes), *(op.id for op in vector.boolean_ops)]
    numbers = {id: number for number, id in enumerate(ids)}
    taken = {numbers[id] for op in vector.boolean_ops for id in op.shapes}
    firsts = _firsts(vector, numbers)
    drawn = sorted((firsts[number], number) for number in range(len(ids)) if number not in taken)
    return {
        "kind": "vector",
        "width": width,
        "height": height,
        "scale": height / LINES,
        "outlines": [_outline(shape, number) for number, shape in enumerate(vector.shapes)],
        "ops": [{"op": op.op, "of": [numbers[id] for id in op.shapes]} for op in vector.boolean_ops],
        "drawn": [{**_looks(vector.shapes[first]), "outline": number} for first, number in drawn],
    }


def _firsts(vector: Vector, numbers: dict[str, int]) -> list[int]:
    """Of each outline, the shape whose place and looks it has."""
    found = list(range(len(vector.shapes)))
    for op in vector.boolean_ops:
        found.append(found[numbers[op.shapes[0]]])
    return found


def ops_of(vector: Vector) -> list[dict[str, Any]]:
    """The boolean operations, as a plan's meta lists them."""
    return [{"id": op.id, "op": op.op, "shapes": list(op.shapes)} for op in vector.boolean_ops]


def _looks(shape: Shape) -> dict[str, Any]:
    stroke = shape.stroke if shape.stroke_width else ""
    fill = "" if shape.type == "line" else shape.fill
    return {"fill": fill, "stroke": stroke, "stroke_width": shape.stroke_width, "opacity": shape.opacity}


def _outline(shape: Shape, number: int) -> dict[str, Any]:
    common = {"type": shape.type, "x": shape.x, "y": shape.y, "rotation": shape.rotation}
    if shape.type in ("rect", "ellipse"):
        return {**common, "width": shape.width, "height": shape.height, "radius": shape.radius}
    if shape.type == "path":
        return {**common, "steps": list(_steps(shape.d, number))}
    return {**common, "points": [list(point) for point in shape.points]}


def _steps(data: str, number: int) -> Iterator[list[Any]]:
    """A path's data as moves, lines and curves between absolute points."""
    from fontTools.pens.recordingPen import RecordingPen  # noqa: PLC0415 (a web process draws no paths)
    from fontTools.svgLib.path import parse_path  # noqa: PLC0415 (the same)

    pen = RecordingPen()
    if not _PATH.fullmatch(data):
        raise BadPath(number)
    try:
        parse_path(data, pen)
    except (ValueError, IndexError, TypeError, ArithmeticError, AttributeError, AssertionError) as error:
        raise BadPath(number) from error
    for name, points in pen.value:
        flat = [float(one) for point in points for one in point]
        if any(not abs(one) < 1e6 for one in flat):
            raise BadPath(number)
        yield [name, *flat]
