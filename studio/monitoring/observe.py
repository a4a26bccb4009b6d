"""A middleware around every request: its id, its duration and one line in the log."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sessions_app.core import trace
from studio.monitoring import metrics

log = logging.getLogger("studio.requests")

HEADER = "X-Request-Id"
#: What a proxy in front may have named it already.
_NAME = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observe:
    """The outermost middleware: every answer has an X-Request-Id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.headers.get(HEADER, "")
        name = asked if _NAME.match(asked) else uuid.uuid4().hex
        request.request_id = name  # type: ignore[attr-defined]
        trace.begin(request_id=name)
        begun = time.perf_counter()
        answer = self.get_response(request)
        seconds = time.perf_counter() - begun
        answer[HEADER] = name
        route, method = _route(request), request.method if request.method in _METHODS else "other"
        metrics.HTTP_SECONDS.labels(route, method).observe(seconds)
        metrics.HTTP_RESPONSES.labels(route, method, str(answer.status_code)).inc()
        facts = {"route": route, "method": method, "status": answer.status_code, "ms": round(seconds * 1000, 1)}
        # The path alone: what follows the question mark may be a key to a file.
        log.info("%s %s %s", method, quote(request.path), answer.status_code, extra={"facts": facts})
        return answer

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        trace.note(session_id=kwargs.get("session_id"), job_id=kwargs.get("job_id"))


@receiver(request_finished, dispatch_uid="studio.observe")
def _over(**_) -> None:
    """After the last byte, and after Django has said what it has to say of an error."""
    trace.end()


def _route(request: HttpRequest) -> str:
    """The name of the address, of which there are few; never the address, of which there are many."""
    if match := request.resolver_match:
        return match.view_name or match.route
    return "static" if request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/") else "none"
