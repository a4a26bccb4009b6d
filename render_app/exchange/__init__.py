"""Edits for editing programs, one file per format: a module here that has a `FORMAT` is one."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from render_app.core.edit.readers import RESOLVE
from render_app.exchange.base import Document, Format

__all__ = ["Document", "Format", "formats", "usual_target"]


@cache
def formats() -> dict[str, Format]:
    """Every format by its name, in alphabetical order."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    known = (getattr(module, "FORMAT", None) for module in modules)
    return {found.name: found for found in sorted((f for f in known if isinstance(f, Format)), key=lambda f: f.name)}


def usual_target(name: str) -> str:
    """The program that usually reads a format."""
    known = formats().get(name)
    return known.program if known is not None else RESOLVE
