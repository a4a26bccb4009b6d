"""Places in a picture, as shares of its width and height unless a name says pixels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

#: Tiles lie over each other by this share, so that a face on a border is whole in one of them.
OVERLAP = 0.2
#: Two places that share so much of their area are one.
SAME = 0.3


@dataclass(frozen=True, slots=True)
class Box:
    """A place by its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """How large it is."""
        return max(0.0, self.width) * max(0.0, self.height)

    def grown(self, factor: float) -> "Box":
        """Larger about its middle."""
        x, y = self.center
        width, height = self.width * factor, self.height * factor
        return Box(x - width / 2, y - height / 2, width, height)

    def moved(self, dx: float, dy: float) -> "Box":
        """Elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def hull(self, other: "Box") -> "Box":
        """The smallest that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Box(x, y, right - x, bottom - y)

    def inside(self) -> "Box":
        """The part of it that is in the picture."""
        left, top = min(max(self.x, 0.0), 1.0), min(max(self.y, 0.0), 1.0)
        right, bottom = min(max(self.x + self.width, 0.0), 1.0), min(max(self.y + self.height, 0.0), 1.0)
        return Box(left, top, right - left, bottom - top)

    def at_edge(self, margin: float) -> bool:
        """Whether it touches the picture's border, to a margin."""
        right, bottom = self.x + self.width, self.y + self.height
        return self.x <= margin or self.y <= margin or right >= 1 - margin or bottom >= 1 - margin

    def shared(self, other: "Box") -> float:
        """The area that both have over the area that either has."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        both = max(0.0, wide) * max(0.0, high)
        return both / max(1e-12, self.area + other.area - both)


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a detector found, 0 to 1 sure."""

    box: Box
    confidence: float

    def within(self, part: "Part", size: tuple[int, int]) -> "Found":
        """Found in a part of a picture, as a place in all of it. `size`: the picture's pixels."""
        wide, high = size
        box = Box(
            (part.x + self.box.x * part.width) / wide,
            (part.y + self.box.y * part.height) / high,
            self.box.width * part.width / wide,
            self.box.height * part.height / high,
        )
        return replace(self, box=box)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a picture in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def rows(self) -> slice:
        """Its rows."""
        return slice(self.y, self.y + self.height)

    @property
    def columns(self) -> slice:
        """Its columns."""
        return slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture in the top left of a square, in the square's pixels."""

    width: int
    height: int

    def undone(self, box: Box) -> Box:
        """A place in the square as a share of the picture."""
        return Box(box.x / self.width, box.y / self.height, box.width / self.width, box.height / self.height)


def letterbox(width: int, height: int, side: int) -> Fitted:
    """A picture as large as a square holds it."""
    scale = side / max(width, height)
    return Fitted(max(1, round(width * scale)), max(1, round(height * scale)))


def tiles(width: int, height: int, above: int) -> Iterator[Part]:
    """The whole picture, and where it is wider or higher than `above` its four quarters, which lie over each other."""
    yield Part(0, 0, width, height)
    if max(width, height) <= above:
        return
    wide, high = round(width * (0.5 + OVERLAP / 2)), round(height * (0.5 + OVERLAP / 2))
    for y in (0, height - high):
        for x in (0, width - wide):
            yield Part(x, y, wide, high)


def strongest(found: Iterable[Found]) -> tuple[Found, ...]:
    """Of those that lie over each other the surest."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda each: -each.confidence):
        if all(one.box.shared(other.box) < SAME for other in kept):
            kept.append(one)
    return tuple(kept)
