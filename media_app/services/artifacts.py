"""A job that makes files, once for all: is it still wanted, make, store, look again, register, complete; and replay."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.jobs import CannotSucceed, Run
from media_app.making.files import DerivedFile, Outputs, sha256
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import deletion, originals

#: Percent of a job when its files are fetched, understood, and made.
FETCHED, FOUND, MADE = 1, 3, 96

S = TypeVar("S")
O = TypeVar("O", bound=Outputs)  # noqa: E741 (the field's letter for it)
#: Key in the store → the file that goes there, in the order in which they are stored.
Placed = Mapping[str, DerivedFile]


@dataclass(frozen=True, slots=True)
class Made(Generic[S, O]):
    """What a job made and stored, about to be registered. `job` and `subject` are as they are now."""

    job: MediaJob
    subject: S
    outputs: O
    placed: Placed


def _checksums(outputs: Any, placed: Placed) -> dict[str, str]:
    return {key: file.sha256 for key, file in placed.items()}


def _nothing(job: MediaJob) -> None:
    """Nobody waits for a job that was superseded."""


@dataclass(frozen=True, slots=True)
class FileJob(Generic[S, O]):
    """What differs from one job that makes files to another.

    `subject`: what the job is about, as it is now; None when it was removed or replaced since. Asked twice: before the work,
    and in the transaction that completes it. `make`: the files, in the run's scratch. `place`: where they go in the store.
    `register`: their rows, in the completing transaction; answers what the job's result keeps beside the checksums.
    `superseded`: in that transaction when the subject is gone. `checksums`: what a replay compares.
    """

    subject: Callable[[MediaJob], S | None]
    make: Callable[[Run, MediaJob, S], O]
    place: Callable[[Run, MediaJob, S, O], Placed]
    register: Callable[[Made[S, O]], dict[str, Any]]
    superseded: Callable[[MediaJob], None] = field(default=_nothing)
    checksums: Callable[[O, Placed], dict[str, str]] = field(default=_checksums)

    def run(self, run: Run) -> None:
        """The job. Raises CannotSucceed with a sentence for the operator when what went in is at fault."""
        subject = self.subject(run.job)
        if subject is None:
            self._complete_as_superseded(run, {})
            return
        outputs = self.make(run, run.job, subject)
        run.check()
        run.progress(MADE, "storing")
        placed = self.place(run, run.job, subject, outputs)
        deletion.store_files(run, {key: (file.path, file.content_type) for key, file in placed.items()})
        with run.completing() as result:
            now = self.subject(run.job)
            if now is None:
                self._supersede(run.job, placed, result)
                return
            deletion.confirm(placed)
            result["checksums"] = self.checksums(outputs, placed)
            result |= self.register(Made(run.job, now, outputs, placed))

    def replay(self, run: Run, first: MediaJob) -> dict[str, str]:
        """What `first` made, made again in scratch and not kept: name → checksum."""
        subject = self.subject(first)
        if subject is None:
            raise CannotSucceed("What this job worked on has been replaced or removed: there is nothing to do over.")
        outputs = self.make(run, first, subject)
        return self.checksums(outputs, self.place(run, first, subject, outputs))

    def handlers(
        self,
        on_failed: Callable[[MediaJob], None] | None = None,
        on_retry: Callable[[MediaJob], None] | None = None,
    ) -> jobs.Handlers:
        """This job's handlers, with what its owner does when it ends badly or is tried again."""
        return jobs.Handlers(self.run, on_failed, on_retry, self.replay)

    def _complete_as_superseded(self, run: Run, placed: Placed) -> None:
        with run.completing() as result:
            self._supersede(run.job, placed, result)

    def _supersede(self, job: MediaJob, placed: Placed, result: dict[str, Any]) -> None:
        deletion.schedule_deletion(placed)
        result["superseded"] = True
        self.superseded(job)


def asset_of(job: MediaJob) -> MediaAsset | None:
    """The job's asset, as long as it holds the file that it held when the job was made."""
    wanted = job.input_json
    assets = MediaAsset.objects.in_tenant(job.context).select_related("session")
    asset = assets.filter(pk=str(wanted.get("asset_id") or job.asset_id or "")).first()
    return asset if asset is not None and asset.original_key == wanted.get("original_key") else None


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


def place_by_location(location: keys.Location, outputs: Outputs) -> Placed:
    """Keys that follow from the asset's place and its version."""
    return {keys.derived_key(location, file.kind.name, file.variant): file for file in outputs.files}


def register_files(asset: MediaAsset, placed: Placed, job: MediaJob) -> list[DerivedMedia]:
    """Rows for what was stored, in the caller's transaction, in the same order; a row of the same input is overwritten."""
    return [
        DerivedMedia.objects.update_or_create(
            asset=asset,
            kind=file.kind.name,
            variant=file.variant,
            input_ref=asset.original_key,
            defaults={
                **asset.context.stamp(),
                "key": key,
                "content_type": file.content_type,
                "size_bytes": file.size,
                "checksum": file.sha256,
                "meta": file.meta,
                "cache_key": file.meta.get("cache_key", ""),
                "created_by_job": job,
                "expired_at": None,
            },
        )[0]
        for key, file in placed.items()
    ]
