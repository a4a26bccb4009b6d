"""What was made of a recording's picture, as a part of its page."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.engines import regions, visual_meta
from media_app.engines.base import Engine
from media_app.models import MediaAsset
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import picture_page, registry
from media_app.services.picture_page import Drawn
from sessions_app.web.pages import LivePart, OperatorRequest, live, page


def part(request: OperatorRequest, asset: MediaAsset) -> LivePart:
    """The part, which looks after itself."""
    looked = picture_page.looked_at(asset)
    facts = {
        "looked": looked,
        "see_again": _is_outdated(looked.seen, visual_meta.ENGINE),
        "find_again": _is_outdated(looked.regions, regions.ENGINE),
        "here": f"tenant_id={request.context.tenant_id}&env={request.context.env}",
    }
    url = reverse("registry:picture", args=[asset.pk])
    return live(request, "media/_picture.html", facts, name="picture", url=url, every=BUSY if looked.working else IDLE)


def _is_outdated(drawn: Drawn | None, engine: Engine) -> bool:
    """Whether another look gives something else: this one cannot be read, or another version of the engine made it. What a person has
    changed since is kept."""
    if drawn is None or drawn.row.meta.get("backend_type") == "none":
        return False
    return drawn.drawing is None or drawn.row.meta.get("backend_version") != engine.backend.version


@require_GET
@page
def of_asset(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/picture/: of one recording."""
    return part(request, registry.find_asset(request.context, asset_id)).alone(request)
