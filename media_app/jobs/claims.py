"""Claims: the job that is due next becomes one worker's."""

import uuid
from collections.abc import Collection

from django.db import models

from media_app.jobs import owner_process, statements
from media_app.jobs.registry import known_types
from media_app.jobs.run import Run
from media_app.models import MediaJob


def claim(
    worker: str,
    *,
    job_types: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    only: MediaJob | None = None,
) -> Run | None:
    """The next due job of these types and kinds (or `only` this one), owned by `worker` from now on; None when nothing is
    due."""
    types = known_types() if job_types is None else job_types
    if kinds is not None and set(kinds) >= set(MediaJob.Kind.values):
        kinds = None
    if not types or (kinds is not None and not kinds):
        return None
    token = uuid.uuid4()
    owner_process.held_tokens.add(token)
    try:
        taken = statements.take(worker, token, statements.Wanted(types, kinds, only))
    except BaseException:
        # The claim may have been committed all the same; then `rescue` finds a token that this process does not hold.
        owner_process.held_tokens.discard(token)
        raise
    if taken is None:
        owner_process.held_tokens.discard(token)
        return None
    return Run(*taken, token)


def of(
    found: models.QuerySet[MediaJob], types: Collection[str], kinds: Collection[str] | None
) -> models.QuerySet[MediaJob]:
    """Those of these types and kinds; of any kind when `kinds` is None."""
    found = found.filter(type__in=types)
    return found if kinds is None else found.filter(kind__in=kinds)
