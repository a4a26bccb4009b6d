"""What a person sees when a page cannot be shown: what happened, and what to do. Programs get JSON, see `studio/api.py`."""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from studio import api
from studio.full_disk import as_disk_full

log = logging.getLogger(__name__)

#: Addresses that programs ask: everything there is JSON, errors too.
FOR_PROGRAMS = ("/v2", "/api/", "/store/", "/media-v2", "/video/", "/audio/")
BARE = "<!doctype html><html lang=en><title>Error · Studio</title><h1>Studio could not show this page</h1><p>Go back and try again."


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    if for_programs(request):
        return api.not_found(request, exception)
    said = exception.args[0] if exception is not None and exception.args else ""
    return render(request, "404.html", {"reason": said if isinstance(said, str) else ""}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    if for_programs(request):
        return JsonResponse(api.error_body("forbidden", "You may not do this. Ask an administrator."), status=403)
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    told = (
        "This form was opened before you signed in, or cookies are blocked. Go back, reload the page and send it again."
    )
    if for_programs(request):
        return JsonResponse(api.error_body("csrf_failed", told), status=403)
    return render(request, "403.html", {"reason": told, "reload": True}, status=403)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """The page stands without the request: whatever broke may break again."""
    full = as_disk_full(sys.exc_info()[1])
    if full is not None and for_programs(request):
        return JsonResponse(api.error_body(full.code, str(full)), status=full.status)
    if for_programs(request):
        told = "Studio failed at this. Nothing half-done was kept; try again, and report the time if it stays."
        return JsonResponse(api.error_body("server_error", told), status=500)
    try:
        facts = {"path": request.path, "request_id": getattr(request, "request_id", ""), "reason": str(full or "")}
        return HttpResponse(render_to_string("500.html", facts), status=full.status if full else 500)
    except Exception:
        log.exception("the error page cannot be drawn")
        return HttpResponse(BARE, status=500)


def for_programs(request: HttpRequest) -> bool:
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    return wants_json or request.path.startswith(FOR_PROGRAMS)
