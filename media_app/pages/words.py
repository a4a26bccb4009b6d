"""What is heard in a recording, as a part of its page and of its shoot's review page."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from media_app.models import MediaAsset
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import registry, words_page
from media_app.services.words_page import Heard
from sessions_app.services import get_session
from sessions_app.web.pages import LivePart, OperatorRequest, live, page

TEMPLATE, NAME = "media/_words.html", "words"
#: More segments than half an hour of talk has, and how often they are drawn while something is made.
MANY, LONG = 500, 10


def part(request: OperatorRequest, heard: Heard | None, url: str, choices: Sequence[MediaAsset] = ()) -> LivePart:
    """The part, which looks after itself. `choices`: the recordings of the shoot that one may choose from."""
    every = IDLE if heard is None else _every(heard)
    facts = {
        "heard": heard,
        "choices": choices,
        "here": f"tenant_id={request.context.tenant_id}&env={request.context.env}",
    }
    return live(request, TEMPLATE, facts, name=NAME, url=url, every=every)


def _every(heard: Heard) -> int | None:
    """How often the part is asked for. To draw many words is work: they are drawn seldom, and once nothing is made any more, not again."""
    if heard.working:
        return LONG if len(heard.lines) > MANY else BUSY
    return None if heard.complete or len(heard.lines) > MANY else IDLE


@require_GET
@page
def of_asset(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/words/: of one recording."""
    asset = registry.find_asset(request.context, asset_id)
    return part(request, words_page.heard_in(asset), reverse("registry:words", args=[asset_id])).alone(request)


@require_GET
@page
def of_shoot(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET /sessions/{id}/words/?camera=…: of a recording of a shoot, or of the one that was listened to."""
    session = get_session(request.context, session_id)
    key = request.GET.get("camera", "")
    url = reverse("media:words", args=[session_id])
    address = f"{url}?{urlencode({'camera': key})}" if key else url
    heard = words_page.heard_in_shoot(session, key)
    return part(request, heard, address, words_page.recordings_of(session)).alone(request)


@require_GET
@page
def marks(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET /sessions/{id}/words/marks?camera=…: what is heard in the clips of a camera, in ms of each one's own clock, for a page to draw."""
    session = get_session(request.context, session_id)
    return JsonResponse({"recordings": words_page.marks_in_shoot(session, request.GET.get("camera", ""))})
