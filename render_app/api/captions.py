"""`/video/projects/{id}/captions/{srt|vtt|ass|json}`: what is said in a program, as files for players and editors."""

from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.captions import ShownCue
from media_app.api.named import NamedView, documented
from media_app.core.hearing.subtitles import FORMATS
from render_app.services import program_captions
from sessions_app.web.fields import Output

SEQUENCE = OpenApiParameter(
    "sequence_id", OpenApiTypes.UUID, description="One of the project's sequences. Left out: its first."
)


class ShownProgramCaptions(Output):
    """The captions of a program, in ms of its sequence, on its frames."""

    project_id = serializers.UUIDField()
    sequence_id = serializers.UUIDField()
    revision = serializers.IntegerField(help_text="Of the project, when they were read.")
    rate = serializers.CharField(help_text="Frames per second of the sequence, exact.")
    transcript_ids = serializers.ListField(child=serializers.UUIDField(), help_text="What they were made from.")
    cues = ShownCue(many=True)


class ProgramCaptionFile(NamedView):
    """One form in which the captions of a program are read; `written` is set for each."""

    written = "json"

    def get(self, request: Request, project_id: Any) -> Any:
        """The captions of the program as it is cut now."""
        sequence_id = request.query_params.get("sequence_id")
        found = program_captions.of_project(request.context, project_id, sequence_id)  # type: ignore[attr-defined]
        if self.written == "json":
            return Response(found.as_json())
        form = FORMATS[self.written]
        answer = HttpResponse(form.write(found.cues), content_type=f"{form.content_type}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="captions-{project_id}.{self.written}"'
        return answer


def _file_url(name: str) -> URLPattern:
    shown: Any = ShownProgramCaptions if name == "json" else {(200, FORMATS[name].content_type): OpenApiTypes.STR}
    traits = {"written": name, "__doc__": f"GET /video/projects/{{project_id}}/captions/{name}."}
    made: type[ProgramCaptionFile] = type(f"ProgramCaptions{name.title()}", (ProgramCaptionFile,), traits)
    read = documented(
        responses=shown,
        parameters=[SEQUENCE],
        operation_id=f"project_captions_{name}",
        summary=f"Captions of a program as {name.upper()}",
    )
    view = extend_schema_view(get=read)(made)
    return path(f"projects/<uuid:project_id>/captions/{name}", view.as_view(), name=f"project-captions-{name}")


def urls() -> list[URLPattern]:
    """A program's captions, in each form."""
    return [_file_url(name) for name in FORMATS]
