"""Words and shapes as media of a plan: pictures of the frame's size that are drawn before its commands run."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from render_app.core.drawn.lettering import Lettering, layout_hash
from render_app.core.plan.media import FileFacts, still_of
from render_app.core.plan.reels import Drawn, Medium, Segment

#: Of a hash in a file's name: enough that no two drawings share one.
HASHED = 32


def text_segment(set_: Lettering, font: str | Medium) -> Segment:
    """Words as a clip shows them, in a font that ships, by its name, or in one of the registry."""
    of, name = set_.as_json, f"text-{layout_hash(set_.as_json)[:HASHED]}.png"
    drawn = Drawn(name, of | {"font": font}) if isinstance(font, str) else Drawn(name, of, font)
    return _segment(drawn)


def vector_segment(of: Mapping[str, Any]) -> Segment:
    """Shapes as a clip shows them."""
    return _segment(Drawn(f"vector-{layout_hash(of)[:HASHED]}.png", of))


def _segment(drawn: Drawn) -> Segment:
    """The same drawing is one file, however many clips show it."""
    size = drawn.of["width"], drawn.of["height"]
    still = still_of(FileFacts(f"drawn:{drawn.name}", "", drawn.name, ""), "png", size)
    return Segment(replace(still, drawn=drawn), None)
