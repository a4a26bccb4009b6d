"""`/api/export`: switch points, or a project, into files."""

from typing import Any

import django_filters
from django.http import HttpResponseRedirect
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app.services import webhooks
from media_app.services.withheld import Withheld
from render_app.api.described import AnyObject
from render_app.core.export.schema import export_schema, in_openapi
from render_app.models import Export
from render_app.services import exports
from sessions_app.api import NO_CONTENT
from sessions_app.errors import InvalidInput
from sessions_app.web.fields import Output

REQUEST = {"application/json": in_openapi(export_schema())}
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description="The same key and request are one export, however often they are sent.",
)  # fmt: skip
OUTPUT = OpenApiParameter(
    "output",
    str,
    description="An output's name, a caption file's (main.srt), or thumbnail; left out, the first output.",
)


def _link(export: Export, file: dict[str, Any]) -> str | None:
    """None for a film that shows people who are to be hidden."""
    try:
        return exports.link(export, file)
    except Withheld:
        return None


class ExportStarted(Output):
    """An export that was put into the queue: look at `statusUrl` until it has ended."""

    jobId = serializers.UUIDField(source="pk")
    status = serializers.CharField()
    statusUrl = serializers.SerializerMethodField()
    webhookSecret = serializers.SerializerMethodField(
        help_text="Signs the messages to webhookUrl, and is shown here alone; null where no webhookUrl was sent."
    )

    def get_statusUrl(self, export: Export) -> str:
        """Where to look."""
        return f"/api/export/{export.pk}/status"

    def get_webhookSecret(self, export: Export) -> str | None:
        """Derived from the installation's key, and kept nowhere."""
        return webhooks.secret_of(export.webhook) if export.webhook else None


class ExportFile(Output):
    """A file that was made, as measured in it."""

    name = serializers.CharField()
    url = serializers.SerializerMethodField(
        help_text="Signed, with Range; it expires. Null while faces in it are withheld."
    )
    contentType = serializers.CharField(source="content_type")
    sizeBytes = serializers.IntegerField(source="size_bytes")
    checksum = serializers.CharField(help_text="SHA-256.")
    durationMs = serializers.FloatField(source="duration_ms", allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    fps = serializers.CharField(allow_null=True, help_text="Exact: 30000/1001.")
    frames = serializers.IntegerField(allow_null=True)

    def get_url(self, file: dict[str, Any]) -> str | None:
        """Where to fetch it."""
        return _link(self.context["export"], file)


class ExportError(Output):
    """Why an export failed, or was canceled."""

    code = serializers.CharField()
    message = serializers.CharField()


class ExportStatus(Output):
    """How far an export is, and what it made."""

    jobId = serializers.UUIDField(source="pk")
    status = serializers.ChoiceField(Export.STATUSES)
    percent = serializers.SerializerMethodField(help_text="By frames.")
    etaSeconds = serializers.FloatField(source="job.eta_seconds", default=None, allow_null=True)
    step = serializers.CharField(source="job.progress_step", default="")
    sessionId = serializers.UUIDField(source="session_id", allow_null=True)
    projectId = serializers.UUIDField(source="project_id", allow_null=True)
    outputs = serializers.SerializerMethodField(help_text="Empty until it is completed.")
    captions = serializers.SerializerMethodField(help_text="Caption files: main.srt is of the output main.")
    thumbnailUrl = serializers.SerializerMethodField()
    warnings = serializers.ListField(source="warnings_json", child=serializers.CharField())
    error = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    expiresAt = serializers.DateTimeField(source="expires_at", allow_null=True, help_text="When its files are deleted.")

    def get_percent(self, export: Export) -> float:
        """100 once its files are there."""
        if export.outcome in (Export.Outcome.COMPLETED, Export.Outcome.EXPIRED):
            return 100.0
        return export.job.progress_percent if export.job else 0.0

    @extend_schema_field(ExportFile(many=True))
    def get_outputs(self, export: Export) -> Any:
        """Its films and sounds, in the order of the request."""
        films = [file for file in self._files(export) if not file["still"] and not file.get("side")]
        return ExportFile(films, many=True, context={"export": export}).data

    @extend_schema_field(ExportFile(many=True))
    def get_captions(self, export: Export) -> Any:
        """The files of what is said."""
        sides = [file for file in self._files(export) if file.get("side")]
        return ExportFile(sides, many=True, context={"export": export}).data

    def get_thumbnailUrl(self, export: Export) -> str | None:
        """The still picture."""
        return next((_link(export, file) for file in self._files(export) if file["still"]), None)

    @extend_schema_field(ExportError(allow_null=True))
    def get_error(self, export: Export) -> dict[str, str] | None:
        """Null unless it ended badly."""
        return {"code": export.error_code, "message": export.error_message} if export.error_code else None

    def _files(self, export: Export) -> list[dict[str, Any]]:
        return export.files_json if export.outcome == Export.Outcome.COMPLETED else []


class OutputEstimate(Output):
    """What one output is likely to weigh."""

    name = serializers.CharField()
    bytes = serializers.IntegerField(allow_null=True, help_text="Null where no film of its codec was made here before.")
    copiedShare = serializers.FloatField(
        allow_null=True, help_text="Of a smart output: how much of its frames is copied, 0 to 1."
    )


class ExportEstimate(Output):
    """What an export is likely to take, by what exports took on this server. Nothing is guessed: null is not known."""

    seconds = serializers.FloatField(allow_null=True, help_text="Null until an export was made here.")
    bytes = serializers.IntegerField(allow_null=True, help_text="Of all outputs together; null where one is.")
    decodedFrames = serializers.IntegerField(help_text="Frames that are read from files.")
    neededFrames = serializers.IntegerField(help_text="Those of them that are shown.")
    basedOn = serializers.IntegerField(help_text="How many past exports the seconds follow from.")
    outputs = OutputEstimate(many=True)


class ExportPlanMeta(Output):
    """What a person may want to know of a plan. Times: ms on the master's clock."""

    startMs = serializers.FloatField()
    endMs = serializers.FloatField()
    source = serializers.CharField()  # type: ignore[assignment]
    preset = serializers.CharField(allow_null=True)
    sync = serializers.ListField(child=AnyObject(), help_text="angle, offsetMs, driftPpm, as they are applied.")
    warnings = serializers.ListField(child=serializers.CharField())
    estimate = ExportEstimate()
    captions = AnyObject(required=False, help_text="count, doubtful, tooFast, transcriptIds, where they are asked for.")


class ExportPlan(Output):
    """What an export does, exactly as its job runs it."""

    inputs = serializers.ListField(child=AnyObject(), help_text="The files; {input:0} in a command is the first.")
    commands = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="ffmpeg's arguments, in order; {output:NAME} is a film.",
    )
    files = AnyObject(help_text="Text files that lie next to them beforehand.")
    frames = serializers.ListField(
        child=serializers.IntegerField(), help_text="Frames of the first film that each command makes."
    )
    films = serializers.ListField(
        child=AnyObject(),
        help_text="What must come out of each output; `share`: how much of a smart one is copied, 0 to 1.",
    )
    still = serializers.CharField(allow_blank=True, help_text="The still picture's file.")
    mastered_after = serializers.IntegerField(
        allow_null=True, help_text="After how many commands the sound is mastered."
    )
    made = AnyObject(help_text="Files that are made beforehand, and of what.")
    fallback = AnyObject(
        allow_null=True, help_text="The smart films without a copied packet, for one that fails its comparison."
    )
    sides = serializers.ListField(child=AnyObject(), help_text="Caption files, with their texts.")
    work = AnyObject(help_text="What it costs, and what the films' sizes follow from, as the estimate reads it.")
    meta = ExportPlanMeta(help_text="The stretch, the sync that is applied, warnings, and what it is likely to take.")


class ExportFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=[(name, name) for name in Export.STATUSES], method="with_status")
    sessionId = django_filters.UUIDFilter(field_name="session_id")
    projectId = django_filters.UUIDFilter(field_name="project_id")

    def with_status(self, rows: Any, name: str, value: str) -> Any:
        """Exports with a status."""
        return rows.in_state(value)


class Exports(ListAPIView):
    """GET/POST /api/export: list exports, or begin one."""

    rate_scope = "work"
    serializer_class = ExportStatus
    filterset_class = ExportFilter
    queryset = Export.objects.none()

    def get_queryset(self) -> Any:
        """The tenant's; nothing while the schema is drawn."""
        context = getattr(self.request, "context", None)
        return exports.exports_of(context) if context else self.queryset

    @extend_schema(request=REQUEST, parameters=[KEY], responses={202: ExportStarted})
    def post(self, request: Request) -> Response:
        """202 with the job that makes the files."""
        context = request.context  # type: ignore[attr-defined]
        user_id = request.user.get_username()
        asked = exports.Asked(context, user_id, request.headers.get("Idempotency-Key", ""))
        return Response(ExportStarted(exports.start(asked, _body(request))).data, status=202)


class ExportDryRun(APIView):
    """POST /api/export/dry-run: the plan of an export, and nothing else."""

    rate_scope = "work"

    @extend_schema(request=REQUEST, responses=ExportPlan)
    def post(self, request: Request) -> Response:
        """The plan, exactly as the job runs it."""
        return Response(exports.plan_of(request.context, _body(request)).plan.as_json)  # type: ignore[attr-defined]


class ExportRequestSchema(APIView):
    """GET /api/export/schema: what a request may say, as JSON Schema with examples."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The schema against which every request is checked."""
        return Response(export_schema())


class OneExport(APIView):
    """DELETE /api/export/{jobId}: cancel an export, or take its files away."""

    @extend_schema(responses={204: NO_CONTENT})
    def delete(self, request: Request, export_id: Any) -> Response:
        """A running one is canceled; one that has ended goes, with its files."""
        exports.remove(exports.find(request.context, export_id))  # type: ignore[attr-defined]
        return Response(status=204)


class OneExportStatus(APIView):
    """GET /api/export/{jobId}/status: how far it is, and what it made."""

    @extend_schema(responses=ExportStatus)
    def get(self, request: Request, export_id: Any) -> Response:
        """Links to the files once they are there."""
        return Response(ExportStatus(exports.find(request.context, export_id)).data)  # type: ignore[attr-defined]


class ExportDownload(APIView):
    """GET /api/export/{jobId}/download: a link to one of its files."""

    @extend_schema(
        parameters=[OUTPUT], responses={302: OpenApiResponse(description="To a signed link, which answers Range.")}
    )
    def get(self, request: Request, export_id: Any) -> HttpResponseRedirect:
        """302 to the file; 409 until it is there, 410 when it was deleted."""
        export = exports.find(request.context, export_id)  # type: ignore[attr-defined]
        file = exports.file_of(export, request.query_params.get("output", ""))
        return HttpResponseRedirect(exports.link(export, file))


def _body(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise InvalidInput('The body must be a JSON object, as GET /api/export/schema says: {"sessionId": "…"}.')
    return dict(request.data)


def urls() -> list[Any]:
    """The addresses of exports."""
    one = "export/<uuid:export_id>"
    return [
        path("export", Exports.as_view(), name="exports"),
        path("export/schema", ExportRequestSchema.as_view(), name="export-schema"),
        path("export/dry-run", ExportDryRun.as_view(), name="export-dry-run"),
        path(one, OneExport.as_view(), name="export"),
        path(f"{one}/status", OneExportStatus.as_view(), name="export-status"),
        path(f"{one}/download", ExportDownload.as_view(), name="export-download"),
    ]
