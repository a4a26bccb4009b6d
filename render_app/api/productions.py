"""`/api/productions`: a recording mastered, packaged, and played."""

import django_filters
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from render_app.api.requests import AnyAccept
from render_app.core.hls import PLAYLIST_TYPE
from render_app.models import Production
from render_app.services import productions
from sessions_app.api import NO_CONTENT
from sessions_app.web.fields import Input, Text


class ProductionInput(Input):
    assetId = serializers.UUIDField(source="asset_id", help_text="A recording with a picture.")
    musicAssetId = serializers.UUIDField(source="music_asset_id", required=False, allow_null=True, default=None)
    preset = Text(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="A name that GET /api/mastering/presets lists. Left out: with music the setting MUSIC_PRESET, else none.",
    )
    overrides = serializers.DictField(required=False, default=dict)
    packager = Text(max_length=40, required=False, allow_blank=True, default="", help_text="hls or mediaconvert.")


class ProductionOutput(serializers.ModelSerializer):
    """A recording on its way to an audience."""

    assetId = serializers.UUIDField(source="asset_id")
    musicAssetId = serializers.UUIDField(source="music_id", allow_null=True)
    jobId = serializers.UUIDField(source="job_id", allow_null=True, help_text="What works on it, or what it failed in.")
    progressPercent = serializers.FloatField(source="job.progress_percent", default=0)
    step = serializers.CharField(source="job.progress_step", default="")
    errorCode = serializers.CharField(source="error_code")
    errorMessage = serializers.CharField(source="error_message")
    masterKey = serializers.CharField(source="master_key")
    master = serializers.DictField(source="master_json", help_text="What was measured before and after mastering.")
    package = serializers.DictField(source="package_json", help_text="What the packager made.")
    playlistUrl = serializers.SerializerMethodField(help_text="HLS, for a player; null until it is completed.")
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")

    class Meta:
        model = Production
        fields = (
            "id", "status", "assetId", "musicAssetId", "preset", "overrides", "packager", "jobId", "progressPercent", "step",
            "errorCode", "errorMessage", "masterKey", "master", "package", "playlistUrl", "createdAt", "updatedAt",
        )  # fmt: skip

    def get_playlistUrl(self, production) -> str | None:
        if production.status != Production.Status.COMPLETED:
            return None
        name = production.package_json["playlist"].rpartition("/")[2]
        return reverse("production-stream", args=[production.pk, name])


class ProductionFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Production.Status.choices)
    assetId = django_filters.UUIDFilter(field_name="asset_id")


class Productions(ListAPIView):
    """GET/POST /api/productions: list them, or begin one."""

    rate_scope = "work"

    serializer_class = ProductionOutput
    filterset_class = ProductionFilter
    queryset = Production.objects.none()

    def get_queryset(self):
        context = getattr(self.request, "context", None)
        return Production.objects.in_tenant(context).select_related("job") if context else self.queryset

    @extend_schema(request=ProductionInput, responses={201: ProductionOutput})
    def post(self, request):
        said = ProductionInput.parse(request)
        made = productions.create(
            request.context,
            said["asset_id"],
            music_asset_id=said["music_asset_id"],
            preset=said["preset"],
            overrides=said["overrides"],
            packager=said["packager"],
        )
        return Response(ProductionOutput(made).data, status=201)


class ProductionDetail(APIView):
    """GET /api/productions/{id}: where it stands. DELETE takes it away with its package."""

    @extend_schema(responses=ProductionOutput)
    def get(self, request, production_id):
        return Response(ProductionOutput(productions.get(request.context, production_id)).data)

    @extend_schema(responses={204: NO_CONTENT})
    def delete(self, request, production_id):
        productions.get(request.context, production_id).delete()
        return Response(status=204)


class ProductionStream(AnyAccept, APIView):
    """GET /api/productions/{id}/stream/master.m3u8: what a player asks for; its media are links to the store."""

    @extend_schema(responses={(200, PLAYLIST_TYPE): OpenApiTypes.STR})
    def get(self, request, production_id, name):
        text = productions.playlist(productions.get(request.context, production_id), name)
        answer = HttpResponse(text, content_type=PLAYLIST_TYPE)
        answer["Cache-Control"] = "no-store"
        return answer
