"""What a page shows of a recording's picture: shots, subjects, faces, masks and frames, and work on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache

from media_app.core import kinds
from media_app.core.vision import shown
from media_app.core.vision.shown import Moment
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import documents, withheld
from sessions_app.errors import NotFound

#: The jobs that make what is shown, and what a person reads of each.
JOBS = {
    "engine_visual_meta_v1": "Shots and subjects",
    "engine_regions_v1": "Faces",
    "engine_regions_by_hand_v1": "Changed faces",
    "engine_masks_v1": "Mask",
    "engine_frames_v1": "Frame",
}
#: Masks and frames of which a picture is shown, and jobs among which the newest of each type are looked for.
MOST, MOST_JOBS = 4, 40
#: Versions of the regions that are listed, the newest first.
MOST_VERSIONS = 20
#: Seconds for which a drawing is kept: a document of hours is large, and is asked for every few seconds.
KEPT_S = 24 * 3600
_VERSION = 1
#: What a document that is not as Studio writes it raises; a client may have registered it.
_OTHER_FORM = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An artifact, and what is drawn of it; None where its file is gone or cannot be read."""

    row: DerivedMedia
    drawing: Any


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a recording's regions: who made it, empty where the search did, and what was changed."""

    when: datetime
    by: str
    what: str


@dataclass(frozen=True, slots=True)
class Looked:
    """One recording with what was made of its picture. `jobs`: (what, job) of those that are not done."""

    asset: MediaAsset
    film: DerivedMedia | None
    seen: Drawn | None
    regions: Drawn | None
    region_mask: DerivedMedia | None
    versions: Sequence[Version]
    masks: Sequence[tuple[DerivedMedia, Moment]]
    frames: Sequence[DerivedMedia]
    frame_count: int
    jobs: Sequence[tuple[str, MediaJob]]

    @property
    def working(self) -> bool:
        return bool(self.busy)

    @property
    def busy(self) -> set[str]:
        """What is being made."""
        return {what for what, job in self.jobs if job.status in MediaJob.UNFINISHED}

    @property
    def may_begin(self) -> bool:
        """Whether something can be made of its picture now."""
        return self.asset.status == MediaAsset.Status.READY and not self.asset.withheld

    @property
    def moves(self) -> bool:
        """Whether it is a film."""
        return self.asset.kind == MediaAsset.Kind.VIDEO


def looked_at(asset: MediaAsset) -> Looked:
    """What there is of one recording. What is withheld is left out."""
    made = asset.derivatives.filter(expired_at=None, input_ref=asset.original_key)
    named = [kind.name for kind in (kinds.VISUAL_META, kinds.VIDEO_REGION_SUMMARY, kinds.PROXY)]
    newest: dict[str, DerivedMedia] = {row.kind: row for row in made.filter(kind__in=named).order_by("created_at")}
    regions = newest.get(kinds.VIDEO_REGION_SUMMARY.name)
    film = newest.get(kinds.PROXY.name)
    frames = made.filter(kind=kinds.FRAME.name)
    return Looked(
        asset,
        film if film is not None and withheld.is_handed_out(film, on_page=True) else None,
        _drawn(asset, newest.get(kinds.VISUAL_META.name), shown.seen),
        _drawn(asset, regions, shown.regions),
        _mask_beside(asset, regions),
        list(_versions(regions)),
        [(row, _when(row)) for row in _handed_out(made.filter(kind=kinds.MASK.name).order_by("-created_at")[:MOST])],
        _handed_out(frames.order_by("-created_at")[:MOST]),
        frames.count(),
        _jobs(asset),
    )


def _handed_out(rows: Any) -> list[DerivedMedia]:
    return [row for row in rows if withheld.is_handed_out(row, on_page=True)]


def _when(mask: DerivedMedia) -> Moment:
    """The frame that a mask was cut out of; a client's may not say."""
    at = mask.meta.get("frame_ms")
    return Moment(float(at) if isinstance(at, int | float) else 0.0, ())


def _mask_beside(asset: MediaAsset, summary: DerivedMedia | None) -> DerivedMedia | None:
    if summary is None or not summary.cache_key:
        return None
    rows = asset.derivatives.filter(kind=kinds.REGION_MASK.name, cache_key=summary.cache_key, expired_at=None)
    found: DerivedMedia | None = rows.first()
    return found


def _versions(row: DerivedMedia | None) -> Iterator[Version]:
    """Regions as people have changed them, back to those that were found; none where nobody has changed any."""
    for _ in range(MOST_VERSIONS):
        if row is None or "edited_by" not in row.meta:
            break
        yield Version(row.created_at, str(row.meta["edited_by"]), _changes(row))
        source = row.sources.filter(role=documents.SOURCE).select_related("source_artifact").first()
        row = source.source_artifact if source is not None else None
        if row is not None and "edited_by" not in row.meta:
            yield Version(row.created_at, "", f"found by the search: {row.meta.get('faces', 0)}")


def _changes(row: DerivedMedia) -> str:
    """What a person changed, and why."""
    said = {"added": "added", "removed": "taken away", "extended": "made longer"}
    counts = row.meta.get("changes") or {}
    what = ", ".join(f"{count} {said.get(name, name)}" for name, count in counts.items()) or "doubts decided"
    why = "; ".join(str(one) for one in row.meta.get("reasons") or ())
    return f"{what} ({why})" if why else what


def _drawn(
    asset: MediaAsset, row: DerivedMedia | None, draw: Callable[[Mapping[str, Any], float], Any]
) -> Drawn | None:
    if row is None:
        return None
    key = f"picture-page:{_VERSION}:{row.pk}:{row.checksum}"
    drawing = cache.get(key)
    if drawing is None:
        try:
            drawing = draw(documents.read(row), float(asset.duration_ms or 0))
        except (NotFound, *_OTHER_FORM):
            return Drawn(row, None)
        cache.set(key, drawing, KEPT_S)
    return Drawn(row, drawing)


def _jobs(asset: MediaAsset) -> list[tuple[str, MediaJob]]:
    """The newest job of each type, unless it is done."""
    newest: dict[str, MediaJob] = {}
    for job in MediaJob.objects.filter(asset=asset, type__in=JOBS).order_by("-created_at")[:MOST_JOBS]:
        newest.setdefault(JOBS[job.type], job)
    return [(what, job) for what, job in newest.items() if job.status != MediaJob.Status.COMPLETED]
