"""`/v2/sessions/{id}/edit`: everything the edit needs, in one answer or in an editing program's format."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from render_app.api.exchange import (
    MEDIA,
    MEDIA_ROOT,
    REPORT,
    TARGET,
    TYPES,
    ZIP,
    download,
    flag,
    streamed,
    wish_of,
)
from render_app.api.requests import AnyAccept
from render_app.exchange import formats
from render_app.services import edit as services
from render_app.services import edit_package, loss_reports
from sessions_app.web.fields import Output

TIMEBASE = (
    "tMaster = tCamera × (1 + driftPpm/1e6) + offsetMs/1000, in seconds. tCamera counts from the time zero of the file's "
    "container, and so do all its derivatives; a positive offset means that the camera started after the master. "
    "videoStartMs and audioStartMs: where the original's first frame and first sample lie after its time zero. "
    "Frame rates are exact ratios."
)


class RangeOutput(Output):
    """A range of the master's clock."""

    startMs = serializers.FloatField()
    endMs = serializers.FloatField()

    def to_representation(self, pair):
        return {"startMs": pair[0], "endMs": pair[1]}


class AngleSegmentOutput(Output):
    """A segment: a stretch of a camera's own clock, with the offset that holds in it."""

    startMs = serializers.FloatField(source="start_ms")
    endMs = serializers.FloatField(source="end_ms")
    offsetMs = serializers.FloatField(source="offset_ms")
    driftPpm = serializers.FloatField(source="drift_ppm", allow_null=True, help_text="Null: as the whole camera.")


class ChecksumsOutput(Output):
    """SHA-256 of each file; empty where it is not known, null where there is no file."""

    original = serializers.CharField(source="original.checksum")
    mezzanine = serializers.CharField(source="mezzanine.checksum", allow_null=True, default=None)
    proxy = serializers.CharField(source="proxy.checksum", allow_null=True, default=None)
    audio = serializers.CharField(source="audio.checksum", allow_null=True, default=None)


class AngleOutput(Output):
    """One camera, on the master's clock."""

    cameraLabel = serializers.CharField(source="camera")
    assetId = serializers.UUIDField(source="asset_id")
    kind = serializers.CharField()
    offsetMs = serializers.FloatField(source="offset_ms")
    driftPpm = serializers.FloatField(source="drift_ppm", allow_null=True, help_text="Null: not measured.")
    startMs = serializers.FloatField(source="start_ms", help_text="Its time zero, on the master's clock.")
    endMs = serializers.FloatField(source="end_ms", help_text="Its end, on the master's clock.")
    pieces = AngleSegmentOutput(
        source="segments", many=True, help_text="Its segments, as decided; empty where one line holds."
    )
    fps = serializers.CharField(help_text="num/den; empty where there is no picture.")
    variableFrameRate = serializers.BooleanField(source="variable_frame_rate")
    frames = serializers.IntegerField(allow_null=True, help_text="Of a constant rate.")
    durationMs = serializers.FloatField(source="duration_ms", help_text="From time zero to the last picture or sound.")
    resolution = serializers.CharField()
    codec = serializers.CharField()
    timecode = serializers.CharField()
    timecodeRate = serializers.CharField(source="timecode_fps", help_text="What the timecode counts in, num/den.")
    timecodeSource = serializers.CharField(source="timecode_source", help_text="Where it was read: tmcd, rtmd, ltc …")
    videoStartMs = serializers.FloatField(source="video_start_ms", allow_null=True)
    audioStartMs = serializers.FloatField(source="audio_start_ms", allow_null=True)
    hasAudio = serializers.BooleanField(source="has_audio")
    audioCodec = serializers.CharField(source="audio_codec")
    sampleRate = serializers.IntegerField(source="sample_rate", allow_null=True)
    audioChannels = serializers.IntegerField(source="audio_channels", allow_null=True, help_text="Of the track heard.")
    audioTracks = serializers.ListField(
        source="audio_tracks",
        child=serializers.IntegerField(),
        help_text="The channels of each audio track of the original, in its order.",
    )
    originalFilename = serializers.CharField(source="original_filename")
    originalUrl = serializers.CharField(source="original.url")
    mezzanineUrl = serializers.CharField(source="mezzanine.url", allow_null=True, default=None)
    proxyUrl = serializers.CharField(source="proxy.url", allow_null=True, default=None)
    audioUrl = serializers.CharField(source="audio.url", allow_null=True, default=None)
    checksums = ChecksumsOutput(source="*")
    warnings = serializers.ListField(child=serializers.CharField())


class LeftOutOutput(Output):
    cameraLabel = serializers.CharField()
    reason = serializers.CharField()

    def to_representation(self, pair):
        return {"cameraLabel": pair[0], "reason": pair[1]}


class EditOutput(Output):
    """A shoot whose sync a person has decided, with all that its edit needs. Links expire; ask again for fresh ones."""

    sessionId = serializers.UUIDField(source="session_id")
    title = serializers.CharField()
    projectId = serializers.CharField(source="project_id")
    date = serializers.DateField(source="day")
    status = serializers.CharField()
    masterCamera = serializers.CharField(source="master")
    operatorStatus = serializers.CharField(source="operator_status")
    decidedBy = serializers.CharField(source="decided_by")
    approvedAt = serializers.DateTimeField(source="approved_at", allow_null=True)
    version = serializers.IntegerField()
    timebase = serializers.CharField(read_only=True, default=TIMEBASE)
    union = RangeOutput(allow_null=True, help_text="From the first camera's start to the last one's end.")
    overlap = RangeOutput(allow_null=True, help_text="When every camera was recording; null: never all at once.")
    angles = AngleOutput(many=True)
    leftOut = LeftOutOutput(source="left_out", many=True, help_text="Cameras without a usable file.")


class EditLossOutput(Output):
    """Something that the format does not carry, or not as it is."""

    code = serializers.CharField(help_text="drift, camera_left_out, mixed_rates …")
    message = serializers.CharField()
    notWritten = serializers.BooleanField(help_text="Whether the format has a form for it that Studio does not write.")


class EditLossReport(Output):
    """What is handed on in a format, and everything that is not."""

    format = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    rate = serializers.CharField(help_text="Frames per second, exact.")
    frames = serializers.IntegerField()
    videoTracks = serializers.IntegerField()
    audioTracks = serializers.IntegerField()
    files = serializers.ListField(child=serializers.CharField())
    losses = EditLossOutput(many=True)


class Edit(AnyAccept, APIView):
    """GET /v2/sessions/{id}/edit: the decided sync with every camera's files; 409 while nobody has decided."""

    rate_scope = "export"
    rate_reads = True

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "format",
                enum=["json", *formats(), services.PACKAGE],
                description="Left out: json. zip holds the edit in every format with its media.",
            ),
            *(MEDIA, MEDIA_ROOT, TARGET, ZIP, REPORT),
            OpenApiParameter("camera", description="With format=edl: this camera's list alone, not a ZIP of all."),
        ],
        responses={
            (200, "application/json"): PolymorphicProxySerializer(
                component_name="EditOrLossReport",
                serializers=[EditOutput, EditLossReport],
                resource_type_field_name=None,
            ),
            **{(200, kind): OpenApiTypes.BINARY for kind in TYPES},
        },
    )
    def get(self, request, session_id):
        wanted, camera = request.query_params.get("format", "json"), request.query_params.get("camera")
        if wanted not in ("json", *formats(), services.PACKAGE):
            raise services.unknown_format()
        edit = services.multicam_edit(request.context, session_id, absolute=request.build_absolute_uri)
        if wanted == "json":
            return Response(EditOutput(edit).data)
        wish = wish_of(request)
        pointed_at = services.pointed_at(edit, wish.media, wish.root)
        zipped = wanted == services.PACKAGE or flag(request, "zip")
        if flag(request, "report"):
            return Response(loss_reports.of_session(pointed_at, wish))
        if zipped:
            only = "" if wanted == services.PACKAGE else wanted
            blocks = edit_package.stream(edit, wish.media, wish.target, only)
            return streamed(blocks, edit_package.filename(edit))
        return download(services.export(pointed_at, wanted, camera, wish.target))
