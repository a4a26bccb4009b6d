"""Where the fonts lie that ship."""

from importlib.util import find_spec
from pathlib import Path

from render_app.core import catalogue


def shipped_font(name: str) -> Path:
    """A font's file by its name. Raises KeyError."""
    file = catalogue.fonts()[name].file
    spec = find_spec("matplotlib")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / file
