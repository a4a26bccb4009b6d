"""A take that was sent packed becomes its camera's recording: its tracks are joined to one file, which takes the place of what was sent."""

from pathlib import PurePath

from media_app import jobs, storage
from media_app.core.cards.tracks import JoinedTake
from media_app.core.files import keys
from media_app.jobs import Run
from media_app.making import joined
from media_app.making.explain import file_at_fault
from media_app.models import MediaAsset, MediaJob
from media_app.services import deletion, quota
from media_app.services.artifacts import MADE, OverQuota
from media_app.services.asset_jobs import (
    FETCHED,
    asset_of,
    asset_to_retry,
    operator_sentence,
    original_of,
    version_of,
)
from media_app.services.ingest_queue import advance_if_ingested, begin_ingest, enqueue_ingest
from sessions_app.services import lock_session

WAV = "audio/wav"


def join(run: Run) -> None:
    """The job. Raises CannotSucceed with a sentence where the files are not the tracks of one take, OverQuota."""
    asset = asset_of(run.job)
    if asset is None:
        with run.completing() as result:
            result["superseded"] = True
        return
    copied = storage.store().copied_bytes(asset.size_bytes)
    run.progress(0, "fetching the original")
    run.reserve(copied)
    with file_at_fault(), original_of(asset, run.scratch) as path:
        files = joined.tracks_in(path, asset.original_filename)
        with joined.opened_take(files) as take:
            run.reserve(copied + take.size_bytes)
            _refuse_excess(asset, take.size_bytes)
            out = run.scratch / "joined.wav"
            made = joined.join(take, out, lambda percent, step: _report(run, percent, step))
    run.check()
    version = version_of(run, run.job, asset)
    key = keys.original_key(asset.location(version), out.name)
    run.progress(MADE, "storing")
    deletion.reserve([key])
    run.fence()
    stored = storage.store().put_file(key, out, content_type=WAV, move=True)
    _register(run, stored, made, version)


def _report(run: Run, percent: float, step: str) -> None:
    run.check()
    run.progress(FETCHED + (MADE - FETCHED) * percent / 100, step)


def _refuse_excess(asset: MediaAsset, size: int) -> None:
    """Raise OverQuota where the joined file is more than the tenant may store; what was sent goes for it."""
    try:
        quota.refuse_made(asset.context, size - asset.size_bytes)
    except quota.QuotaExceeded as error:
        raise OverQuota(str(error)) from error


def _register(run: Run, stored: storage.StoredObject, made: JoinedTake, version: int) -> None:
    """The asset is the joined file from now on; what was sent goes, and the ingest of the file is queued."""
    with run.completing() as result:
        asset = asset_of(run.job)
        if asset is None:
            deletion.schedule_deletion([stored.key])
            result["superseded"] = True
            return
        lock_session(asset.session_id)
        deletion.confirm([stored.key])
        deletion.schedule_deletion([asset.original_key])
        asset.joined = made.as_json() | {"filename": asset.original_filename, "size_bytes": asset.size_bytes}
        asset.original_filename = str(PurePath(asset.original_filename).with_suffix(".wav"))
        asset.version, asset.content_type = version, WAV
        asset.original_key, asset.original_etag, asset.size_bytes = stored.key, stored.etag, stored.size
        asset.save()
        result |= {"asset_id": str(asset.pk), "size_bytes": stored.size, "ingest_job_id": str(enqueue_ingest(asset).pk)}


def _on_failed(job: MediaJob) -> None:
    """What was sent stays; the asset says why nothing came of it."""
    asset = asset_of(job)
    if asset is None:
        return
    session = lock_session(asset.session_id)
    asset.status, asset.status_message = MediaAsset.Status.FAILED, operator_sentence(job)
    asset.save(update_fields=["status", "status_message", "updated_at"])
    advance_if_ingested(session)


def _on_retry(job: MediaJob) -> None:
    asset = asset_to_retry(job)
    begin_ingest(asset, lock_session(asset.session_id))


HANDLERS = jobs.Handlers(join, _on_failed, _on_retry)
