"""`/media-v2`: assets without a session and with one, their artifacts, and where each came from."""

from pathlib import Path
from typing import Any

import django_filters
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from media_app import storage
from media_app.api import registry_inputs as inputs
from media_app.api.named import PARAMETERS, WAIT, NamedView, documented, wait_for, wait_of
from media_app.api.records import ArtifactDetail, AssetDetail, AssetRecord, CreatedAsset, created
from media_app.models import MediaAsset
from media_app.services import registry, registry_artifacts
from media_app.services.registry import AssetFacts, SentFile
from media_app.services.registry_lineage import sources_of
from sessions_app.api import NO_CONTENT
from sessions_app.tenancy import user_named
from sessions_app.web.auth import body_of
from sessions_app.web.paging import SnakePages
from sessions_app.web.parsing import FormWithFile, JsonBody


class AssetFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=MediaAsset.Kind.choices)
    tag = django_filters.CharFilter(method="tagged", help_text="One tag, exactly.")
    source_ref = django_filters.CharFilter(help_text="The client's own id, exactly.")
    session_id = django_filters.UUIDFilter()

    def tagged(self, queryset: Any, name: str, value: str) -> Any:
        """Those that have this tag."""
        return queryset.tagged(value)


@extend_schema_view(get=extend_schema(parameters=PARAMETERS))
class Assets(NamedView, ListAPIView):
    """GET/POST /media-v2/assets: list assets, or register one."""

    queryset = MediaAsset.objects.none()
    serializer_class = AssetRecord
    filterset_class = AssetFilter
    pagination_class = SnakePages
    parser_classes = [JsonBody, FormWithFile]
    rate_scope = "upload"

    def get_queryset(self) -> Any:
        """The tenant's assets; nothing while the schema is drawn."""
        context = getattr(self.request, "context", None)
        return registry.assets_of(context) if context else self.queryset

    @documented(
        request={"application/json": inputs.AssetInput, "multipart/form-data": inputs.AssetForm},
        responses={201: CreatedAsset}, parameters=[WAIT],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Take a file, or the address of one."""
        return register(request)


def register(request: Request, **fixed: Any) -> Response:
    """A new asset of the request's file or address; `fixed` takes the place of what it says of it."""
    seconds = wait_of(request)
    form = inputs.AssetForm if request.content_type.startswith("multipart/") else inputs.AssetInput
    said = form.parse(request) | fixed
    file, uri = said.pop("file", None), said.pop("source_uri", "")
    facts = facts_of(request, said)
    if file is not None:
        asset, job = registry.register_file(request.context, facts, _sent(file))  # type: ignore[attr-defined]
    else:
        asset, job = registry.register_uri(request.context, facts, uri)  # type: ignore[attr-defined]
    wait_for(job, seconds)
    asset.refresh_from_db()
    return Response(created(asset, job), status=201)


class AudioIngest(NamedView):
    """POST /audio/ingest: register a sound file; as POST /media-v2/assets with the kind audio."""

    parser_classes = [JsonBody, FormWithFile]
    rate_scope = "upload"

    @documented(
        request={"application/json": inputs.AssetInput, "multipart/form-data": inputs.AssetForm},
        responses={201: CreatedAsset}, parameters=[WAIT],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Take a sound file, or the address of one."""
        return register(request, kind=MediaAsset.Kind.AUDIO)


def facts_of(request: Request, said: dict[str, Any]) -> AssetFacts:
    """What a request says of an asset, and who asks."""
    return AssetFacts(user_id=user_named(request, body_of(request)), **said)


def _sent(file: UploadedFile) -> SentFile:
    """A form's file: on disk where it is large, else in memory."""
    kind = file.content_type or ""

    def store(key: str) -> storage.StoredObject:
        if isinstance(file, TemporaryUploadedFile):
            path = Path(file.temporary_file_path())
            return storage.store().put_file(key, path, content_type=kind, move=True)
        return storage.store().put_bytes(key, file.read(), content_type=kind)

    return SentFile(file.name or "", kind, file.size or 0, store)


class OneAsset(NamedView):
    """GET/PATCH/DELETE /media-v2/assets/{id}: one asset with its artifacts."""

    @documented(responses=AssetDetail)
    def get(self, request: Request, asset_id: str) -> Response:
        """The asset, its artifacts, and what it went into."""
        return Response(AssetDetail(registry.find_asset(request.context, asset_id)).data)  # type: ignore[attr-defined]

    @documented(request=inputs.RegistryAssetChange, responses=AssetDetail)
    def patch(self, request: Request, asset_id: str) -> Response:
        """Set tags, meta or source_ref."""
        changes = inputs.RegistryAssetChange.parse(request)
        asset = registry.change_asset(request.context, asset_id, changes)  # type: ignore[attr-defined]
        return Response(AssetDetail(asset).data)

    @documented(responses={204: NO_CONTENT})
    def delete(self, request: Request, asset_id: str) -> Response:
        """Remove it with all that was made of it."""
        registry.remove_asset(request.context, asset_id)  # type: ignore[attr-defined]
        return Response(status=204)


class Artifacts(NamedView):
    """POST /media-v2/assets/{id}/artifacts: register a stored file as made from the asset."""

    @documented(request=inputs.ArtifactInput, responses={201: ArtifactDetail})
    def post(self, request: Request, asset_id: str) -> Response:
        """Keep the file as an artifact, with what it was made from."""
        facts = inputs.ArtifactInput.facts(request)
        row = registry_artifacts.register_artifact(request.context, asset_id, facts)  # type: ignore[attr-defined]
        return Response(_detail(request, row.pk), status=201)


class OneArtifact(NamedView):
    """GET /media-v2/artifacts/{id}: one artifact with its lineage, both ways."""

    @documented(responses=ArtifactDetail)
    def get(self, request: Request, artifact_id: str) -> Response:
        """The artifact, its asset, what it was made from and what was made of it."""
        return Response(_detail(request, artifact_id))


def _detail(request: Request, artifact_id: Any) -> dict[str, Any]:
    row = registry_artifacts.find_artifact(request.context, artifact_id)  # type: ignore[attr-defined]
    return dict(ArtifactDetail(row, context={"sources": sources_of(row)}).data)
