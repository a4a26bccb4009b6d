"""The queue's SQL by hand: taking the job that is due next, completing one, and counting a tenant's one request at a time. Everything
else of the queue is QuerySets.

The first two are what many workers wait for. As QuerySets the pair costs a worker 10.5 ms of processor for a job that does
nothing, by hand 2.3 ms; procrastinate, which the queue must not fall behind, needs 3 to 6 (docs/decisions/0015).
"""

import contextlib
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

from django.conf import settings
from django.db import connection, models, transaction

from media_app.jobs import owner_process
from media_app.models import MediaJob, MediaJobAttempt
from sessions_app.core.tenant import Context

#: The current time and the end of a lease, by the database's clock: those of workers differ.
_CLOCKS = {
    "postgresql": ("STATEMENT_TIMESTAMP()", "STATEMENT_TIMESTAMP() + make_interval(secs => %s)"),
    "sqlite": (
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds')",
    ),
}
_DUE = """{jobs}{index} WHERE status = 'PENDING' AND run_after <= {due} AND type IN ({types}){kinds}{only}"""
#: `{skip}` passes over rows that another worker has locked, where rows can be locked; elsewhere one connection writes at a time.
_TAKE = """
UPDATE {jobs} SET status = 'PROCESSING', attempts = attempts + 1, locked_by = %s, owner_process = %s, lock_token = %s,
    locked_at = {now}, lease_until = {lease}, progress_percent = 0, progress_step = '', eta_seconds = NULL, updated_at = {now}
WHERE id = (SELECT id FROM {found} ORDER BY priority DESC, fair_share_at, created_at LIMIT 1{skip})
RETURNING *
"""
_BEGIN_ATTEMPT = "INSERT INTO {attempts} ({columns}) SELECT {values} FROM {source} RETURNING id"
#: The columns that an attempt copies from its job; the others begin with the model's defaults.
_FROM_JOB = {
    "job_id": "id",
    "tenant_id": "tenant_id",
    "env": "env",
    "attempt_no": "attempts",
    "started_at": "locked_at",
}
_COMPLETE_JOB = """
UPDATE {jobs} SET status = 'COMPLETED', lock_token = NULL, lease_until = NULL, progress_percent = 100, eta_seconds = 0,
    error_code = '', error_message = '', result_json = %s, completed_at = {now}, updated_at = {now}
WHERE id = %s AND lock_token = %s AND status = 'PROCESSING'
"""
_COMPLETE_ATTEMPT = """
UPDATE {attempts} SET outcome = 'completed', finished_at = {now}, exit_code = %s, error_message = '',
    stdout_key = %s, stderr_key = %s,
    stdout_tail = CASE WHEN %s THEN '' ELSE stdout_tail END, stderr_tail = CASE WHEN %s THEN '' ELSE stderr_tail END
WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The jobs that a claim may take: of these types and kinds (any kind when None), or only this one."""

    types: Collection[str]
    kinds: Collection[str] | None = None
    only: MediaJob | None = None

    @property
    def parameters(self) -> list[Any]:
        only = [] if self.only is None else [_stored("id", self.only.pk)]
        return [*self.types, *(self.kinds or ()), *only]


def take(worker: str, token: uuid.UUID, wanted: Wanted) -> tuple[MediaJob, MediaJobAttempt] | None:
    """Claim the job that is due next, and begin its attempt; None when there is none."""
    sql = _claim_sql(
        connection.vendor,
        len(wanted.types),
        None if wanted.kinds is None else len(wanted.kinds),
        wanted.only is not None,
    )
    claim = [worker, owner_process.this_process(), _stored("lock_token", token), settings.JOB_LEASE_SECONDS]
    claim += wanted.parameters
    if sql.both:
        job = next(iter(MediaJob.objects.raw(sql.both, [*claim, *_attempt_defaults(worker)])), None)
        return None if job is None else (job, _attempt_of(job, worker, vars(job).pop("attempt_id")))
    with connection.cursor() as cursor:
        # An idle worker must not take the write lock to learn that the queue is empty.
        if cursor.execute(sql.any_due, wanted.parameters).fetchone() is None:
            return None
        with _without_fsync(), transaction.atomic():
            job = next(iter(MediaJob.objects.raw(sql.take, claim)), None)
            if job is None:
                return None
            begin = [*_attempt_defaults(worker), _stored("id", job.pk)]
            [attempt] = cursor.execute(sql.begin_attempt, begin).fetchone()
    return job, _attempt_of(job, worker, attempt)


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished attempt: its exit code, the store keys of its whole logs (empty where there are none), the job's result."""

    exit_code: int | None
    stdout_key: str
    stderr_key: str
    result: object


def complete(job: MediaJob, attempt: MediaJobAttempt, token: uuid.UUID, done: Completion) -> bool:
    """Complete a job and its attempt, both or neither; False when the token is no longer the job's."""
    of_job = [_stored("result_json", done.result), _stored("id", job.pk), _stored("lock_token", token)]
    logs = [done.stdout_key, done.stderr_key]
    of_attempt: list[Any] = [done.exit_code, *logs, *map(bool, logs), attempt.pk]
    complete_job, complete_attempt, both = _complete_sql(connection.vendor)
    with connection.cursor() as cursor:
        if both:
            cursor.execute(both, [*of_job, *of_attempt])
            return bool(cursor.rowcount)
        with transaction.atomic():
            cursor.execute(complete_job, of_job)
            if not cursor.rowcount:
                return False
            cursor.execute(complete_attempt, of_attempt)
            return True


@contextlib.contextmanager
def one_by_one(context: Context) -> Iterator[None]:
    """A transaction that others of the same tenant wait for, to count its jobs and add some. On SQLite whoever may write is alone."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                queue = f"queue of {context.tenant_id}, {context.env}"
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [queue])
        yield


def _attempt_of(job: MediaJob, worker: str, number: int) -> MediaJobAttempt:
    """The attempt's row as a model, without reading it."""
    attempt = MediaJobAttempt(
        pk=number, job=job, tenant_id=job.tenant_id, env=job.env, attempt_no=job.attempts, worker=worker
    )
    attempt.started_at = job.locked_at or attempt.started_at
    attempt._state.adding = False
    return attempt


def _attempt_defaults(worker: str) -> list[Any]:
    """The values of a new attempt, in the order of `_own_fields`."""
    blank = MediaJobAttempt(worker=worker)
    return [field.get_db_prep_save(getattr(blank, field.attname), connection) for field in _own_fields()]


@cache
def _own_fields() -> tuple[models.Field, ...]:
    known = {*_FROM_JOB, MediaJobAttempt._meta.pk.attname}
    return tuple(field for field in MediaJobAttempt._meta.concrete_fields if field.attname not in known)


@dataclass(frozen=True, slots=True)
class _ClaimSql:
    """`any_due` looks, `take` claims the job, `begin_attempt` records it; `both` does the last two in one statement, empty
    where the database cannot."""

    any_due: str
    take: str
    begin_attempt: str
    both: str


@cache
def _claim_sql(vendor: str, types: int, kinds: int | None, only: bool) -> _ClaimSql:
    now, lease = _CLOCKS[vendor]
    jobs, attempts = MediaJob._meta.db_table, MediaJobAttempt._meta.db_table
    # SQLite, which keeps no statistics, would read all that is pending and sort it.
    index = f" INDEXED BY {'job_queue_of_kind' if kinds == 1 else 'job_queue'}" if vendor == "sqlite" else ""
    wanted = {"types": _places(types), "kinds": "" if kinds is None else f" AND kind IN ({_places(kinds)})"}
    # SQLite's clock counts milliseconds, its rows microseconds: a job of this very millisecond is due.
    due = f"{now} || '999'" if vendor == "sqlite" else now
    found = _DUE.format(jobs=jobs, index=index, due=due, only=" AND id = %s" if only else "", **wanted)
    skip = " FOR UPDATE SKIP LOCKED" if vendor == "postgresql" else ""
    take = _TAKE.format(jobs=jobs, now=now, lease=lease, found=found, skip=skip)
    own: list[str] = [str(field.column) for field in _own_fields()]
    columns, values = ", ".join([*_FROM_JOB, *own]), ", ".join([*_FROM_JOB.values(), *["%s"] * len(own)])
    begin = partial(_BEGIN_ATTEMPT.format, attempts=attempts, columns=columns, values=values)
    both = f"WITH taken AS ({take}), begun AS ({begin(source='taken')}) SELECT taken.*, begun.id AS attempt_id FROM taken, begun"
    return _ClaimSql(
        any_due=f"SELECT 1 FROM {found} LIMIT 1",
        take=take,
        begin_attempt=begin(source=f"{jobs} WHERE id = %s"),
        both=both if vendor == "postgresql" else "",
    )


@cache
def _complete_sql(vendor: str) -> tuple[str, str, str]:
    """The statement of the job, that of the attempt, and both in one, empty where the database cannot."""
    names = {"jobs": MediaJob._meta.db_table, "attempts": MediaJobAttempt._meta.db_table, "now": _CLOCKS[vendor][0]}
    job, attempt = _COMPLETE_JOB.format(**names), _COMPLETE_ATTEMPT.format(**names)
    if vendor != "postgresql":
        return job, attempt, ""
    return job, attempt, f"WITH done AS ({job} RETURNING id) {attempt} AND EXISTS (SELECT FROM done)"


def _stored(field: str, value: object) -> Any:
    """A value of a job's field as this database takes it."""
    return cast(models.Field, MediaJob._meta.get_field(field)).get_db_prep_save(value, connection)


def _places(count: int) -> str:
    return ", ".join(["%s"] * count)


@contextlib.contextmanager
def _without_fsync() -> Iterator[None]:
    """SQLite does not wait for the disk at the commit inside. All workers of a SQLite database are on this machine, so a power
    cut that undoes a claim has also ended its owner, and whatever either wrote later is written behind it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")
