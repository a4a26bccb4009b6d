"""`/api/mastering`: presets, and sound made by them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app.core.sound import presets
from media_app.models import MediaJob
from media_app.services import mastering
from sessions_app.errors import NotFound
from sessions_app.web.fields import Input, Output, Text


class MasterInput(Input):
    assetId = serializers.UUIDField(source="asset_id")
    preset = Text(max_length=100, help_text="A name that GET /api/mastering/presets lists.")
    musicAssetId = serializers.UUIDField(source="music_asset_id", required=False, allow_null=True, default=None)
    overrides = serializers.DictField(
        required=False,
        default=dict,
        help_text='Laid over the preset and held against its schema: {"ducking": {"amount_db": 6}}.',
    )


class MasterOutput(Output, serializers.ModelSerializer):
    """A mastering job. `result` (when COMPLETED): `key, checksum, before, after` with what was measured, and more."""

    preset = serializers.CharField(source="input_json.preset")
    assetId = serializers.UUIDField(source="input_json.asset_id")
    musicAssetId = serializers.UUIDField(source="input_json.music_asset_id", allow_null=True)
    overrides = serializers.DictField(source="input_json.overrides")
    progressPercent = serializers.FloatField(source="progress_percent")
    step = serializers.CharField(source="progress_step")
    errorCode = serializers.CharField(source="error_code")
    errorMessage = serializers.CharField(source="error_message")
    result = serializers.DictField(source="result_json", allow_null=True)
    url = serializers.SerializerMethodField(help_text="The finished sound; null until it is there.")

    class Meta:
        model = MediaJob
        fields = (
            "id", "status", "assetId", "musicAssetId", "preset", "overrides", "progressPercent", "step", "errorCode",
            "errorMessage", "result", "url",
        )  # fmt: skip

    def get_url(self, job) -> str | None:
        return mastering.link_of(job.asset, job) if job.status == "COMPLETED" and job.result_json else None


class PresetOutput(serializers.Serializer):
    """A released preset, every field of it."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    mode = serializers.CharField()
    music_gain_db = serializers.FloatField()
    video_gain_db = serializers.FloatField()
    ducking = serializers.DictField()
    timing = serializers.DictField()
    output = serializers.DictField()
    normalization = serializers.DictField()


class PresetsOutput(serializers.Serializer):
    presets = PresetOutput(many=True)
    schema = serializers.DictField(help_text="The JSON Schema of a preset.")


class Presets(APIView):
    """GET /api/mastering/presets: every released preset, and the schema that overrides are held against."""

    @extend_schema(responses=PresetsOutput)
    def get(self, request):
        return Response({"presets": list(presets.documents().values()), "schema": presets.schema()})


class Masters(APIView):
    """POST /api/mastering: master an asset's sound. Answers its job; ask for that until it is COMPLETED."""

    rate_scope = "work"

    @extend_schema(request=MasterInput, responses={202: MasterOutput})
    def post(self, request):
        said = MasterInput.parse(request)
        job = mastering.start_master(
            request.context,
            said["asset_id"],
            said["preset"],
            music_asset_id=said["music_asset_id"],
            overrides=said["overrides"],
        )
        return Response(MasterOutput(job).data, status=202)


class Master(APIView):
    """GET /api/mastering/{jobId}: how far it is, and what came out."""

    @extend_schema(responses=MasterOutput)
    def get(self, request, job_id):
        job = MediaJob.objects.in_tenant(request.context).filter(pk=job_id, type=mastering.TYPE).first()
        if job is None:
            raise NotFound(f"There is no mastering job {job_id} here. Check the id.")
        return Response(MasterOutput(job).data)
