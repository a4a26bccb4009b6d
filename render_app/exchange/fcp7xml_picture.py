"""Opacity, placement and crop in Final Cut Pro 7 XML: the motion filters Basic Motion, Crop and Opacity.

A scale is in percent of the file's own size, since Premiere shows files as large as they are; Resolve fits them into the frame first. A center
is counted from the frame's middle in shares of its width and height, downward; rotation in degrees, clockwise; a crop in percent of the
file's width and height. Keyframes are neither written nor read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

from render_app.core.exchange.adjusting import PLACES, Adjusted, Size, adjusted, looks_of
from render_app.core.plan.placing import Canvas, factors
from render_app.core.timeline.nouns import Clip

MOTION, CROP, OPACITY = "basic", "crop", "opacity"
#: Closer to its own size than this, a file needs no scale.
_CLOSE = 1e-4
_MOST = {"scale": (0, 1000), "rotation": (-8640, 8640), OPACITY: (0, 100)}
_SIDES = ("left", "top", "right", "bottom")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?")
Report = Callable[[str], None]


def adjust(item: ET.Element, clip: Clip, size: Size, frame: Size, *, fitted: bool = False) -> None:
    """Place a clip of a file of this size. `fitted`: the program fits it into the frame by itself. What is stretched is fitted."""
    if clip.scale_mode == "stretch":
        clip = replace(clip, scale_mode="fit")
    found = adjusted(clip, size, frame)
    if any(found.trim):
        across = 100 * size[1] / size[0]
        shares = (across / 100, 1, across / 100, 1)
        effect = _effect(item, "Crop", CROP)
        for side, cut, share in zip(_SIDES, found.trim, shares, strict=True):
            _parameter(effect, side, _text(cut * share), (0, 100))
    scale = found.scale[0] * _factor(found.conform, size, frame) / (_factor("fit", size, frame) if fitted else 1)
    center = (found.position[0] / 100 * frame[1] / frame[0], -found.position[1] / 100)
    if abs(scale - 1) > _CLOSE or found.rotation or any(round(one, PLACES) for one in center):
        effect = _effect(item, "Basic Motion", MOTION)
        _parameter(effect, "scale", _text(scale * 100), _MOST["scale"])
        _parameter(effect, "rotation", _text(-found.rotation), _MOST["rotation"])
        value = ET.SubElement(_parameter(effect, "center"), "value")
        for name, number in zip(("horiz", "vert"), center, strict=True):
            ET.SubElement(value, name).text = _text(number)
    if found.opacity != 1:
        _parameter(_effect(item, "Opacity", OPACITY), OPACITY, _text(found.opacity * 100), _MOST[OPACITY])


def looks(item: ET.Element, size: Size, frame: Size, ignored: Report) -> dict[str, Any]:
    """The fields of a clip that is placed so by Premiere. What is not taken over is reported."""
    effects = {_said(one, "effectid").lower(): one for one in item.findall("filter/effect") if _is_on(one, item)}
    for id, effect in effects.items():
        if id not in (MOTION, CROP, OPACITY, "timeremap", "audiolevels"):
            ignored(f"an effect, {_said(effect, 'name')[:80] or 'without a name'}.")
        elif effect.find("parameter/keyframe") is not None:
            ignored("its keyframes are left out.")
    motion, crop, opacity = (_values(effects.get(id)) for id in (MOTION, CROP, OPACITY))
    if motion.get("centeroffset", (0, 0)) != (0, 0):
        ignored("its placement is left out: it turns about another point than its middle.")
        motion = {}
    height = size[0] / size[1]
    shares = (height, 1, height, 1)
    across, down = motion.get("center", (0, 0))
    scale = motion.get("scale", (100, 0))[0] / 100 / _factor("fit", size, frame)
    found = Adjusted(
        trim=tuple(crop.get(side, (0, 0))[0] * share for side, share in zip(_SIDES, shares, strict=True)),  # type: ignore[arg-type]
        position=(across * 100 * frame[0] / frame[1], -down * 100),
        scale=(scale, scale),
        rotation=-motion.get("rotation", (0, 0))[0],
        opacity=opacity.get(OPACITY, (100, 0))[0] / 100,
    )
    fields = looks_of(found, size, frame)
    if fields is None:
        ignored("its placement is left out: Studio has no mirror or empty crop.")
        return looks_of(Adjusted(opacity=found.opacity), size, frame) or {}
    return fields


def _factor(mode: str, size: Size, frame: Size) -> float:
    return float(factors(mode, Fraction(size[0]), Fraction(size[1]), Canvas(*frame))[0])


def _effect(item: ET.Element, name: str, id: str) -> ET.Element:
    effect = ET.SubElement(ET.SubElement(item, "filter"), "effect")
    said = {"name": name, "effectid": id, "effectcategory": "motion", "effecttype": "motion", "mediatype": "video"}
    for tag, text in said.items():
        ET.SubElement(effect, tag).text = text
    return effect


def _parameter(
    effect: ET.Element, id: str, value: str | None = None, limits: tuple[int, int] | None = None
) -> ET.Element:
    made = ET.SubElement(effect, "parameter")
    said = {"parameterid": id, "name": id.capitalize()}
    if limits is not None:
        said |= {"valuemin": str(limits[0]), "valuemax": str(limits[1])}
    for tag, text in said.items():
        ET.SubElement(made, tag).text = text
    if value is not None:
        ET.SubElement(made, "value").text = value
    return made


def _values(effect: ET.Element | None) -> Mapping[str, tuple[float, float]]:
    """An effect's parameters by their ids, in small letters: a number, or the two of a point."""
    found: dict[str, tuple[float, float]] = {}
    for one in effect.findall("parameter") if effect is not None else ():
        value, id = one.find("value"), _said(one, "parameterid").lower()
        if value is None or one.find("keyframe") is not None:
            continue
        if value.find("horiz") is not None:
            found[id] = (number_of(_said(value, "horiz"), 0), number_of(_said(value, "vert"), 0))
        elif _NUMBER.fullmatch((value.text or "").strip()):
            found[id] = (float(value.text or 0), 0)
    return found


def _is_on(effect: ET.Element, item: ET.Element) -> bool:
    filter_element = next(one for one in item.findall("filter") if one.find("effect") is effect)
    return _said(filter_element, "enabled").upper() != "FALSE"


def number_of(text: str, missing: float) -> float:
    """A number that is none is as if it were not there."""
    return float(text) if _NUMBER.fullmatch(text) else missing


def _said(node: ET.Element, tag: str) -> str:
    return (node.findtext(tag) or "").strip()


def _text(value: float) -> str:
    """A number without an exponent or needless places."""
    text = f"{value:.{PLACES}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
