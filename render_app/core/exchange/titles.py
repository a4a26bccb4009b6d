"""Titles as an editing program's own: their words in the style that a render gives them."""

from collections.abc import Iterator
from uuid import UUID

from render_app.core import catalogue
from render_app.core.drawn.styles import styled
from render_app.core.exchange.nouns import Loss
from render_app.core.timeline.nouns import Clip, Text


def words_of(clip: Clip) -> Text:
    """A clip's words with the fields of their preset."""
    text = clip.content
    assert isinstance(text, Text)
    return styled(text) if text.text_preset in catalogue.text_presets() else text


def lost_of_title(clip: Clip) -> Iterator[Loss]:
    """What a title loses that is written as one of the editing program's own."""
    here, text = {"clip_id": clip.id}, words_of(clip)
    if text.variation:
        yield Loss("title_axes", "The axes of a title's font: choose its weight in the editing program.", here)
    if is_file(text.font):
        yield Loss("title_font", "The font of a title, a file of Studio: install it, then choose it.", here)
    if text.align != "center" or (text.box.width, text.box.height) != (1, 1):
        message = "The box of a title: its middle is where it was; where its lines begin and break is for the editing program to say."
        yield Loss("title_box", message, here)


def is_file(font: str) -> bool:
    """Whether a font is an artifact."""
    try:
        UUID(font)
    except ValueError:
        return False
    return True
