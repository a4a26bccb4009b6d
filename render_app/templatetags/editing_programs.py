"""The formats and the editing programs that an export may be for, as choices of a form."""

from django import template

from render_app.core.edit.readers import PROGRAMS
from render_app.exchange import Format, formats

register = template.Library()


@register.simple_tag
def edit_formats() -> list[Format]:
    """Every format that an edit can be exported in."""
    return list(formats().values())


@register.simple_tag
def editing_programs() -> list[tuple[str, str]]:
    """The programs that read them: what the API calls each, and its name."""
    return list(PROGRAMS.items())
