"""What was made of a recording's sound, as a part of its page."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.models import MediaAsset
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import registry, sound_page
from sessions_app.web.pages import LivePart, OperatorRequest, live, page


def part(request: OperatorRequest, asset: MediaAsset) -> LivePart:
    """The part, which looks after itself."""
    worked = sound_page.worked_on(asset)
    facts = {"sound": worked, "here": f"tenant_id={request.context.tenant_id}&env={request.context.env}"}
    url = reverse("registry:sound", args=[asset.pk])
    return live(request, "media/_sound.html", facts, name="sound", url=url, every=BUSY if worked.working else IDLE)


@require_GET
@page
def of_asset(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/sound/: of one recording."""
    return part(request, registry.find_asset(request.context, asset_id)).alone(request)
