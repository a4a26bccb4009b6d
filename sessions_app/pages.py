"""What every page of the operator has in common: a signed-in person, acting in one tenant."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django_htmx.middleware import HtmxDetails

from sessions_app.errors import Forbidden, NotFound, StudioError
from sessions_app.models import Membership
from sessions_app.tenancy import Context, context_of

View = Callable[..., HttpResponseBase]


class OperatorRequest(HttpRequest):
    """A request as `page` hands it to its view."""

    context: Context
    memberships: list[Membership]
    htmx: HtmxDetails


def page(view: View) -> View:
    """The view with `request.context` (who acts in which tenant) and `request.memberships` (where else they may).

    Nobody signed in is sent to sign in; who has no tenant gets a page that says what to do; a StudioError becomes a page
    with its sentence, or JSON for a caller that asks for it.
    """

    @functools.wraps(view)
    def shown(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        answer = _guarded(request, *args, **kwargs)
        if not answer.has_header("Cache-Control"):
            add_never_cache_headers(answer)
        return answer

    def _guarded(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        memberships = list(Membership.objects.filter(user_id=request.user.pk).order_by("tenant_id", "env"))
        if tuple(request.session.get("tenant", ())) not in {(m.tenant_id, m.env) for m in memberships}:
            request.session.pop("tenant", None)
        request.memberships = memberships  # type: ignore[attr-defined]
        try:
            request.context = context_of(request)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error
        except StudioError as error:
            return _refusal(request, error)

    return shown


@dataclass(frozen=True, slots=True)
class LivePart:
    """A part of a page that asks for itself again: `html` is how it is drawn in the page."""

    html: SafeString
    digest: str

    def alone(self, request: HttpRequest) -> HttpResponse:
        """The answer to htmx: the part, or 204 when it is as the reader has it."""
        if request.GET.get("seen") == self.digest:
            return HttpResponse(status=204)
        return HttpResponse(self.html)


def live(
    request: HttpRequest, template: str, facts: dict[str, Any], *, name: str, url: str, every: int | None
) -> LivePart:
    """Draw `template` as a live part: asked for every so many seconds (None: only when the page says it changed)."""
    body = render_to_string(template, facts, request)
    digest = hashlib.sha256(f"{every} {body}".encode()).hexdigest()[:16]
    shell = {"name": name, "url": url, "every": every, "digest": digest, "body": body}
    return LivePart(render_to_string("_live.html", shell, request), digest)


def is_part(request: HttpRequest, name: str) -> bool:
    """Whether htmx asks for this part of the page alone."""
    return bool(getattr(request, "htmx", False)) and request.htmx.target == name  # type: ignore[attr-defined]


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    if getattr(request, "htmx", False) or _wants_json(request):
        error = Forbidden("You are signed out. Reload the page and sign in again.")
        error.status = 401
        return _refusal(request, error)
    return redirect_to_login(request.get_full_path())


def _refusal(request: HttpRequest, error: StudioError) -> HttpResponse:
    if _wants_json(request):
        told = {"code": error.code, "message": error.message, "field": error.field, "details": error.details}
        return JsonResponse({"error": told}, status=error.status)
    template = "403.html" if isinstance(error, Forbidden) else "sessions/refused.html"
    return render(request, template, {"error": error, "reason": error.message}, status=error.status)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
