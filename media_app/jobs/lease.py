"""A lease: one row, one holder. Every claim has a token of its own, and every write that settles a job asks for it, so that
a worker which lost its lease (it hung, or its machine slept) changes nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now

from media_app.jobs.failures import LeaseLost
from media_app.jobs.queue import lock_session_of
from media_app.models import MediaJob, MediaJobAttempt

#: The database's clock, and the end of a lease by it: workers' clocks differ.
CLOCKS = {
    "postgresql": ("STATEMENT_TIMESTAMP()", "STATEMENT_TIMESTAMP() + make_interval(secs => %s)"),
    "sqlite": (
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds')",
    ),
}
#: Most jobs end so, and one at a time waits for it.
_JOB_DONE = """
UPDATE {jobs} SET status = 'COMPLETED', lock_token = NULL, lease_until = NULL, progress_percent = 100, eta_seconds = 0,
    error_code = '', error_message = '', result_json = %s, completed_at = {now}, updated_at = {now}
WHERE id = %s AND lock_token = %s AND status = 'PROCESSING'
"""
_ATTEMPT_DONE = """
UPDATE {attempts} SET outcome = 'completed', finished_at = {now}, exit_code = %s, error_message = '',
    stdout_key = %s, stderr_key = %s,
    stdout_tail = CASE WHEN %s THEN '' ELSE stdout_tail END, stderr_tail = CASE WHEN %s THEN '' ELSE stderr_tail END
WHERE id = %s
"""


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
        """The job's end, or its way back into the line, and the attempt's; both or neither. `logs`: where they lie."""
        if status == MediaJob.Status.COMPLETED:
            self._complete(exit_code, logs, changes["result_json"])
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
                # A tail stays on the row only while its log lies nowhere else.
                **{f"{stream}_key": key for stream, key in logs.items()},
                **{f"{stream}_tail": "" for stream, key in logs.items() if key},
            )

    def _complete(self, exit_code: int | None, logs: dict[str, str], result: object) -> None:
        """What most jobs come to, at the price of one round trip where a statement may hold two."""
        job = [stored("result_json", result), stored("id", self.job.pk), stored("lock_token", self.token)]
        said = [logs["stdout"], logs["stderr"]]
        attempt: list[Any] = [exit_code, *said, *map(bool, said), self.attempt.pk]
        job_done, attempt_done, both_done = _done(connection.vendor)
        with connection.cursor() as cursor:
            if both_done:
                cursor.execute(both_done, [*job, *attempt])
                done = cursor.rowcount
            else:
                with transaction.atomic():
                    cursor.execute(job_done, job)
                    if done := cursor.rowcount:
                        cursor.execute(attempt_done, attempt)
        if not done:
            raise LeaseLost


def stored(field: str, value: object) -> Any:
    """A value of a job's field as this database takes it."""
    return cast(models.Field, MediaJob._meta.get_field(field)).get_db_prep_save(value, connection)


@cache
def _done(vendor: str) -> tuple[str, str, str]:
    """Statements: the job's, the attempt's, and both in one where the database has such."""
    names = {"jobs": MediaJob._meta.db_table, "attempts": MediaJobAttempt._meta.db_table, "now": CLOCKS[vendor][0]}
    job, attempt = _JOB_DONE.format(**names), _ATTEMPT_DONE.format(**names)
    if vendor != "postgresql":
        return job, attempt, ""
    return job, attempt, f"WITH done AS ({job} RETURNING id) {attempt} AND EXISTS (SELECT FROM done)"
