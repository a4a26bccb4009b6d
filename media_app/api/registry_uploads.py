"""`/media-v2/assets/init-upload` and `/complete`: files too large for a form, sent to links as in `/v2`."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app import storage
from media_app.api import registry_inputs as inputs
from media_app.api.named import WAIT, NamedView, documented, wait_for, wait_of
from media_app.api.records import CreatedAsset, created
from media_app.api.registry import facts_of
from media_app.services import ingest_queue, registry, registry_uploads, uploads
from media_app.services.upload_progress import Progress, progress_of
from media_app.services.uploads import FileOffer
from sessions_app.api import NO_CONTENT
from sessions_app.web.fields import Output

OF_OFFER = ("filename", "content_type", "size_bytes", "fingerprint")


class RegistryPartLink(Output):
    part_number = serializers.IntegerField(source="number")
    size_bytes = serializers.IntegerField(source="size")
    url = serializers.CharField()


class RegistryPartArrived(Output):
    part_number = serializers.IntegerField(source="number")
    size_bytes = serializers.IntegerField(source="size")
    etag = serializers.CharField()


class RegistryUploadProgress(Output):
    """Where to send a file. Without parts: PUT it to `upload_url`. With parts: PUT each to its url, keep the ETag."""

    asset_id = serializers.UUIDField(source="upload.asset_id")
    upload_id = serializers.UUIDField(source="upload.pk")
    filename = serializers.CharField(source="upload.filename")
    content_type = serializers.CharField(source="upload.content_type")
    size_bytes = serializers.IntegerField(source="upload.size_bytes")
    received_bytes = serializers.IntegerField()
    upload_url = serializers.SerializerMethodField(help_text="Null when there are parts.")
    part_size = serializers.SerializerMethodField(help_text="Null when there are none.")
    parts = RegistryPartLink(source="missing", many=True, help_text="Yet to be sent; at most 1,000 links at a time.")
    arrived = RegistryPartArrived(many=True)

    def get_upload_url(self, progress: Progress) -> str | None:
        """The one link."""
        return progress.url or None

    def get_part_size(self, progress: Progress) -> int | None:
        """Bytes of each part but the last."""
        return progress.upload.part_size or None


class InitUpload(NamedView):
    """POST /media-v2/assets/init-upload: where to send a file. With `asset_id`, the upload under way is offered again."""

    rate_scope = "upload"

    @documented(request=inputs.RegistryUpload, responses={201: RegistryUploadProgress})
    def post(self, request: Request) -> Response:
        """Begin an upload."""
        said = inputs.RegistryUpload.parse(request)
        offer = FileOffer("", **{name: said.pop(name) for name in OF_OFFER})
        asset_id = said.pop("asset_id")
        progress = registry_uploads.init_upload(request.context, facts_of(request, said), offer, asset_id)  # type: ignore[attr-defined]
        return Response(RegistryUploadProgress(progress).data, status=201)


class UploadProgress(NamedView):
    """GET/DELETE /media-v2/assets/{id}/upload: what has arrived, and fresh links for the rest; or end it."""

    @documented(responses=RegistryUploadProgress)
    def get(self, request: Request, asset_id: str) -> Response:
        """Where the upload stands."""
        asset = registry.find_asset(request.context, asset_id)  # type: ignore[attr-defined]
        upload = uploads.open_upload(asset.context, asset.session_id, asset.pk)
        return Response(RegistryUploadProgress(progress_of(upload)).data)

    @documented(responses={204: NO_CONTENT})
    def delete(self, request: Request, asset_id: str) -> Response:
        """End the upload; an asset that never had a file goes with it."""
        asset = registry.find_asset(request.context, asset_id)  # type: ignore[attr-defined]
        uploads.abort_upload(asset.context, asset.session_id, asset.pk)
        return Response(status=204)


class CompleteUpload(NamedView):
    """POST /media-v2/assets/{id}/complete: all has been sent; its ingest begins. Repeated calls are harmless."""

    @documented(request=inputs.CompleteRegistryUpload, responses=CreatedAsset, parameters=[WAIT])
    def post(self, request: Request, asset_id: str) -> Response:
        """Make what arrived the asset's file."""
        seconds, said = wait_of(request), inputs.CompleteRegistryUpload.parse(request)
        asset = registry.find_asset(request.context, asset_id)  # type: ignore[attr-defined]
        asset = uploads.complete_upload(
            asset.context, asset.session_id, asset.pk, upload_id=said["upload_id"], claimed=_claimed(said["parts"])
        )
        job = ingest_queue.ingest_job_of(asset)
        if job is not None:
            wait_for(job, seconds)
        return Response(created(registry.find_asset(asset.context, asset.pk), job))


def _claimed(parts: list[dict[str, Any]] | None) -> list[storage.Part] | None:
    return [storage.Part(part["part_number"], part["etag"]) for part in parts] if parts else None
