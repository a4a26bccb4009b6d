"""Frames of other shapes and highlights, as a part of a recording's page."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from media_app.pages.refresh import IDLE
from media_app.services import registry
from render_app.services import framing_page
from render_app.services.framing_page import Asked
from sessions_app.web.pages import OperatorRequest, live, page


@require_GET
@page
def panel(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/framing/?shape=&seconds=&pacing=: the part, with what is asked for."""
    asset = registry.find_asset(request.context, asset_id)
    said = {name: request.GET.get(name, "")[:20] for name in ("shape", "seconds", "pacing")}
    asked = Asked(**{name: value for name, value in said.items() if value})
    found = framing_page.read(request.context, asset, asked)
    facts = {"framing": found, "here": f"tenant_id={request.context.tenant_id}&env={request.context.env}"}
    url = f"{reverse('framing:panel', args=[asset.pk])}?{urlencode(said)}"
    # What there is to draw may be large: it is asked for again when something on the page has changed.
    every = None if found.analyzed else IDLE
    return live(request, "render/_framing.html", facts, name="framing", url=url, every=every).alone(request)
