"""A lease: one row, one holder. Every claim has a token of its own, and every write that settles a job asks for it, so that
a worker which lost its lease (it hung, or its machine slept) changes nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from media_app.jobs.failures import LeaseLost
from media_app.jobs.line import lock_session_of
from media_app.models import MediaJob, MediaJobAttempt


@dataclass
class Lease:
    """A job in one worker's hands, for this attempt. What it cannot write any more raises LeaseLost."""

    job: MediaJob
    attempt: MediaJobAttempt
    token: uuid.UUID

    def mine(self) -> models.QuerySet[MediaJob]:
        return MediaJob.objects.filter(pk=self.job.pk, lock_token=self.token, status=MediaJob.Status.PROCESSING)

    def running(self) -> models.QuerySet[MediaJobAttempt]:
        return MediaJobAttempt.objects.filter(pk=self.attempt.pk, outcome=MediaJobAttempt.Outcome.RUNNING)

    def fence(self) -> None:
        """To be asked right before something is stored."""
        if not self.mine().exists():
            raise LeaseLost

    def renew(self, **columns: object) -> bool:
        """Hold it for another while, by the database's clock: workers' clocks differ. False when it is lost."""
        until = Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        return bool(self.mine().update(lease_until=until, updated_at=Now(), **columns))

    def ran(self, argv: Sequence[str]) -> None:
        """Keep a program's arguments, exactly as they are, before it starts."""
        self.attempt.commands.append(list(argv))
        if not self.running().update(commands=self.attempt.commands):
            raise LeaseLost

    def amend(self, **changes: object) -> None:
        """Change what the job was told, for this attempt and those that follow."""
        self.job.input_json = {**self.job.input_json, **changes}
        if not self.mine().update(input_json=self.job.input_json, updated_at=Now()):
            raise LeaseLost

    def hold(self) -> MediaJob:
        """The row as it is, nobody else's until the transaction ends."""
        lock_session_of(self.job)
        held = self.mine().select_for_update(of=("self",)).first()
        if held is None:
            raise LeaseLost
        return held

    def settle(
        self, status: str, outcome: str, *, exit_code: int | None = None, logs: dict[str, str], **changes: object
    ) -> None:
        """The job's end, or its way back into the line, and the attempt's, in the caller's transaction."""
        if status == MediaJob.Status.COMPLETED:
            changes |= {"progress_percent": 100, "eta_seconds": 0, "error_code": "", "error_message": ""}
        if status != MediaJob.Status.PENDING:
            changes["completed_at"] = Now()
        if not self.mine().update(status=status, lock_token=None, lease_until=None, updated_at=Now(), **changes):
            raise LeaseLost
        MediaJobAttempt.objects.filter(pk=self.attempt.pk).update(
            outcome=outcome,
            finished_at=Now(),
            exit_code=exit_code,
            error_message=changes.get("error_message", ""),
            **logs,
        )
