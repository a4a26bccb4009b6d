"""Taking the job that is due next: the row and its attempt at once, for what a claim costs is what many workers wait for."""

import contextlib
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from media_app.jobs import owner_process
from media_app.jobs.lease import CLOCKS, stored
from media_app.jobs.registry import known_types
from media_app.jobs.run import Run
from media_app.models import MediaJob, MediaJobAttempt

_LINE = """{jobs}{index} WHERE status = 'PENDING' AND run_after <= {due} AND type IN ({types}){kinds}{only}"""
#: `{skip}` lets workers pass each other's hands where rows can be locked; elsewhere one writes at a time.
_TAKE = """
UPDATE {jobs} SET status = 'PROCESSING', attempts = attempts + 1, locked_by = %s, owner_process = %s, lock_token = %s,
    locked_at = {now}, lease_until = {lease}, progress_percent = 0, progress_step = '', eta_seconds = NULL, updated_at = {now}
WHERE id = (SELECT id FROM {line} ORDER BY priority DESC, fair_share_at, created_at LIMIT 1{skip})
RETURNING *
"""
_NOTE = "INSERT INTO {attempts} ({columns}) SELECT {values} FROM {source} RETURNING id"
#: What an attempt has from its job; the rest begins as the model says.
_FROM_JOB = {
    "job_id": "id",
    "tenant_id": "tenant_id",
    "env": "env",
    "attempt_no": "attempts",
    "started_at": "locked_at",
}


def claim(
    worker: str,
    *,
    job_types: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    only: MediaJob | None = None,
) -> Run | None:
    """The next due job of these types and kinds (or `only` this one), held by `worker` from now on; None when nothing is
    due."""
    types = known_types() if job_types is None else job_types
    if kinds is not None and set(kinds) >= set(MediaJob.Kind.values):
        kinds = None
    if not types or (kinds is not None and not kinds):
        return None
    token = uuid.uuid4()
    owner_process.held_tokens.add(token)
    try:
        taken = _take(worker, token, types, kinds, only)
    except BaseException:
        # Whether it was taken is not known: should it have been, the next look around finds it in nobody's hands.
        owner_process.held_tokens.discard(token)
        raise
    if taken is None:
        owner_process.held_tokens.discard(token)
        return None
    return Run(*taken, token)


def of(
    found: models.QuerySet[MediaJob], types: Collection[str], kinds: Collection[str] | None
) -> models.QuerySet[MediaJob]:
    found = found.filter(type__in=types)
    return found if kinds is None else found.filter(kind__in=kinds)


def _take(
    worker: str, token: uuid.UUID, types: Collection[str], kinds: Collection[str] | None, only: MediaJob | None
) -> tuple[MediaJob, MediaJobAttempt] | None:
    say = _statements(connection.vendor, len(types), None if kinds is None else len(kinds), only is not None)
    wanted = [*types, *(kinds or ()), *([stored("id", only.pk)] if only is not None else [])]
    values = [worker, owner_process.this_process(), stored("lock_token", token), settings.JOB_LEASE_SECONDS, *wanted]
    if say.both:
        job = next(iter(MediaJob.objects.raw(say.both, [*values, *_attempt_values(worker)])), None)
        return None if job is None else (job, _attempt_of(job, worker, vars(job).pop("attempt_id")))
    with connection.cursor() as cursor:
        # A look into an empty queue does not stop the one writer there can be.
        if cursor.execute(say.look, wanted).fetchone() is None:
            return None
        with _unhurried(), transaction.atomic():
            job = next(iter(MediaJob.objects.raw(say.take, values)), None)
            if job is None:
                return None
            [attempt] = cursor.execute(say.note, [*_attempt_values(worker), stored("id", job.pk)]).fetchone()
    return job, _attempt_of(job, worker, attempt)


def _attempt_of(job: MediaJob, worker: str, number: int) -> MediaJobAttempt:
    """The row that was written, without another look at it."""
    attempt = MediaJobAttempt(
        pk=number, job=job, tenant_id=job.tenant_id, env=job.env, attempt_no=job.attempts, worker=worker
    )
    attempt.started_at = job.locked_at or attempt.started_at
    attempt._state.adding = False
    return attempt


def _attempt_values(worker: str) -> list[Any]:
    """How an attempt begins, in the order of `_own_fields`."""
    blank = MediaJobAttempt(worker=worker)
    return [field.get_db_prep_save(getattr(blank, field.attname), connection) for field in _own_fields()]


@cache
def _own_fields() -> tuple[models.Field, ...]:
    known = {*_FROM_JOB, MediaJobAttempt._meta.pk.attname}
    return tuple(field for field in MediaJobAttempt._meta.concrete_fields if field.attname not in known)


@dataclass(frozen=True, slots=True)
class _Statements:
    """`look`: is there any? `take`: the job; `note`: its attempt. `both`: these two at once, where a statement may hold several."""

    look: str
    take: str
    note: str
    both: str


@cache
def _statements(vendor: str, types: int, kinds: int | None, only: bool) -> _Statements:
    now, lease = CLOCKS[vendor]
    jobs, attempts = MediaJob._meta.db_table, MediaJobAttempt._meta.db_table
    # SQLite, which keeps no statistics, would read all that is pending and sort it.
    index = f" INDEXED BY {'job_queue_of_kind' if kinds == 1 else 'job_queue'}" if vendor == "sqlite" else ""
    wanted = {"types": _places(types), "kinds": "" if kinds is None else f" AND kind IN ({_places(kinds)})"}
    # Its clock counts milliseconds, its rows microseconds: what came in this very millisecond is due.
    due = f"{now} || '999'" if vendor == "sqlite" else now
    line = _LINE.format(jobs=jobs, index=index, due=due, only=" AND id = %s" if only else "", **wanted)
    skip = " FOR UPDATE SKIP LOCKED" if vendor == "postgresql" else ""
    take = _TAKE.format(jobs=jobs, now=now, lease=lease, line=line, skip=skip)
    own: list[str] = [str(field.column) for field in _own_fields()]
    columns, values = ", ".join([*_FROM_JOB, *own]), ", ".join([*_FROM_JOB.values(), *["%s"] * len(own)])
    note = partial(_NOTE.format, attempts=attempts, columns=columns, values=values)
    both = f"WITH taken AS ({take}), noted AS ({note(source='taken')}) SELECT taken.*, noted.id AS attempt_id FROM taken, noted"
    return _Statements(
        look=f"SELECT 1 FROM {line} LIMIT 1",
        take=take,
        note=note(source=f"{jobs} WHERE id = %s"),
        both=both if vendor == "postgresql" else "",
    )


def _places(count: int) -> str:
    return ", ".join(["%s"] * count)


@contextlib.contextmanager
def _unhurried() -> Iterator[None]:
    """SQLite does not wait for the disk with what is committed inside: all who hold jobs are on this machine, so a power cut
    that takes back a claim has ended its holder too, and whatever either wrote later is written behind it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")
