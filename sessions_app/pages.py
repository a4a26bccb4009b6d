"""What every page of the operator has in common: a signed-in person, acting in one tenant."""

import functools
from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from sessions_app.errors import Forbidden, NotFound, StudioError
from sessions_app.models import Membership
from sessions_app.tenancy import context_of

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """The view with `request.context` (who acts in which tenant) and `request.memberships` (where else they may).

    Nobody signed in is sent to sign in; who has no tenant gets a page that says what to do; a StudioError becomes a page,
    or for htmx a fragment, with its sentence.
    """

    @never_cache
    @login_required
    @functools.wraps(view)
    def shown(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        request.memberships = list(Membership.objects.filter(user_id=request.user.pk).order_by("tenant_id", "env"))
        if tuple(request.session.get("tenant", ())) not in {(m.tenant_id, m.env) for m in request.memberships}:
            request.session.pop("tenant", None)
        try:
            request.context = context_of(request)
        except Forbidden as error:
            return render(request, "403.html", {"reason": error.message}, status=403)
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error
        except StudioError as error:
            return render(request, "sessions/refused.html", {"error": error}, status=error.status)

    return shown
