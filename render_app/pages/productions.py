"""Pages over productions: the list, one with its player, and the form that begins one."""

from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from media_app import jobs, storage
from media_app.core.sound import presets
from media_app.models import MediaAsset
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import withheld
from media_app.services.master_page import music_choices
from render_app.models import Production
from render_app.services import production_rows, productions
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, StudioError, WrongStatus
from sessions_app.web.pages import OperatorRequest, is_part, live, page


class ProductionForm(forms.Form):
    """A recording, what happens to its sound, and the music that goes with that."""

    asset = forms.ChoiceField(label="Recording")
    preset = forms.ChoiceField(required=False, label="Audio")
    music = forms.ChoiceField(required=False)

    #: The API's name of a field → the form's.
    FIELDS = {"assetId": "asset", "preset": "preset", "musicAssetId": "music"}

    def __init__(self, *args, context: Context, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offered = [(name, found["title"]) for name, found in presets.documents().items()]
        choices = {
            "asset": [(str(one.pk), _label(one)) for one in production_rows.recordings(context)],
            "preset": [("", "As recorded"), *offered],
            "music": [("", "None"), *((str(one.pk), _label(one)) for one in music_choices(context))],
        }
        for name, known in choices.items():
            self.fields[name].choices = known  # type: ignore[attr-defined]

    def begin(self, context: Context) -> Production | None:
        """The production; None when it was refused, with the refusal at its field."""
        given = self.cleaned_data
        try:
            return productions.create(
                context, given["asset"], preset=given["preset"], music_asset_id=given["music"] or None
            )
        except StudioError as error:
            self.add_error(self.FIELDS.get(error.field or ""), error.message)
            return None


@require_GET
@page
def production_list(request: OperatorRequest) -> HttpResponse:
    """GET /productions/?show=: the tenant's productions."""
    show = request.GET.get("show", "")
    show = show if show in production_rows.TABS else "all"
    rows = production_rows.rows(request.context, show)
    facts = {"rows": rows, "show": show}
    url = f"{reverse('productions:list')}?show={show}"
    every = BUSY if any(row.working for row in rows) else IDLE
    shown = live(request, "render/_rows.html", facts, name="productions", url=url, every=every)
    if is_part(request, "productions"):
        return shown.alone(request)
    tabs = [(name, label) for name, (label, _) in production_rows.TABS.items()]
    return render(request, "render/list.html", {"shown": shown, "show": show, "tabs": tabs})


@require_http_methods(["GET", "POST"])
@page
def new_production(request: OperatorRequest) -> HttpResponseBase:
    """GET/POST /productions/new/?asset=: begin one."""
    chosen = {"asset": request.GET.get("asset", "")}
    form = ProductionForm(request.POST or None, initial=chosen, context=request.context)
    if request.method == "POST" and form.is_valid() and (made := form.begin(request.context)) is not None:
        return redirect("productions:one", made.pk)
    facts = {"form": form, "any": bool(form.fields["asset"].choices)}  # type: ignore[attr-defined]
    return render(request, "render/new.html", facts, status=400 if form.errors else 200)


@require_GET
@page
def one_production(request: OperatorRequest, production_id: UUID) -> HttpResponse:
    """GET /productions/{id}/: where it stands, and its player."""
    made = _found(request, production_id)
    row = production_rows.row_of(made)
    facts = {"row": row, "production": made, "measured": production_rows.measured(made)}
    url = reverse("productions:one", args=[made.pk])
    shown = live(
        request, "render/_production.html", facts, name="production", url=url, every=BUSY if row.working else None
    )
    if is_part(request, "production"):
        return shown.alone(request)
    return render(request, "render/production.html", {"shown": shown, **facts})


@require_GET
@page
def master_file(request: OperatorRequest, production_id: UUID) -> HttpResponseBase:
    """GET /productions/{id}/master/: the mastered file, to keep."""
    made = _found(request, production_id)
    withheld.refuse_made(made.asset, made.created_at)
    if not made.master_key or storage.store().head(made.master_key) is None:
        raise NotFound("This production has no mastered file in storage.")
    stem = made.asset.original_filename.rpartition(".")[0] or made.asset.original_filename
    answer = redirect(
        storage.store().url(made.master_key, filename=f"{stem}.master.{made.master_key.rpartition('.')[2]}")
    )
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@page
def retry(request: OperatorRequest, production_id: UUID) -> HttpResponse:
    """POST /productions/{id}/retry/: another try for the job that failed."""
    made = _found(request, production_id)
    if made.job is None or not production_rows.row_of(made).can_retry:
        raise WrongStatus("Only a production that failed can be retried.")
    jobs.retry(made.job)
    return HttpResponse(status=204)


def _found(request: OperatorRequest, production_id: UUID) -> Production:
    try:
        return productions.get(request.context, production_id)
    except NotFound:
        raise NotFound("This production does not exist here.") from None


def _label(asset: MediaAsset) -> str:
    if asset.session is None:
        return asset.original_filename
    camera = f"camera {asset.camera_key}" + (f" ({asset.camera_name})" if asset.camera_name else "")
    return f"{asset.session.title} · {camera} · {asset.original_filename}"
