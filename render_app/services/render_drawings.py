"""Words and shapes of a sequence as pictures that a plan draws, with the fonts of the tenant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from media_app.models import DerivedMedia, MediaAsset
from render_app.core import catalogue
from render_app.core.catalogue import Profile
from render_app.core.drawn.figures import BadPath, drawing_of, ops_of
from render_app.core.drawn.lettering import BadFont, Lettering, MissingGlyph, layout_hash, lettered
from render_app.core.drawn.styles import styled
from render_app.core.plan.media import medium_of
from render_app.core.plan.overlays import text_segment, vector_segment
from render_app.core.plan.reels import Medium, Segment
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import Clip, Sequence, Text, Vector
from render_app.core.timeline.refusals import (
    OutOfRange,
    Place,
    TimelineRefused,
    UnknownValue,
    WrongMedia,
    refuse,
    shown,
)
from render_app.making.fonts import fallbacks_of, shipped_font
from render_app.services.render_files import facts_of, read_bytes
from render_app.services.render_materials import named_files
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context

#: Larger ones are collections of a whole system.
LARGEST_FONT = 32 << 20


class GlyphMissing(TimelineRefused):
    """A font lacks a character of a text."""

    code = "missing_glyph"


@dataclass(frozen=True, slots=True)
class Drawings:
    """`reels`: of each clip with words or shapes, by its id; `overlays`: what a plan's meta says of them; `clamped`: axes."""

    reels: dict[Reference | str, tuple[Segment, ...]] = field(default_factory=dict)
    overlays: list[dict[str, Any]] = field(default_factory=list)
    clamped: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Font:
    """A font's name in a plan, its bytes, and its file where it is one of the registry."""

    name: str
    data: bytes
    medium: Medium | None = None


def drawings_of(context: Context, sequence: Sequence, profile: Profile) -> Drawings:
    """Every text and every vector of a sequence. Raises GlyphMissing, UnknownValue, UnknownMedia, WrongMedia, OutOfRange."""
    found, size = Drawings(), (profile.width, profile.height)
    fonts: dict[str, _Font] = {}
    for clip in sequence.clips:
        _draw(context, clip, size, fonts, found)
    return found


def overlay_of(context: Context, clip: Clip, profile: Profile) -> dict[str, Any] | None:
    """What a plan's meta would say of a clip's words or shapes; None of another clip, and of one that cannot be drawn as it is."""
    found = Drawings()
    try:
        _draw(context, clip, (profile.width, profile.height), {}, found)
    except TimelineRefused:
        return None
    return found.overlays[0] if found.overlays else None


def _draw(context: Context, clip: Clip, size: tuple[int, int], fonts: dict[str, _Font], found: Drawings) -> None:
    if isinstance(clip.content, Text):
        found.reels[clip.id] = (_text(context, clip, clip.content, size, fonts, found),)
    elif isinstance(clip.content, Vector):
        found.reels[clip.id] = (_vector(clip, clip.content, size, found),)


def _text(
    context: Context, clip: Clip, said: Text, size: tuple[int, int], fonts: dict[str, _Font], found: Drawings
) -> Segment:
    set_, font, text = _set(context, said, size, fonts, Place("clip", clip.id).into("text"))
    digest = layout_hash(set_.as_json)
    found.overlays.append(
        {
            "clip_id": clip.id, "kind": "text", "layout_hash": digest, "font": font.name, "variant_axes": dict(set_.axes),
            "tracking": text.tracking, "text_preset": said.text_preset or None,
            "fallback_fonts": [one["font"] for one in set_.fallbacks],
        }
    )  # fmt: skip
    found.clamped.extend(_clamped(set_, clip))
    return text_segment(set_, font.medium or font.name)


def drawn_text(context: Context, said: Text, size: tuple[int, int]) -> bytes:
    """A text as a render of this size lays it over its picture: a PNG with alpha. Raises as `drawings_of`."""
    set_, font, _ = _set(context, said, size, {}, Place("clip", "title").into("text"))
    drawing = set_.as_json
    from render_app.making import drawn  # noqa: PLC0415 (Skia is slow to load)

    return drawn.text_png(drawing, font.data, [shipped_font(one["font"]) for one in drawing.get("fallbacks", ())])


def _set(
    context: Context, said: Text, size: tuple[int, int], fonts: dict[str, _Font], place: Place
) -> tuple[Lettering, _Font, Text]:
    """A text with its glyphs at their places, its font, and the text in its preset's style."""
    if said.text_preset and said.text_preset not in catalogue.text_presets():
        names = ", ".join(catalogue.text_presets())
        raise refuse(UnknownValue, place, "text_preset", f"must be one of {names}, not {shown(said.text_preset)}.")
    text = styled(said)
    if text.font not in fonts:
        fonts[text.font] = _font(context, text.font, place)
    font = fonts[text.font]
    try:
        return lettered(text, font.data, size, fallbacks_of(font.name)), font, text
    except MissingGlyph as error:
        message = f"has {error}, which neither the font {font.name} nor any that ships has. Name another font, or write it otherwise."
        raise refuse(GlyphMissing, place, "text", message) from error
    except BadFont as error:
        raise refuse(WrongMedia, place, "font", f"names a file that {error}") from error


def _clamped(set_: Lettering, clip: Clip) -> Iterator[dict[str, Any]]:
    for axis, (sent, used) in set_.clamped.items():
        yield {"clip_id": clip.id, "field": f"text.variation.{axis}", "from": sent, "to": used}


def _font(context: Context, name: str, place: Place) -> _Font:
    """A font that ships, by its name, or one of the tenant's, by its id."""
    name = name or next(iter(catalogue.fonts()))
    if name in catalogue.fonts():
        return _Font(name, shipped_font(name))
    if as_id(name) is None:
        names = ", ".join(catalogue.fonts())
        message = f"must be one of {names}, or the id of a font in the registry, not {shown(name)}."
        raise refuse(UnknownValue, place, "font", message)
    row: MediaAsset | DerivedMedia = named_files(context, {name: (place, "font")})[name]
    if row.size_bytes > LARGEST_FONT:
        raise refuse(
            WrongMedia, place, "font", f"names a file of more than {LARGEST_FONT >> 20} MiB. Name a single font."
        )
    facts = facts_of(row)
    medium = medium_of(facts)
    return _Font(facts.name, read_bytes(row, LARGEST_FONT, place, "font"), medium)


def _vector(clip: Clip, vector: Vector, size: tuple[int, int], found: Drawings) -> Segment:
    try:
        of = drawing_of(vector, size)
    except BadPath as error:
        place = Place("clip", clip.id).into("vector").entry("shapes", "shape_index", error.index)
        raise refuse(OutOfRange, place, "d", str(error)) from error
    digest = layout_hash(of)
    found.overlays.append({"clip_id": clip.id, "kind": "vector", "layout_hash": digest, "boolean_ops": ops_of(vector)})
    return vector_segment(of)
