"""Is it alive, and can it work? For load balancers and whoever runs Studio."""

import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from media_app import broker, storage

#: The store is tried by writing to it, which a bucket is paid for: an answer holds so many seconds in a process.
STORE_ANSWER_HOLDS = 10.0

_store_lock = threading.Lock()
_store_said: tuple[float, storage.Store | None, str | None] = (0.0, None, None)
_migrated = False


def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return _answer({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and has the tables of this version, the store takes and gives, and the broker, where there is
    one, answers; 503 and which one, when not."""
    found = {"database": _database(), "store": _store()}
    if settings.JOB_DISPATCH == "celery":
        found["broker"] = broker.check()
    faults = {name: fault for name, fault in found.items() if fault}
    return _answer({"status": "unready" if faults else "ok", "faults": faults}, status=503 if faults else 200)


def _answer(body: dict, status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _database() -> str | None:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "The database is older than this version of Studio. Run manage.py migrate."
            _migrated = True
    except DatabaseError:
        return "The database does not answer. Check DATABASE_URL and that it runs."
    return None


def _store() -> str | None:
    global _store_said
    with _store_lock:
        asked, of, said = _store_said
        if of is not storage.store() or time.monotonic() > asked + STORE_ANSWER_HOLDS:
            said = storage.store().check()
            _store_said = (time.monotonic(), storage.store(), said)
        return said
