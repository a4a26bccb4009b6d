"""The angle editor of a session: watch its cameras in step, cut with the number keys, export."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.services.withheld import Withheld
from render_app.api.cuts import CutOutput
from render_app.api.edit import EditOutput
from render_app.core import catalogue
from render_app.core.cut import NotACut
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.timeline.nouns import Text
from render_app.services import cuts, export_choices
from render_app.services.edit import NotDecided
from sessions_app.errors import InvalidInput
from sessions_app.models import RecordingSession
from sessions_app.services import get_session
from sessions_app.web.pages import OperatorRequest, page


@require_GET
@page
def editor(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET /sessions/{id}/angles/?project=…: the cut of an approved session; without a decided sync, why there is none."""
    session = get_session(request.context, session_id)
    project_id = _project_id(request)
    try:
        shown = cuts.read(request.context, session_id, project_id)
    except NotDecided:
        return render(request, "render/angles.html", {"session": session, "undecided": True})
    except (NotACut, Withheld) as refused:
        return render(request, "render/angles.html", {"session": session, "refused": refused, "project_id": project_id})
    angles = _angles(session, shown.edit)
    facts = {"session": session, "cut": shown, "angles": angles, "data": _data(session, shown, angles)}
    return render(request, "render/angles.html", facts | {"choices": export_choices.choices_of(request.context)})


@require_GET
@page
def state(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET …/angles/state?project=…&seen=…&sync=…: the cut's revision, who made it, and the version of the sync; 204 while both are
    those that the page has seen."""
    project = cuts.find(request.context, get_session(request.context, session_id).pk, _project_id(request))
    revision, sync = project.revision if project else 0, cuts.sync_version(session_id)
    if (str(revision), str(sync)) == (request.GET.get("seen"), request.GET.get("sync")):
        return HttpResponse(status=204)
    return JsonResponse({"revision": revision, "by": cuts.last_actor(project), "sync": sync})


def _project_id(request: OperatorRequest) -> UUID | None:
    """The project that the address names. Raises InvalidInput."""
    text = request.GET.get("project", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InvalidInput("project is the id of a project of this session.", field="project") from None


def _angles(session: RecordingSession, edit: MulticamEdit) -> list[dict[str, Any]]:
    """The cameras with a picture, in the order of their numbers."""
    seen = cuts.cameras_of(edit).seen
    names = session.camera_names
    return [{"label": label, "name": names.get(label) or edit.cameras[label][0].original_filename} for label in seen]


def _data(session: RecordingSession, shown: cuts.CutPage, angles: list[dict[str, Any]]) -> dict[str, Any]:
    """What the page's script begins with, in the API's shapes."""
    return {
        "session": {"id": str(session.pk), "title": session.title},
        "edit": EditOutput(shown.edit).data,
        "cut": CutOutput(shown).data,
        "angles": angles,
        "sounds": list(cuts.cameras_of(shown.edit).heard),
        "transitions": [
            {"type": one.name, "label": one.label, "durationMs": one.duration_ms}
            for one in catalogue.transitions().values()
        ],
        "texts": _texts(),
        "urls": {
            "cut": reverse("cut", args=[session.pk]),
            "edit": reverse("edit", args=[session.pk]),
            "title": reverse("cut-title", args=[session.pk]),
        },
    }


def _texts() -> dict[str, Any]:
    """The styles that a title may have, the fonts that ship, and a title's fields as they come; all named as the API does."""
    plain = asdict(Text(""))
    return {
        "presets": [
            {"name": one.name, "label": one.label, "style": dict(one.style)}
            for one in catalogue.text_presets().values()
        ],
        "fonts": list(catalogue.fonts()),
        "plain": {name: plain[name] for name in ("font", "size", "tracking", "fill", "outline", "align", "box")},
    }
