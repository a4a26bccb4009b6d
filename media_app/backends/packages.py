"""Optional packages: whether they are here, which version, and how to get them."""

from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from sessions_app.errors import StudioError


class BackendUnavailable(StudioError):
    """What an engine computes with is not here, or is not the file that it has to be."""

    code = "backend_unavailable"
    status = 409


@dataclass(frozen=True, slots=True)
class Package:
    """A package by its `module`, its `name` on the index, and the `extra` of Studio that brings it: asr, audio, align, vision.
    `imports`: modules of other packages without which it cannot be used."""

    module: str
    name: str
    extra: str = ""
    imports: tuple[str, ...] = ()

    @property
    def here(self) -> bool:
        """Whether it is installed with what it imports; nothing is imported now."""
        return not self.missing

    @property
    def missing(self) -> str:
        """A sentence with how to get it; empty where it is here."""
        extra = f" (make setup, or uv pip install -r pyproject.toml --extra {self.extra})" if self.extra else ""
        install = f"Install {self.name}{extra}"
        if find_spec(self.module) is None:
            return f"The package {self.name} is not installed on this machine. {install}, then ask again."
        lacking = [module for module in self.imports if find_spec(module) is None]
        return f"The package {self.name} lacks {lacking[0]}. {install} again, then ask again." if lacking else ""

    @property
    def version(self) -> str:
        """`name==version`; the name alone for a module that no package owns."""
        try:
            return f"{self.name}=={metadata.version(self.name)}"
        except metadata.PackageNotFoundError:
            return self.name

    def load(self, module: str = "") -> ModuleType:
        """The package, or one module of it, imported now. Raises BackendUnavailable."""
        if self.missing:
            raise BackendUnavailable(self.missing)
        return import_module(module or self.module)

    def folder(self) -> Path:
        """Where its files lie. Raises BackendUnavailable."""
        found = find_spec(self.module)
        places = list(found.submodule_search_locations or ()) if found is not None else []
        if not places:
            raise BackendUnavailable(self.missing or f"The package {self.name} has no files of its own.")
        return Path(places[0])
