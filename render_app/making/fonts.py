"""The fonts that ship: where they lie, and their bytes as programs that draw take them."""

from functools import cache, partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from media_app.errors import CannotSucceed
from render_app.core import catalogue
from render_app.core.catalogue import Font
from render_app.core.drawn.faces import Fallback

#: Packages of the pages, as npm installs them.
_NODE_MODULES = Path(__file__).parents[2] / "node_modules"
#: A second drawing of the same emoji, which nothing here reads and which is most of the file.
_UNREAD = "SVG "


def shipped_font(name: str) -> bytes:
    """A font's bytes by its name; `Noto Sans/1` is its second file. Raises KeyError, CannotSucceed where it is not installed."""
    family, _, number = name.partition("/")
    path = _path(catalogue.fonts()[family], int(number or 0))
    if not path.is_file():
        raise CannotSucceed(f"The font {family} is not installed. An administrator can run make setup.")
    return _unpacked(path) if path.suffix.startswith(".woff") else path.read_bytes()


def fallbacks_of(name: str) -> tuple[Fallback, ...]:
    """What is asked for the characters that a font lacks: its other files, then the fonts that every other asks."""
    lending = (font for font in catalogue.fonts().values() if font.fallback and font.name != name)
    others = sorted(lending, key=lambda font: font.fallback)
    own = catalogue.fonts().get(name)
    parts = [(own, number) for number in range(1, len(own.files))] if own else []
    parts += [(font, number) for font in others for number in range(len(font.files))]
    return tuple(
        Fallback(_named(font, number), partial(shipped_font, _named(font, number)), font.color)
        for font, number in parts
        if _path(font, number).is_file()
    )


def _named(font: Font, number: int) -> str:
    return f"{font.name}/{number}" if number else font.name


def _path(font: Font, number: int) -> Path:
    if font.package.startswith("@"):
        return _NODE_MODULES / font.package / "files" / font.files[number]
    spec = find_spec(font.package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / font.files[number]


@cache
def _unpacked(path: Path) -> bytes:
    """A font that is packed for the web as a plain one."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 (slow to load, and for packed fonts alone)

    with TTFont(path, lazy=True, recalcTimestamp=False) as font:
        font.flavor = None
        if _UNREAD in font:
            del font[_UNREAD]
        font.save(plain := BytesIO())
    return plain.getvalue()
