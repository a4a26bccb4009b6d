"""The registry: assets by themselves, with or without a session. Registered, found, described, removed."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from media_app import jobs, outbound, storage
from media_app.core import downloads
from media_app.core.files import accept, keys, uris
from media_app.models import MediaAsset, MediaJob
from media_app.models.assets import MediaAssetQuerySet
from media_app.services import deletion, quota, removal
from media_app.services.ingest_queue import begin_ingest, enqueue_ingest
from media_app.services.withheld import refuse_key
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound

FETCH = "fetch_asset_v1"


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What a client says of an asset. `kind` is a hint until the file has been looked at."""

    user_id: str = ""
    kind: str = MediaAsset.Kind.OTHER
    source_ref: str = ""
    tags: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a request; `store` puts it under a key."""

    filename: str
    content_type: str
    size: int
    store: Callable[[str], storage.StoredObject]


def bucket() -> str:
    """The bucket that uris name; empty for a local store."""
    return settings.S3_BUCKET if settings.STORAGE_BACKEND == "s3" else ""


def uri_of(key: str) -> str:
    """The address of an object in Studio's store."""
    return uris.uri_of(key, bucket())


def find_asset(context: Context, asset_id: uuid.UUID | str) -> MediaAsset:
    """An asset of the tenant, in a session or not. Raises NotFound."""
    asset = MediaAsset.objects.in_tenant(context).select_related("session").filter(pk=asset_id).first()
    if asset is None:
        raise NotFound(f"There is no asset {asset_id} here. Check the id.", field="asset_id")
    return asset


def assets_of(context: Context) -> MediaAssetQuerySet:
    """Every asset of the tenant, the newest first."""
    found: MediaAssetQuerySet = MediaAsset.objects.in_tenant(context)
    return found.select_related("session", "created_by").order_by("-created_at", "pk")


def register_file(context: Context, facts: AssetFacts, file: SentFile) -> tuple[MediaAsset, MediaJob]:
    """An asset of a file that came with the request, and its ingest. Raises InvalidInput, QuotaExceeded, TooMuchWaiting."""
    refuse_file(file.filename, file.content_type, file.size, field="file")
    quota.refuse_bytes(context, file.size)
    quota.refuse_job(context)
    asset = new_asset(context, facts, file.filename, size=file.size, content_type=file.content_type)
    key = keys.original_key(asset.location(), file.filename)
    deletion.reserve([key])
    stored = file.store(key)
    with transaction.atomic():
        job = take_original(asset, stored)
        quota.refuse_bytes(context, 0)
    return asset, job


def register_uri(context: Context, facts: AssetFacts, uri: str) -> tuple[MediaAsset, MediaJob]:
    """An asset whose file is fetched by a job: from the network, or from the tenant's part of Studio's store.

    Raises InvalidInput for any other address, QuotaExceeded, TooMuchWaiting.
    """
    source = _remote(uri) if uris.is_remote(uri) else _stored(context, uri)
    quota.refuse_job(context)
    with transaction.atomic():
        asset = new_asset(context, facts, source.filename, size=source.size or 0, source_uri=uri)
        asset.save()
        job = jobs.enqueue(FETCH, asset, input_json=fetch_input(asset), dedupe_key=f"fetch:{asset.pk}")
    return asset, job


def fetch_input(asset: MediaAsset) -> dict[str, Any]:
    """What a fetch is queued with."""
    return {"asset_id": str(asset.pk), "source_uri": asset.source_uri, "derived_version": asset.version}


def change_asset(context: Context, asset_id: uuid.UUID | str, changes: Mapping[str, Any]) -> MediaAsset:
    """Set tags, meta or source_ref; what is left out keeps its value."""
    with transaction.atomic():
        asset = find_asset(context, asset_id)
        for name, value in changes.items():
            setattr(asset, name, value)
        if changes:
            asset.save(update_fields=[*changes, "updated_at"])
    return asset


def remove_asset(context: Context, asset_id: uuid.UUID | str) -> None:
    """Take an asset away with all that was made of it; a camera leaves its session as it does there."""
    removal.take_out(find_asset(context, asset_id))


def new_asset(
    context: Context,
    facts: AssetFacts,
    filename: str,
    *,
    size: int,
    content_type: str = "",
    source_uri: str = "",
) -> MediaAsset:
    """An asset whose file has yet to come, unsaved."""
    return MediaAsset(
        **context.stamp(), original_filename=filename, content_type=content_type, size_bytes=size, source_uri=source_uri,
        kind=facts.kind, source_ref=facts.source_ref, tags=facts.tags, meta=facts.meta, user_id=facts.user_id,
        created_by=context.user,
    )  # fmt: skip


def take_original(asset: MediaAsset, stored: storage.StoredObject) -> MediaJob:
    """In the caller's transaction: the asset's file is in the store from now on; its ingest is queued."""
    asset.original_key, asset.original_etag, asset.size_bytes = stored.key, stored.etag, stored.size
    asset.save()
    deletion.confirm([stored.key])
    begin_ingest(asset, None)
    return enqueue_ingest(asset)


def refuse_file(filename: str, content_type: str, size: int, *, field: str) -> None:
    """Raise InvalidInput for a file that Studio does not take."""
    refusal = accept.refuse_upload(filename, content_type, size, max_bytes=settings.MAX_UPLOAD_BYTES, plain=True)
    if refusal is not None:
        raise InvalidInput(refusal.message, field=field)


def stored_in_tenant(context: Context, uri: str, *, field: str) -> storage.StoredObject:
    """What a uri names, where it lies under the tenant's prefix and something is stored there. Raises InvalidInput, LocalPath."""
    try:
        key = storage.check_key(uris.key_of(uri, bucket()))
    except (uris.BadUri, storage.BadKey) as error:
        if isinstance(error, uris.LocalPath):
            raise
        raise InvalidInput(str(error), field=field) from error
    prefix = keys.tenant_prefix(context.tenant_id, context.env)
    if not key.startswith(prefix):
        raise InvalidInput(f"The file must lie under {prefix}, where this tenant's files are.", field=field)
    found = storage.store().head(key)
    refuse_key(key)
    if found is None:
        raise InvalidInput(f"Nothing is stored under {key}. Check the address.", field=field)
    return found


@dataclass(frozen=True, slots=True)
class _Source:
    filename: str
    size: int | None = None


def _remote(uri: str) -> _Source:
    try:
        outbound.check(uri)
    except outbound.AddressRefused as error:
        error.field = "source_uri"
        raise
    return _Source(downloads.filename_of(uri, {})[: accept.MAX_NAME])


def _stored(context: Context, uri: str) -> _Source:
    try:
        found = stored_in_tenant(context, uri, field="source_uri")
    except uris.LocalPath as error:
        raise InvalidInput(str(error), field="source_uri") from error
    name = urlsplit(found.key).path.rpartition("/")[2]
    refuse_file(name, "", found.size, field="source_uri")
    quota.refuse_bytes(context, found.size)
    return _Source(name, found.size)
