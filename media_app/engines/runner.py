"""Asking an engine for an artifact, and the job that makes it: one way for all engines."""

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from media_app import engines, jobs
from media_app.core.files import keys
from media_app.engines.base import Asked, By, Engine, EngineModule, EngineParams, Subject, make_timed
from media_app.engines.opening import Opening
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.files import DerivedFile, Outputs
from media_app.making.workspace import workspace_of
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from media_app.models.artifacts import DerivedMediaQuerySet
from media_app.services import artifacts, documents, quota
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import (
    FOUND,
    asset_of,
    asset_to_retry,
    job_input,
    operator_sentence,
    version_of,
)
from media_app.services.documents import SOURCE
from media_app.services.sound import is_timecode_only
from media_app.services.withheld import refuse_file, refuse_withheld, stand_in
from sessions_app.errors import StudioError, WrongStatus


class NoSound(StudioError):
    """There is nothing to hear in the recording."""

    code = "no_sound"
    status = 422


def register_all() -> None:
    """Make every engine's job type known to enqueue, workers and pages."""
    for module in engines.modules().values():
        register(module)


def register(module: EngineModule) -> jobs.JobType:
    """Make one engine's job type known."""
    engine = module.ENGINE
    work: FileJob[Subject, Outputs] = FileJob(
        _subject, partial(_make, module), partial(_place, engine), partial(_register, engine)
    )
    handlers = work.handlers(partial(_on_failed, engine), asset_to_retry)
    return jobs.register(jobs.JobType(engine.job_type, engine.label, handlers, engine.work, engine.waited_for))


def request(engine: Engine, subject: Subject, params: EngineParams, by: By | None = None) -> DerivedMedia | MediaJob:
    """The artifact, where the same was made before; else the job that makes it, one for all who ask meanwhile, in the name of the first.

    Raises as `refuse`, and TooMuchWaiting.
    """
    refuse(engine, subject, params)
    subject = _shown(engine, subject)
    asset, key = subject.asset, engine.cache_key(subject, params)
    if (kept := cached(engine, asset, key).first()) is not None:
        return kept
    quota.refuse_job(asset.context)
    artifact = subject.artifact
    return jobs.enqueue(
        engine.job_type,
        asset,
        input_json={
            **job_input(asset, asset.version),
            "params": params.as_json(),
            "cache_key": key,
            "backend": engine.choose().backend.fingerprint(),
            "heard": subject.chosen_by_hand,
            **({"artifact_id": str(artifact.pk), "artifact_key": artifact.key} if artifact else {}),
            **(by.as_json() if by else {}),
        },
        priority=engine.priority,
        dedupe_key=f"{engine.name}:{asset.pk}:{key[:32]}",
    )


def refuse(engine: Engine, subject: Subject, params: EngineParams) -> None:
    """Raise BackendUnavailable, WrongStatus for a recording that is not ready or an artifact that is gone, NoSound, InvalidInput."""
    engine.choose()
    asset, artifact = subject.asset, subject.artifact
    if _makes_pictures(engine):
        refuse_withheld(asset)
    if asset.status != MediaAsset.Status.READY:
        raise WrongStatus(f"The recording is {asset.status}, not ready. Ask again when it is.", field="asset_id")
    if artifact is not None and artifact.expired_at is not None:
        raise WrongStatus(
            "The file of this artifact has expired. Make it again, and name the new one.", field="artifact_id"
        )
    if engine.hears and artifact is None and (not asset.has_audio or is_timecode_only(asset)):
        raise NoSound("There is no sound in this recording.", field="asset_id")
    params.refuse(asset.duration_ms)


def _makes_pictures(engine: Engine) -> bool:
    return engine.produces.content_type.startswith(("image/", "video/"))


def _shown(engine: Engine, subject: Subject) -> Subject:
    """What pictures are made of: where faces are hidden, the copy in place of the original. Raises Withheld."""
    if not _makes_pictures(engine):
        return subject
    if subject.artifact is None:
        return Subject(subject.asset, stand_in(subject.asset))
    refuse_file(subject.artifact)
    return subject


def newest(engine: Engine, asset: MediaAsset) -> Subject:
    """The asset's newest artifact that an engine `takes`. Raises WrongStatus where there is none."""
    for kind in engine.takes:
        if (row := documents.newest(asset, kind)) is not None:
            return Subject(asset, row)
    wanted = " or ".join(kind.label.lower() for kind in engine.takes)
    raise WrongStatus(f"There is no {wanted} of this recording yet. Ask for it first.", field="asset_id")


def cached(engine: Engine, asset: MediaAsset, key: str) -> DerivedMediaQuerySet:
    """The artifacts that were made of the same, as long as their files are kept."""
    found: DerivedMediaQuerySet = asset.derivatives.filter(kind=engine.produces.name, expired_at=None, cache_key=key)
    return found.order_by("variant")


def _subject(job: MediaJob) -> Subject | None:
    """What the job is about, as long as the asset holds the file, and is heard as it was, when the job was made."""
    asset, asked = asset_of(job), job.input_json
    if asset is None:
        return None
    artifact = None
    if "artifact_id" in asked:
        artifact = asset.derivatives.filter(pk=asked["artifact_id"], key=asked["artifact_key"]).first()
        if artifact is None:
            return None
    subject = Subject(asset, artifact)
    return subject if "heard" not in asked or asked["heard"] == subject.chosen_by_hand else None


def _make(module: EngineModule, run: Run, job: MediaJob, subject: Subject) -> Outputs:
    """Open what the engine works on, find or make what it needs, make."""
    engine, asked = module.ENGINE, job.input_json
    _refuse_other_backend(engine, asked.get("backend"))
    with ExitStack() as held, file_at_fault():
        opening = Opening(run, subject, held)
        params = engine.params(**asked.get("params", {}))
        source = opening.source(engine, params)
        work = workspace_of(run).subfolder("made").share(FOUND, MADE)
        made = make_timed(module, source, Asked(subject, params, asked.get("cache_key", "")), work)
    facts = made.facts | {"used_ids": [str(row.pk) for row in opening.used], "needed": len(opening.made)}
    by = {name: asked[name] for name in ("user_id", "created_by") if name in asked}
    files = (replace(file, meta=file.meta | by) for file in (*opening.made, *made.files))
    return replace(made, files=tuple(_named(file) for file in files), facts=facts)


def _refuse_other_backend(engine: Engine, asked: Any) -> None:
    if asked is not None and asked != engine.choose().backend.fingerprint():
        raise CannotSucceed(
            f"{engine.label} was requested with a different version of its package or model than this worker has. Request it again."
        )


def _named(file: DerivedFile) -> DerivedFile:
    """An artifact of its own for each question: what was made otherwise stays beside it."""
    if file.kind.folder:
        return file
    parts = (str(file.meta["cache_key"])[:16], file.variant)
    return replace(file, variant="-".join(part for part in parts if part))


def _place(engine: Engine, run: Run, job: MediaJob, subject: Subject, outputs: Outputs) -> artifacts.Placed:
    version = version_of(run, job, subject.asset)
    return {_key(subject.asset, file, version): file for file in outputs.files}


def _key(asset: MediaAsset, file: DerivedFile, version: int) -> str:
    kind = file.kind
    if kind.folder:
        return keys.derived_key(asset.location(version), kind.name, file.variant)
    suffix = kind.extension or file.path.suffix
    return keys.artifact_key(
        asset.tenant_id, asset.env, str(asset.pk), kind.group, f"{kind.name}-{file.variant}", suffix
    )


def _register(engine: Engine, made: Completion[Subject, Outputs]) -> dict[str, Any]:
    """Rows for what was made, and in them what it was made from."""
    asset, facts = made.subject.asset, made.outputs.facts
    rows = artifacts.register_files(asset, made.placed, made.job)
    needed, own = rows[: facts["needed"]], rows[facts["needed"] :]
    used = [*asset.derivatives.filter(pk__in=facts["used_ids"]), *needed]
    for row in own:
        if made.subject.artifact is not None:
            ArtifactSource.objects.record(row, [made.subject.artifact], SOURCE)
        for source in used:
            ArtifactSource.objects.record(row, [source], source.kind)
    return {"derivatives": sorted(made.placed), "artifact_ids": [str(row.pk) for row in own]}


def _on_failed(engine: Engine, job: MediaJob) -> None:
    """The asset says what it lacks, where that matters to whoever reads it. Files that were stored for it are
    pending deletion since before they were stored."""
    asset = asset_of(job)
    if asset is None or not engine.failed_warning:
        return
    asset.warnings = [*asset.warnings, engine.failed_warning.format(reason=operator_sentence(job))]
    asset.save(update_fields=["warnings", "updated_at"])
