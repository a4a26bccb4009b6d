"""`/video/captions`: captions from words, as files for players and editors, and a person's changes."""

from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.engines import EngineJob, EngineView, answer_type, body_of
from media_app.api.named import WAIT, NamedView, documented
from media_app.core.hearing.caption_edits import Edit
from media_app.core.hearing.subtitles import FORMATS
from media_app.engines import asr
from media_app.services import captions
from sessions_app.web.fields import NamedInput, Output, Text

MAX_CHANGES = 5000


class CueChange(serializers.Serializer):
    """One change: of the caption at `index`, or a new one."""

    index = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    text = Text(required=False, allow_null=True, max_length=1000, trim_whitespace=False)
    start_ms = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31)
    end_ms = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31)
    deleted = serializers.BooleanField(required=False, default=False)
    speaker = Text(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=100,
        help_text="Who says it, such as Anna; empty: nobody known. Left out, it stays as it is. The text is not changed by it.",
    )


class CaptionChanges(NamedInput):
    """What a person changes; with `revision` nobody else's changes are lost."""

    cues = serializers.ListField(child=CueChange(), min_length=1, max_length=MAX_CHANGES)
    revision = serializers.IntegerField(required=False, allow_null=True, min_value=0)


class ShownCue(Output):
    """One caption."""

    index = serializers.IntegerField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    text = serializers.CharField(help_text="One or two lines.")
    doubtful = serializers.BooleanField(help_text="A word in it is of low confidence.")
    too_fast = serializers.BooleanField(help_text="More than 20 characters a second.")
    speaker = serializers.CharField(allow_null=True, help_text="Who says it, by the name of their microphone's camera.")


class ShownCaptions(Output):
    """All captions of a transcript."""

    artifact_id = serializers.UUIDField()
    asset_id = serializers.UUIDField()
    revision = serializers.IntegerField()
    edited_by = serializers.CharField(allow_null=True)
    edited_at = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    cues = ShownCue(many=True)


_ANSWER = answer_type(asr.ENGINE)


class GenerateCaptions(EngineView):
    """POST /video/captions/generate: a transcript, whose captions are then read as files."""

    engine = asr.ENGINE
    body = body_of(asr.ENGINE)

    @documented(
        parameters=[WAIT], request=body, responses={200: _ANSWER, 201: _ANSWER, 202: EngineJob}, summary="Making captions"
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The transcript's artifact: 200 when it is there, else 202 with the job."""
        return super().post(request)


class Captions(NamedView):
    """PATCH /video/captions/{artifact_id}: a person's changes."""

    @documented(request=CaptionChanges, responses=ShownCaptions, summary="Change captions")
    def patch(self, request: Request, artifact_id: str) -> Response:
        """Change, add or take away captions: all of it, or none where one change cannot be made."""
        said = CaptionChanges.parse(request)
        edits = [Edit(**change) for change in said["cues"]]
        context = request.context  # type: ignore[attr-defined]
        changed = captions.edit(
            context, artifact_id, edits, revision=said.get("revision"), by=request.user.get_username()
        )
        return Response(changed.as_json())


class CaptionFile(NamedView):
    """One form in which captions are read; `written` is set for each."""

    written = "json"

    def get(self, request: Request, artifact_id: str) -> Any:
        """The captions as they stand."""
        return self.answer(captions.captions_of(request.context, artifact_id), artifact_id)  # type: ignore[attr-defined]

    def answer(self, found: Any, id: Any) -> Response | HttpResponse:
        """What has `cues` and says itself as JSON, in the form of this view."""
        if self.written == "json":
            return Response(found.as_json())
        form = FORMATS[self.written]
        answer = HttpResponse(form.write(found.cues), content_type=f"{form.content_type}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="captions-{id}.{self.written}"'
        return answer


def file_urls(view: type[CaptionFile], route: str, name: str, shown: Any, **schema: Any) -> list[URLPattern]:
    """A route for each form, below `route`; `name` begins their names, `shown` is what JSON has, `summary` the schema's."""
    return [_file_url(view, f"{route}/{form}", f"{name}-{form}", shown, form, **schema) for form in FORMATS]


def _file_url(
    view: type[CaptionFile], route: str, name: str, shown: Any, form: str, *, summary: str, **schema: Any
) -> URLPattern:
    answer = shown if form == "json" else {(200, FORMATS[form].content_type): OpenApiTypes.STR}
    made: type[CaptionFile] = type(
        f"{view.__name__}{form.title()}", (view,), {"written": form, "__doc__": view.__doc__}
    )
    said = {"responses": answer, "operation_id": name.replace("-", "_"), "summary": f"{summary} as {form.upper()}"}
    return path(route, extend_schema_view(get=documented(**said, **schema))(made).as_view(), name=name)


urls = [
    path("video/captions/generate", GenerateCaptions.as_view(http_method_names=["post", "options"]), name="captions"),
    path("video/captions/<uuid:artifact_id>", Captions.as_view(), name="captions-edit"),
    *file_urls(CaptionFile, "video/captions/<uuid:artifact_id>", "captions", ShownCaptions, summary="Captions"),
]
