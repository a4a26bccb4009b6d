"""Every operator page's frame: a signed-in person, acting in one tenant."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django_htmx.middleware import HtmxDetails

from sessions_app.errors import Forbidden, NotFound, SignedOut, StudioError
from sessions_app.models import Membership
from sessions_app.tenancy import Context, context_of, memberships_of

View = Callable[..., HttpResponseBase]

FOR_STAFF = (
    "This page is for people who run Studio. A session's history, and retrying its work, are on the session's own page. "
    "If you need it, ask an administrator to make you staff and give you the permission."
)


class OperatorRequest(HttpRequest):
    """A request as `page` passes it to its view."""

    context: Context
    #: On a page for staff: true. Its `context` may be None there, of a superuser without a tenant.
    for_staff: bool
    memberships: list[Membership]
    htmx: HtmxDetails


def page(view: View) -> View:
    """The view with `request.context` (who acts in which tenant) and `request.memberships` (where else they may).

    A reader who is not signed in is sent to the sign-in page; one without a tenant gets a page that says what to do. A
    StudioError becomes a page with its sentence, or JSON for a caller that asks for it.
    """

    return _page(view, None)


def staff_page(permission: str) -> Callable[[View], View]:
    """As `page`, for staff with this permission; others get a page that says so. It shows what `open_to(request.user)`
    allows, in any tenant."""
    return functools.partial(_page, permission=permission)


def account_page(view: View) -> View:
    """As `page`, also for a person without a tenant: `request.context` is None then."""
    return _page(view, None, tenant_optional=True)


def _page(view: View, permission: str | None, *, tenant_optional: bool = False) -> View:
    @functools.wraps(view)
    def shown(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        answer = _guarded(request, *args, **kwargs)
        if not answer.has_header("Cache-Control"):
            add_never_cache_headers(answer)
        return answer

    def _guarded(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        memberships = memberships_of(request.user)
        if tuple(request.session.get("tenant", ())) not in {(m.tenant_id, m.env) for m in memberships}:
            request.session.pop("tenant", None)
        by_name = sorted(memberships, key=lambda m: (m.tenant_id, m.env))
        request.memberships = by_name  # type: ignore[attr-defined]
        try:
            if permission is not None:
                require(request, permission)
            may_do_without = permission is not None and request.user.is_superuser
            request.for_staff = permission is not None  # type: ignore[attr-defined]
            request.context = _context(request, memberships, optional=tenant_optional or may_do_without)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error
        except StudioError as error:
            return _refusal(request, error)

    return shown


def require(request: HttpRequest, permission: str) -> None:
    """Raises Forbidden unless the caller is staff and has the permission."""
    if not (request.user.is_staff and request.user.has_perm(permission)):
        raise Forbidden(FOR_STAFF)


def _context(request: HttpRequest, memberships: list[Membership], *, optional: bool) -> Context | None:
    try:
        return context_of(request, memberships)
    except Forbidden:
        if not optional:
            raise
        return None


@dataclass(frozen=True, slots=True)
class LivePart:
    """A part of a page that refreshes itself: `html` is its markup inside the page."""

    html: SafeString
    digest: str

    def alone(self, request: HttpRequest) -> HttpResponse:
        """The answer to htmx: the part, or 204 when the reader has it already."""
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
    if getattr(request, "htmx", False) or wants_json(request):
        return _refusal(request, signed_out(request))
    return redirect_to_login(request.get_full_path())


def signed_out(request: HttpRequest) -> SignedOut:
    """The error for a script of a page whose reader is signed out, with the address to sign in at and come back from."""
    page = urlsplit(request.headers.get("Referer", ""))
    back = urlunsplit(("", "", page.path, page.query, "")) or reverse("sessions:list")
    return SignedOut(
        "You are signed out. Sign in again in a new tab, then repeat this here: nothing you typed is lost.",
        details={"signInUrl": f"{reverse('sign-in')}?{urlencode({'next': back})}"},
    )


def _refusal(request: HttpRequest, error: StudioError) -> HttpResponse:
    if wants_json(request):
        body = {"code": error.code, "message": error.message, "field": error.field, "details": error.details}
        return JsonResponse({"error": body}, status=error.status)
    template = "403.html" if isinstance(error, Forbidden) else "sessions/refused.html"
    return render(request, template, {"error": error, "reason": error.message}, status=error.status)


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, not a person."""
    return request.headers.get("Accept", "").startswith("application/json")
