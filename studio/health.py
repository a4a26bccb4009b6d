"""Is it alive, and can it work? For load balancers and whoever runs Studio."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from media_app import broker, storage


def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database, the store and, where there is one, the broker answer; 503 and which one, when not."""
    found = {"database": _database(), "store": storage.store().check()}
    if settings.JOB_DISPATCH == "celery":
        found["broker"] = broker.check()
    faults = {name: fault for name, fault in found.items() if fault}
    return JsonResponse({"status": "unready" if faults else "ok", "faults": faults}, status=503 if faults else 200)


def _database() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer. Check DATABASE_URL and that it runs."
    return None
