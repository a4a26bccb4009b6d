"""The captions of a recording: its picture with them in it, their texts, and a strip on which they are dragged."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.models import MediaAsset
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import registry, words_page
from media_app.services.captions import Captions
from render_app.services import captions_page
from sessions_app.web.pages import LivePart, OperatorRequest, live, page

MAKING = "captions-making"


@require_GET
@page
def editor(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET /registry/{id}/captions/: the captions to change; before there are any, the button that makes them."""
    asset = registry.find_asset(request.context, asset_id)
    found = captions_page.captions_in(asset)
    facts: dict[str, Any] = {"asset": asset, "captions": found, "tenant": _tenant(asset)}
    if found is None:
        return render(request, "render/captions.html", {**facts, "making": _making(request, asset)})
    return render(request, "render/captions.html", {**facts, "data": _data(asset, found)})


@require_GET
@page
def making(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET …/captions/making: how far the work is; once it is done, the page itself is loaded anew."""
    asset = registry.find_asset(request.context, asset_id)
    if captions_page.captions_in(asset) is not None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _making(request, asset).alone(request)


@require_GET
@page
def state(request: OperatorRequest, asset_id: UUID) -> HttpResponse:
    """GET …/captions/state?seen=…: the captions' revision, who changed them, and fresh links; 204 while the revision is the one that the
    page has seen."""
    asset = registry.find_asset(request.context, asset_id)
    revision, by = captions_page.last_change_of(asset)
    if str(revision) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return JsonResponse({"revision": revision, "by": by, "links": captions_page.links_of(asset)})


def _making(request: OperatorRequest, asset: MediaAsset) -> LivePart:
    heard = words_page.heard_in(asset)
    facts = {"heard": heard, "asset": asset, "job": heard.jobs.get("transcript"), "tenant": _tenant(asset)}
    url, every = reverse("captions:making", args=[asset.pk]), BUSY if heard.working else IDLE
    return live(request, "render/_captions_making.html", facts, name=MAKING, url=url, every=every)


def _tenant(asset: MediaAsset) -> str:
    return urlencode({"tenant_id": asset.tenant_id, "env": asset.env})


def _data(asset: MediaAsset, found: Captions) -> dict[str, Any]:
    """What the page's script begins with; the captions in the API's shape."""
    id, tenant = found.transcript.pk, _tenant(asset)
    names = asset.session.camera_names.values() if asset.session is not None else ()
    return {
        "captions": found.as_json(),
        "durationMs": found.duration_ms,
        "rate": asset.fps or captions_page.SOUND_RATE,
        "hasPicture": asset.kind == MediaAsset.Kind.VIDEO,
        "links": captions_page.links_of(asset),
        "trouble": f"Withheld: {asset.withheld}" if asset.withheld else "",
        "style": captions_page.style_of(asset),
        "limits": captions_page.limits(),
        "names": sorted({name for name in names if name}),
        "urls": {
            "change": f"{reverse('captions-edit', args=[id])}?{tenant}",
            "read": f"{reverse('captions-json', args=[id])}?{tenant}",
            "state": reverse("captions:state", args=[asset.pk]),
        },
    }
