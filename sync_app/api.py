"""`/v2/sessions/{id}/sync`: what was found, and what a person decides about it."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app import storage
from media_app.api.assets import JobOutput
from sessions_app.models import camera_key
from sessions_app.services import get_session
from sessions_app.web.fields import Input, Output, Text, both_names
from sync_app.core import standing
from sync_app.core.correction import Correction
from sync_app.core.synced import segments_from
from sync_app.models import SyncDecision, SyncResult
from sync_app.services import review, runs


class PerCamera(serializers.DictField):
    """Camera label → number; null where there is none."""

    child = serializers.FloatField(allow_null=True)


class RunInput(Input):
    masterCamera = Text(source="master", max_length=8, required=False, allow_blank=True, validators=[camera_key])
    force = serializers.BooleanField(default=False, help_text="Put aside the decision that stands.")


class ApproveInput(Input):
    approvedBy = Text(source="approved_by", max_length=150, required=False)
    notes = Text(
        max_length=10_000,
        required=False,
        allow_blank=True,
        help_text="Required where a camera has no offset or a confidence below 5: why it is approved all the same.",
    )
    version = serializers.IntegerField(source="seen", required=False, allow_null=True, help_text="The one you saw.")


class SegmentInput(Input):
    """From `startMs` of the camera's own clock on, until the next segment starts, this offset holds."""

    startMs = serializers.FloatField(min_value=0)
    offsetMs = serializers.FloatField(help_text="On the master's clock, of the file's time zero, as for a whole clip.")


@extend_schema_field(serializers.DictField(child=SegmentInput(many=True)))
class SegmentsField(serializers.JSONField):
    """Checked with the clip's length in the service, which names the segment at fault."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise review.BadSegments(
                'segments must name cameras: {"B": [{"startMs": 0, "offsetMs": 1234.5}]}.', field="segments"
            )
        return value


class CorrectInput(Input):
    correctedBy = Text(source="corrected_by", max_length=150, required=False)
    offsets = serializers.DictField(
        default=dict, help_text="Camera label → ms on the master's clock. Left out: as computed."
    )
    segments = SegmentsField(
        default=dict,
        help_text="Camera label → segments to set, in order of time. A start that is none of the clip's segments begins a new one. "
        "Segments that are not named keep their offsets, moved with the camera's.",
    )
    notes = Text(max_length=10_000, required=False, allow_blank=True)
    version = serializers.IntegerField(source="seen", required=False, allow_null=True, help_text="The one you saw.")


class NeedsWorkInput(Input):
    flaggedBy = Text(source="flagged_by", max_length=150, required=False)
    notes = Text(max_length=10_000, help_text="What needs work: the next person reads it.")
    version = serializers.IntegerField(source="seen", required=False, allow_null=True, help_text="The one you saw.")


class SegmentOutput(Output):
    """A stretch of a camera's own clock with an offset of its own."""

    startMs = serializers.FloatField(source="start_ms")
    endMs = serializers.FloatField(source="end_ms")
    offsetMs = serializers.FloatField(source="offset_ms")
    driftPpm = serializers.FloatField(source="drift_ppm", allow_null=True, help_text="Null: as the whole camera.")
    confidence = serializers.FloatField(allow_null=True)
    probability = serializers.FloatField(allow_null=True)


@extend_schema_field(serializers.DictField(child=SegmentOutput(many=True), allow_null=True))
class FinalSegments(serializers.Field):
    """The segments that stand after a decision, by camera."""

    def to_representation(self, result):
        if not result.decided:
            return None
        several = [camera for camera in result.others if camera.segments_in_force]
        return {camera.key: SegmentOutput(camera.segments_in_force, many=True).data for camera in several}


class CoverageOutput(Output):
    """What the sound shows in a stretch of a camera's own clock."""

    startMs = serializers.FloatField(source="start_ms")
    endMs = serializers.FloatField(source="end_ms")
    state = serializers.CharField(help_text="agreeing, silent, drowned or contradicting.")


class WitnessOutput(Output):
    """What something other than the sound says of a camera's offset."""

    witness = serializers.CharField(
        help_text="What says so: where a timecode was found (tmcd, bext, rtmd, ltc …), or creation-time."
    )
    offsetMs = serializers.FloatField(source="offset_ms", help_text="Where it puts the camera on the master's clock.")
    toleranceMs = serializers.FloatField(source="tolerance_ms", help_text="How near it has to be to agree.")
    outcome = serializers.CharField(help_text="agrees, cannot-tell or contradicts.")
    message = serializers.CharField(help_text="The same as a sentence.")


class SyncOutput(Output, serializers.ModelSerializer):
    """A sync: t_master = t_camera × (1 + driftPpm/1e6) + offset/1000. Positive: the camera started after the master."""

    sessionId = serializers.UUIDField(source="session_id")
    masterCamera = serializers.CharField(source="master_camera")
    offsets = PerCamera(source="offsets_ms", help_text="Camera label → ms.")
    confidence = PerCamera(help_text="Camera label → standard score. The master has none.")
    probability = PerCamera(help_text="Camera label → how likely the offset is right.")
    classification = serializers.DictField(child=serializers.CharField())
    driftPpm = PerCamera(source="drift_ppm")
    segments = serializers.SerializerMethodField(help_text="Camera label → its segments; empty where one line holds.")
    coverage = serializers.SerializerMethodField(help_text="Camera label → the overlap, stretch by stretch.")
    heard = serializers.SerializerMethodField(help_text="Camera label → the track and channels that were compared.")
    witnesses = serializers.SerializerMethodField(
        help_text="Camera label → what timecode and times of creation say of its offset; cameras of which nothing does are not there."
    )
    warnings = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    operatorStatus = serializers.CharField(source="operator_status")
    finalOffsets = PerCamera(source="final_offsets", allow_null=True, help_text="Null until a person has decided.")
    finalSegments = FinalSegments(source="*", help_text="Of each camera in segments; null until a person has decided.")
    computedAt = serializers.DateTimeField(source="computed_at")
    approvedAt = serializers.DateTimeField(source="approved_at", allow_null=True)
    decidedBy = serializers.CharField(source="decided_by")
    earlierCorrections = serializers.SerializerMethodField(
        help_text="Camera label → ms that a person set before other recordings changed: a proposal, not in force."
    )
    evidence = serializers.SerializerMethodField()

    class Meta:
        model = SyncResult
        fields = (
            "sessionId", "run", "version", "masterCamera", "offsets", "confidence", "probability", "classification",
            "driftPpm", "segments", "coverage", "heard", "witnesses", "warnings", "method", "operatorStatus", "finalOffsets", "finalSegments", "computedAt", "approvedAt", "decidedBy",
            "earlierCorrections", "details", "evidence",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(child=SegmentOutput(many=True)))
    def get_segments(self, result) -> dict[str, Any]:
        several = {camera.key: camera.segments if len(camera.segments) > 1 else () for camera in result.others}
        return {key: SegmentOutput(segments, many=True).data for key, segments in several.items()}

    @extend_schema_field(serializers.DictField(child=CoverageOutput(many=True)))
    def get_coverage(self, result) -> dict[str, Any]:
        return {camera.key: CoverageOutput(camera.coverage, many=True).data for camera in result.others}

    @extend_schema_field(serializers.DictField(child=serializers.DictField()))
    def get_heard(self, result) -> dict[str, dict]:
        return {camera.key: both_names(camera.heard) for camera in result.cameras if camera.heard}

    @extend_schema_field(serializers.DictField(child=WitnessOutput(many=True)))
    def get_witnesses(self, result) -> dict[str, Any]:
        return {
            camera.key: WitnessOutput(camera.witnesses, many=True).data for camera in result.cameras if camera.witnesses
        }

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_earlierCorrections(self, result) -> dict[str, float]:
        if result.decided:
            return {}
        read = self.context.get("decisions")
        decisions = runs.DECISIONS.all(session=result.session_id) if read is None else read
        return runs.earlier_corrections(result, decisions)

    def get_evidence(self, result) -> dict[str, dict[str, str]]:
        store = storage.store()
        return {
            label: {kind: store.url(key) for kind, key in artifacts.items()}
            for label, artifacts in result.debug_artifacts.items()
        }


@extend_schema_field(serializers.DictField(child=SegmentOutput(many=True), allow_null=True))
class DecidedSegments(serializers.Field):
    """The segments of each camera that has several, as a decision kept them."""

    def to_representation(self, rows):
        return {key: SegmentOutput(segments_from(kept), many=True).data for key, kept in rows.items()}


class DecisionOutput(Output, serializers.ModelSerializer):
    """One line of the audit trail."""

    by = serializers.CharField(source="decided_by")
    at = serializers.DateTimeField(source="created_at")
    run = serializers.IntegerField(source="result.run")
    offsetsBefore = PerCamera(source="offsets_before", allow_null=True)
    offsetsAfter = PerCamera(source="offsets_after", allow_null=True, help_text="Null where the sync needs work.")
    segmentsBefore = DecidedSegments(source="segments_before", allow_null=True)
    segmentsAfter = DecidedSegments(source="segments_after", allow_null=True)
    stale = serializers.BooleanField(help_text="The recordings or the sync changed since.")
    staleCameras = serializers.SerializerMethodField(
        help_text="The cameras whose sound, or whose master's sound, changed since: what was decided of the others still fits them."
    )

    class Meta:
        model = SyncDecision
        fields = (
            "action",
            "by",
            "actor",
            "at",
            "run",
            "offsetsBefore",
            "offsetsAfter",
            "segmentsBefore",
            "segmentsAfter",
            "notes",
            "stale",
            "staleCameras",
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_staleCameras(self, decision) -> list[str]:
        decided = decision.decided
        return standing.stale_cameras(decided, self.context["sounds"]) if decided and decision.stale else []


class DecidedOutput(Output):
    """What stands after a decision."""

    sessionId = serializers.UUIDField(source="session_id")
    status = serializers.CharField(source="session.status")
    operatorStatus = serializers.CharField(source="operator_status")
    finalOffsets = PerCamera(source="final_offsets", allow_null=True, help_text="Null where nothing stands.")
    finalSegments = FinalSegments(source="*", help_text="Of each camera in segments; null where nothing stands.")
    originalOffsets = PerCamera(source="offsets_ms")
    version = serializers.IntegerField()


class Sync(APIView):
    """GET /v2/sessions/{id}/sync: offsets, confidence and what was decided; 404 while it is not computed."""

    @extend_schema(responses=SyncOutput)
    def get(self, request, session_id):
        return Response(SyncOutput(runs.current_result(request.context, session_id)).data)


class RunSync(APIView):
    """POST …/sync/run: listen again. A decision that stands is only put aside with `force`."""

    rate_scope = "work"

    @extend_schema(request=RunInput, responses={202: JobOutput})
    def post(self, request, session_id):
        return Response(JobOutput(runs.rerun(request.context, session_id, **RunInput.parse(request))).data, status=202)


class ApproveSync(APIView):
    """POST …/sync/approve: accept the offsets as they are; the session becomes ready."""

    @extend_schema(request=ApproveInput, responses=DecidedOutput)
    def post(self, request, session_id):
        said = {"approved_by": request.context.actor} | ApproveInput.parse(request)
        return Response(DecidedOutput(review.approve(request.context, session_id, **said)).data)


class CorrectSync(APIView):
    """POST …/sync/correct: set offsets by hand; the session becomes ready."""

    @extend_schema(request=CorrectInput, responses=DecidedOutput)
    def post(self, request, session_id):
        said = {"corrected_by": request.context.actor} | CorrectInput.parse(request)
        said["wanted"] = Correction(said.pop("offsets"), said.pop("segments"))
        return Response(DecidedOutput(review.correct(request.context, session_id, **said)).data)


class SyncNeedsWork(APIView):
    """POST …/sync/needs-work: somebody must look again, and why; a decision that stood is taken back."""

    @extend_schema(request=NeedsWorkInput, responses=DecidedOutput)
    def post(self, request, session_id):
        said = {"flagged_by": request.context.actor} | NeedsWorkInput.parse(request)
        return Response(DecidedOutput(review.needs_work(request.context, session_id, **said)).data)


class SyncHistory(APIView):
    """GET …/sync/history: who decided what and when, newest first."""

    @extend_schema(responses=DecisionOutput(many=True))
    def get(self, request, session_id):
        session = get_session(request.context, session_id)
        decisions = runs.DECISIONS.all(session=session.pk)
        context = {"sounds": runs.sound_inputs(session)}
        return Response(DecisionOutput(decisions, many=True, context=context).data)
