"""The pages for errors: what happened and what to do. Programs get JSON, see `studio/api.py`."""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from studio import api
from studio.runtime.full_disk import as_disk_full

log = logging.getLogger(__name__)

#: Addresses for programs: everything there is JSON, errors too.
FOR_PROGRAMS = ("/v2", "/api/", "/store/", "/media-v2", "/video/", "/audio/", "/jobs/")
BARE = "<!doctype html><html lang=en><title>Error · Studio</title><h1>Studio could not show this page</h1><p>Go back and try again."


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    if for_programs(request):
        return api.not_found(request, exception)
    reason = exception.args[0] if exception is not None and exception.args else ""
    return render(request, "404.html", {"reason": reason if isinstance(reason, str) else ""}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    if for_programs(request):
        return JsonResponse(api.error_body("forbidden", str(exception or "") or api.NOT_ALLOWED), status=403)
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def control_characters(request: HttpRequest, where: str) -> HttpResponseBase:
    """400: nothing that was sent is repeated."""
    message = f"The request has control characters in its {where}. Remove them and try again."
    if for_programs(request):
        return JsonResponse(api.error_body("bad_request", message), status=400)
    return HttpResponse(render_to_string("400.html", {"reason": message}), status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    message = "This form was opened before you signed in, or cookies are blocked. Go back, reload the page and submit it again."
    if for_programs(request):
        return JsonResponse(api.error_body("csrf_failed", message), status=403)
    return render(request, "403.html", {"reason": message, "reload": True}, status=403)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """The error page, drawn without the request: what broke once may break again."""
    full = as_disk_full(sys.exc_info()[1])
    if full is not None and for_programs(request):
        return JsonResponse(api.error_body(full.code, str(full)), status=full.status)
    if for_programs(request):
        message = "Studio could not do this. Nothing incomplete was kept. Try again; if it keeps failing, report when it happened."
        return JsonResponse(api.error_body("server_error", message), status=500)
    try:
        facts = {"path": request.path, "request_id": getattr(request, "request_id", ""), "reason": str(full or "")}
        return HttpResponse(render_to_string("500.html", facts), status=full.status if full else 500)
    except Exception:  # whatever it is, the client gets a plain answer
        log.exception("the error page cannot be drawn")
        return HttpResponse(BARE, status=500)


def for_programs(request: HttpRequest) -> bool:
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    return wants_json or request.path.startswith(FOR_PROGRAMS)
