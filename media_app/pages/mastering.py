"""The page that tries mastering presets on an asset."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from media_app.core.files import accept
from media_app.core.sound import presets
from media_app.models import MediaAsset, MediaJob
from media_app.services import master_page, mastering
from sessions_app.errors import NotFound, StudioError
from sessions_app.web.pages import OperatorRequest, page


class MasteringForm(forms.Form):
    """A preset, its music, and the few options that are worth trying by ear; an empty field keeps the preset's value."""

    preset = forms.ChoiceField()
    music = forms.ChoiceField(required=False)
    target_lufs = forms.FloatField(required=False, label="Loudness, LUFS")
    music_gain_db = forms.FloatField(required=False, label="Music, dB")
    video_gain_db = forms.FloatField(required=False, label="Recorded sound, dB")
    amount_db = forms.FloatField(required=False, label="Music ducks by, dB")
    release_ms = forms.FloatField(required=False, label="Music returns in, ms")
    gate = forms.ChoiceField(
        required=False,
        label="Speech gate",
        choices=[("", "as in the preset"), *((level, level) for level in ("sensitive", "normal", "strict"))],
    )

    #: Field → its path in the preset document.
    PLACES = {
        "target_lufs": "normalization.target_lufs",
        "music_gain_db": "music_gain_db",
        "video_gain_db": "video_gain_db",
        "amount_db": "ducking.amount_db",
        "release_ms": "ducking.release_ms",
        "gate": "ducking.gate",
        "preset": "preset",
        "music": "musicAssetId",
    }

    def __init__(self, *args, asset: MediaAsset, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        music = master_page.music_choices(asset.context, asset)
        choices = {
            "preset": [(name, found["title"]) for name, found in presets.documents().items()],
            "music": [("", "none"), *((str(one.pk), _music_label(one)) for one in music)],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["data-place"] = self.PLACES[name]

    def overrides(self) -> dict:
        """The fields that were filled in, as an overlay on the preset."""
        found: dict = {}
        for name, place in self.PLACES.items():
            value = self.cleaned_data.get(name)
            if name in ("preset", "music") or value in (None, ""):
                continue
            section, _, last = place.rpartition(".")
            (found.setdefault(section, {}) if section else found)[last] = value
        return found

    def add_refusal(self, error: StudioError) -> None:
        """Show a refusal at the field that it names."""
        at = next((name for name, place in self.PLACES.items() if place == error.field), None)
        self.add_error(at, str(error))


@require_http_methods(["GET", "POST"])
@page
def mastering_page(request: OperatorRequest, asset_id: UUID) -> HttpResponseBase:
    """GET/POST /assets/{id}/mastering/: try a preset, and compare. `?job=` shows one try; `&state` answers its progress."""
    asset = MediaAsset.objects.in_tenant(request.context).select_related("session").filter(pk=asset_id).first()
    if asset is None:
        raise NotFound("This recording does not exist here.")
    tries = mastering.masters_of(asset)
    latest = tries[0] if tries and "job" not in request.GET else None
    job = next((one for one in tries if str(one.pk) == request.GET.get("job")), latest)
    if "state" in request.GET:
        return JsonResponse(_state_of(job))
    form = MasteringForm(request.POST or None, asset=asset, initial=_asked_for(job))
    if request.method == "POST" and form.is_valid() and (begun := _begin_mastering(asset, form)) is not None:
        return HttpResponseRedirect(f"{request.path}?job={begun.pk}")
    facts = _facts_of(asset, tries, job, form)
    return render(request, "media/mastering.html", facts, status=400 if form.errors else 200)


def _facts_of(asset: MediaAsset, tries: list[MediaJob], job: MediaJob | None, form: MasteringForm) -> dict[str, Any]:
    here = reverse("media:mastering", args=[asset.pk])
    documents = presets.documents()
    return {
        "asset": asset,
        "form": form,
        "tries": [(one, _title_of(one, documents)) for one in tries],
        "job": job,
        "title": _title_of(job, documents),
        "state_url": f"{here}?job={job.pk}&state" if job else "",
        "working": job is not None and job.status in MediaJob.UNFINISHED,
        "shown": master_page.compare(job, asset) if job is not None else None,
        "page_data": {
            "presets": documents,
            "assets": reverse("registry-assets"),
            "tenant": {"tenant_id": asset.tenant_id, "env": asset.env},
            "maxBytes": settings.MAX_UPLOAD_BYTES,
            "extensions": accept.known_extensions(),
        },
    }


def _title_of(job: MediaJob | None, documents: Mapping[str, Any]) -> str:
    """The title of a try's preset; its name where the preset is not offered any more."""
    name = job.input_json["preset"] if job is not None else ""
    return documents[name]["title"] if name in documents else name


def _music_label(asset: MediaAsset) -> str:
    return f"{asset.original_filename} · {asset.session}" if asset.session is not None else asset.original_filename


def _begin_mastering(asset: MediaAsset, form: MasteringForm) -> MediaJob | None:
    given = form.cleaned_data
    try:
        return mastering.start_master(
            asset.context,
            asset.pk,
            given["preset"],
            music_asset_id=given["music"] or None,
            overrides=form.overrides(),
            listen=True,
        )
    except StudioError as error:
        form.add_refusal(error)
        return None


def _state_of(job: MediaJob | None) -> dict:
    if job is None:
        return {"status": "", "percent": 0, "step": "This try no longer exists.", "working": False}
    step = job.progress_step or ("waiting for a worker" if job.status == MediaJob.Status.PENDING else "starting")
    working = job.status in MediaJob.UNFINISHED
    return {"status": job.status, "percent": job.progress_percent, "step": step, "working": working}


def _asked_for(job: MediaJob | None) -> dict:
    """The options of a try, as the form's initial values."""
    if job is None:
        return {}
    asked, over = job.input_json, job.input_json.get("overrides") or {}
    initial = {"preset": asked.get("preset"), "music": asked.get("music_asset_id") or ""}
    for name, place in MasteringForm.PLACES.items():
        section, _, last = place.rpartition(".")
        inside = over.get(section, {}) if section else over
        if last in inside:
            initial[name] = inside[last]
    return initial
