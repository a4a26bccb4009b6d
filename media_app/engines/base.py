"""What all engines have in common: parameters, backend, cache key, meta, job, replay. An engine is one file next to this one.

A file has `ENGINE`, an `Engine`, and `make(source, params, work) -> Outputs`, which gets a local original that was looked at
and the artifacts that the engine needs. It knows no other engine, no database and no request.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, dataclass_transform

from media_app.core.kinds import Kind
from media_app.making.files import Outputs
from media_app.making.inspect import Inspection
from media_app.making.workspace import Workspace
from media_app.models import MediaAsset, MediaJob
from media_app.services.sound import chosen_by_hand
from sessions_app.errors import StudioError


class BackendUnavailable(StudioError):
    """What the engine computes with is not installed."""

    code = "backend_unavailable"
    status = 409


@dataclass_transform(frozen_default=True, kw_only_default=True)
class EngineParams:
    """An engine's parameters: its fields, with defaults, are those of the request."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def as_json(self) -> dict[str, Any]:
        """Plain values: what the job keeps, and a part of the cache key."""
        return asdict(self)  # type: ignore[call-overload]


class NoParams(EngineParams):
    """An engine that takes none."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What an engine computes with: its name, the module that must be there, and the package that brings it."""

    name: str
    module: str = ""
    package: str = ""

    def refuse(self) -> None:
        """Raise BackendUnavailable, saying how to get it, where it is not installed."""
        if self.module and find_spec(self.module) is None:
            raise BackendUnavailable(
                f"{self.name} is not installed on this machine. Install the package {self.package or self.module}, "
                "then ask again."
            )

    @property
    def version(self) -> str:
        """The version that is installed; empty for what Studio brings itself."""
        return metadata.version(self.package or self.module) if self.module else ""


@dataclass(frozen=True, slots=True)
class Source:
    """What an engine works on: the original as a local file, what was found in it, and the newest artifact of each kind that
    the engine needs, by the kind's name."""

    path: Path
    found: Inspection
    artifacts: Mapping[str, Path] = field(default_factory=dict)


def _no_bytes(found: Inspection) -> int:
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Traits:
    """What an engine may leave out."""

    backend: Backend
    params: type[EngineParams] = NoParams
    route: str = ""
    work: str = MediaJob.Kind.CPU
    needs: tuple[Kind, ...] = ()
    waited_for: bool = True
    priority: int = 0
    #: Bytes of scratch that it may need besides the original.
    scratch_bytes: Callable[[Inspection], int] = field(default=_no_bytes)
    #: What its asset says when it cannot be made, with `{reason}`; empty where the job alone says it.
    failed_warning: str = ""


@dataclass(frozen=True, slots=True)
class Engine(_Traits):
    """One engine: its name, the kind of artifact that it produces, and what a person reads while it works.

    `route`: where a request for it is posted, empty for one that is not asked for over HTTP. `needs`: kinds of artifacts,
    found or made first. `work`: what it needs most (io, cpu, render).
    """

    name: str
    produces: Kind
    label: str

    @property
    def job_type(self) -> str:
        """The stored type of its jobs."""
        return f"engine_{self.name}_v1"

    def cache_key(self, asset: MediaAsset, params: EngineParams) -> str:
        """A digest of what goes in: the original's bytes, the sound that a person chose, the parameters, the backend and its
        version."""
        by_hand = chosen_by_hand(asset)
        what = [
            self.name,
            asset.checksum or asset.original_key,
            params.as_json(),
            self.backend.name,
            self.backend.version,
            *([by_hand] if by_hand else []),
        ]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


class EngineModule(Protocol):
    """An engine's file, as the base sees it."""

    ENGINE: Engine

    def make(self, source: Source, params: Any, work: Workspace) -> Outputs:
        """The engine's work. Raises NotUsable types with a sentence when the recording is at fault."""
        ...


def make_timed(module: EngineModule | ModuleType, source: Source, params: EngineParams, work: Workspace) -> Outputs:
    """The engine's outputs, each with the meta that every engine artifact carries."""
    engine: Engine = module.ENGINE
    engine.backend.refuse()
    started = time.monotonic()
    made: Outputs = module.make(source, params, work)
    meta = {
        "backend_type": engine.backend.name,
        "backend_version": engine.backend.version,
        "model_used": made.facts.get("model_used", ""),
        "compute_ms": round(1000 * (time.monotonic() - started)),
        "duration_ms": round(float(source.found.duration) * 1000),
    }
    return replace(made, files=tuple(replace(file, meta=meta | file.meta) for file in made.files))
