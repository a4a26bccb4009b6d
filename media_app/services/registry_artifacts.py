"""Artifacts of the registry: registered under an asset with what they were made from, and read with both sides of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from media_app import storage
from media_app.core import artifact_rules as rules
from media_app.core import kinds
from media_app.core.files import uris
from media_app.core.not_allowed import NotAllowed
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from media_app.services import deletion, registry
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, StudioError


class AlreadyRegistered(StudioError):
    """Another record owns this file."""

    code = "already_registered"
    status = 409


@dataclass(frozen=True, slots=True)
class NamedSource:
    """One file that an artifact was made from: an asset's original, or an artifact."""

    asset_id: uuid.UUID | None = None
    artifact_id: uuid.UUID | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """What a client says of an artifact."""

    kind: str
    uri: str
    start_ms: float | None = None
    end_ms: float | None = None
    track_label: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[NamedSource] = ()


def find_artifact(context: Context, artifact_id: uuid.UUID | str) -> DerivedMedia:
    """An artifact of the tenant with its asset. Raises NotFound."""
    rows = DerivedMedia.objects.in_tenant(context).select_related("asset", "asset__session", "asset__created_by")
    row = rows.filter(pk=artifact_id).first()
    if row is None:
        raise NotFound(f"There is no artifact {artifact_id} here. Check the id.", field="artifact_id")
    return row


def register_artifact(context: Context, asset_id: uuid.UUID | str, facts: ArtifactFacts) -> DerivedMedia:
    """Keep a stored file as an artifact of an asset.

    Raises InvalidInput naming the field at fault, NotAllowed for a path of a disk, AlreadyRegistered, NotFound.
    """
    asset = registry.find_asset(context, asset_id)
    try:
        stored = registry.stored_in_tenant(context, facts.uri, field="uri")
    except uris.LocalPath as error:
        raise NotAllowed(str(error), field="uri") from error
    key = stored.key
    claim = rules.Claim(facts.kind, key, facts.start_ms, facts.end_ms, facts.meta)
    parent = rules.Parent(asset.tenant_id, asset.env, str(asset.pk), asset.duration_ms)
    if refusal := rules.refuse_artifact(claim, parent):
        raise InvalidInput(refusal.message, field=refusal.field)
    sources = [(_found(context, source), source.role) for source in facts.sources]
    if deletion.is_referenced(key):
        raise _taken(key)
    try:
        with transaction.atomic():
            return _create(asset, facts, claim, stored.size, sources)
    except IntegrityError as error:
        raise _taken(key) from error


def _found(context: Context, source: NamedSource) -> MediaAsset | DerivedMedia:
    if source.asset_id is not None:
        return registry.find_asset(context, source.asset_id)
    assert source.artifact_id
    return find_artifact(context, source.artifact_id)


def _taken(key: str) -> AlreadyRegistered:
    row = DerivedMedia.objects.filter(key=key).first()
    what = f"the artifact {row.pk}" if row is not None else "an asset, as its original"
    return AlreadyRegistered(f"The file {key} belongs to {what}. Name that instead.", field="uri")


def _create(
    asset: MediaAsset,
    facts: ArtifactFacts,
    claim: rules.Claim,
    size: int,
    sources: Sequence[tuple[MediaAsset | DerivedMedia, str]],
) -> DerivedMedia:
    pk = rules.artifact_id_of(claim) or uuid.uuid4()
    row = DerivedMedia.objects.create(
        **asset.context.stamp(), pk=pk, asset=asset, kind=facts.kind, variant=pk.hex, input_ref=asset.original_key,
        cache_key=facts.meta.get("cache_key", ""), start_ms=facts.start_ms, end_ms=facts.end_ms,
        track_label=facts.track_label, key=claim.key, size_bytes=size, meta=dict(facts.meta),
        content_type=kinds.BY_NAME[facts.kind].content_type if kinds.BY_NAME[facts.kind].extension
        else storage.content_type_of(claim.key),
    )  # fmt: skip
    for source, role in sources:
        ArtifactSource.objects.record(row, [source], role)
    deletion.confirm([claim.key])
    return row
