"""JSON artifacts: the newest of a kind, and what is in it."""

import json
from typing import Any

from media_app import storage
from media_app.core.kinds import Kind
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from sessions_app.errors import NotFound


def newest(asset: MediaAsset, kind: Kind) -> DerivedMedia | None:
    """The newest artifact of a kind that was made of the recording itself, and not of another artifact."""
    rows = asset.derivatives.filter(kind=kind.name, expired_at=None, input_ref=asset.original_key)
    of_others = ArtifactSource.objects.filter(artifact__asset=asset, role="source")
    return rows.exclude(pk__in=of_others.values("artifact")).order_by("-created_at").first()


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
