"""`/video/multicam/sessions/{id}/first-film`: from a decided session to a captioned film, asked for once."""

from typing import Any
from urllib.parse import urlencode

from django.urls import URLPattern, path, reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from render_app.api.requests import caller_of
from render_app.core.catalogue import cut_styles
from render_app.core.first_film import LABELS, State
from render_app.exchange import formats
from render_app.services import autocut, first_film
from render_app.services.first_film import Film
from sessions_app.api import NO_CONTENT
from sessions_app.web.fields import NamedInput, Output


class FirstFilmInput(NamedInput):
    """How its cut is wanted."""

    preset = serializers.ChoiceField(list(cut_styles()), default=autocut.DEFAULT_STYLE)


class StepOutput(Output):
    """A step of the chain."""

    name = serializers.ChoiceField(list(LABELS))
    status = serializers.ChoiceField(
        [*State], help_text="left_out: it was not needed or could not be, as its message says."
    )
    progress_percent = serializers.FloatField(help_text="0 to 100, while it works.")
    message = serializers.CharField(help_text="What it does, or why it failed or was left out.")


class FirstFilmOutput(Output):
    """A first film, how far it is, and where what it made is read."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    preset = serializers.CharField()
    status = serializers.ChoiceField([*State], help_text="As its worst step; done when all are.")
    steps = StepOutput(many=True)
    project_id = serializers.UUIDField(allow_null=True, help_text="The cut, once it is made.")
    export_id = serializers.UUIDField(allow_null=True, help_text="The export, once it has begun.")
    files = serializers.DictField(
        child=serializers.CharField(),
        help_text="Name → address of the download: the film, and its captions as SRT and VTT.",
    )
    exchange = serializers.DictField(
        child=serializers.CharField(), help_text="Format → address of the project for editing programs."
    )
    created_at = serializers.DateTimeField()


class FirstFilms(NamedView):
    """GET/POST/DELETE /video/multicam/sessions/{id}/first-film: make a captioned film, see how far it is, stop it."""

    rate_scope = "work"

    @documented(responses=FirstFilmOutput, operation_id="video_multicam_first_film_get")
    def get(self, request: Request, session_id: Any) -> Response:
        """The latest film of the session."""
        return Response(_answer(first_film.find(request.context, session_id)))  # type: ignore[attr-defined]

    @documented(request=FirstFilmInput, responses={202: FirstFilmOutput}, operation_id="video_multicam_first_film")
    def post(self, request: Request, session_id: Any) -> Response:
        """Cut, listen, master, caption, export. Asked for again while it is in the making, it is the same film."""
        sent = FirstFilmInput.parse(request)
        first_film.start(caller_of(request), session_id, sent["preset"])
        return Response(_answer(first_film.find(request.context, session_id)), status=202)  # type: ignore[attr-defined]

    @documented(responses={204: NO_CONTENT}, operation_id="video_multicam_first_film_cancel")
    def delete(self, request: Request, session_id: Any) -> Response:
        """Stop what runs of it. The cut stays, if it was made."""
        first_film.cancel(request.context, session_id)  # type: ignore[attr-defined]
        return Response(status=204)


def _answer(film: Film) -> dict[str, Any]:
    row = film.row
    steps = [
        {
            "name": step.name,
            "status": step.work.state,
            "progress_percent": round(step.work.percent, 1),
            "message": step.work.message,
        }
        for step in film.steps
    ]
    return {
        "id": row.pk,
        "session_id": row.session_id,
        "preset": row.preset,
        "status": film.state,
        "steps": steps,
        "project_id": film.project_id or None,
        "export_id": row.export_id,
        "files": {one["name"]: _download(film, one["name"]) for one in film.files},
        "exchange": {form: _exchange(film, form) for form in formats() if film.project_id},
        "created_at": row.created_at,
    }


def _download(film: Film, name: str) -> str:
    return f"{reverse('export-download', args=[film.row.export_id])}?{urlencode({'output': name})}"


def _exchange(film: Film, form: str) -> str:
    whose = {"tenant_id": film.row.tenant_id, "env": film.row.env, "format": form}
    return f"{reverse('video-exchange', args=[film.project_id])}?{urlencode(whose)}"


def urls() -> list[URLPattern]:
    """The chain."""
    return [
        path("multicam/sessions/<uuid:session_id>/first-film", FirstFilms.as_view(), name="video-multicam-first-film")
    ]
