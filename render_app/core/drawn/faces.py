"""Which font draws which part of a text: its own where that has the characters, else the first of the fallbacks that does. Emoji are
asked of a font in color first.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any
from unicodedata import category
from unicodedata import name as name_of

_JOINER, _AS_TEXT, _AS_PICTURE, _KEYCAP = "\u200d", "\ufe0e", "\ufe0f", "\u20e3"
_TONES, _FLAGS = range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200)
#: Characters that are pictures unless the text says otherwise (Unicode's Emoji_Presentation), by first and last.
_PICTURES = (
    *((0x231A, 0x231B), (0x23E9, 0x23EC), (0x23F0, 0x23F0), (0x23F3, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615)),
    *((0x2648, 0x2653), (0x267F, 0x267F), (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE)),
    *((0x26C4, 0x26C5), (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5)),
    *((0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728), (0x274C, 0x274C)),
    *((0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797), (0x27B0, 0x27B0), (0x27BF, 0x27BF)),
    *((0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF)),
    *((0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F1E6, 0x1F202), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F)),
    *((0x1F232, 0x1F23A), (0x1F250, 0x1F251), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F7E0, 0x1F7EB)),
    *((0x1F7F0, 0x1F7F0), (0x1F90C, 0x1F9FF), (0x1FA70, 0x1FAFF)),
)


class MissingGlyph(ValueError):
    """No font has a character; the message names it."""


class BadFont(ValueError):
    """A file that is no font."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """A font that is asked for what another lacks, read when that happens. `color`: it draws emoji in their own colors."""

    name: str
    load: Callable[[], bytes]
    color: bool = False


class Face:
    """A font where its axes stand. `clamped`: axis → what was asked for and what is used, None for one that the font lacks."""

    def __init__(self, data: bytes, wanted: Mapping[str, float], name: str = "", *, color: bool = False) -> None:
        import uharfbuzz as hb  # noqa: PLC0415 (a web process shapes no words)

        face = hb.Face(data)
        if not face.glyph_count:
            raise BadFont("is no font that can be read.")
        self.name, self.color, self._data = name, color, data
        known = {axis.tag: (axis.min_value, axis.default_value, axis.max_value) for axis in face.axis_infos}
        self.axes = {tag: max(low, min(high, wanted.get(tag, default))) for tag, (low, default, high) in known.items()}
        self.clamped = {
            tag: (value, self.axes.get(tag)) for tag, value in wanted.items() if self.axes.get(tag) != value
        }
        self.font = hb.Font(face)
        self.font.set_variations(dict(self.axes))

    @cached_property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self._data).hexdigest()

    def has(self, cluster: str) -> bool:
        """Whether it has every character that is seen."""
        return all(_unseen(char) or self.font.get_nominal_glyph(ord(char)) for char in cluster)


class Faces:
    """A text's own font, and those that are asked for what it lacks, with the axes that the text names."""

    def __init__(self, font: bytes, fallbacks: Sequence[Fallback], wanted: Mapping[str, float]) -> None:
        self.own = Face(font, wanted)
        self._fallbacks, self._wanted = fallbacks, wanted
        self._loaded: dict[int, Face] = {}

    def parts_of(self, text: str) -> list[tuple[Face, str]]:
        """A text of one direction, cut where its font changes. Raises MissingGlyph."""
        chosen = [(self._for(cluster), cluster) for cluster in clusters_of(text)]
        return [(face, "".join(one for _, one in some)) for face, some in groupby(chosen, key=lambda one: one[0])]

    def _for(self, cluster: str) -> Face:
        if not is_picture(cluster) and self.own.has(cluster):
            return self.own
        for face in self._asked(pictures=is_picture(cluster)):
            if face.has(cluster):
                return face
        missing = next((char for char in cluster if not self.own.has(char)), cluster[0])
        raise MissingGlyph(named(missing))

    def _asked(self, *, pictures: bool) -> Iterator[Face]:
        """The fonts that may have a character, in this order: of a picture those in color first, else they come last."""
        numbers = range(len(self._fallbacks))
        plain, colored = ([at for at in numbers if self._fallbacks[at].color is color] for color in (False, True))
        if pictures:
            yield from map(self._face, colored)
            yield self.own
        yield from map(self._face, plain if pictures else [*plain, *colored])

    def _face(self, number: int) -> Face:
        if number not in self._loaded:
            one = self._fallbacks[number]
            self._loaded[number] = Face(one.load(), self._wanted, one.name, color=one.color)
        return self._loaded[number]


def clusters_of(text: str) -> list[str]:
    """The characters of a text with the marks on them; an emoji with its tone, its joined parts, or as a flag of two letters."""
    found: list[str] = []
    for char in text:
        if found and _goes_on(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _goes_on(cluster: str, char: str) -> bool:
    if category(char) in ("Mn", "Me", "Cf") or ord(char) in _TONES:
        return True
    if ord(char) in _FLAGS:
        return len(cluster) == 1 and ord(cluster) in _FLAGS
    # (Where letters are joined the next one is a letter of its own.)
    return cluster.endswith(_JOINER) and category(char) == "So"


def is_picture(cluster: str) -> bool:
    """Whether it is to be drawn as an emoji."""
    if _AS_TEXT in cluster:
        return False
    first = ord(cluster[0])
    return _AS_PICTURE in cluster or _KEYCAP in cluster or any(low <= first <= high for low, high in _PICTURES)


def _unseen(char: str) -> bool:
    """Whether a font needs no picture of it: joiners, selectors, marks of direction."""
    return category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


def named(char: str) -> str:
    """A character by its number and its name."""
    return f"U+{ord(char):04X} ({name_of(char, 'a character without a name').lower()})"


def shaped(face: Face, text: str, features: Mapping[str, Any], *, rightward: bool) -> Any:
    """A part of a line in one font, as HarfBuzz lays it. Raises MissingGlyph."""
    import uharfbuzz as hb  # noqa: PLC0415 (the same)

    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.direction = "ltr" if rightward else "rtl"
    buffer.guess_segment_properties()
    hb.shape(face.font, buffer, dict(features))
    for info in buffer.glyph_infos:
        if not info.codepoint:
            raise MissingGlyph(named(text[info.cluster]))
    return buffer
