"""The registry's pages: every file of the tenant, and one with its facts, artifacts and lineage."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from media_app.core import kinds
from media_app.models import MediaAsset
from media_app.models.assets import validate_tags
from media_app.pages import picture, sound, words
from media_app.pages.assets import to_store
from media_app.services import originals, registry, registry_page, withheld, words_page
from sessions_app.errors import InvalidInput
from sessions_app.web.pages import OperatorRequest, page

PAGE_SIZE = 50
FILTERS = ("search", "kind", "tag")
#: Status → the tone and the word of its badge.
BADGES = {
    "uploading": ("busy", "Arriving"),
    "ingesting": ("busy", "Processing"),
    "ready": ("good", "Ready"),
    "failed": ("bad", "Failed"),
}


@require_GET
@page
def registry_list(request: OperatorRequest) -> HttpResponse:
    """GET /registry/?search=&kind=&tag=&page=: the tenant's files, the newest first."""
    asked = {name: request.GET.get(name, "")[:200] for name in FILTERS}
    if asked["kind"] not in MediaAsset.Kind.values:
        asked["kind"] = ""
    found = registry_page.searched(request.context, **asked)
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    for asset in shown.object_list:
        asset.badge = BADGES[asset.status]  # type: ignore[attr-defined]
    numbers = shown.paginator.get_elided_page_range(shown.number)
    facts = {
        "page": shown,
        "pages": [(number, f"?{urlencode({**asked, 'page': number})}") for number in numbers],
        "filter": asked,
        "filtered": any(asked.values()),
        "kinds": MediaAsset.Kind.choices,
    }
    return render(request, "media/registry.html", facts)


@require_GET
@page
def asset_page(request: OperatorRequest, asset_id: str) -> HttpResponse:
    """GET /registry/{id}/: one file: player, facts, tags, lineage, artifacts."""
    asset = registry.find_asset(request.context, asset_id)
    rows = list(asset.derivatives.listed().defer("meta").order_by("kind", "start_ms", "variant")[: registry_page.MOST])
    given = {row.pk for row in rows if withheld.is_handed_out(row, on_page=True)}
    made = {row.kind: row for row in rows if row.expired_at is None and row.pk in given}
    originals.look([asset])
    facts = {
        "asset": asset,
        "fault": originals.fault_of(asset),
        "badge": BADGES[asset.status],
        "rows": [(kinds.label(row.kind), row, row.pk in given) for row in rows],
        "proxy": made.get(kinds.PROXY.name),
        "poster": made.get(kinds.THUMBNAIL.name),
        "sound": made.get(kinds.AUDIO_WAV.name),
        "facts": [(name, text) for name, text in _facts(asset) if text],
        "picture": registry_page.lineage_of(asset),
        "tags": ", ".join(asset.tags),
        "sound_work": sound.part(request, asset),
        "picture_work": picture.part(request, asset) if asset.kind == MediaAsset.Kind.VIDEO else None,
        "words": words.part(request, words_page.heard_in(asset), reverse("registry:words", args=[asset.pk])),
    }
    return render(request, "media/registry_asset.html", facts)


@require_GET
@page
def original(request: OperatorRequest, asset_id: str) -> HttpResponse:
    """GET /registry/{id}/original/: the file as it came."""
    asset = registry.find_asset(request.context, asset_id)
    found = originals.handed_out(asset)
    return to_store(request, found.key, found.filename)


@require_POST
@page
def set_tags(request: OperatorRequest, asset_id: str) -> HttpResponse:
    """POST /registry/{id}/tags: words between commas."""
    typed = [word.strip() for word in request.POST.get("tags", "").split(",")]
    tags = list(dict.fromkeys(word for word in typed if word))
    try:
        validate_tags(tags)
    except ValidationError as error:
        raise InvalidInput(error.messages[0], field="tags") from error
    registry.change_asset(request.context, asset_id, {"tags": tags})
    messages.success(request, "Tags saved.")
    return redirect("registry:asset", asset_id)


def _facts(asset: MediaAsset) -> list[tuple[str, Any]]:
    rate = f"{asset.fps.removesuffix('/1')} fps{', variable' if asset.variable_frame_rate else ''}" if asset.fps else ""
    return [
        ("Picture", ", ".join(part for part in (asset.codec, asset.resolution, rate) if part)),
        ("Sound", ", ".join(_sound(asset)) if asset.has_audio else ""),
        ("Timecode", asset.timecode),
        ("Your reference", asset.source_ref),
        ("Came from", asset.source_uri),
        ("User", asset.user_id),
        ("Checksum", asset.checksum),
        ("Asset ID", str(asset.pk)),
    ]


def _sound(asset: MediaAsset) -> Iterator[str]:
    """What is known of it: a file that was only registered may have none of it."""
    if asset.audio_codec:
        yield asset.audio_codec
    if asset.sample_rate:
        yield f"{asset.sample_rate} Hz"
    if asset.audio_channels:
        yield f"{asset.audio_channels} channel{'s' if asset.audio_channels != 1 else ''}"
