"""What engines made of recordings and of artifacts: found by kind; and JSON artifacts read and written without a job."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from media_app import storage
from media_app.core.files import keys
from media_app.core.kinds import JSON, Kind
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from media_app.models.artifacts import DerivedMediaQuerySet
from media_app.services import deletion
from sessions_app.errors import NotFound

#: What an artifact names as its source when it was made of it in place of the original.
SOURCE = "source"


def of_recordings(assets: Collection[MediaAsset], kinds: Collection[Kind]) -> DerivedMediaQuerySet:
    """The artifacts of these kinds that were made of the recordings themselves, as long as their files are kept."""
    of_artifacts = ArtifactSource.objects.filter(artifact__asset__in=assets, role=SOURCE)
    rows: DerivedMediaQuerySet = DerivedMedia.objects.select_related("asset").filter(
        asset__in=assets,
        kind__in=[kind.name for kind in kinds],
        expired_at=None,
        input_ref=F("asset__original_key"),
    )
    return rows.exclude(pk__in=of_artifacts.values("artifact"))


def of_artifact(artifact: DerivedMedia, kind: Kind) -> DerivedMediaQuerySet:
    """The same, of those that were made of this artifact."""
    made = ArtifactSource.objects.filter(source_artifact=artifact, role=SOURCE)
    rows: DerivedMediaQuerySet = artifact.asset.derivatives.filter(
        kind=kind.name, expired_at=None, input_ref=artifact.asset.original_key
    )
    return rows.filter(pk__in=made.values("artifact"))


def newest(asset: MediaAsset, kind: Kind) -> DerivedMedia | None:
    """The newest artifact of a kind that was made of the recording itself, and not of another artifact."""
    return of_recordings([asset], [kind]).order_by("-created_at").first()


def newest_of(artifact: DerivedMedia, kind: Kind) -> DerivedMedia | None:
    """The newest artifact of a kind that was made of this one."""
    return of_artifact(artifact, kind).order_by("-created_at").first()


def covering(artifact: DerivedMedia, kind: Kind) -> tuple[DerivedMedia, float] | None:
    """The newest of a kind that was made of this artifact, else of its recording; and how much later its clock is, ms."""
    own = newest_of(artifact, kind)
    if own is not None:
        return own, 0.0
    whole = newest(artifact.asset, kind)
    return (whole, artifact.begins_ms) if whole is not None else None


def read(row: DerivedMedia) -> dict[str, Any]:
    """What is in it. Raises NotFound once its file is gone, and for one that a client registered and that is no document."""
    try:
        with storage.store().open(row.key) as file:
            found = json.load(file)
    except storage.ObjectMissing as error:
        raise NotFound(f"The file of the artifact {row.pk} is no longer kept. Make it again.") from error
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotFound(f"The file of the artifact {row.pk} is not a JSON object. Make it again.")
    return found


@dataclass(frozen=True, slots=True)
class Stored:
    """A JSON file of an asset that does not count until it is registered."""

    asset: MediaAsset
    kind: Kind
    key: str
    size: int
    sha256: str


def store(asset: MediaAsset, kind: Kind, text: str, name: str = "") -> Stored:
    """Store a JSON text; under a name of its own where none is given."""
    place = asset.tenant_id, asset.env, str(asset.pk), kind.group
    key = keys.artifact_key(*place, name or uuid.uuid4().hex, kind.extension)
    data = text.encode()
    deletion.reserve([key])
    storage.store().put_bytes(key, data, content_type=JSON)
    return Stored(asset, kind, key, len(data), hashlib.sha256(data).hexdigest())


def register(stored: Stored, variant: str, meta: Mapping[str, Any], input_ref: str = "") -> DerivedMedia:
    """The row of a stored file, in the caller's transaction; the file before goes. `input_ref`: where it is not the original."""
    asset, made_of = stored.asset, input_ref or stored.asset.original_key
    before = asset.derivatives.filter(kind=stored.kind.name, variant=variant, input_ref=made_of).exclude(key=stored.key)
    deletion.schedule_deletion(before.values_list("key", flat=True))
    row = DerivedMedia.objects.register(
        asset,
        stored.kind,
        variant,
        made_of,
        key=stored.key,
        content_type=JSON,
        size_bytes=stored.size,
        checksum=stored.sha256,
        cache_key=meta.get("cache_key", ""),
        meta=dict(meta),
    )
    deletion.confirm([stored.key])
    return row
