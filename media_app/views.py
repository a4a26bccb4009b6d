"""Pages over files and jobs: sending them, watching them, mending them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from media_app.models import MediaJob
from sessions_app.pages import page
from sessions_app.services import get_session


@page
def new_session(request: HttpRequest) -> HttpResponse:
    """GET /sessions/new/: drop the cameras' files."""
    return render(request, "media/new.html")


@page
def session_page(request: HttpRequest, session_id) -> HttpResponse:
    """GET /sessions/{id}/: one shoot, its cameras and what happens to them."""
    return render(request, "media/session.html", {"session": get_session(request.context, session_id)})


@page
def jobs_page(request: HttpRequest) -> HttpResponse:
    """GET /ops/jobs/: what the workers do, and what went wrong."""
    return render(request, "media/jobs.html", {"jobs": MediaJob.objects.in_tenant(request.context)[:50]})
