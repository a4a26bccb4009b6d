"""`/video/projects/{id}/captions/{srt|vtt|ass|json}`: what is said in a program, as files for players and editors."""

from typing import Any

from django.urls import URLPattern
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from media_app.api.captions import CaptionFile, ShownCue, file_urls
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


class ProgramCaptionFile(CaptionFile):
    """One form in which the captions of a program are read."""

    def get(self, request: Request, project_id: Any) -> Any:  # type: ignore[override]
        """The captions of the program as it is cut now."""
        sequence_id = request.query_params.get("sequence_id")
        return self.answer(program_captions.of_project(request.context, project_id, sequence_id), project_id)  # type: ignore[attr-defined]


def urls() -> list[URLPattern]:
    """A program's captions, in each form."""
    about = {"summary": "Captions of a program", "parameters": [SEQUENCE]}
    route = "projects/<uuid:project_id>/captions"
    return file_urls(ProgramCaptionFile, route, "project-captions", ShownProgramCaptions, **about)
