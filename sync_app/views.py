"""The page on which a person decides: look, listen, nudge, approve."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from sessions_app.models import RecordingSession
from sessions_app.pages import OperatorRequest, page
from sessions_app.services import get_session
from sync_app import desk


@page
def review_page(request: OperatorRequest, session_id) -> HttpResponse:
    """GET /sessions/{id}/review/: the session with its angles, waveforms, evidence and history."""
    seen = desk.read(get_session(request.context, session_id))
    data = seen.as_json()
    shown = {"desk": seen, "session": seen.session, "data": data, "preloads": desk.overview_links(data)}
    return render(request, "sync/review.html", {**shown, "queue": desk.neighbours(seen.session)})


@page
def review_state(request: OperatorRequest, session_id) -> HttpResponse:
    """GET …/review/state?seen=…: what the page shows, anew; nothing (204) while its stamp is still `seen`."""
    now = desk.read(get_session(request.context, session_id))
    if request.GET.get("seen") == now.stamp:
        return HttpResponse(status=204)
    parts = {
        name: render_to_string(f"sync/_{name}.html", {"desk": now, "session": now.session}, request)
        for name in ("verdict", "history")
    }
    return JsonResponse({**now.as_json(), "parts": parts})


@page
def next_review(request: OperatorRequest, session_id) -> HttpResponse:
    """GET …/review/next: the next session that waits, asked at the moment of going."""
    return _go(request, desk.next_waiting(get_session(request.context, session_id)))


@page
def previous_review(request: OperatorRequest, session_id) -> HttpResponse:
    return _go(request, desk.previous_waiting(get_session(request.context, session_id)))


@page
def first_review(request: OperatorRequest) -> HttpResponse:
    """GET /sessions/review/: begin with the one that has waited longest."""
    waiting = RecordingSession.objects.in_tenant(request.context).awaiting_review()
    return _go(request, waiting.order_by("created_at", "pk").first())


def _go(request: OperatorRequest, session: RecordingSession | None) -> HttpResponse:
    if session is not None:
        return redirect("sync:review", session.pk)
    messages.success(request, "Nothing else waits for review.")
    return redirect("sessions:list")
