"""What a person marks in a picture to select something: points, a box, strokes, as shares of its width and height."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from media_app.core.bad_field import BadField
from media_app.core.vision.boxes import Box

#: Points of all kinds together in one request, and the width of a stroke where none is said.
MOST, WIDTH = 5000, 0.01
#: A box narrower than this holds nothing.
LEAST_SIDE = 0.002


class BadPrompt(BadField):
    """A mark that cannot be used, by its `field`."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place that belongs to what is selected, or does not."""

    x: float
    y: float
    wanted: bool


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through places, as wide as a share of the picture's longer side."""

    places: tuple[tuple[float, float], ...]
    wanted: bool
    width: float = WIDTH


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that was marked."""

    points: tuple[Point, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    box: Box | None = None

    @property
    def kind(self) -> str:
        """What a mask that was made of it is called: box, points, strokes, or several of them."""
        named = {"box": self.box is not None, "points": bool(self.points), "strokes": bool(self.strokes)}
        return "+".join(name for name, there in named.items() if there)

    @property
    def wanted(self) -> tuple[tuple[float, float], ...]:
        """Every place that belongs to what is selected."""
        touched = [place for stroke in self.strokes if stroke.wanted for place in stroke.places]
        return (*((point.x, point.y) for point in self.points if point.wanted), *touched)

    def as_json(self) -> dict[str, Any]:
        """As a request says it, with nothing left out and nothing besides."""
        return {
            "points": [_marked(point.x, point.y) | {"label": int(point.wanted)} for point in self.points],
            "box": None if self.box is None else asdict(self.box),
            "strokes": [
                {"points": [_marked(*place) for place in one.places], "label": int(one.wanted), "width": one.width}
                for one in self.strokes
            ],
        }

    def digest(self, **besides: Any) -> str:
        """The same for the same marks and what is said `besides`."""
        return hashlib.sha256(json.dumps(self.as_json() | besides, sort_keys=True).encode()).hexdigest()


def prompt_of(points: Sequence[Any], box: Any, strokes: Sequence[Any]) -> Prompt:
    """The marks of a request. Raises BadPrompt."""
    found = Prompt(
        tuple(_point(one, f"points[{number}]") for number, one in enumerate(points)),
        tuple(_stroke(one, f"strokes[{number}]") for number, one in enumerate(strokes)),
        None if box is None else _box(box),
    )
    if len(found.points) + sum(len(stroke.places) for stroke in found.strokes) > MOST:
        raise BadPrompt("points", f"That is more than {MOST} points. Send fewer.")
    if found.box is None and not found.wanted:
        raise BadPrompt("points", "Mark what to select: send a box, or a point or stroke with label 1.")
    return found


def _marked(x: float, y: float) -> dict[str, float]:
    return {"x": x, "y": y}


def _point(sent: Any, field: str) -> Point:
    return Point(*_place(sent, field), wanted=_label(sent, field))


def _stroke(sent: Any, field: str) -> Stroke:
    places = _fields(sent, field).get("points")
    if not isinstance(places, list) or not places:
        raise BadPrompt(f"{field}.points", 'A stroke has points: send "points": [{"x": 0.5, "y": 0.5}, …].')
    found = tuple(_place(one, f"{field}.points[{number}]") for number, one in enumerate(places))
    width = _share(sent.get("width", WIDTH), f"{field}.width")
    return Stroke(found, _label(sent, field), width)


def _box(sent: Any) -> Box:
    given = _fields(sent, "box")
    x, y, width, height = (_share(given.get(name), f"box.{name}") for name in ("x", "y", "width", "height"))
    for name, begin, side in (("width", x, width), ("height", y, height)):
        if side < LEAST_SIDE:
            raise BadPrompt(f"box.{name}", f"The box has no {name}. Draw it around what to select.")
        if begin + side > 1 + 1e-6:
            raise BadPrompt(f"box.{name}", "The box leaves the picture: x + width and y + height are at most 1.")
    return Box(x, y, width, height)


def _place(sent: Any, field: str) -> tuple[float, float]:
    given = _fields(sent, field)
    return _share(given.get("x"), f"{field}.x"), _share(given.get("y"), f"{field}.y")


def _fields(sent: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(sent, dict):
        raise BadPrompt(field, f"{field} is an object with named fields, not {json.dumps(sent)[:40]}.")
    return sent


def _share(value: Any, field: str) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:
        raise BadPrompt(field, f"{field} is a number from 0 to 1, a share of the picture.")
    return float(value)


def _label(sent: Mapping[str, Any], field: str) -> bool:
    label = sent.get("label", 1)
    if isinstance(label, bool) or label not in (0, 1):
        raise BadPrompt(f"{field}.label", "A label is 1 for what to select, or 0 for what not to.")
    return bool(label)
