"""`/v2/sessions/{id}` with its cameras and their uploads."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app import storage
from media_app.core.files.device import as_json
from media_app.models import MediaAsset, MediaJob
from media_app.services import ingest_queue, originals, removal, uploads, withheld
from media_app.services.assets import get_asset
from media_app.services.chapters import device_of
from media_app.services.forecast import forecast_of
from media_app.services.ingest_queue import HeardChoice, choose_heard
from media_app.services.sound import joined_of
from media_app.services.summaries import contents
from media_app.services.upload_progress import progress_of
from sessions_app.api import NO_CONTENT, SessionChange, SessionOutput
from sessions_app.core.cameras import MOST_CLIPS
from sessions_app.models import camera_label
from sessions_app.services import get_session
from sessions_app.web.fields import CamelJson, Input, Output, Text


class InitUploadInput(Input):
    cameraLabel = Text(source="camera_label", max_length=1, validators=[camera_label])
    clip = serializers.IntegerField(
        min_value=1, max_value=MOST_CLIPS, default=1, help_text="Counts the camera's recordings; never renumbered."
    )
    filename = Text(max_length=1000, trim_whitespace=False)
    cardPath = Text(
        source="card_path",
        max_length=1000,
        trim_whitespace=False,
        allow_blank=True,
        default="",
        help_text="Where it lay on its card, as for `/v2/files/sort`: Zoom/230101_001/TR1.WAV. Some devices name folders and not files, and two "
        "cards may hold one name.",
    )
    contentType = Text(source="content_type", max_length=200, allow_blank=True, default="application/octet-stream")
    sizeBytes = serializers.IntegerField(source="size_bytes", min_value=0, max_value=2**63 - 1)
    fingerprint = serializers.RegexField(
        r"^[0-9a-f]{64}$",
        required=False,
        allow_blank=True,
        default="",
        help_text="SHA-256 (hex) of the file's first MiB and last MiB: keeps a resume from mixing two files of one name and size.",
    )


class PartInput(serializers.Serializer):
    partNumber = serializers.IntegerField(min_value=1, max_value=10_000)
    etag = Text(max_length=200)


class CompleteInput(Input):
    uploadId = serializers.UUIDField(required=False, allow_null=True, default=None)
    parts = PartInput(many=True, required=False, allow_null=True, default=None)


class PartLinkOutput(Output):
    partNumber = serializers.IntegerField(source="number")
    sizeBytes = serializers.IntegerField(source="size")
    url = serializers.CharField()


class ArrivedOutput(Output):
    partNumber = serializers.IntegerField(source="number")
    sizeBytes = serializers.IntegerField(source="size")
    etag = serializers.CharField()


class UploadOutput(Output):
    """Where to send a file. Without parts: PUT it to `uploadUrl`. With parts: PUT each to its url, keep the ETag."""

    assetId = serializers.UUIDField(source="upload.asset_id")
    cameraLabel = serializers.CharField(source="upload.asset.camera_label")
    clip = serializers.IntegerField(source="upload.asset.clip")
    cameraKey = serializers.CharField(source="upload.asset.camera_key")
    filename = serializers.CharField(source="upload.filename")
    contentType = serializers.CharField(source="upload.content_type")
    sizeBytes = serializers.IntegerField(source="upload.size_bytes")
    fingerprint = serializers.CharField(source="upload.fingerprint")
    receivedBytes = serializers.IntegerField(source="received_bytes")
    uploadUrl = serializers.CharField(source="url", required=False, help_text="When there are no parts.")
    uploadId = serializers.UUIDField(source="upload.pk", required=False, help_text="When there are parts.")
    partSize = serializers.IntegerField(source="upload.part_size", required=False)
    parts = PartLinkOutput(source="missing", many=True, required=False, help_text="At most 1,000 links at a time.")
    arrived = ArrivedOutput(many=True)

    def to_representation(self, progress):
        shown = super().to_representation(progress)
        for name in ("uploadId", "partSize", "parts") if progress.url else ("uploadUrl",):
            del shown[name]
        return shown


class DerivativeOutput(Output):
    kind = serializers.CharField()
    variant = serializers.CharField()
    url = serializers.SerializerMethodField()
    contentType = serializers.CharField(source="content_type")
    sizeBytes = serializers.IntegerField(source="size_bytes")
    checksum = serializers.CharField(help_text="SHA-256.")
    createdAt = serializers.DateTimeField(source="created_at")

    def get_url(self, derivative) -> str | None:
        return withheld.link_of(derivative, on_page=True)


class JobOutput(Output, serializers.ModelSerializer):
    """A background job, as its owner sees it."""

    progressPercent = serializers.FloatField(source="progress_percent")
    step = serializers.CharField(source="progress_step")
    etaSeconds = serializers.FloatField(source="eta_seconds", allow_null=True)
    errorCode = serializers.CharField(source="error_code")
    errorMessage = serializers.CharField(source="error_message")

    class Meta:
        model = MediaJob
        fields = (
            "id",
            "type",
            "status",
            "attempts",
            "progressPercent",
            "step",
            "etaSeconds",
            "errorCode",
            "errorMessage",
        )


class DeviceOutput(Output):
    """What recorded a file, as far as the file says; empty where it does not."""

    make = serializers.CharField()
    model = serializers.CharField()
    serial = serializers.CharField(help_text="Its serial number.")


class HeardOutput(Output):
    """The sound that sync compares."""

    stream = serializers.IntegerField(help_text="Index of the stream in the file, from 0.")
    channels = serializers.ListField(child=serializers.IntegerField(), help_text="Channels of that stream, from 1.")
    how = serializers.ChoiceField(choices=["mix", "channel", "difference"])
    reason = serializers.CharField(help_text="Why this sound and no other.")
    names = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="What the channels are called, where the tracks were files of their own: mix L, TR1, track 3.",
    )


@extend_schema_field(HeardOutput(allow_null=True))
class HeardField(CamelJson):
    """As it is stored, `gainDb` beside `gain_db`."""


class JoinedTrackOutput(Output):
    """A file of a take, and where its sound lies now."""

    filename = serializers.CharField()
    track = serializers.CharField(help_text="mix, TR1, 3.")
    channels = serializers.ListField(
        child=serializers.IntegerField(), help_text="Its channels in the joined file, from 1."
    )
    frames = serializers.IntegerField(help_text="Samples of each channel; behind them the joined file is silent.")
    sizeBytes = serializers.IntegerField(source="size_bytes")
    sha256 = serializers.CharField(help_text="Of the file as the recorder wrote it.")


class AssetOutput(Output, serializers.ModelSerializer):
    """One camera's file, what is known of it and what was made of it."""

    sessionId = serializers.UUIDField(
        source="session_id", allow_null=True, help_text="Null for a file in the registry alone."
    )
    cameraLabel = serializers.CharField(source="camera_label")
    cameraKey = serializers.CharField(
        source="camera_key", help_text="Its key in offsets, confidence and the like: B for clip 1, B.2 for clip 2."
    )
    cameraName = serializers.CharField(source="camera_name", help_text="Empty while nobody has named the camera.")
    continues = serializers.UUIDField(
        source="continues_id", allow_null=True, help_text="The asset of the chapter before this one."
    )
    cardPath = serializers.CharField(source="card_path", help_text="Where it lay on its card; empty where nobody said.")
    device = serializers.SerializerMethodField()
    sourceRef = serializers.CharField(source="source_ref")
    tags = serializers.ListField(child=serializers.CharField())
    statusMessage = serializers.CharField(source="status_message")
    originalFilename = serializers.CharField(source="original_filename")
    originalUrl = serializers.SerializerMethodField()
    originalFault = serializers.SerializerMethodField()
    contentType = serializers.CharField(source="content_type")
    sizeBytes = serializers.IntegerField(source="size_bytes")
    durationMs = serializers.IntegerField(source="duration_ms", allow_null=True)
    variableFrameRate = serializers.BooleanField(source="variable_frame_rate")
    hasAudio = serializers.BooleanField(source="has_audio")
    audioCodec = serializers.CharField(source="audio_codec")
    sampleRate = serializers.IntegerField(source="sample_rate", allow_null=True)
    audioChannels = serializers.IntegerField(source="audio_channels", allow_null=True)
    videoStartMs = serializers.FloatField(source="video_start_ms", allow_null=True)
    audioStartMs = serializers.FloatField(source="audio_start_ms", allow_null=True)
    timecodeRate = serializers.CharField(
        source="timecode_rate", help_text="Exact rate at which the timecode counts; empty: not known."
    )
    timecodeSource = serializers.CharField(source="timecode_source", help_text="Where it was read: tmcd, rtmd, ltc.")
    timecodeDrop = serializers.BooleanField(source="timecode_drop")
    heard = HeardField(allow_null=True)
    tracks = serializers.ListField(
        child=CamelJson(),
        help_text="Every audio track: codec, layout, loudnessDbfs, speech (share of the time, 0 to 1), ltc, and of each of its `channels` "
        "loudnessDbfs, peakDbfs, floorDbfs, digitalSilence, activity, speech and ltc (shares, 0 to 1), and the `name` of a track that was a file of its own. Names with underscores are older.",
    )
    joinedFrom = serializers.SerializerMethodField()
    soundReady = serializers.BooleanField(source="sound_ready", help_text="Its WAV and peaks are there.")
    pictureReady = serializers.BooleanField(source="picture_ready", help_text="Its proxy is there.")
    warnings = serializers.ListField(child=serializers.CharField())
    facesHiddenAt = serializers.DateTimeField(
        source="faces_hidden_at",
        allow_null=True,
        help_text="Since when a copy with hidden faces stands for its picture.",
    )
    derivatives = DerivativeOutput(source="files", many=True)
    jobs = serializers.SerializerMethodField()

    class Meta:
        model = MediaAsset
        fields = (
            "id", "sessionId", "cameraLabel", "clip", "cameraKey", "cameraName", "continues", "cardPath", "device", "sourceRef", "tags",
            "status", "statusMessage", "kind", "originalFilename", "originalUrl", "originalFault", "contentType", "sizeBytes",
            "checksum", "version", "durationMs", "fps", "variableFrameRate", "resolution", "codec", "hasAudio", "audioCodec",
            "sampleRate", "audioChannels", "videoStartMs", "audioStartMs", "timecode", "timecodeRate", "timecodeSource",
            "timecodeDrop", "heard", "tracks", "joinedFrom", "soundReady", "pictureReady", "warnings", "withheld", "facesHiddenAt", "derivatives", "jobs",
        )  # fmt: skip

    def get_device(self, asset) -> DeviceOutput():  # type: ignore[valid-type]
        return as_json(device_of(asset))

    def get_joinedFrom(self, asset) -> JoinedTrackOutput(many=True):  # type: ignore[valid-type]
        """The files of a take that was sent packed, the mix first; empty for every other file."""
        return JoinedTrackOutput(joined_of(asset).files, many=True).data

    def get_originalUrl(self, asset) -> str | None:
        """A link to the original, as long as it is the file that was taken."""
        return originals.link_if_unchanged(asset)

    def get_originalFault(self, asset) -> str:
        """Why it is not handed out: something replaced the file in the store. Empty otherwise."""
        return originals.fault_of(asset)

    def get_jobs(self, asset) -> JobOutput(many=True):  # type: ignore[valid-type]
        return JobOutput(asset.under_way, many=True).data


class HeardInput(Input):
    """What is to be heard. `channels` count from 1; `difference` is the first of two less the second."""

    stream = serializers.IntegerField(min_value=0, help_text="Index of the stream, as in `tracks`.")
    channels = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=64)
    how = serializers.ChoiceField(choices=["mix", "channel", "difference"])


class AssetChange(Input):
    heard = HeardInput(allow_null=True, help_text="null: what Studio chooses.")


class ForecastOutput(Output):
    """When what is under way will be there, in seconds from now; null where nothing is, or nothing like it was measured."""

    syncSeconds = serializers.FloatField(source="sync_s", allow_null=True)
    picturesSeconds = serializers.FloatField(source="pictures_s", allow_null=True)


class SessionDetailOutput(SessionOutput):
    """A shoot with its cameras."""

    assets = serializers.SerializerMethodField()
    jobs = serializers.SerializerMethodField()
    expected = serializers.SerializerMethodField()

    class Meta(SessionOutput.Meta):
        fields: tuple[str, ...] = (*SessionOutput.Meta.fields, "assets", "jobs", "expected")

    def to_representation(self, session):
        session.contents = contents(session)
        return super().to_representation(session)

    def get_assets(self, session) -> AssetOutput(many=True):  # type: ignore[valid-type]
        originals.look(session.contents[0])
        return AssetOutput(session.contents[0], many=True).data

    def get_jobs(self, session) -> JobOutput(many=True):  # type: ignore[valid-type]
        return JobOutput([job for job in session.contents[1] if job.asset_id is None], many=True).data

    def get_expected(self, session) -> ForecastOutput():  # type: ignore[valid-type]
        return ForecastOutput(forecast_of(session, *session.contents)).data


class Session(SessionChange):
    """GET/PATCH/DELETE /v2/sessions/{id}."""

    @extend_schema(responses=SessionDetailOutput)
    def get(self, request, session_id):
        return Response(SessionDetailOutput(get_session(request.context, session_id)).data)

    @extend_schema(responses={204: NO_CONTENT})
    def delete(self, request, session_id):
        removal.remove_session(request.context, session_id)
        return Response(status=204)


class InitUpload(APIView):
    """POST …/assets/init-upload: where to send a camera's file. Asked again, the upload under way is offered again."""

    rate_scope = "upload"

    @extend_schema(request=InitUploadInput, responses={201: UploadOutput})
    def post(self, request, session_id):
        offer = uploads.FileOffer(**InitUploadInput.parse(request))
        return Response(UploadOutput(uploads.init_upload(request.context, session_id, offer)).data, status=201)


class UploadProgress(APIView):
    """GET …/assets/{assetId}/upload: what has arrived, and fresh links for the rest. DELETE ends it."""

    @extend_schema(responses=UploadOutput)
    def get(self, request, session_id, asset_id):
        upload = uploads.open_upload(request.context, session_id, asset_id)
        return Response(UploadOutput(progress_of(upload)).data)

    @extend_schema(responses={204: NO_CONTENT})
    def delete(self, request, session_id, asset_id):
        uploads.abort_upload(request.context, session_id, asset_id)
        return Response(status=204)


class CompleteUpload(APIView):
    """POST …/assets/{assetId}/complete: all has been sent; its ingest begins. Repeated calls are harmless."""

    @extend_schema(request=CompleteInput, responses=AssetOutput)
    def post(self, request, session_id, asset_id):
        said = CompleteInput.parse(request)
        parts = said["parts"]
        claimed = [storage.Part(part["partNumber"], part["etag"]) for part in parts] if parts else None
        asset = uploads.complete_upload(
            request.context, session_id, asset_id, upload_id=said["uploadId"], claimed=claimed
        )
        return Response(AssetOutput(asset).data)


class Asset(APIView):
    """GET/PATCH/DELETE …/assets/{assetId}: one camera. Removing it sends the session back to review; choosing another of its
    tracks or channels makes its sound anew and syncs again."""

    @extend_schema(responses=AssetOutput)
    def get(self, request, session_id, asset_id):
        asset = get_asset(request.context, session_id, asset_id)
        originals.look([asset])
        return Response(AssetOutput(asset).data)

    @extend_schema(request=AssetChange, responses=AssetOutput)
    def patch(self, request, session_id, asset_id):
        heard = AssetChange.parse(request)["heard"]
        choice = HeardChoice(heard["stream"], tuple(heard["channels"]), heard["how"]) if heard else None
        return Response(AssetOutput(choose_heard(request.context, session_id, asset_id, choice)).data)

    @extend_schema(responses={204: NO_CONTENT})
    def delete(self, request, session_id, asset_id):
        removal.remove_asset(request.context, session_id, asset_id)
        return Response(status=204)


class RetryIngest(APIView):
    """POST …/assets/{assetId}/ingest: make its derivatives anew, from the original that is kept."""

    rate_scope = "work"

    @extend_schema(request=None, responses={202: JobOutput})
    def post(self, request, session_id, asset_id):
        return Response(JobOutput(ingest_queue.retry_ingest(request.context, session_id, asset_id)).data, status=202)
