"""The activity of one session, for its operators."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from media_app.models import MediaJob
from media_app.pages.job_actions import action
from media_app.pages.refresh import BUSY, IDLE
from media_app.services.job_pages import history, listing
from sessions_app.errors import NotFound
from sessions_app.services import get_session
from sessions_app.web.pages import OperatorRequest, is_part, live, page


@require_GET
@page
def steps_page(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET /sessions/{id}/steps/: everything that happened to a session, on one time axis."""
    session = get_session(request.context, session_id)
    steps = history.history(request.context, session)
    every = BUSY if any(step.row and step.row.working for step in steps) else IDLE
    facts = {"session": session, "steps": steps, "act": True}
    url = reverse("media:steps", args=[session.pk])
    part = live(request, "media/_steps.html", facts, name="steps", url=url, every=every)
    if is_part(request, "steps"):
        return part.alone(request)
    return render(request, "media/steps.html", {"session": session, "shown": part})


@require_POST
@page
def step_act(request: OperatorRequest, session_id: UUID, job_id: UUID, verb: str) -> HttpResponse:
    """POST /sessions/{id}/steps/{job}/{retry|cancel}: what an operator may do about their own session's jobs."""
    if verb not in ("retry", "cancel"):
        raise NotFound("A job can be retried or canceled here.")
    session = get_session(request.context, session_id)
    own = MediaJob.objects.in_tenant(request.context).filter(session=session)
    action(verb).run(listing.find(own, job_id))
    return HttpResponse(status=204)
