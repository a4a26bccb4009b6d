"""Where a clip's picture lies in the frame, as FCPXML says it, and back.

Apple's reference counts positions in percent of the frame's height from its middle, upward, and crops in percent of the height of the
clip's own frame (adjust-transform and adjust-crop); rotation is in degrees, counterclockwise. A trimmed picture stays where it is, while
Studio's is placed by the middle of what is left: the position makes up for it.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import cos, radians, sin
from typing import Any

from render_app.core.plan.placing import Canvas, factors
from render_app.core.timeline.edges import exact
from render_app.core.timeline.nouns import Clip, Crop, Position, Text

#: What FCPXML has no word for is a picture scaled to the frame's width and height apart: it is fitted, then scaled unevenly.
_STRETCH = "stretch"
#: Numbers closer than this are one: they are written with six places.
CLOSE = 1e-5
PLACES = 6
Pair = tuple[float, float]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The adjustments of a clip: `trim` cuts off left, top, right and bottom, `conform` is fit, fill or none."""

    trim: tuple[float, float, float, float] = (0, 0, 0, 0)
    conform: str = "fit"
    position: Pair = (0, 0)
    scale: Pair = (1, 1)
    rotation: float = 0
    opacity: float = 1


def is_placed(clip: Clip) -> bool:
    """Whether a clip's picture is anywhere but fitted into the frame."""
    placed = (clip.scale_mode, clip.scale, clip.rotation, clip.position, clip.crop)
    return placed != ("fit", 1, 0, Position(), Crop())


def adjusted(clip: Clip, size: Size, frame: Size) -> Adjusted:
    """The adjustments that show a clip of a file of this size as Studio does."""
    crop, (width, height) = clip.crop, size
    conform = "fit" if clip.scale_mode == _STRETCH else clip.scale_mode
    whole = _factors(conform, size, Crop(), frame)
    left = _factors(clip.scale_mode, size, crop, frame)
    scale = (left[0] * clip.scale / whole[0], left[1] * clip.scale / whole[1])
    across, down = _middle(crop, size, (whole[0] * scale[0], whole[1] * scale[1]), clip.rotation)
    x = (clip.position.x - 0.5) * frame[0] - across
    y = (clip.position.y - 0.5) * frame[1] - down
    return Adjusted(
        trim=(crop.left * width / height * 100, crop.top * 100, crop.right * width / height * 100, crop.bottom * 100),
        conform=conform,
        position=(x / frame[1] * 100, -y / frame[1] * 100),
        scale=scale,
        rotation=-clip.rotation,
        opacity=clip.opacity,
    )


def title_adjusted(clip: Clip, text: Text, frame: Size) -> Adjusted:
    """The same of words: a title of an editing program stands in the middle of the frame, Studio's in the middle of its box."""
    found = adjusted(replace(clip, crop=Crop()), frame, frame)
    x, y = (text.box.x + text.box.width / 2 - 0.5) * frame[0], (text.box.y + text.box.height / 2 - 0.5) * frame[1]
    x, y = _turned(x * found.scale[0], y * found.scale[1], clip.rotation)
    return replace(found, position=(found.position[0] + x / frame[1] * 100, found.position[1] - y / frame[1] * 100))


def looks_of(found: Adjusted, size: Size, frame: Size) -> dict[str, Any] | None:
    """The fields of a clip that is adjusted so, without those at their defaults; None where Studio cannot place it so."""
    width, height = size
    shares = (height / width / 100, 0.01, height / width / 100, 0.01)
    crop = Crop(*(_rounded(side * share) for side, share in zip(found.trim, shares, strict=True)))
    if (
        min(crop.left, crop.top, crop.right, crop.bottom) < 0
        or crop.left + crop.right >= 1
        or crop.top + crop.bottom >= 1
    ):
        return None
    whole = _factors(found.conform, size, Crop(), frame)
    shown = (whole[0] * found.scale[0], whole[1] * found.scale[1])
    for mode in (found.conform, _STRETCH):
        left = _factors(mode, size, crop, frame)
        scales = (shown[0] / left[0], shown[1] / left[1])
        if min(scales) > 0 and abs(scales[0] - scales[1]) <= CLOSE * max(scales):
            break
    else:
        return None
    across, down = _middle(crop, size, shown, -found.rotation)
    x = (found.position[0] * frame[1] / 100 + across) / frame[0] + 0.5
    y = (-found.position[1] * frame[1] / 100 + down) / frame[1] + 0.5
    plain: dict[str, Any] = {"opacity": 1, "scale_mode": "fit", "scale": 1, "rotation": 0}
    plain |= {"position": {"x": 0.5, "y": 0.5}, "crop": dict.fromkeys(("left", "top", "right", "bottom"), 0)}
    looks = {
        "opacity": _rounded(min(1.0, max(0.0, found.opacity))),
        "scale_mode": mode,
        "scale": _rounded(sum(scales) / 2, PLACES - 1),
        "rotation": _rounded(-found.rotation),
        "position": {"x": _rounded(x), "y": _rounded(y)},
        "crop": {"left": crop.left, "top": crop.top, "right": crop.right, "bottom": crop.bottom},
    }
    return {name: value for name, value in looks.items() if value != plain[name]}


def _factors(mode: str, size: Size, crop: Crop, frame: Size) -> Pair:
    width = Fraction(size[0]) * (1 - exact(crop.left) - exact(crop.right))
    height = Fraction(size[1]) * (1 - exact(crop.top) - exact(crop.bottom))
    across, down = factors(mode, width, height, Canvas(*frame))
    return float(across), float(down)


def _middle(crop: Crop, size: Size, scale: Pair, rotation: float) -> Pair:
    """How far the middle of what is left lies from the middle of the picture, in px of the frame."""
    across = (crop.left - crop.right) / 2 * size[0] * scale[0]
    return _turned(across, (crop.top - crop.bottom) / 2 * size[1] * scale[1], rotation)


def _turned(x: float, y: float, degrees: float) -> Pair:
    """Turned clockwise, where y counts downward."""
    angle = radians(degrees)
    return x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)


def _rounded(value: float, places: int = PLACES) -> float | int:
    found = round(value, places)
    return int(found) if found == int(found) else found
