"""A lease: one row, one owner. Every claim has its own token, and every write to the job requires it, so a worker that lost
its lease (it hung, or its machine slept) changes nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now

from media_app.jobs import statements
from media_app.jobs.failures import LeaseLost
from media_app.jobs.queue import lock_session_of
from media_app.models import MediaJob, MediaJobAttempt


@dataclass
class Lease:
    """One worker's claim to a job, for this attempt. A write after the lease is lost raises LeaseLost."""

    job: MediaJob
    attempt: MediaJobAttempt
    token: uuid.UUID

    def mine(self) -> models.QuerySet[MediaJob]:
        return MediaJob.objects.filter(pk=self.job.pk, lock_token=self.token, status=MediaJob.Status.PROCESSING)

    def running(self) -> models.QuerySet[MediaJobAttempt]:
        return MediaJobAttempt.objects.filter(pk=self.attempt.pk, outcome=MediaJobAttempt.Outcome.RUNNING)

    def fence(self) -> None:
        """Check the lease right before something is stored."""
        if not self.mine().exists():
            raise LeaseLost

    def renew(self, **columns: object) -> bool:
        """Extend the lease, by the database's clock because those of workers differ; False when it is lost."""
        until = Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        return bool(self.mine().update(lease_until=until, updated_at=Now(), **columns))

    def ran(self, argv: Sequence[str]) -> None:
        """Record a program's exact arguments before it starts."""
        self.attempt.commands.append(list(argv))
        if not self.running().update(commands=self.attempt.commands):
            raise LeaseLost

    def amend(self, **changes: object) -> None:
        """Change the job's input, for this attempt and those that follow."""
        self.job.input_json = {**self.job.input_json, **changes}
        if not self.mine().update(input_json=self.job.input_json, updated_at=Now()):
            raise LeaseLost

    def hold(self) -> MediaJob:
        """The job's row, locked until the transaction ends."""
        lock_session_of(self.job)
        held = self.mine().select_for_update(of=("self",)).first()
        if held is None:
            raise LeaseLost
        return held

    def finish(
        self, status: str, outcome: str, *, exit_code: int | None = None, logs: dict[str, str], **changes: object
    ) -> None:
        """End the job, or put it back into the queue, and end the attempt; both or neither. `logs`: their keys in the store."""
        if status == MediaJob.Status.COMPLETED:
            done = statements.Completion(exit_code, logs["stdout"], logs["stderr"], changes["result_json"])
            if not statements.complete(self.job, self.attempt, self.token, done):
                raise LeaseLost
            return
        if status != MediaJob.Status.PENDING:
            changes["completed_at"] = Now()
        with transaction.atomic():
            if not self.mine().update(status=status, lock_token=None, lease_until=None, updated_at=Now(), **changes):
                raise LeaseLost
            MediaJobAttempt.objects.filter(pk=self.attempt.pk).update(
                outcome=outcome,
                finished_at=Now(),
                exit_code=exit_code,
                error_message=changes.get("error_message", ""),
                # A tail stays on the row only while the whole log is not in the store.
                **{f"{stream}_key": key for stream, key in logs.items()},
                **{f"{stream}_tail": "" for stream, key in logs.items() if key},
            )
