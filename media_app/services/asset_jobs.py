"""What all jobs over one asset's original have in common: their input, the file opened and understood, their keys' version."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import transaction

from media_app import storage
from media_app.core.sound.heard import Heard
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.files import sha256
from media_app.making.inspect import Inspection, inspect
from media_app.making.workspace import workspace_of
from media_app.models import MediaAsset, MediaJob
from media_app.scratch import NeverFitsScratch
from media_app.services import originals
from media_app.services.assets import next_version
from sessions_app.errors import WrongStatus
from sessions_app.services import lock_session

#: Percent of a job when its file is fetched, and understood.
FETCHED, FOUND = 1, 3


def job_input(asset: MediaAsset, derived_version: int) -> dict[str, Any]:
    """What a job over this original is queued with: `asset_of` and `version_of` read it."""
    return {
        "asset_id": str(asset.pk),
        "camera": asset.camera_key,
        "original_key": asset.original_key,
        "derived_version": derived_version,
    }


def asset_of(job: MediaJob) -> MediaAsset | None:
    """The job's asset, as long as it holds the file that it held when the job was made."""
    wanted = job.input_json
    named = wanted.get("asset_id") or job.asset_id
    if not named:
        return None
    assets = MediaAsset.objects.in_tenant(job.context).select_related("session")
    asset = assets.filter(pk=named).first()
    return asset if asset is not None and asset.original_key == wanted.get("original_key") else None


def asset_to_retry(job: MediaJob) -> MediaAsset:
    """As `asset_of`, for a job that a person gives another try. Raises WrongStatus when there is none."""
    asset = asset_of(job)
    if asset is None:
        raise WrongStatus("The file that this job was for has been replaced or removed, so there is nothing to redo.")
    return asset


def version_of(run: Run, job: MediaJob, asset: MediaAsset) -> int:
    """The version of the keys of `job`, which `run` does, or only replays."""
    return own_version(run, asset) if run.job == job else int(job.input_json["derived_version"])


def own_version(run: Run, asset: MediaAsset) -> int:
    """The version of the keys to write. After a lost worker it is a new one: should that worker wake in the midst of
    storing, its objects are not ours, and are pending deletion already."""
    if not run.lost_before:
        return int(run.job.input_json["derived_version"])
    with transaction.atomic():
        lock_session(asset.session_id)
        version = next_version(asset)
        run.amend(derived_version=version)
    return version


@dataclass(frozen=True, slots=True)
class Opened:
    """An original as a local file, what was found in it, and its SHA-256, which is computed meanwhile; None where that is left to
    a later job."""

    path: Path
    found: Inspection
    checksum: Future[str] | None


@contextmanager
def opened(
    run: Run,
    asset: MediaAsset,
    scratch_bytes: Callable[[Inspection], int],
    *,
    heard: Heard | None,
    hashes: Callable[[Inspection], bool] = lambda found: True,
    part: Path | None = None,
) -> Iterator[Opened]:
    """Fetch, look, reserve; `scratch_bytes` are what is needed next to the original. Where the checksum is known already, the
    file is held against it, whatever `hashes` answers. `part`: a local file that has what is needed already.

    Raises CannotSucceed when the file is at fault or not the one that was taken, Cancelled, NoScratchNow.
    """
    copied = part.stat().st_blocks * 512 if part else storage.store().copied_bytes(asset.size_bytes)
    run.progress(0, "fetching the original")
    run.reserve(copied)
    source = nullcontext(part) if part else original_of(asset, run.scratch)
    with file_at_fault(), source as path, ThreadPoolExecutor(1) as executor:
        run.progress(FETCHED, "reading the file")
        found = inspect(path, workspace_of(run), heard=heard)
        # Which pictures stand alone is seen in the pictures.
        found = replace(found, keyframes=()) if part else found
        _reserve(run, copied + scratch_bytes(found))
        wanted = bool(asset.checksum) or hashes(found)
        checksum = executor.submit(checksum_of, path, asset) if wanted else None
        yield Opened(path, found, checksum)
        run.check()
        if checksum:
            checksum.result()


def _reserve(run: Run, need: int) -> None:
    """Keep the scratch that a file needs. Raises CannotSucceed when the whole disk is too small for what is made of it."""
    try:
        run.reserve(need)
    except NeverFitsScratch as error:
        raise CannotSucceed(str(error)) from error


@contextmanager
def original_of(asset: MediaAsset, scratch: Path) -> Iterator[Path]:
    """The original as a local file, as long as it is the one that was taken. Raises OriginalChanged, CannotSucceed."""
    try:
        with originals.local_copy(asset, scratch) as path:
            yield path
    except storage.ObjectMissing as error:
        name = asset.original_filename
        raise CannotSucceed(f"The file of {name} is no longer in the store. Upload it again.") from error


def checksum_of(path: Path, asset: MediaAsset) -> str:
    """SHA-256 of the original. Raises OriginalChanged when an earlier job found another."""
    found = sha256(path)
    if asset.checksum and found != asset.checksum:
        raise originals.OriginalChanged(
            "The file in the store is not the one that was ingested before. Upload it again."
        )
    return found


def operator_sentence(job: MediaJob) -> str:
    """Why a job was given up, as its asset says it."""
    if job.status == MediaJob.Status.FAILED:
        return job.error_message[:500]
    if job.status == MediaJob.Status.CANCELLED:
        return "Its processing was canceled. Start it again from the session page."
    return f"Studio tried {job.attempts} times and could not process this file: {job.error_message}"[:500]
