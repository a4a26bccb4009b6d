"""Model files: the one in a package, held to the checksum that is pinned here, or the operator's own, whose checksum is recorded."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from media_app.backends.packages import BackendUnavailable, Package

#: Characters of a checksum that name a model.
SHOWN = 16


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of a package, by its path from the package's folder, and the SHA-256 that it must have."""

    package: Package
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model called `name`. `setting`: the Django setting with the operator's own file, or with the folder in which it is called
    `in_folder`; empty settings and models without one mean the packaged file. `beside`: other files of that folder that decide
    what the model makes, where they are there."""

    name: str
    packaged: PackagedFile
    setting: str = ""
    in_folder: str = ""
    beside: tuple[str, ...] = ()

    @property
    def operators_own(self) -> str:
        """What the operator put in its place; empty for the packaged one."""
        return str(getattr(settings, self.setting, "") or "") if self.setting else ""

    @property
    def missing(self) -> str:
        """A sentence with how to get it; empty where there is one."""
        own = self.operators_own
        if not own:
            return self.packaged.package.missing
        return "" if self.path.is_file() else f"{self.setting} names {self.path}, which does not exist. Correct it."

    @property
    def path(self) -> Path:
        """Where the file lies. Raises BackendUnavailable where its package is not here."""
        own = self.operators_own
        if own:
            return Path(own) / self.in_folder if self.in_folder else Path(own)
        return self.packaged.package.folder() / self.packaged.path

    def digest(self) -> str:
        """The SHA-256 of the file, or of all that an operator's folder has of it, read again when a file has changed.
        Raises BackendUnavailable: missing, or not the pinned file."""
        own = self._own_digest()
        beside = [self.path.parent / name for name in self.beside] if self.operators_own else []
        named = [f"{path.name} {_digest_once(path, _state(path))}" for path in beside if path.is_file()]
        return hashlib.sha256("\n".join([own, *named]).encode()).hexdigest() if named else own

    def _own_digest(self) -> str:
        if self.missing:
            raise BackendUnavailable(self.missing)
        return self._held(_digest_once(self.path, _state(self.path)))

    def verified(self) -> Path:
        """The file, every byte of it read and held to its checksum now: ask right before loading. Raises as `digest`."""
        if self.missing:
            raise BackendUnavailable(self.missing)
        self._held(_sha256(self.path))
        return self.path

    @property
    def called(self) -> str:
        """Its name: that of the operator's own file or folder, where there is one."""
        return Path(self.operators_own).name if self.operators_own else self.name

    @property
    def used(self) -> str:
        """What artifacts say of it: its name, the beginning of its checksum."""
        return f"{self.called}@{self._own_digest()[:SHOWN]}"

    def _held(self, found: str) -> str:
        if self.operators_own or found == self.packaged.sha256:
            return found
        raise BackendUnavailable(
            f"The model {self.name} of {self.packaged.package.name} is not the file that Studio knows: its SHA-256 is "
            f"{found[:SHOWN]}…, not {self.packaged.sha256[:SHOWN]}…. Install the package again"
            + (f", or name your own model in {self.setting}." if self.setting else ".")
        )


def _state(path: Path) -> tuple[int, ...]:
    """What changes with every write to a file."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=32)
def _digest_once(path: Path, state: tuple[int, ...]) -> str:
    return _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
