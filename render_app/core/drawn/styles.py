"""Styles of text: a preset's fields under the text's own."""

from dataclasses import fields, replace

from render_app.core import catalogue
from render_app.core.timeline.nouns import Box, Text


def styled(text: Text) -> Text:
    """A text with the fields of its preset where its own are at their defaults. Raises KeyError."""
    if not text.text_preset:
        return text
    style = dict(catalogue.text_presets()[text.text_preset].style)
    if "box" in style:
        style["box"] = Box(**style["box"])
    plain = Text("")
    own = {one.name for one in fields(text) if getattr(text, one.name) != getattr(plain, one.name)}
    return replace(text, **{name: value for name, value in style.items() if name not in own})
