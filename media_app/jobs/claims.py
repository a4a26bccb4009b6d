"""Taking the job that is due next: the row and its attempt at once, for what a claim costs is what many workers wait for."""

import contextlib
import uuid
from collections.abc import Collection, Iterator
from functools import cache

from django.conf import settings
from django.db import connection, models, transaction

from media_app.jobs import holder
from media_app.jobs.lease import CLOCKS, stored
from media_app.jobs.registry import known_types
from media_app.jobs.run import Run
from media_app.models import MediaJob, MediaJobAttempt

#: `{skip}` lets workers pass each other's hands where rows can be locked; elsewhere one writes at a time.
_TAKE = """
UPDATE {jobs} SET status = 'PROCESSING', attempts = attempts + 1, locked_by = %s, holder = %s, lock_token = %s,
    locked_at = {now}, lease_until = {lease}, progress_percent = 0, progress_step = '', eta_seconds = NULL, updated_at = {now}
WHERE id = (
    SELECT id FROM {jobs}{index} WHERE status = 'PENDING' AND run_after <= {now} AND type IN ({types}){kinds}{only}
    ORDER BY priority DESC, turn, created_at LIMIT 1{skip}
)
RETURNING *
"""
#: The same and the attempt's row, where a statement may hold several.
_TAKE_AND_NOTE = """
WITH taken AS ({take}), noted AS (INSERT INTO {attempts} ({columns}) SELECT {values} FROM taken RETURNING id)
SELECT taken.*, noted.id AS attempt_id FROM taken, noted
"""
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
    if connection.vendor == "sqlite" and not of(MediaJob.objects.due(), types, kinds).exists():
        return None  # a look into an empty queue does not stop the one writer there can be
    token = uuid.uuid4()
    holder.in_hand.add(token)
    try:
        taken = _take(worker, token, types, kinds, only)
    except BaseException:
        # Whether it was taken is not known: should it have been, the next look around finds it in nobody's hands.
        holder.in_hand.discard(token)
        raise
    if taken is None:
        holder.in_hand.discard(token)
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
    vendor = connection.vendor
    sql = _statement(vendor, len(types), None if kinds is None else len(kinds), only is not None)
    values = [
        worker,
        holder.this_process(),
        stored("lock_token", token),
        settings.JOB_LEASE_SECONDS,
        *types,
        *(kinds or ()),
    ]
    values += [stored("id", only.pk)] if only is not None else []
    if vendor == "postgresql":
        job = next(iter(MediaJob.objects.raw(sql, [*values, *_attempt_values(worker)])), None)
        if job is None:
            return None
        attempt = _attempt_of(job, worker)
        attempt.pk, attempt.started_at = vars(job).pop("attempt_id"), job.locked_at or attempt.started_at
        return job, attempt
    with _unhurried(), transaction.atomic():
        job = next(iter(MediaJob.objects.raw(sql, values)), None)
        if job is None:
            return None
        attempt = _attempt_of(job, worker)
        attempt.save(force_insert=True)
    return job, attempt


def _attempt_of(job: MediaJob, worker: str) -> MediaJobAttempt:
    return MediaJobAttempt(job=job, tenant_id=job.tenant_id, env=job.env, attempt_no=job.attempts, worker=worker)


def _attempt_values(worker: str) -> list[object]:
    """How an attempt begins, in the order of `_own_fields`."""
    blank = MediaJobAttempt(worker=worker)
    return [field.get_db_prep_save(getattr(blank, field.attname), connection) for field in _own_fields()]


@cache
def _own_fields() -> tuple[models.Field, ...]:
    known = {*_FROM_JOB, MediaJobAttempt._meta.pk.attname}
    return tuple(field for field in MediaJobAttempt._meta.concrete_fields if field.attname not in known)


@cache
def _statement(vendor: str, types: int, kinds: int | None, only: bool) -> str:
    now, lease = CLOCKS[vendor]
    # SQLite, which keeps no statistics, would read all that is pending and sort it.
    index = f" INDEXED BY {'job_line_of_kind' if kinds == 1 else 'job_line'}" if vendor == "sqlite" else ""
    take = _TAKE.format(
        jobs=MediaJob._meta.db_table,
        index=index,
        now=now,
        lease=lease,
        types=_places(types),
        kinds="" if kinds is None else f" AND kind IN ({_places(kinds)})",
        only=" AND id = %s" if only else "",
        skip=" FOR UPDATE SKIP LOCKED" if vendor == "postgresql" else "",
    )
    if vendor != "postgresql":
        return take
    own: list[str] = [str(field.column) for field in _own_fields()]
    return _TAKE_AND_NOTE.format(
        take=take,
        attempts=MediaJobAttempt._meta.db_table,
        columns=", ".join([*_FROM_JOB, *own]),
        values=", ".join([*_FROM_JOB.values(), *["%s"] * len(own)]),
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
