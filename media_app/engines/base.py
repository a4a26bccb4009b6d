"""What all engines have in common: parameters, backends, cache key, meta, documents. An engine is one file next to this one.

A file has `ENGINE`, an `Engine`, and `make(source, params, work) -> Outputs`. It knows no other engine, no database and no
request. How to write one:

- `params`: a subclass of `EngineParams`; its fields, defaults and bounds (`field(default=…, metadata={"min": 0})`) are the
  request's. `refuse` says what is wrong with them together.
- `backend`, `fallbacks`: ways to compute, the best first (`Backend`: packages and model files of `media_app.backends`). The base
  picks one before the job is queued, refuses with 409 where none is here, and gives `make` its name as `source.backend`. A
  fallback marks its artifacts `degraded` with the reason. `setting`: the Django setting in which an operator names one.
- `hears=True`: the source is a WAV of what is heard of the recording (48 kHz, sample 0 at media time zero), and the original is
  not fetched; `making.decoded` gives it as 16 kHz mono blocks. Without it, the source is the original.
- `takes`: works on artifacts of these kinds (`source.path`, no inspection), named by `{artifact_field}_id(s)`.
- `needs`: artifacts that it also reads, by kind: `source.artifacts["beat_features"]`; found, or made first by their engine.
  `wants(params)`: the same for what it can do without: left out where nothing here makes it.
- A JSON result is a `Document` in the outputs: the base writes it, always the same bytes, with ids and meta, and the GET
  answers it parsed. Other files come from `describe`.
- `key_name`: what the seed calls `cache_key` besides.
- `reads`: where an artifact is read, when that is not under `route`.
- `answer_id`: what the seed calls the artifact's id in the answer; `answers`: fields of the document that the POST repeats.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol, dataclass_transform

from django.conf import settings

from media_app.backends import BackendUnavailable, ModelFile, Package
from media_app.core.kinds import Kind
from media_app.making.files import DerivedFile, Document, Outputs, write_document
from media_app.making.inspect import Inspection
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services.sound import chosen_by_hand


@dataclass_transform(frozen_default=True, kw_only_default=True)
class EngineParams:
    """An engine's parameters: its fields, with defaults, are those of the request."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def as_json(self) -> dict[str, Any]:
        """Plain values: what the job keeps, and a part of the cache key."""
        return asdict(self)  # type: ignore[call-overload]

    def refuse(self, duration_ms: int | None) -> None:
        """Raise InvalidInput for what cannot be done with a recording of this length."""


class NoParams(EngineParams):
    """An engine that takes none."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to compute. `name`: as settings name it; `type`: a trained model, plain signal processing, or neither;
    `version` counts our own changes to what it makes of the same input."""

    name: str
    type: Literal["model", "dsp", "none"] = "dsp"
    version: str = "1"
    packages: tuple[Package, ...] = ()
    models: tuple[ModelFile, ...] = ()

    @property
    def missing(self) -> str:
        """What is not here, as a sentence with how to get it; empty where all is."""
        missing = [part.missing for part in self.packages] + [model.missing for model in self.models]
        return next(filter(None, missing), "")

    @property
    def installed(self) -> str:
        """What is installed, as `package==version`; the backend's own name where it needs no package."""
        return " ".join(package.version for package in self.packages) or self.name

    @property
    def model_used(self) -> str:
        """Name and checksum of each model; empty without one. Raises BackendUnavailable."""
        return " ".join(model.used for model in self.models)

    def fingerprint(self) -> list[Any]:
        """All of it that decides what comes out. Raises BackendUnavailable for a model that is not the file it has to be."""
        return [self.name, self.version, self.installed, [model.digest() for model in self.models]]


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend that will compute, what was asked for, and why it is another."""

    backend: Backend
    requested: str
    degraded: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an engine works on: an asset's recording, or an artifact of it."""

    asset: MediaAsset
    artifact: DerivedMedia | None = None

    @property
    def checksum(self) -> str:
        """Of the bytes that go in; their key, until they were hashed."""
        if self.artifact is not None:
            return self.artifact.checksum or self.artifact.key
        return self.asset.checksum or self.asset.original_key

    @property
    def begins_ms(self) -> float:
        """Where its clock begins on the recording's."""
        return self.artifact.begins_ms if self.artifact is not None else 0.0

    @property
    def chosen_by_hand(self) -> dict[str, Any] | None:
        """What a person chose to hear of the recording; None for an artifact, and where Studio chose."""
        return chosen_by_hand(self.asset) if self.artifact is None else None


@dataclass(frozen=True, slots=True)
class Source:
    """What an engine works on: a local file, what was found in it (None for an engine that `takes` artifacts), the newest artifact of
    each kind that the engine needs, by the kind's name, and the backend that was chosen."""

    path: Path
    inspected: Inspection | None
    artifacts: Mapping[str, Path] = field(default_factory=dict)
    backend: str = ""
    duration_ms: float = 0.0

    @property
    def found(self) -> Inspection:
        """What was found in the file."""
        assert self.inspected is not None
        return self.inspected


@dataclass(frozen=True, slots=True)
class By:
    """In whose name work is asked for: the user as the client named them, and the account that was signed in. Both are kept beside
    what is made, and neither is a part of its key: another user's question has the same answer."""

    user_id: str
    created_by: str

    def as_json(self) -> dict[str, str]:
        """As jobs and artifacts keep it."""
        return {"user_id": self.user_id, "created_by": self.created_by}


def _no_bytes(found: Inspection) -> int:
    return 0


def _nothing(params: Any) -> tuple[Kind, ...]:
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Traits:
    """What an engine may leave out."""

    backend: Backend
    fallbacks: tuple[Backend, ...] = ()
    setting: str = ""
    params: type[EngineParams] = NoParams
    route: str = ""
    work: str = MediaJob.Kind.CPU
    hears: bool = False
    takes: tuple[Kind, ...] = ()
    needs: tuple[Kind, ...] = ()
    wants: Callable[[Any], tuple[Kind, ...]] = field(default=_nothing)
    reads: str = ""
    key_name: str = ""
    artifact_field: str = "artifact"
    answer_id: str = "artifact_id"
    answers: tuple[str, ...] = ()
    waited_for: bool = True
    priority: int = 0
    #: Bytes of scratch that it may need besides the file.
    scratch_bytes: Callable[[Inspection], int] = field(default=_no_bytes)
    #: What its asset says when it cannot be made, with `{reason}`; empty where the job alone says it.
    failed_warning: str = ""


@dataclass(frozen=True, slots=True)
class Engine(_Traits):
    """One engine: its name, the kind of artifact that it produces, and what a person reads while it works.

    `route`: where a request for it is posted, empty for one that is not asked for over HTTP. `work`: what it needs most (io,
    cpu, render). The rest is described above.
    """

    name: str
    produces: Kind
    label: str

    @property
    def job_type(self) -> str:
        """The stored type of its jobs."""
        return f"engine_{self.name}_v1"

    def choose(self) -> Choice:
        """The backend that the operator set or else the best, or the first fallback that is here. Raises BackendUnavailable."""
        wanted = self._wanted()
        if not wanted.missing:
            return Choice(wanted, wanted.name)
        for backend in self.fallbacks:
            if not backend.missing:
                return Choice(backend, wanted.name, wanted.missing)
        raise BackendUnavailable(wanted.missing)

    def _wanted(self) -> Backend:
        named = str(getattr(settings, self.setting, "") or "") if self.setting else ""
        known = {backend.name: backend for backend in (self.backend, *self.fallbacks)}
        if named and named not in known:
            raise BackendUnavailable(
                f"{self.setting} is {named!r}, and {self.label.lower()} cannot be done with it. Set it to {' or '.join(known)}."
            )
        return known[named] if named else self.backend

    def cache_key(self, subject: Subject, params: EngineParams) -> str:
        """A digest of what goes in: tenant, the file's bytes, the sound that a person chose, the parameters, the backend with its
        packages and models; of a part of a recording also where it begins. Raises BackendUnavailable."""
        asset, by_hand = subject.asset, subject.chosen_by_hand
        what = [
            *(asset.tenant_id, asset.env, subject.checksum),
            *(self.name, params.as_json(), self.choose().backend.fingerprint()),
            *([by_hand] if by_hand else []),
            *([{"begins_ms": subject.begins_ms}] if subject.begins_ms else []),
        ]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


class EngineModule(Protocol):
    """An engine's file, as the base sees it."""

    ENGINE: Engine

    def make(self, source: Source, params: Any, work: Workspace) -> Outputs:
        """The engine's work. Raises NotUsable types with a sentence when the recording is at fault."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One piece of an engine's work: on what, how, and the key of the answer."""

    subject: Subject
    params: EngineParams
    cache_key: str


def make_timed(module: EngineModule | ModuleType, source: Source, asked: Asked, work: Workspace) -> Outputs:
    """The engine's outputs, each with the meta that every engine artifact carries, its documents written."""
    engine: Engine = module.ENGINE
    choice = engine.choose()
    started = time.monotonic()
    made: Outputs = module.make(replace(source, backend=choice.backend.name), asked.params, work)
    meta = _meta(choice, asked, source.duration_ms, made.facts)
    if engine.key_name:
        meta[engine.key_name] = asked.cache_key
    written = (_written(document, asked.subject, meta, work) for document in made.documents)
    files = [_placed(file, asked.subject) for file in (*made.files, *written)]
    spent = {"compute_ms": round(1000 * (time.monotonic() - started))}
    return replace(made, files=tuple(replace(file, meta=meta | spent | file.meta) for file in files), documents=())


def _placed(file: DerivedFile, subject: Subject) -> DerivedFile:
    """The file with its place on the recording's clock, where it was made of a part of the recording."""
    part = subject.artifact
    if part is None or part.start_ms is None:
        return file
    ends = part.end_ms if file.end_ms is None else subject.begins_ms + file.end_ms
    return replace(file, start_ms=subject.begins_ms + (file.start_ms or 0.0), end_ms=ends)


def _meta(choice: Choice, asked: Asked, duration_ms: float, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What every engine artifact says of its making. An engine that learns more while it works says it in its facts."""
    degraded = facts.get("degraded", choice.degraded)
    return {
        "backend_type": choice.backend.type,
        "requested_backend": choice.requested,
        "backend": choice.backend.installed,
        "backend_version": choice.backend.version,
        "model_used": facts.get("model_used", choice.backend.model_used),
        "degraded": bool(degraded),
        **({"degraded_reason": degraded} if degraded else {}),
        "params": asked.params.as_json(),
        "cache_key": asked.cache_key,
        "duration_ms": round(duration_ms),
    }


def _written(document: Document, subject: Subject, meta: Mapping[str, Any], work: Workspace) -> DerivedFile:
    """The document as a file, with what it is about and what made it."""
    about = {
        "asset_id": str(subject.asset.pk),
        "artifact_id": str(subject.artifact.pk) if subject.artifact is not None else None,
        "duration_ms": meta["duration_ms"],
    }
    body = about | document.body | {"meta": {**meta, **document.meta}}
    return write_document(replace(document, body=body), work.folder)
