"""Words set in a font: which glyph stands where in the frame, by HarfBuzz."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from render_app.core.drawn.bidi import runs_of
from render_app.core.drawn.faces import BadFont, Face, Faces, Fallback, MissingGlyph, shaped
from render_app.core.timeline.nouns import Text

__all__ = ["BadFont", "Lettering", "MissingGlyph", "layout_hash", "lettered"]

#: Sizes of text are px of a frame so high.
LINES = 1080
#: Positions in px are kept to so many decimals, far below what is seen.
DECIMALS = 3

Glyph = tuple[int, float, float]


@dataclass(frozen=True, slots=True)
class Lettering:
    """Glyphs with the place of each one's origin, in px from the top left of a frame of `width` × `height`.

    `axes`: where a variable font stands; `clamped`: axis → what was asked for and what is used, None for one that the font lacks.
    `outline`: the color of a line around the letters and its width in px; none where it is empty. `fallbacks`: glyphs of other fonts,
    for what the text's own lacks.
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
    fallbacks: tuple[Mapping[str, Any], ...] = ()

    @property
    def as_json(self) -> dict[str, Any]:
        """What is drawn: the same for the same picture."""
        return {
            **({"outline": dict(self.outline)} if self.outline else {}),
            **({"fallbacks": [dict(one) for one in self.fallbacks]} if self.fallbacks else {}),
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


def lettered(text: Text, font: bytes, size: tuple[int, int], fallbacks: Sequence[Fallback] = ()) -> Lettering:
    """Words in a frame of a size in px, in a font, and in the first of the fallbacks that has what it lacks. Raises MissingGlyph, BadFont."""
    width, height = size
    em = text.size * height / LINES
    setter = _Setter(Faces(font, fallbacks, text.variation), em, text.tracking * em / 1000)
    left, top, wide, high = (
        text.box.x * width,
        text.box.y * height,
        text.box.width * width,
        text.box.height * height,
    )
    lines = [line for paragraph in text.text.split("\n") for line in _wrapped(paragraph, wide, setter)]
    begin = top + (high - len(lines) * setter.line_height) / 2 + setter.ascent
    drawn: dict[Face, list[Glyph]] = {setter.own: []}
    for number, line in enumerate(lines):
        row, length = setter.set(line)
        x = left + {"left": 0.0, "center": (wide - length) / 2, "right": wide - length}[text.align]
        y = begin + number * setter.line_height
        for face, id, dx, dy in row:
            drawn.setdefault(face, []).append((id, round(x + dx, DECIMALS), round(y - dy, DECIMALS)))
    own = setter.own
    return Lettering(
        tuple(drawn.pop(own)), own.sha256, round(em, DECIMALS), text.fill, width, height, own.axes, own.clamped,
        _outline(text, height), tuple(_of_fallback(face, glyphs) for face, glyphs in drawn.items()),
    )  # fmt: skip


def _of_fallback(face: Face, glyphs: Sequence[Glyph]) -> dict[str, Any]:
    return {
        "font": face.name,
        "font_sha256": face.sha256,
        "color": face.color,
        "axes": dict(face.axes),
        "glyphs": [list(glyph) for glyph in glyphs],
    }


def _outline(text: Text, height: int) -> dict[str, Any]:
    if not text.outline or not text.outline_width:
        return {}
    return {"color": text.outline, "width": round(text.outline_width * height / LINES, DECIMALS)}


class _Setter:
    """Fonts at a size, with so many px between letters. Lines are as high as the text's own font has them."""

    def __init__(self, faces: Faces, em: float, tracking: float) -> None:
        self.own, self._faces, self._em, self._tracking = faces.own, faces, em, tracking
        extents, scale = self.own.font.get_font_extents("ltr"), self._scale(self.own)
        self.ascent = extents.ascender * scale
        self.line_height = (extents.ascender - extents.descender + extents.line_gap) * scale

    def set(self, line: str) -> tuple[list[tuple[Face, int, float, float]], float]:
        """The glyphs of a line from its left end, upward positive, each with its font; and the line's length."""
        row: list[tuple[Face, int, float, float]] = []
        at = 0.0
        for run in runs_of(line):
            parts = self._faces.parts_of(run.text)
            for face, text in parts if run.rightward else reversed(parts):
                for id, dx, dy, advance in self._shaped(face, text, rightward=run.rightward):
                    row.append((face, id, at + dx, dy))
                    at += advance + (self._tracking if advance else 0)
        return row, at - (self._tracking if row else 0)

    def _shaped(self, face: Face, text: str, *, rightward: bool) -> Iterator[tuple[int, float, float, float]]:
        # Letters that stand apart are no ligature.
        features = {} if face.color else {"liga": not self._tracking, "clig": not self._tracking}
        buffer, scale = shaped(face, text, features, rightward=rightward), self._scale(face)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            yield info.codepoint, place.x_offset * scale, place.y_offset * scale, place.x_advance * scale

    def _scale(self, face: Face) -> float:
        return self._em / float(face.font.face.upem)


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
