"""What FCPXML says of a picture besides its time: adjust-crop, adjust-conform, adjust-transform and adjust-blend, and titles.

Written in the order of Apple's DTD. Keyframes are neither written nor read.
Reference: https://developer.apple.com/documentation/professional-video-applications/story-elements
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from render_app.core import catalogue
from render_app.core.exchange.adjusting import PLACES, Adjusted, Size, adjusted, looks_of, title_adjusted
from render_app.core.exchange.titles import is_file, words_of
from render_app.core.timeline.nouns import Clip
from render_app.exchange.base import xml_text

#: The plainest title that ships with Final Cut Pro.
TITLE = ("Basic Title", ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti")
TITLE_ID = "basic-title"
#: The height of the frame that Studio's sizes of letters are of.
LINES = 1080
#: The longest text that a clip has.
MOST_LETTERS = 5_000
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?")
_SIDES = ("left", "top", "right", "bottom")

Report = Callable[[str], None]


def adjust(made: ET.Element, clip: Clip, size: Size, frame: Size) -> None:
    """Place a clip of a file of this size."""
    _write(made, adjusted(clip, size, frame))


def _write(made: ET.Element, found: Adjusted) -> None:
    if any(found.trim):
        crop = ET.SubElement(made, "adjust-crop", mode="trim")
        ET.SubElement(crop, "trim-rect", {side: _text(value) for side, value in zip(_SIDES, found.trim, strict=True)})
    if found.conform != "fit":
        ET.SubElement(made, "adjust-conform", type=found.conform)
    values = {"position": _pair(found.position), "scale": _pair(found.scale), "rotation": _text(found.rotation)}
    if values != {"position": "0 0", "scale": "1 1", "rotation": "0"}:
        ET.SubElement(made, "adjust-transform", values)
    if found.opacity != 1:
        ET.SubElement(made, "adjust-blend", amount=_text(found.opacity))


def title_resource(resources: ET.Element) -> None:
    """What every title refers to."""
    name, uid = TITLE
    ET.SubElement(resources, "effect", id=TITLE_ID, name=name, uid=uid)


def title(made: ET.Element, clip: Clip, style_id: str, frame: Size) -> None:
    """Words with their font, size, colors and place."""
    text = words_of(clip)
    lines = "\n".join(xml_text(line) for line in text.text.split("\n"))
    ET.SubElement(ET.SubElement(made, "text"), "text-style", ref=style_id).text = lines
    style = ET.SubElement(ET.SubElement(made, "text-style-def", id=style_id), "text-style")
    size = text.size * frame[1] / LINES
    if text.font and not is_file(text.font):
        style.set("font", xml_text(text.font))
    style.attrib |= {"fontSize": _text(size), "fontColor": _color(text.fill)}
    if text.outline:
        style.attrib |= {
            "strokeColor": _color(text.outline),
            "strokeWidth": _text(text.outline_width * frame[1] / LINES),
        }
    if text.tracking:
        style.set("kerning", _text(text.tracking / 1000 * size))
    style.set("alignment", text.align)
    _write(made, title_adjusted(clip, text, frame))


def looks(node: ET.Element, size: Size, frame: Size, ignored: Report) -> dict[str, Any]:
    """The fields of a clip that is placed so. What is not taken over is reported."""
    if any(one.find(".//keyframeAnimation") is not None for one in node if one.tag in _ADJUSTMENTS):
        ignored("its keyframes are left out.")
    transform, blend = _on(node, "adjust-transform"), _on(node, "adjust-blend")
    conform = node.find("adjust-conform")
    crop = _on(node, "adjust-crop")
    trimmed = crop.find("trim-rect") if crop is not None and crop.get("mode") == "trim" else None
    if crop is not None and trimmed is None:
        ignored(f"its crop is left out: {crop.get('mode') or 'crop'} is not read, trim is.")
    if blend is not None and blend.get("mode") not in (None, "0", "normal"):
        ignored("its blend mode is left out.")
    at: Mapping[str, str] = transform.attrib if transform is not None else {}
    if _pair_of(at.get("anchor"), (0, 0)) != (0, 0):
        ignored("its placement is left out: it turns about another point than its middle.")
        at = {}
    found = Adjusted(
        trim=tuple(_number(trimmed.get(side), 0) for side in _SIDES) if trimmed is not None else (0, 0, 0, 0),  # type: ignore[arg-type]
        conform=conform.get("type", "fit")
        if conform is not None and conform.get("type") in ("fill", "none")
        else "fit",
        position=_pair_of(at.get("position"), (0, 0)),
        scale=_pair_of(at.get("scale"), (1, 1)),
        rotation=_number(at.get("rotation"), 0),
        opacity=_number(blend.get("amount"), 1) if blend is not None else 1,
    )
    fields = looks_of(found, size, frame)
    if fields is None:
        ignored("its placement is left out: Studio has no uneven scale, mirror or empty crop.")
        return looks_of(Adjusted(opacity=found.opacity), size, frame) or {}
    return fields


_ADJUSTMENTS = ("adjust-crop", "adjust-transform", "adjust-blend")


def text_of(node: ET.Element, frame: Size, ignored: Report) -> dict[str, Any]:
    """A title's words with their style; empty where it has none."""
    spans = [span for text in node.findall("text") for span in text.iter("text-style")]
    text = "\n".join("".join(span.text or "" for span in one.iter("text-style")) for one in node.findall("text")).strip(
        "\n"
    )
    if not text.strip() or len(text) > MOST_LETTERS:
        return {}
    styles = {one.get("id"): one.find("text-style") for one in node.findall("text-style-def")}
    used = [styles.get(span.get("ref")) for span in spans]
    style = next((one for one in used if one is not None), None)
    if len({span.get("ref") for span in spans}) > 1:
        ignored("the whole title has the style of its first words.")
    return {"text": text, **(_style(style, frame, ignored) if style is not None else {})}


def _style(style: ET.Element, frame: Size, ignored: Report) -> dict[str, Any]:
    size = _number(style.get("fontSize"), 0)
    found: dict[str, Any] = {}
    if size > 0:
        found["size"] = _within(size * LINES / frame[1], 4, LINES)
        found["tracking"] = _within(_number(style.get("kerning"), 0) / size * 1000, -500, 2000)
    font = style.get("font")
    if font in catalogue.fonts():
        found["font"] = font
    elif font:
        ignored(f"the font {font[:80]!r} is not in Studio.")
    if (color := _color_of(style.get("fontColor"))) is not None:
        found["fill"] = color
    if (line := _color_of(style.get("strokeColor"))) is not None and _number(style.get("strokeWidth"), 0) > 0:
        width = _number(style.get("strokeWidth"), 0) * LINES / frame[1]
        found |= {"outline": line, "outline_width": _within(width, 0, 200)}
    if style.get("alignment") in ("left", "center", "right"):
        found["align"] = style.get("alignment")
    return found


def _on(node: ET.Element, tag: str) -> ET.Element | None:
    """An adjustment that is not switched off."""
    found = node.find(tag)
    return found if found is not None and found.get("enabled") != "0" else None


def _within(value: float, low: float, high: float) -> float:
    return round(max(low, min(high, value)), PLACES - 2)


def _text(value: float) -> str:
    """A number without an exponent or needless places."""
    text = f"{value:.{PLACES}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _pair(values: tuple[float, float]) -> str:
    return " ".join(map(_text, values))


def _number(text: str | None, missing: float) -> float:
    """A number that is none is as if it were not there."""
    return float(text) if text and _NUMBER.fullmatch(text.strip()) else missing


def _pair_of(text: str | None, missing: tuple[float, float]) -> tuple[float, float]:
    parts = (text or "").split()
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return missing
    return float(parts[0]), float(parts[1])


def _color(text: str) -> str:
    """`#rrggbb` or `#rrggbbaa` as red, green, blue and alpha from 0 to 1."""
    digits = text[1:] + "ff"[: 9 - len(text)]
    return " ".join(_text(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4, 6))


def _color_of(text: str | None) -> str | None:
    parts = (text or "").split()
    if len(parts) not in (3, 4) or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    found = [round(max(0.0, min(1.0, float(part))) * 255) for part in parts]
    shown = found[:3] if found[3:] in ([], [255]) else found
    return "#" + "".join(f"{one:02x}" for one in shown)
