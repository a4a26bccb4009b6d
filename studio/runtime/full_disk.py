"""A full disk: every write says so with 507, and deleting works all the same."""

import errno
import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from media_app.services import chores, spare
from sessions_app.errors import StudioError

log = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponseBase]
_POSTGRES_DISK_FULL = "53100"
#: What SQLite says where a file cannot be made or grow; of a full disk only if that is seen too.
_SQLITE_PERHAPS = ("SQLITE_IOERR", "SQLITE_CANTOPEN")


class DiskFull(StudioError):
    """The disk under the database, or another that Studio writes to, has no space."""

    code = "disk_full"
    status = 507

    def __init__(self) -> None:
        super().__init__(
            "The disk under Studio is full, so nothing was changed. Delete recordings that are not needed (deleting works), "
            "or ask your administrator to free some disk."
        )


def as_disk_full(error: BaseException | None) -> DiskFull | None:
    """The error as one of ours, if a full disk is its cause."""
    if isinstance(error, DatabaseError):
        cause = error.__cause__
        name = getattr(cause, "sqlite_errorname", "")
        full = name == "SQLITE_FULL" or getattr(cause, "sqlstate", "") == _POSTGRES_DISK_FULL
        return DiskFull() if full or (name.startswith(_SQLITE_PERHAPS) and spare.is_full()) else None
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull()
    return None


def deletes_on_a_full_disk(get_response: Handler) -> Handler:
    """Middleware: on a full disk a deletion that found no space is done once more with the spare, which nobody else gets, and its
    objects go at once and not in ten minutes."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not (_deletes(request) and spare.is_full()):
            return get_response(request)
        # What was read once stays readable.
        len(request.body)
        response = get_response(request)
        if response.status_code == DiskFull.status and spare.give_up_if_full():
            response = get_response(request)
        if response.status_code < 400:
            _sweep()
        return response

    return answer


def _deletes(request: HttpRequest) -> bool:
    return request.method == "DELETE" or (request.method == "POST" and request.path.endswith("/delete/"))


def _sweep() -> None:
    try:
        chores.sweep_deletions()
    except (StudioError, DatabaseError, OSError):
        log.warning("the objects of a deletion are swept later", exc_info=True)
