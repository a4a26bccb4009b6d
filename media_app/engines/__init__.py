"""The engines: one file each, found by being here. None knows another; `base`, `opening` and `runner` have what they share."""

from importlib import import_module
from pkgutil import iter_modules

from media_app.engines.base import EngineModule

NOT_ENGINES = {"base", "opening", "runner"}


def modules() -> dict[str, EngineModule]:
    """Engine name → its module, for every file of this package."""
    names = sorted(found.name for found in iter_modules(__path__) if found.name not in NOT_ENGINES)
    loaded = [import_module(f"{__name__}.{name}") for name in names]
    return {module.ENGINE.name: module for module in loaded}
