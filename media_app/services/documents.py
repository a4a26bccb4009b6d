"""What engines made of recordings and of artifacts: found by kind, and what is in a JSON artifact."""

import json
from collections.abc import Collection
from typing import Any

from django.db.models import F

from media_app import storage
from media_app.core.kinds import Kind
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from media_app.models.artifacts import DerivedMediaQuerySet
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
        raise NotFound(f"The file of the artifact {row.pk} is no JSON object. Make it again.")
    return found
