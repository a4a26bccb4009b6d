"""Words set in a font: which glyph stands where in the frame, by HarfBuzz."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import name as name_of

from render_app.core.drawn.bidi import runs_of
from render_app.core.timeline.nouns import Text

#: Sizes of text are px of a frame so high.
LINES = 1080
#: Positions in px are kept to so many decimals, far below what is seen.
DECIMALS = 3

Glyph = tuple[int, float, float]


class MissingGlyph(ValueError):
    """A font lacks a character; the message names it."""


class BadFont(ValueError):
    """A file that is no font."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """Glyphs with the place of each one's origin, in px from the top left of a frame of `width` × `height`.

    `axes`: where a variable font stands; `clamped`: axis → what was asked for and what is used, None for one that the font lacks.
    `outline`: the color of a line around the letters and its width in px; none where it is empty.
    """

    glyphs: tuple[Glyph, ...]
    font_sha256: str
    size: float
    fill: str
    width: int
    height: int
    axes: Mapping[str, float] = field(default_factory=dict)
    clamped: Mapping[str, tuple[float, float | None]] = field(default_factory=dict)
    outline: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        """What is drawn: the same for the same picture."""
        return {
            **({"outline": dict(self.outline)} if self.outline else {}),
            "kind": "text",
            "font_sha256": self.font_sha256,
            "size": self.size,
            "fill": self.fill,
            "width": self.width,
            "height": self.height,
            "axes": dict(self.axes),
            "glyphs": [list(glyph) for glyph in self.glyphs],
        }


def layout_hash(drawing: Mapping[str, Any]) -> str:
    """SHA-256 of a drawing: of a text, its font's bytes, its axes as they are used, its glyphs and their places, size and color."""
    return hashlib.sha256(json.dumps(drawing, sort_keys=True).encode()).hexdigest()


def lettered(text: Text, font: bytes, size: tuple[int, int]) -> Lettering:
    """Words in a frame of a size in px. Raises MissingGlyph, BadFont."""
    width, height = size
    em = text.size * height / LINES
    axes, clamped = _axes(font, text.variation)
    setter = _Setter(font, axes, em, text.tracking * em / 1000)
    left, top, wide, high = (
        text.box.x * width,
        text.box.y * height,
        text.box.width * width,
        text.box.height * height,
    )
    lines = [line for paragraph in text.text.split("\n") for line in _wrapped(paragraph, wide, setter)]
    begin = top + (high - len(lines) * setter.line_height) / 2 + setter.ascent
    glyphs: list[Glyph] = []
    for number, line in enumerate(lines):
        row, length = setter.set(line)
        x = left + {"left": 0.0, "center": (wide - length) / 2, "right": wide - length}[text.align]
        y = begin + number * setter.line_height
        glyphs += [(id, round(x + dx, DECIMALS), round(y - dy, DECIMALS)) for id, dx, dy in row]
    digest = hashlib.sha256(font).hexdigest()
    outline = _outline(text, height)
    return Lettering(tuple(glyphs), digest, round(em, DECIMALS), text.fill, width, height, axes, clamped, outline)


def _outline(text: Text, height: int) -> dict[str, Any]:
    if not text.outline or not text.outline_width:
        return {}
    return {"color": text.outline, "width": round(text.outline_width * height / LINES, DECIMALS)}


def _axes(font: bytes, wanted: Mapping[str, float]) -> tuple[dict[str, float], dict[str, tuple[float, float | None]]]:
    """Where each axis of a font stands, and what of the wishes was changed."""
    import uharfbuzz as hb

    face = hb.Face(font)
    if not face.glyph_count:
        raise BadFont("is no font that can be read.")
    known = {axis.tag: (axis.min_value, axis.default_value, axis.max_value) for axis in face.axis_infos}
    used = {tag: max(low, min(high, wanted.get(tag, default))) for tag, (low, default, high) in known.items()}
    clamped = {tag: (value, used.get(tag)) for tag, value in wanted.items() if used.get(tag) != value}
    return used, clamped


class _Setter:
    """A font at a size, with so many px between letters."""

    def __init__(self, font: bytes, axes: Mapping[str, float], em: float, tracking: float) -> None:
        import uharfbuzz as hb

        self._font = hb.Font(hb.Face(font))
        self._font.set_variations(dict(axes))
        self._scale, self._tracking = em / self._font.face.upem, tracking
        extents = self._font.get_font_extents("ltr")
        self.ascent = extents.ascender * self._scale
        self.line_height = (extents.ascender - extents.descender + extents.line_gap) * self._scale

    def set(self, line: str) -> tuple[list[Glyph], float]:
        """The glyphs of a line from its left end, upward positive, and its length."""
        row: list[Glyph] = []
        at = 0.0
        for run in runs_of(line):
            for id, dx, dy, advance in self._shaped(run.text, rightward=run.rightward):
                row.append((id, at + dx, dy))
                at += advance + (self._tracking if advance else 0)
        return row, at - (self._tracking if row else 0)

    def _shaped(self, text: str, *, rightward: bool) -> Iterator[tuple[int, float, float, float]]:
        import uharfbuzz as hb

        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction = "ltr" if rightward else "rtl"
        buffer.guess_segment_properties()
        # Letters that stand apart are no ligature.
        hb.shape(self._font, buffer, {"liga": not self._tracking, "clig": not self._tracking})
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if not info.codepoint:
                raise MissingGlyph(_named(text[info.cluster]))
            scale = self._scale
            yield info.codepoint, place.x_offset * scale, place.y_offset * scale, place.x_advance * scale


def _named(char: str) -> str:
    return f"U+{ord(char):04X} ({name_of(char, 'a character without a name').lower()})"


def _wrapped(paragraph: str, width: float, setter: _Setter) -> Iterator[str]:
    """Lines that fit a width, broken at spaces; a word that is wider stands by itself."""
    words: Sequence[str] = paragraph.replace("\t", " ").split(" ")
    line = words[0]
    for word in words[1:]:
        longer = f"{line} {word}"
        if setter.set(longer)[1] <= width:
            line = longer
            continue
        yield line
        line = word
    yield line
