"""Failures of a job: whose fault each is, and how long the job waits after it."""

import errno
import random
import traceback

from django.conf import settings
from django.db import InterfaceError, OperationalError

from media_app import storage
from media_app.errors import CannotSucceed as CannotSucceed
from media_app.process import ToolFailed
from sessions_app.errors import StudioError

#: How often a full disk or an unreachable store may put a job off, a day's worth; after that it counts as a failure.
OUTAGES = 1500
DISK_FULL = "No space left on device"
CANCELLED_BY_OPERATOR = "Canceled by an operator."


class LeaseLost(Exception):
    """Another worker owns the job now: write nothing more."""


class JobCancelled(StudioError):
    code = "cancelled"


class WorkerStopped(StudioError):
    code = "worker_stopped"


class WorkersLost(StudioError):
    """Several workers died while running one job: the job itself may kill them."""

    code = "workers_lost"


def sentence(error: BaseException) -> str:
    if isinstance(error, StudioError):
        return str(error)
    return "".join(traceback.format_exception_only(error)).strip()


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures: doubling from the setting up to an hour, with jitter."""
    return min(3600.0, settings.JOB_BACKOFF_SECONDS * 2**failures) * random.uniform(1.0, 1.1)


def is_outage(error: BaseException) -> bool:
    """Whether the machine, the store or the database is at fault and not the job: then it costs no attempt."""
    if isinstance(error, ToolFailed):
        return DISK_FULL in error.stderr_tail
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, storage.StoreUnreachable | storage.StoreFull | OperationalError | InterfaceError)


def outage_wait(before: int) -> float:
    """Seconds until the next try: soon at first, then each minute."""
    return min(60.0, settings.JOB_BACKOFF_SECONDS / 2 * 2 ** min(before, 10))
