"""Masks put to use in clips, as a part of a recording's page."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from media_app.models import MediaAsset
from media_app.services import registry
from render_app.services import masks_page
from render_app.services.timeline_edits import Caller
from sessions_app.errors import StudioError
from sessions_app.web.pages import LivePart, OperatorRequest, live, page


@require_GET
@page
def panel(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/masks/: the part, which is asked for again when something on the page has changed."""
    return _part(request, registry.find_asset(request.context, asset_id)).alone(request)


@require_POST
@page
def use(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """POST /registry/{id}/masks/use: mask, clip, use: the mask works in the clip from now on."""
    asset = registry.find_asset(request.context, asset_id)
    mask, clip, how = (request.POST.get(name, "")[:60] for name in ("mask", "clip", "use"))
    said = {"mask": mask, "clip": clip, "use": how}
    try:
        said["done"] = masks_page.use(_caller(request), asset, (mask, clip), how).track.sequence.project.title
    except StudioError as error:
        said["trouble"] = error.message
    return HttpResponse(_part(request, asset, said).html)


def _part(request: OperatorRequest, asset: MediaAsset, said: dict[str, str] | None = None) -> LivePart:
    facts = {"masks": masks_page.read(_caller(request), asset), "said": said or {}}
    url = reverse("masks:panel", args=[asset.pk])
    return live(request, "render/_masks.html", facts, name="masks", url=url, every=None)


def _caller(request: OperatorRequest) -> Caller:
    return Caller(request.context, "")
