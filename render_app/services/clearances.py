"""Whether the clearances of hidden faces still hold: one that rests on an older face scan does not, and its recording is withheld until
it is scanned again or a person decides again.

Every upgrade asks (`render_app.apps`), so does the sweep, and whatever reads pictures for an edit, a render or an export.
"""

from collections.abc import Collection
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from media_app.engines import regions
from media_app.models import DerivedMedia, MediaAsset
from media_app.models.assets import REPLACED
from media_app.services import withheld
from render_app.models import Anonymisation

Status = Anonymisation.Status
SCANNING = "Its faces are to be hidden, and the search for them, or the copy with hidden faces, is not finished."
DOUBTFUL = "Its faces are to be hidden, and a person has to review the doubtful ranges first."
CHANGED = "Its regions were changed by hand, and a person has to review them first."
OUTDATED = "Its clearance rests on an older face scan. On its page, scan it again, or decide again."
#: What the check reads and writes: it waits until migrations have made all of it.
_MODELS = (Anonymisation, MediaAsset, DerivedMedia)


def current() -> str:
    """The version of the face scan that clearances are held against."""
    return regions.ENGINE.backend.version


def is_outdated(row: Anonymisation) -> bool:
    """Whether it rests on an older scan, or on one of which nothing is known."""
    return row.scan_version != current()


def is_changed(row: Anonymisation, summary: DerivedMedia | None) -> bool:
    """Whether a person has changed the regions that it rests on, and nobody has released the recording since."""
    if summary is None or not summary.meta.get("changes"):
        return False
    return row.cleared_at is None or row.cleared_at < summary.created_at


def doubt_outdated(assets: Collection[Any] | QuerySet[Any] | None = None) -> int:
    """Make clearances that rest on an older scan doubtful again, and withhold their assets; of these assets, or of all."""
    rows = _outdated() if assets is None else _outdated().filter(asset__in=assets)
    ids = list(rows.values_list("pk", flat=True))
    for id in ids:
        with transaction.atomic():
            row = Anonymisation.objects.select_for_update().select_related("asset").get(pk=id)
            if row.status == Status.CLEARED and is_outdated(row):
                _doubt(row)
    return len(ids)


def _outdated() -> QuerySet[Anonymisation]:
    """The newest request of each asset that is handed out, where another scan cleared it."""
    newest = Anonymisation.objects.filter(asset=OuterRef("asset")).order_by("-created_at").values("pk")[:1]
    cleared = Anonymisation.objects.filter(status=Status.CLEARED, asset__withheld="")
    found: QuerySet[Anonymisation] = cleared.exclude(scan_version=current()).filter(pk=Subquery(newest))
    return found.order_by("pk")


def _doubt(row: Anonymisation) -> None:
    """Everything is to be decided again. Who had cleared it, and when, stays."""
    row.status = Status.DOUBTFUL
    row.doubtful_ranges = [
        {name: value for name, value in one.items() if name not in ("decision", "choice")}
        for one in row.doubtful_ranges
    ]
    row.save()
    withhold(row.asset)


def withhold(asset: MediaAsset, *, asked: bool = False) -> None:
    """Keep an asset back as long as its newest request is not cleared. `asked`: that request is made now, so about the file that is
    there now; an earlier one says nothing about a file that took the place of another."""
    newest = Anonymisation.objects.filter(asset=asset).order_by("-created_at").first()
    before = MediaAsset.objects.filter(pk=asset.pk).values_list("withheld", flat=True).first()
    if before == REPLACED and not asked:
        return
    why = _why(newest)
    MediaAsset.objects.filter(pk=asset.pk).update(withheld=why)
    asset.withheld = why
    if why and not before:
        withheld.withhold_made(asset)


def _why(row: Anonymisation | None) -> str:
    if row is None or row.status == Status.CLEARED:
        return ""
    if row.status == Status.SCANNING:
        return SCANNING
    if is_outdated(row):
        return OUTDATED
    return CHANGED if is_changed(row, row.summary) else DOUBTFUL


def after_upgrade(apps: Apps = installed, **_: Any) -> None:
    """For `post_migrate`; nothing while the database is that of an earlier version."""
    for model in _MODELS:
        try:
            there = apps.get_model(model._meta.label)
        except LookupError:
            return
        if not {one.column for one in model._meta.fields} <= {one.column for one in there._meta.fields}:
            return
    doubt_outdated()
