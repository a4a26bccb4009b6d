"""Asking an engine for an artifact, and the job that makes it: one way for all engines."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from media_app import engines, jobs, storage
from media_app.core.files import keys
from media_app.core.kinds import Kind
from media_app.engines.base import Engine, EngineModule, EngineParams, Source, make_timed
from media_app.jobs import Run
from media_app.making.files import DerivedFile, Outputs
from media_app.making.inspect import Inspection
from media_app.making.workspace import workspace_of
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import artifacts, quota
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import (
    FOUND,
    asset_of,
    asset_to_retry,
    job_input,
    opened,
    operator_sentence,
    version_of,
)
from media_app.services.sound import chosen_by_hand, heard_of
from sessions_app.errors import WrongStatus


def register_all() -> None:
    """Make every engine's job type known to enqueue, workers and pages."""
    for module in engines.modules().values():
        register(module)


def register(module: EngineModule) -> jobs.JobType:
    """Make one engine's job type known."""
    engine = module.ENGINE
    work: FileJob[MediaAsset, Outputs] = FileJob(_subject, partial(_make, module), partial(_place, engine), _register)
    handlers = work.handlers(partial(_on_failed, engine), _on_retry)
    return jobs.register(jobs.JobType(engine.job_type, engine.label, handlers, engine.work, engine.waited_for))


def request(engine: Engine, asset: MediaAsset, params: EngineParams) -> DerivedMedia | MediaJob:
    """The artifact, where the same was made before; else the job that makes it, one for all who ask meanwhile.

    Raises BackendUnavailable, WrongStatus for a recording that is not ready, TooMuchWaiting.
    """
    engine.backend.refuse()
    if asset.status != MediaAsset.Status.READY:
        raise WrongStatus(f"The recording is {asset.status}, not ready. Ask again when it is.", field="asset_id")
    key = engine.cache_key(asset, params)
    if (kept := cached(engine, asset, key)) is not None:
        return kept
    quota.refuse_job(asset.context)
    return jobs.enqueue(
        engine.job_type,
        asset,
        input_json={
            **job_input(asset, asset.version),
            "params": params.as_json(),
            "cache_key": key,
            "heard": chosen_by_hand(asset),
        },
        priority=engine.priority,
        dedupe_key=f"{engine.name}:{asset.pk}:{key[:32]}",
    )


def cached(engine: Engine, asset: MediaAsset, key: str) -> DerivedMedia | None:
    """The artifact that was made of the same, as long as its file is kept."""
    return asset.derivatives.filter(kind=engine.produces.name, expired_at=None, cache_key=key).first()


def _subject(job: MediaJob) -> MediaAsset | None:
    """The job's asset, as long as it holds the file, and is heard as it was, when the job was made."""
    asset = asset_of(job)
    heard_alike = asset is None or "heard" not in job.input_json or job.input_json["heard"] == chosen_by_hand(asset)
    return asset if heard_alike else None


def _make(module: EngineModule, run: Run, job: MediaJob, asset: MediaAsset) -> Outputs:
    """Open the original, find or make what the engine needs, make."""
    engine = module.ENGINE
    with ExitStack() as held, opened(run, asset, engine.scratch_bytes, heard=heard_of(asset)) as original:
        needs = _Needs(run, asset, original.path, original.found, held)
        source = Source(original.path, original.found, needs.find(engine.needs))
        work = workspace_of(run).subfolder("made").share(FOUND, MADE)
        made = _keyed(job, make_timed(module, source, _params(engine, job), work))
    return replace(made, files=(*needs.made, *made.files))


def _params(engine: Engine, job: MediaJob) -> EngineParams:
    return engine.params(**job.input_json.get("params", {}))


def _keyed(job: MediaJob, made: Outputs) -> Outputs:
    meta = {"cache_key": job.input_json.get("cache_key", "")}
    return replace(made, files=tuple(replace(file, meta=file.meta | meta) for file in made.files))


class _Needs:
    """The artifacts that an engine needs: the newest of each kind, or made now by the engine that produces it."""

    def __init__(self, run: Run, asset: MediaAsset, path: Path, found: Inspection, held: ExitStack) -> None:
        self.run, self.asset, self.path, self.found, self.held = run, asset, path, found, held
        #: What had to be made, to be stored and registered with the rest.
        self.made: list[DerivedFile] = []

    def find(self, kinds: Iterable[Kind]) -> dict[str, Path]:
        """Kind's name → local file."""
        return {kind.name: self._kept(kind) or self._make(kind) for kind in kinds}

    def _kept(self, kind: Kind) -> Path | None:
        row = self.asset.derivatives.filter(kind=kind.name, expired_at=None).order_by("-created_at").first()
        if row is None or storage.store().head(row.key) is None:
            return None
        folder = workspace_of(self.run).subfolder(f"kept-{kind.name}").folder
        return self.held.enter_context(storage.store().local_copy(row.key, folder))

    def _make(self, kind: Kind) -> Path:
        producer = next(module for module in engines.modules().values() if module.ENGINE.produces == kind)
        engine = producer.ENGINE
        params, work = engine.params(), workspace_of(self.run).subfolder(f"made-{kind.name}")
        made = make_timed(producer, Source(self.path, self.found, self.find(engine.needs)), params, work)
        meta = {"cache_key": engine.cache_key(self.asset, params)}
        self.made += [replace(file, meta=file.meta | meta) for file in made.files]
        return made.files[0].path


def _place(engine: Engine, run: Run, job: MediaJob, asset: MediaAsset, outputs: Outputs) -> artifacts.Placed:
    version = version_of(run, job, asset)
    return {_key(asset, file, version): file for file in outputs.files}


def _key(asset: MediaAsset, file: DerivedFile, version: int) -> str:
    kind = file.kind
    if kind.folder:
        return keys.derived_key(asset.location(version), kind.name, file.variant)
    name = "-".join(part for part in (kind.name, str(file.meta["cache_key"])[:16], file.variant) if part)
    suffix = kind.extension or file.path.suffix
    return keys.artifact_key(asset.tenant_id, asset.env, str(asset.pk), kind.group, name, suffix)


def _register(made: Completion[MediaAsset, Outputs]) -> dict[str, Any]:
    rows = artifacts.register_files(made.subject, made.placed, made.job)
    return {"derivatives": sorted(made.placed), "artifact_ids": [str(row.pk) for row in rows]}


def _on_failed(engine: Engine, job: MediaJob) -> None:
    """The asset says what it lacks, where that matters to whoever reads it. Files that were stored for it are
    pending deletion since before they were stored."""
    asset = asset_of(job)
    if asset is None or not engine.failed_warning:
        return
    asset.warnings = [*asset.warnings, engine.failed_warning.format(reason=operator_sentence(job))]
    asset.save(update_fields=["warnings", "updated_at"])


def _on_retry(job: MediaJob) -> None:
    """Refuse another try for a recording that is not there any more."""
    asset_to_retry(job)
