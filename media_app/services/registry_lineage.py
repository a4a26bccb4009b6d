"""Lineage: what an artifact was made from, and what was made of a file."""

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from media_app.models import DerivedMedia, MediaAsset
from media_app.services.registry import uri_of

#: Files that one answer or picture lists.
MOST = 500


@dataclass(frozen=True, slots=True)
class Used:
    """One file that went into an artifact."""

    role: str
    uri: str
    checksum: str
    asset_id: uuid.UUID | None = None
    artifact_id: uuid.UUID | None = None
    present: bool = True


def sources_of(row: DerivedMedia) -> list[Used]:
    """The original of its own asset, then what it names."""
    same = row.asset.original_key == row.input_ref
    original = Used(
        "original", uri_of(row.input_ref or row.asset.original_key), row.asset.checksum if same else "",
        asset_id=row.asset_id, present=same,
    )  # fmt: skip
    named = [
        Used(
            source.role, uri_of(source.key), source.checksum, source.source_asset_id, source.source_artifact_id,
            present=source.source_asset_id is not None or source.source_artifact_id is not None,
        )
        for source in row.sources.all()[:MOST]
    ]  # fmt: skip
    return [original, *named]


def used_in(parent: MediaAsset | DerivedMedia) -> QuerySet[DerivedMedia]:
    """The artifacts that a file went into, without an asset's own."""
    rows: QuerySet[DerivedMedia] = DerivedMedia.objects.in_tenant(parent.context).made_from(parent).listed()
    if isinstance(parent, MediaAsset):
        rows = rows.exclude(asset=parent)
    return rows.select_related("asset").order_by("created_at", "pk")[:MOST]
