"""A job that makes files, once for all: is it still wanted, make, store, look again, register, complete; and replay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.conf import settings

from media_app import jobs
from media_app.core import kinds
from media_app.core.files import keys
from media_app.jobs import CannotSucceed, Run
from media_app.making.files import DerivedFile, Outputs
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.process import Cancelled
from media_app.services import deletion, quota

#: Percent of a job when its files are made.
MADE = 96

S = TypeVar("S")
O = TypeVar("O", bound=Outputs)  # noqa: E741 (the field's letter for it)
#: Key in the store → the file that goes there, in the order in which they are stored.
Placed = Mapping[str, DerivedFile]


class OverQuota(CannotSucceed):
    """What was made is more than the tenant may store. Trying again by itself would make it again and fail again."""

    code = quota.QuotaExceeded.code
    status = quota.QuotaExceeded.status


@dataclass(frozen=True, slots=True)
class Completion(Generic[S, O]):
    """What a job made and stored, about to be registered. `job` and `subject` are as they are now."""

    job: MediaJob
    subject: S
    outputs: O
    placed: Placed


def _checksums(outputs: Any, placed: Placed) -> dict[str, str]:
    return {key: file.sha256 for key, file in placed.items()}


def _nothing(job: MediaJob) -> None:
    """Nobody waits for a job that was superseded."""


def _no_bytes(job: MediaJob, subject: Any, outputs: Any) -> int:
    """Nothing goes when these files come."""
    return 0


@dataclass(frozen=True, slots=True)
class FileJob(Generic[S, O]):
    """What differs from one job that makes files to another.

    `subject`: what the job is about, as it is now; None when it was removed or replaced since. Asked twice: before the work,
    and in the transaction that completes it. `make`: the files, in the run's scratch. `place`: where they go in the store.
    `register`: their rows, in the completing transaction; answers what the job's result keeps next to the checksums.
    `superseded`: in that transaction when the subject is gone. `checksums`: what a replay compares. `replaces`: bytes of the
    files that go when these come. `counted`: whether they count towards the tenant's quota, as all do whose rows have a size.
    """

    subject: Callable[[MediaJob], S | None]
    make: Callable[[Run, MediaJob, S], O]
    place: Callable[[Run, MediaJob, S, O], Placed]
    register: Callable[[Completion[S, O]], dict[str, Any]]
    superseded: Callable[[MediaJob], None] = field(default=_nothing)
    checksums: Callable[[O, Placed], dict[str, str]] = field(default=_checksums)
    replaces: Callable[[MediaJob, S, O], int] = field(default=_no_bytes)
    counted: bool = True

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
        self._refuse_excess(run.job, subject, outputs, placed)
        try:
            self._store_and_register(run, outputs, placed)
        except (Cancelled, OverQuota):
            # Asked for, or filled by others, while they were being stored: they go now, and not in a day.
            deletion.schedule_deletion(placed)
            raise

    def _store_and_register(self, run: Run, outputs: O, placed: Placed) -> None:
        deletion.store_files(run, {key: (file.path, file.content_type) for key, file in placed.items()})
        with run.completing() as result:
            now = self.subject(run.job)
            if now is None:
                self._supersede(run.job, placed, result)
                return
            self._refuse_excess(run.job, now, outputs, placed)
            deletion.confirm(placed)
            result["checksums"] = self.checksums(outputs, placed)
            result |= self.register(Completion(run.job, now, outputs, placed))

    def _refuse_excess(self, job: MediaJob, subject: S, outputs: O, placed: Placed) -> None:
        """Raise OverQuota when the tenant would store more than it may. Before the files are stored, and when they are
        registered, for other jobs of the tenant store at the same time."""
        if self.counted and settings.TENANT_MAX_BYTES:
            made = sum(file.size for file in placed.values())
            try:
                quota.refuse_made(job.context, made - self.replaces(job, subject, outputs))
            except quota.QuotaExceeded as error:
                raise OverQuota(str(error)) from error

    def replay(self, run: Run, first: MediaJob) -> dict[str, str]:
        """What `first` made, made again in scratch and not kept: name → checksum."""
        subject = self.subject(first)
        if subject is None:
            raise CannotSucceed("What this job worked on has been replaced or removed, so there is nothing to redo.")
        outputs = self.make(run, first, subject)
        return self.checksums(outputs, self.place(run, first, subject, outputs))

    def handlers(
        self,
        on_failed: Callable[[MediaJob], None] | None = None,
        on_retry: Callable[[MediaJob], object] | None = None,
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


def place_by_location(location: keys.Location, outputs: Outputs) -> Placed:
    """Keys that follow from the asset's place and its version."""
    return {keys.derived_key(location, file.kind.name, file.variant): file for file in outputs.files}


def register_files(asset: MediaAsset, placed: Placed, job: MediaJob) -> list[DerivedMedia]:
    """Rows for what was stored, in the caller's transaction, in the same order; a row of the same input is overwritten.

    Raises CannotSucceed for pictures that were asked for before a copy with hidden faces took the original's place."""
    _refuse_unhidden(asset, placed, job)
    return [
        DerivedMedia.objects.register(
            asset,
            file.kind,
            file.variant,
            asset.original_key,
            key=key,
            content_type=file.content_type,
            size_bytes=file.size,
            checksum=file.sha256,
            start_ms=file.start_ms,
            end_ms=file.end_ms,
            meta=file.meta,
            cache_key=file.meta.get("cache_key", ""),
            created_by_job=job,
        )
        for key, file in placed.items()
    ]


def _refuse_unhidden(asset: MediaAsset, placed: Placed, job: MediaJob) -> None:
    hidden_at = asset.faces_hidden_at
    seen = (file for file in placed.values() if file.content_type.startswith(("image/", "video/")))
    if any(file.kind == kinds.ANONYMISED for file in placed.values()):
        return
    if hidden_at is not None and job.created_at < hidden_at and any(file.kind.group != "regions" for file in seen):
        raise CannotSucceed("Faces in this recording were hidden after this was requested. Request it again.")
