"""What is heard in a recording, as a part of its page and of its shoot's review page."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.pages.refresh import BUSY, IDLE
from media_app.services import registry, words_page
from media_app.services.words_page import Heard
from sessions_app.services import get_session
from sessions_app.web.pages import LivePart, OperatorRequest, live, page

TEMPLATE, NAME = "media/_words.html", "words"


def part(request: OperatorRequest, heard: Heard | None, url: str) -> LivePart:
    """The part, which looks after itself."""
    every = BUSY if heard is not None and heard.working else IDLE
    facts = {"heard": heard, "here": f"tenant_id={request.context.tenant_id}&env={request.context.env}"}
    return live(request, TEMPLATE, facts, name=NAME, url=url, every=every)


@require_GET
@page
def of_asset(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/words/: of one recording."""
    asset = registry.find_asset(request.context, asset_id)
    return part(request, words_page.heard_in(asset), reverse("registry:words", args=[asset_id])).alone(request)


@require_GET
@page
def of_shoot(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET /sessions/{id}/words/: of the camera of a shoot that was listened to."""
    session = get_session(request.context, session_id)
    url = reverse("media:words", args=[session_id])
    return part(request, words_page.heard_in_shoot(session), url).alone(request)
