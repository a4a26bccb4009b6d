"""`/api/mastering/music`: a sound file for mastering, sent from the mastering page. It becomes an asset without a session.

Of Studio's own page, and so in no schema.
"""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app.api.assets import CompleteInput, InitUploadInput, JobOutput, UploadOutput
from media_app.models import MediaAsset
from media_app.services import uploads
from media_app.services.assets import get_asset
from media_app.services.upload_progress import progress_of
from sessions_app.web.fields import Output


class MusicInput(InitUploadInput):
    # DRF's way to leave a field out.
    cameraLabel = None  # type: ignore[assignment]
    clip = None  # type: ignore[assignment]


class MusicOutput(Output, serializers.ModelSerializer):
    statusMessage = serializers.CharField(source="status_message")
    hasAudio = serializers.BooleanField(source="has_audio")
    jobs = serializers.SerializerMethodField()

    class Meta:
        model = MediaAsset
        fields = ("id", "status", "statusMessage", "hasAudio", "jobs")

    def get_jobs(self, asset):
        return JobOutput(asset.under_way, many=True).data


@extend_schema(exclude=True)
class Music(APIView):
    """POST …/music: where to send the file."""

    rate_scope = "upload"

    def post(self, request):
        offer = uploads.FileOffer("", **MusicInput.parse(request))
        return Response(UploadOutput(uploads.init_upload(request.context, None, offer)).data, status=201)


@extend_schema(exclude=True)
class MusicStatus(APIView):
    """GET …/music/{id}: whether it is ready."""

    def get(self, request, asset_id):
        return Response(MusicOutput(get_asset(request.context, None, asset_id)).data)


@extend_schema(exclude=True)
class MusicUpload(APIView):
    """GET …/music/{id}/upload: fresh links. DELETE ends the upload."""

    def get(self, request, asset_id):
        return Response(UploadOutput(progress_of(uploads.open_upload(request.context, None, asset_id))).data)

    def delete(self, request, asset_id):
        uploads.abort_upload(request.context, None, asset_id)
        return Response(status=204)


@extend_schema(exclude=True)
class MusicComplete(APIView):
    """POST …/music/{id}/complete: all has been sent; its ingest begins."""

    def post(self, request, asset_id):
        said = CompleteInput.parse(request)
        asset = uploads.complete_upload(request.context, None, asset_id, upload_id=said["uploadId"])
        return Response(MusicOutput(asset).data)
