"""`/video/anonymise/faces`: faces hidden in clips, and what a person has to look at."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import WAIT, NamedView, documented, wait_for, wait_of
from render_app.api.requests import caller_of
from render_app.models import Anonymisation
from render_app.services import anonymise
from sessions_app.errors import InvalidInput
from sessions_app.web.fields import NamedInput, Output, Text

_ONE = "anonymise/faces/<uuid:anonymisation_id>"


class AnonymiseInput(NamedInput):
    """A clip, or an asset: then every clip that shows it now."""

    clip_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    asset_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    preset = serializers.ChoiceField(list(anonymise.PRESETS), default="medium", help_text="None of them can be undone.")

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if bool(sent["clip_id"]) == bool(sent["asset_id"]):
            raise InvalidInput("Send clip_id or asset_id, one of them.", field="clip_id")
        return sent


class ClearInput(NamedInput):
    cleared_by = Text(
        max_length=150, required=False, allow_blank=True, default="", help_text="Left out: who signed in."
    )


class DoubtfulRange(Output):
    """A stretch of the asset in which the whole frame is blurred, and why."""

    start_ms = serializers.FloatField()
    end_ms = serializers.FloatField()
    reason = serializers.CharField()


class AnonymisationOutput(Output):
    """Faces hidden in an asset. While it is not cleared, the asset is withheld from exports, edits, renders and downloads."""

    anonymisation_id = serializers.UUIDField(source="pk")
    status = serializers.CharField(help_text="scanning, doubtful or cleared.")
    asset_id = serializers.UUIDField()
    clip_ids = serializers.ListField(child=serializers.UUIDField(), help_text="The clips that got the filter.")
    preset = serializers.CharField()
    source_summary_id = serializers.UUIDField(source="summary_id", allow_null=True)
    doubtful_ranges = DoubtfulRange(many=True)
    cleared_by = serializers.CharField()
    cleared_at = serializers.DateTimeField(allow_null=True)
    job_id = serializers.SerializerMethodField(help_text="The scan: GET /jobs/{id}.")
    job_status = serializers.SerializerMethodField()

    def get_job_id(self, row: Anonymisation) -> str | None:
        """The scan that it waits for, or waited for."""
        job = anonymise.job_of(row)
        return str(job.pk) if job else None

    def get_job_status(self, row: Anonymisation) -> str | None:
        """How the scan stands."""
        job = anonymise.job_of(row)
        return job.status if job else None


class AnonymiseFaces(NamedView):
    """POST /video/anonymise/faces: withhold an asset, find its faces, hide them."""

    rate_scope = "work"

    @documented(
        request=AnonymiseInput,
        responses={201: AnonymisationOutput, 202: AnonymisationOutput},
        parameters=[WAIT],
        operation_id="video_anonymise_faces",
    )
    def post(self, request: Request) -> Response:
        """201 once the scan has ended, else 202; `?wait=SECONDS` waits for it."""
        seconds, sent = wait_of(request), AnonymiseInput.parse(request)
        row = anonymise.start(caller_of(request), sent["preset"], clip_id=sent["clip_id"], asset_id=sent["asset_id"])
        job = anonymise.job_of(row)
        if row.status == Anonymisation.Status.SCANNING and job is not None:
            wait_for(job, seconds)
            row = anonymise.find(row.context, row.pk)
        scanning = row.status == Anonymisation.Status.SCANNING
        return Response(AnonymisationOutput(row).data, status=202 if scanning else 201)


class OneAnonymisation(NamedView):
    """GET /video/anonymise/faces/{id}: how it stands."""

    @documented(responses=AnonymisationOutput, operation_id="video_anonymise_read")
    def get(self, request: Request, anonymisation_id: Any) -> Response:
        """With what is doubtful."""
        return Response(AnonymisationOutput(anonymise.find(request.context, anonymisation_id)).data)  # type: ignore[attr-defined]


class ClearAnonymisation(NamedView):
    """POST /video/anonymise/faces/{id}/clear: a person has looked at every doubtful range."""

    @documented(request=ClearInput, responses=AnonymisationOutput, operation_id="video_anonymise_clear")
    def post(self, request: Request, anonymisation_id: Any) -> Response:
        """The asset is handed out again; doubtful frames stay blurred."""
        caller, sent = caller_of(request), ClearInput.parse(request)
        row = anonymise.find(caller.context, anonymisation_id)
        return Response(AnonymisationOutput(anonymise.clear(caller, row, sent["cleared_by"])).data)


def urls() -> list[URLPattern]:
    """Ask, read, clear."""
    return [
        path("anonymise/faces", AnonymiseFaces.as_view(), name="video-anonymise-faces"),
        path(_ONE, OneAnonymisation.as_view(), name="video-anonymise-one"),
        path(f"{_ONE}/clear", ClearAnonymisation.as_view(), name="video-anonymise-clear"),
    ]
