"""Hidden faces, as a part of an asset's page: a person decides about what is in doubt."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from media_app.models import MediaAsset
from media_app.pages.assets import to_store
from media_app.pages.refresh import BUSY
from media_app.services import registry
from render_app.services import anonymise, faces_page
from render_app.services.timeline_edits import Caller
from sessions_app.errors import InvalidInput
from sessions_app.web.pages import LivePart, OperatorRequest, live, page


@require_GET
@page
def panel(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/faces/: the part, which looks after itself."""
    return _part(request, registry.find_asset(request.context, asset_id)).alone(request)


@require_POST
@page
def choose(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """POST /registry/{id}/faces/choose: number, choice: what becomes of one doubtful range."""
    asset = registry.find_asset(request.context, asset_id)
    number, choice = request.POST.get("number", ""), request.POST.get("choice", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 7):
        raise InvalidInput("number: which of the doubtful ranges, from 1.", field="number")
    anonymise.choose(faces_page.waiting(request.context, asset), int(number), choice)
    return HttpResponse(_part(request, asset).html)


@require_POST
@page
def finish(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """POST /registry/{id}/faces/finish: all ranges are decided; the recording is handed out, its faces hidden."""
    asset = registry.find_asset(request.context, asset_id)
    caller = Caller(request.context, "")
    anonymise.finish(caller, faces_page.waiting(request.context, asset))
    # All of the asset's page says something else now.
    return HttpResponse(_part(request, asset).html, headers={"HX-Refresh": "true"})


@require_GET
@page
def preview(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/faces/preview: the film by which a person decides; it is linked to nowhere else."""
    row = faces_page.preview(registry.find_asset(request.context, asset_id))
    answer = to_store(request, row.key, "preview.mp4")
    answer["Cache-Control"] = "no-store"
    return answer


def _part(request: OperatorRequest, asset: MediaAsset) -> LivePart:
    found = faces_page.read(asset)
    facts = {"faces": found, "here": f"tenant_id={request.context.tenant_id}&env={request.context.env}"}
    url = reverse("faces:panel", args=[asset.pk])
    return live(request, "render/_faces.html", facts, name="faces", url=url, every=BUSY if found.working else None)
