"""Fetching an asset's file: from an address that somebody gave, through the one guarded door, or from Studio's own store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from media_app import jobs, outbound, storage
from media_app.core.files import accept, keys, uris
from media_app.jobs import CannotSucceed, Run
from media_app.models import MediaAsset, MediaJob
from media_app.services import deletion, quota, registry
from media_app.services.asset_jobs import own_version
from sessions_app.errors import InvalidInput, StudioError, WrongStatus

#: Percent of the job when the file is here.
FETCHED = 95
#: Where nobody says how large a file is, space is kept for so much more at a time.
STEP_BYTES = 64 << 20
#: Refusals that another try would meet again.
FINAL = (outbound.AddressRefused, outbound.NotServed, quota.QuotaExceeded, InvalidInput, storage.ObjectMissing)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is here: `given_away` where the store may have it for good."""

    path: Path
    filename: str
    content_type: str
    given_away: bool


def fetch(run: Run) -> None:
    """The job. Raises CannotSucceed for what another try would not change, Unreachable for what it may."""
    asset = waiting_asset(run.job)
    if asset is None:
        return
    try:
        with _fetched(run, asset) as file:
            version = own_version(run, asset)
            _register(run, file, _store(run, asset, file, version), version)
    except FINAL as error:
        raise _final(error) from error


def waiting_asset(job: MediaJob) -> MediaAsset | None:
    """The job's asset, as long as it has no file."""
    wanted = MediaAsset.objects.in_tenant(job.context).filter(pk=str(job.input_json.get("asset_id", "")))
    return wanted.select_related("session").filter(original_key="").first()


def _final(error: StudioError) -> CannotSucceed:
    final = CannotSucceed(error.message, field=error.field, details=error.details)
    final.code = error.code
    return final


@contextmanager
def _fetched(run: Run, asset: MediaAsset) -> Iterator[Fetched]:
    if uris.is_remote(asset.source_uri):
        with run.shared_folder() as folder:
            yield _download(run, asset, folder)
        return
    key = registry.stored_in_tenant(asset.context, asset.source_uri, field="source_uri").key
    run.progress(0, "copying the file")
    run.reserve(storage.store().copied_bytes(asset.size_bytes))
    with storage.store().local_copy(key, run.scratch) as path:
        yield Fetched(path, asset.original_filename, storage.content_type_of(key), given_away=False)


def _download(run: Run, asset: MediaAsset, folder: Path) -> Fetched:
    path, allowance = folder / "fetched", _Allowance(run, asset, folder)
    file = outbound.download(asset.source_uri, path, on_answer=allowance.announced, on_bytes=allowance.arrived)
    registry.refuse_file(file.filename, file.content_type, file.size or 0, field="source_uri")
    return Fetched(path, file.filename, file.content_type or accept.VAGUE, given_away=True)


class _Allowance:
    """What a download may take of the disk and of the tenant's share, asked before it is taken."""

    def __init__(self, run: Run, asset: MediaAsset, folder: Path) -> None:
        self._run, self._asset, self._folder = run, asset, folder
        self._allowed = 0

    def announced(self, file: outbound.Download) -> None:
        """Refuse a file by its name, type and size before its first byte."""
        registry.refuse_file(file.filename, file.content_type, file.size or 0, field="source_uri")
        self._allow(file.size or STEP_BYTES)

    def arrived(self, count: int, total: int | None) -> None:
        """So many bytes are here."""
        self._run.check()
        if count > self._allowed:
            self._allow(count + STEP_BYTES)
        percent = FETCHED * count / total if total else 0.0
        self._run.progress(percent, "fetching the file")

    def _allow(self, count: int) -> None:
        if count > settings.MAX_UPLOAD_BYTES + STEP_BYTES:
            raise outbound.NotServed(
                f"The file has more than the {settings.MAX_UPLOAD_BYTES:,} bytes that are accepted."
            )
        quota.refuse_bytes(self._asset.context, count)
        self._run.reserve(count, self._folder)
        self._allowed = count


def _store(run: Run, asset: MediaAsset, file: Fetched, version: int) -> storage.StoredObject:
    key = keys.original_key(asset.location(version), file.filename)
    run.progress(FETCHED, "storing")
    deletion.reserve([key])
    run.fence()
    return storage.store().put_file(key, file.path, content_type=file.content_type, move=file.given_away)


def _register(run: Run, file: Fetched, stored: storage.StoredObject, version: int) -> None:
    with run.completing() as result:
        MediaAsset.objects.select_for_update().filter(pk=str(run.job.input_json["asset_id"])).first()
        asset = waiting_asset(run.job)
        if asset is None:
            deletion.schedule_deletion([stored.key])
            result["superseded"] = True
            return
        asset.version = version
        asset.original_filename, asset.content_type = file.filename, file.content_type
        ingest = registry.take_original(asset, stored)
        quota.refuse_bytes(asset.context, 0)
        result |= {"asset_id": str(asset.pk), "size_bytes": stored.size, "ingest_job_id": str(ingest.pk)}


def _on_failed(job: MediaJob) -> None:
    asset = waiting_asset(job)
    if asset is None:
        return
    asset.status, asset.status_message = MediaAsset.Status.FAILED, _sentence(job)[:500]
    asset.save(update_fields=["status", "status_message", "updated_at"])


def _sentence(job: MediaJob) -> str:
    if job.status == MediaJob.Status.FAILED:
        return job.error_message
    if job.status == MediaJob.Status.CANCELLED:
        return "Fetching it was canceled. Retry its job, or register the file again."
    return f"Studio tried {job.attempts} times and could not fetch this file: {job.error_message}"


def _on_retry(job: MediaJob) -> None:
    asset = waiting_asset(job)
    if asset is None:
        raise WrongStatus("The asset of this job was removed, or has its file already: there is nothing to fetch.")
    asset.status, asset.status_message = MediaAsset.Status.UPLOADING, ""
    asset.save(update_fields=["status", "status_message", "updated_at"])


HANDLERS = jobs.Handlers(fetch, _on_failed, _on_retry)
