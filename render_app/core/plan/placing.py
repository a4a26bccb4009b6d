"""Where a picture lies in the frame."""

from dataclasses import dataclass
from fractions import Fraction

from render_app.core.timeline.edges import exact
from render_app.core.timeline.nouns import Clip


@dataclass(frozen=True, slots=True)
class Canvas:
    """The frame."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture of `width` × `height` px with its left upper corner at `left`, `top` of the frame, before it is rotated."""

    width: int
    height: int
    left: int
    top: int

    def covers(self, canvas: Canvas) -> bool:
        """Whether it leaves nothing of the frame free."""
        across = self.left <= 0 and self.left + self.width >= canvas.width
        return across and self.top <= 0 and self.top + self.height >= canvas.height

    def visible(self, canvas: Canvas) -> tuple[int, int, int, int] | None:
        """Width, height, left and top of its part inside the frame, on the picture; None when it lies outside."""
        x0, y0 = max(0, -self.left), max(0, -self.top)
        x1 = min(self.width, canvas.width - self.left)
        y1 = min(self.height, canvas.height - self.top)
        return (x1 - x0, y1 - y0, x0, y0) if x0 < x1 and y0 < y1 else None


def place(clip: Clip, size: tuple[int, int], canvas: Canvas) -> Placed:
    """A clip's picture of this size, as shown, in the frame: on even pixels, which chroma can follow."""
    crop = clip.crop
    width = Fraction(size[0]) * (1 - exact(crop.left) - exact(crop.right))
    height = Fraction(size[1]) * (1 - exact(crop.top) - exact(crop.bottom))
    across, down = factors(clip.scale_mode, width, height, canvas)
    wide = _even(width * across * exact(clip.scale))
    high = _even(height * down * exact(clip.scale))
    left = 2 * round((exact(clip.position.x) * canvas.width - Fraction(wide, 2)) / 2)
    top = 2 * round((exact(clip.position.y) * canvas.height - Fraction(high, 2)) / 2)
    return Placed(wide, high, left, top)


def factors(mode: str, width: Fraction, height: Fraction, canvas: Canvas) -> tuple[Fraction, Fraction]:
    """How many times its size a picture is placed, across and down."""
    across, down = canvas.width / width, canvas.height / height
    if mode == "none":
        return Fraction(1), Fraction(1)
    if mode == "stretch":
        return across, down
    same = min(across, down) if mode == "fit" else max(across, down)
    return same, same


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))
