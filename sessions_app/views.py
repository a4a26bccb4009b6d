"""The list of sessions, and which tenant a person looks at."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from sessions_app.models import RecordingSession
from sessions_app.pages import page


@page
def session_list(request: HttpRequest) -> HttpResponse:
    """GET /sessions/: every shoot of the tenant, those that wait for a person first."""
    sessions = RecordingSession.objects.in_tenant(request.context)[:50]
    return render(request, "sessions/list.html", {"sessions": sessions})


@require_POST
@page
def choose_tenant(request: HttpRequest) -> HttpResponseRedirect:
    """POST /sessions/tenant/: look at another of the caller's tenants from now on."""
    chosen = next((m for m in request.memberships if str(m.pk) == request.POST.get("membership")), None)
    if chosen is not None:
        request.session["tenant"] = (chosen.tenant_id, chosen.env)
    return redirect("sessions:list")
