"""`/video/multicam/sessions/{id}/hear`: a shoot listened to once, for all of its recordings."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.engines import EngineJob, by_of
from media_app.api.named import WAIT, NamedView, documented, wait_for, wait_of
from media_app.models import MediaJob
from render_app.services import heard_once
from sessions_app.web.fields import NamedInput, Output


class HearInput(NamedInput):
    """What is to be heard once for the whole shoot."""

    what = serializers.ChoiceField(list(heard_once.ENGINES), help_text="words, timeline or beats.")
    asset_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Answer for this recording alone; left out: for all with sound.",
    )


class HeardRecording(Output):
    """What one recording has."""

    asset_id = serializers.UUIDField()
    camera = serializers.CharField(help_text="Its key: B, or B.2 for the second clip.")
    state = serializers.ChoiceField(
        ["own", "derived", "not_shared"],
        help_text="own: it was listened to itself; derived: moved from another through the sync; not_shared: no other heard enough of it.",
    )
    artifact_id = serializers.UUIDField(allow_null=True, help_text="Read where artifacts of this kind are read.")
    derived_from = serializers.UUIDField(allow_null=True, help_text="The artifact that it was moved from.")
    offset_ms = serializers.FloatField(
        allow_null=True,
        help_text="By how many ms the recording's clock is ahead of the source's where they begin to agree.",
    )
    share = serializers.FloatField(
        help_text="Of the recording, what the sync found to sound as the source, 0 to 1; 0.9 are needed."
    )


class HearOutput(Output):
    session_id = serializers.UUIDField()
    what = serializers.CharField()
    recordings = HeardRecording(many=True)


class HearSession(NamedView):
    """POST /video/multicam/sessions/{id}/hear: listen to a decided session once, for all of its recordings."""

    rate_scope = "work"

    @documented(
        request=HearInput,
        responses={200: HearOutput, 202: EngineJob},
        parameters=[WAIT],
        operation_id="video_multicam_hear",
    )
    def post(self, request: Request, session_id: Any) -> Response:
        """What each recording has: its own, else what another heard, moved through the sync where both were found to hear the same. Where
        nothing was listened to yet, 202 with the job that listens to the best heard camera; `?wait=SECONDS` waits for it. Ask again then."""
        seconds, sent = wait_of(request), HearInput.parse(request)
        asked = request.context, session_id, sent["what"], by_of(request)  # type: ignore[attr-defined]
        found = heard_once.hear(*asked)
        if isinstance(found, MediaJob):
            wait_for(found, seconds)
            if found.status != MediaJob.Status.COMPLETED:
                return Response(EngineJob(found).data, status=202)
            found = heard_once.hear(*asked)
            if isinstance(found, MediaJob):
                return Response(EngineJob(found).data, status=202)
        if sent["asset_id"] is not None:
            found = heard_once.one_of(found, sent["asset_id"])
        recordings = [_heard_json(one) for one in found]
        return Response({"session_id": str(session_id), "what": sent["what"], "recordings": recordings})


def _heard_json(one: heard_once.Moved) -> dict[str, Any]:
    row, derived = one.artifact, one.state == "derived"
    return {
        "asset_id": one.angle.asset_id,
        "camera": one.angle.camera,
        "state": one.state,
        "artifact_id": str(row.pk) if row else None,
        "derived_from": str(one.source.pk) if one.source else None,
        "offset_ms": row.meta["offset_ms"] if row and derived else None,
        "share": round(one.share, 4),
    }


urls = [
    path("multicam/sessions/<uuid:session_id>/hear", HearSession.as_view(), name="video-multicam-hear"),
]
