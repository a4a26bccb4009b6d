"""`/video/projects/{id}/exchange` and `/video/projects/import`: edits for editing programs, and back."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from media_app.core.time.timebase import parse_rate
from render_app.api import shown
from render_app.api.requests import AnyAccept, caller_of, with_revision
from render_app.api.resource import RESOURCES, answered
from render_app.core.edit.media import CHOICES
from render_app.core.edit.readers import TARGETS
from render_app.exchange import Document, formats
from render_app.exchange.guard import MOST_BYTES
from render_app.services import exchange, exchange_import, loss_reports
from render_app.services.loss_reports import Wish
from sessions_app.errors import InvalidInput
from sessions_app.web.fields import NamedInput, Output, Text
from sessions_app.web.parsing import FormWithFile

#: The types of the documents that formats are written as.
TYPES = (
    "application/octet-stream",
    "application/xml",
    "application/zip",
    "application/vnd.pixar.opentimelineio+json",
    "text/plain",
)
MEDIA = OpenApiParameter(
    "media", enum=list(CHOICES), description="The files that the edit points at. Left out: original."
)
MEDIA_ROOT = OpenApiParameter(
    "mediaRoot",
    description="The folder of the media on the editor's machine, such as /Volumes/Shoot or D:\\Shoot. "
    "Left out: links to the store, which expire.",
)
TARGET = OpenApiParameter(
    "target",
    enum=list(TARGETS),
    description="The program that will read the edit: each reads the timecode of some files differently, and Premiere takes no "
    "comments in an EDL. Left out: the one that usually reads the format.",
)
ZIP = OpenApiParameter(
    "zip", bool, description="A ZIP with the document, its media by relative paths, and the loss report."
)
REPORT = OpenApiParameter(
    "report", bool, description="Instead of the document, as JSON, what the format does not carry of the edit."
)


class LossOutput(Output):
    """Something that the format does not carry, or not as it is; its record's id stands beside it."""

    code = serializers.CharField(help_text="text, filters, automation, speed, transition, drift, mixed_rates …")
    message = serializers.CharField()
    not_written = serializers.BooleanField(help_text="Whether the format has a form for it that Studio does not write.")


class LossReport(Output):
    """What is handed on in a format, and everything that is not."""

    format = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    rate = serializers.CharField(help_text="Frames per second, exact.")
    frames = serializers.IntegerField()
    video_tracks = serializers.IntegerField()
    audio_tracks = serializers.IntegerField()
    files = serializers.ListField(child=serializers.CharField())
    losses = LossOutput(many=True)


class ProjectExchange(AnyAccept, NamedView):
    """GET /video/projects/{id}/exchange: a sequence of the project for an editing program."""

    rate_scope = "export"
    rate_reads = True

    @documented(
        parameters=[
            OpenApiParameter("format", enum=list(formats()), required=True),
            OpenApiParameter(
                "sequence_id", OpenApiTypes.UUID, description="One of the project's; left out, its first."
            ),
            *(MEDIA, MEDIA_ROOT, TARGET, ZIP, REPORT),
        ],
        responses={(200, "application/json"): LossReport, **{(200, kind): OpenApiTypes.BINARY for kind in TYPES}},
    )
    def get(self, request: Request, project_id: Any) -> HttpResponseBase:
        """The document; with zip=1 a ZIP of it and its media, with report=1 what it does not carry."""
        wish, zipped = wish_of(request), flag(request, "zip")
        found = exchange.of_project(
            request.context,  # type: ignore[attr-defined]
            project_id,
            request.query_params.get("sequence_id"),
            wish,
            absolute=request.build_absolute_uri,
            folder=exchange.FOLDER if zipped else None,
        )
        if flag(request, "report"):
            exchange.document(found, wish)
            return Response(loss_reports.report(found.assembly, wish))
        if zipped:
            name, blocks = exchange.package(found, wish)
            return streamed(blocks, name)
        return download(exchange.document(found, wish))


class ImportForm(NamedInput):
    """An edited file, as a form."""

    file = serializers.FileField(help_text="The edit; at most 20 MB.", allow_empty_file=True)
    title = Text(required=False, max_length=200, help_text="Of the project; left out, the edit's own.")
    session_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Match this session's files alone, and make their clips shots of its cameras.",
    )
    timebase = serializers.CharField(
        required=False, max_length=30, help_text="Frames per second, 25 or 30000/1001: for an EDL, which does not say."
    )


class UnmatchedOutput(Output):
    """A clip of the edit that is not in the project, and why."""

    name = serializers.CharField()
    reel = serializers.CharField()
    track = serializers.CharField()
    start_ms = serializers.FloatField()
    reason = serializers.CharField()


class ImportedEdit(Output):
    """The project that was made of an edit, and what is not in it."""

    project = answered(RESOURCES[0])()
    sequence_id = serializers.UUIDField()
    clips = serializers.IntegerField(help_text="How many the project has.")
    untouched = serializers.BooleanField(help_text="Studio's own file, as it was written: the sequence is the same.")
    unmatched = UnmatchedOutput(many=True)
    ignored = serializers.ListField(child=serializers.CharField(), help_text="What else the edit has, as sentences.")
    notes = serializers.ListField(
        child=serializers.CharField(),
        help_text="With session_id: how many clips are shots of the session's cameras, and which stay files and why, as sentences; "
        "101 at most.",
    )


class ImportEdit(AnyAccept, NamedView):
    """POST /video/projects/import: make a project of an edited file."""

    parser_classes = [FormWithFile]
    rate_scope = "upload"

    @documented(
        request={"multipart/form-data": ImportForm},
        parameters=[OpenApiParameter("format", enum=exchange_import.readable(), required=True)],
        responses={201: ImportedEdit},
    )
    def post(self, request: Request) -> Response:
        """Clips are matched to files by name, timecode and length; what does not match is listed, of a refusal in `details`."""
        said = ImportForm.parse(request)
        sent = exchange_import.Sent(
            format=request.query_params.get("format", ""),
            body=said["file"].read(MOST_BYTES + 1),
            title=said.get("title", ""),
            session_id=said.get("session_id"),
            rate=_rate(said.get("timebase", "")),
        )
        made = exchange_import.import_edit(caller_of(request), sent)
        answer = {
            "project": shown.project(made.project),
            "sequence_id": str(made.sequence.pk),
            "clips": made.clips,
            "untouched": made.untouched,
            "unmatched": [one.as_json for one in made.unmatched],
            "ignored": list(made.ignored),
            "notes": list(made.notes),
        }
        return with_revision(Response(answer, 201), made.project.revision)


def _rate(text: str) -> Fraction | None:
    try:
        return parse_rate(text) if text else None
    except ValueError as error:
        raise InvalidInput(str(error), field="timebase") from None


def wish_of(request: Request) -> Wish:
    """What a request wishes of an edit. Raises InvalidInput."""
    asked = request.query_params
    target, root = asked.get("target", ""), asked.get("mediaRoot", "")
    if target and target not in TARGETS:
        raise InvalidInput(f"This target does not exist. Choose one of {', '.join(TARGETS)}.", field="target")
    return Wish(asked.get("format", ""), asked.get("media", "original"), root[:1000], target)


def flag(request: Request, name: str) -> bool:
    """A parameter that is yes or no. Raises InvalidInput."""
    said = request.query_params.get(name, "").lower()
    if said not in ("", "0", "1", "true", "false"):
        raise InvalidInput(f"{name} is 1 or 0.", field=name)
    return said in ("1", "true")


def download(document: Document) -> HttpResponse:
    """A document as a file."""
    answer = HttpResponse(document.body, content_type=document.content_type)
    answer["Content-Disposition"] = content_disposition_header(True, document.filename)
    return answer


def streamed(blocks: Iterator[bytes], filename: str) -> StreamingHttpResponse:
    """A ZIP, sent while it is made."""
    answer = StreamingHttpResponse(blocks, content_type="application/zip")
    answer["Content-Disposition"] = content_disposition_header(True, filename)
    return answer


def urls() -> list[URLPattern]:
    """The addresses of exchange."""
    return [
        path("projects/import", ImportEdit.as_view(), name="video-import"),
        path("projects/<uuid:project_id>/exchange", ProjectExchange.as_view(), name="video-exchange"),
    ]
