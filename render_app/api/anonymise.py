"""`/video/anonymise/faces`: faces hidden in clips, and what a person has to look at."""

import time
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
from sessions_app.web.fields import NamedInput, Number, Output, Text

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


class ClearedRange(serializers.Serializer):
    """A doubtful range, as the anonymisation lists it."""

    start_ms = Number(min_value=0, max_value=2**31)
    end_ms = Number(min_value=0, max_value=2**31)


class ClearInput(NamedInput):
    cleared_by = Text(
        max_length=150, required=False, allow_blank=True, default="", help_text="Left out: who signed in."
    )
    cleared_ranges = serializers.ListField(
        child=ClearedRange(), required=False, default=list, max_length=1000,
        help_text="Doubtful ranges in which just the faces that were found stay hidden; in the others the whole frame does.",
    )  # fmt: skip


class DoubtfulRange(Output):
    """A stretch of the asset in which the whole frame is blurred, and why."""

    start_ms = serializers.FloatField()
    end_ms = serializers.FloatField()
    reason = serializers.CharField()
    decision = serializers.CharField(
        default=None, allow_null=True, help_text="keep or clear; null: nobody has decided."
    )


class AnonymisationOutput(Output):
    """Faces hidden in an asset. While it is not cleared, the asset is withheld from exports, edits, renders and downloads."""

    anonymisation_id = serializers.UUIDField(source="pk")
    status = serializers.CharField(help_text="scanning, doubtful or cleared.")
    asset_id = serializers.UUIDField()
    clip_ids = serializers.ListField(child=serializers.UUIDField(), help_text="The clips that got the filter.")
    preset = serializers.CharField()
    source_summary_id = serializers.UUIDField(source="summary_id", allow_null=True)
    scan_version = serializers.CharField(
        help_text="Version of the face scan that it rests on, or that was in use when a person decided about an older one; empty: not known."
    )
    doubtful_ranges = DoubtfulRange(many=True)
    cleared_by = serializers.CharField()
    cleared_at = serializers.DateTimeField(allow_null=True)
    job_id = serializers.SerializerMethodField(help_text="The scan, then the copy: GET /jobs/{id}.")
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
        row = _waited_for(row, time.monotonic() + seconds)
        scanning = row.status == Anonymisation.Status.SCANNING
        return Response(AnonymisationOutput(row).data, status=202 if scanning else 201)


def _waited_for(row: Anonymisation, until: float) -> Anonymisation:
    """The row once its scan and its copy have ended, or as far as they are by then."""
    waited: set[Any] = set()
    while row.status == Anonymisation.Status.SCANNING:
        job = anonymise.job_of(row)
        if job is None or job.pk in waited or time.monotonic() >= until:
            break
        waited.add(job.pk)
        wait_for(job, until - time.monotonic())
        row = anonymise.find(row.context, row.pk)
    return row


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
        """The asset is handed out again, its faces hidden; where nothing else is said, doubtful frames stay blurred whole."""
        caller, sent = caller_of(request), ClearInput.parse(request)
        row = anonymise.find(caller.context, anonymisation_id)
        lifted = {(one["start_ms"], one["end_ms"]) for one in sent["cleared_ranges"]}
        return Response(AnonymisationOutput(anonymise.clear(caller, row, sent["cleared_by"], lifted)).data)


def urls() -> list[URLPattern]:
    """Ask, read, clear."""
    return [
        path("anonymise/faces", AnonymiseFaces.as_view(), name="video-anonymise-faces"),
        path(_ONE, OneAnonymisation.as_view(), name="video-anonymise-one"),
        path(f"{_ONE}/clear", ClearAnonymisation.as_view(), name="video-anonymise-clear"),
    ]
