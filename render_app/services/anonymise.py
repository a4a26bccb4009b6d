"""Faces hidden in an asset, fail-secure: it is withheld from the request on, until a copy in which they are hidden stands in its place
and nothing is in doubt, or a person has looked at what is.

Only the real detector, and a scan of every frame, clears anything. The newest request decides about its asset.
"""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from media_app.core import kinds
from media_app.core.vision import region_edits
from media_app.engines import regions, regions_by_hand, runner
from media_app.engines.base import Subject
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import documents, hidden_faces
from media_app.services.documents import SOURCE
from media_app.services.registry import find_asset
from render_app.models import Anonymisation, Clip
from render_app.services import clearances, timelines
from render_app.services.anonymise_clips import PRESETS, hide_in_clips
from render_app.services.edit import multicam_edit
from render_app.services.timeline_edits import Caller
from render_app.services.timeline_media import angles_of
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, WrongStatus

Status = Anonymisation.Status
#: What a person decides about a doubtful range: hide just the faces that were found, or keep the whole frame blurred.
LIFTED, KEPT = "clear", "keep"


def start(caller: Caller, preset: str, *, clip_id: Any = None, asset_id: Any = None) -> Anonymisation:
    """Withhold an asset, look for its faces, and hide them: in a copy that stands for the asset, and in the clip, or in every clip that
    shows it.

    Raises NotFound, InvalidInput, BackendUnavailable, WrongStatus, TooMuchWaiting.
    """
    context = caller.context
    clip = timelines.find(context, "clip", clip_id) if clip_id else None
    asset = _asset_of(context, clip) if clip is not None else find_asset(context, asset_id)
    subject, params = Subject(asset), regions.Params()
    runner.refuse(regions.ENGINE, subject, params)
    with transaction.atomic():
        row = Anonymisation.objects.create(
            **caller.stamp(), asset=asset, clip_id=clip.pk if clip else None, preset=preset,
            cache_key=regions.ENGINE.cache_key(subject, params), scan_version=clearances.current(),
        )  # fmt: skip
        clearances.withhold(asset, asked=True)
        runner.request(regions.ENGINE, subject, params)
        row = refreshed(row)
        clearances.withhold(row.asset)
    return row


def _asset_of(context: Context, clip: Clip) -> MediaAsset:
    """The one file that a clip shows. Raises InvalidInput."""
    if clip.asset_id:
        return find_asset(context, clip.asset_id)
    if not clip.session_id:
        raise InvalidInput("This clip shows words or shapes, so there are no faces in it to hide.", field="clip_id")
    angles = angles_of(multicam_edit(context, clip.session_id).angles, str(clip.camera_label))
    if len(angles) != 1:
        raise InvalidInput(
            f"Camera {clip.camera_label} has {len(angles)} files here. Name one of them in the clip, such as B.2.",
            field="clip_id",
        )
    return find_asset(context, angles[0].asset_id)


def find(context: Context, id: Any) -> Anonymisation:
    """One of the tenant, as it stands now. Raises NotFound."""
    row = Anonymisation.objects.in_tenant(context).select_related("asset").filter(pk=id).first()
    if row is None:
        raise NotFound(f"There is no anonymization {str(id)[:80]} here. Check the id.", field="anonymisation_id")
    return refreshed(row)


def job_of(row: Anonymisation) -> MediaJob | None:
    """What it waits for: the scan, then the copy."""
    found = row.asset.jobs.order_by("-created_at")
    if row.status == Status.SCANNING and row.summary_id:
        under_way: MediaJob | None = found.filter(type__in=(hidden_faces.TYPE, regions_by_hand.ENGINE.job_type)).first()
        return under_way
    scan: MediaJob | None = found.filter(type=regions.ENGINE.job_type, input_json__cache_key=row.cache_key).first()
    return scan


def refreshed(row: Anonymisation) -> Anonymisation:
    """The same, as far as its scan and its copy have come since; in doubt again where another scan has cleared it."""
    if row.status == Status.CLEARED and clearances.is_outdated(row) and clearances.doubt_outdated([row.asset_id]):
        return Anonymisation.objects.select_related("asset", "summary").get(pk=row.pk)
    if row.status != Status.SCANNING:
        return row
    scan = _scan_of(row)
    if scan is None:
        return row
    with transaction.atomic():
        held = Anonymisation.objects.select_for_update().select_related("asset").get(pk=row.pk)
        if held.status == Status.SCANNING:
            _advance(held, _as_changed(scan))
    return held


def _scan_of(row: Anonymisation) -> DerivedMedia | None:
    """The summary of the scan, made here by the real detector; another one clears nothing."""
    rows = row.asset.derivatives.filter(kind=kinds.VIDEO_REGION_SUMMARY.name, cache_key=row.cache_key, expired_at=None)
    found: DerivedMedia | None = rows.filter(created_by_job__isnull=False).first()
    sure = found is not None and found.meta.get("backend_type") == "model" and not found.meta.get("degraded")
    return found if sure else None


def _as_changed(summary: DerivedMedia) -> DerivedMedia:
    """The summary as people have changed it since."""
    rows = DerivedMedia.objects.made_from(summary).filter(kind=summary.kind, expired_at=None)
    later = rows.order_by("-created_at").first()
    return summary if later is None else _as_changed(later)


def _advance(row: Anonymisation, summary: DerivedMedia) -> None:
    """Write the filters, ask for the copy, and once that is there hand the asset out again, or keep it for a person to look at."""
    found = documents.read(summary)
    if row.summary_id != summary.pk:
        hide_in_clips(row, summary, found)
    row.doubtful_ranges = _decided(found["doubtful_ranges"], row.doubtful_ranges)
    row.status = _status_of(row, summary, found)
    if row.status == Status.CLEARED and row.cleared_at is None:
        row.cleared_at = timezone.now()
    row.save()
    clearances.withhold(row.asset)


def _status_of(row: Anonymisation, summary: DerivedMedia, found: dict[str, Any]) -> str:
    if any(one.get("decision") == LIFTED for one in row.doubtful_ranges):
        # The masks without them are being made.
        return Status.SCANNING
    if found["regions"] or found["doubtful_ranges"] or _has_copy(row.asset) or not _whole(found):
        hidden_faces.request(row.asset, summary, PRESETS[row.preset])
        if not hidden_faces.hides(row.asset, summary):
            return Status.SCANNING
    undecided = not all("decision" in one for one in row.doubtful_ranges) or clearances.is_changed(row, summary)
    unseen = (not found.get("complete") and not row.cleared_by) or clearances.is_outdated(row)
    return Status.DOUBTFUL if undecided or unseen else Status.CLEARED


def _whole(found: dict[str, Any]) -> bool:
    """Whether no picture of the file is beyond those that were looked at: else a copy of these stands for it, with or without a face.

    A film of a variable rate has pictures that its constant rate leaves out, and that no copy has."""
    return bool(found.get("complete")) and found.get("frames_left_out") == 0


def _has_copy(asset: MediaAsset) -> bool:
    """Whether a copy stood for the asset before: then one always does."""
    return bool(asset.derivatives.filter(kind=kinds.ANONYMISED.name).exists())


def _decided(ranges: Iterable[dict[str, Any]], before: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Doubtful ranges with what was decided about them."""
    known = {(one["start_ms"], one["end_ms"]): one for one in before}
    return [known.get((one["start_ms"], one["end_ms"]), one) for one in ranges]


def clear(
    caller: Caller, row: Anonymisation, cleared_by: str, lifted: Collection[tuple[float, float]] = ()
) -> Anonymisation:
    """A person has looked at every doubtful range. In those that are `lifted` (from, to in ms) just the faces that were found stay
    hidden, in the others the whole frame. Raises WrongStatus while there is nothing to clear, InvalidInput for a range that is none.
    """
    with transaction.atomic():
        held = Anonymisation.objects.select_for_update().select_related("asset", "summary").get(pk=row.pk)
        if held.status != Status.DOUBTFUL:
            raise WrongStatus(f"This is {held.status}, so there is nothing to clear.", details={"status": held.status})
        by = (cleared_by or caller.context.actor)[:150]
        for one in _waiting_for_the_same(held):
            _decide(one, by, lifted)
        held.refresh_from_db()
        if lifted:
            _lift(held, by, lifted)
        clearances.withhold(held.asset)
    return held


def choose(row: Anonymisation, number: int, choice: str) -> None:
    """Keep what a person chose for one doubtful range, counted from 1; `finish` acts on it. Raises WrongStatus, InvalidInput."""
    if choice not in (LIFTED, KEPT):
        raise InvalidInput(f"choice is {LIFTED} or {KEPT}.", field="choice")
    with transaction.atomic():
        held = Anonymisation.objects.select_for_update().get(pk=row.pk)
        if held.status != Status.DOUBTFUL:
            raise WrongStatus(f"This is {held.status}, so there is nothing to decide. Reload the page.")
        if not 1 <= number <= len(held.doubtful_ranges):
            raise InvalidInput("This doubtful range no longer exists. Reload the page.", field="number")
        held.doubtful_ranges[number - 1]["choice"] = choice
        held.save(update_fields=["doubtful_ranges", "updated_at"])


def finish(caller: Caller, row: Anonymisation) -> Anonymisation:
    """Clear as was chosen for each range, or was decided before. Raises WrongStatus while something is undecided."""
    left = sum("choice" not in one and "decision" not in one for one in row.doubtful_ranges)
    if left:
        raise WrongStatus(f"{left} doubtful ranges are not decided yet.", details={"left": left})
    lifted = {(one["start_ms"], one["end_ms"]) for one in row.doubtful_ranges if one.get("choice") == LIFTED}
    return clear(caller, row, "", lifted)


def _waiting_for_the_same(row: Anonymisation) -> Iterable[Anonymisation]:
    """All requests that wait for the same decision."""
    rows = Anonymisation.objects.select_for_update().filter(asset=row.asset_id, summary=row.summary_id)
    return list(rows.filter(status=Status.DOUBTFUL))


def _decide(row: Anonymisation, by: str, lifted: Collection[tuple[float, float]]) -> None:
    try:
        region_edits.parted(row.doubtful_ranges, [list(one) for one in lifted])
    except region_edits.BadEdit as error:
        raise InvalidInput(str(error), field="cleared_ranges") from error
    row.doubtful_ranges = [
        {**one, "decision": LIFTED if (one["start_ms"], one["end_ms"]) in set(lifted) else KEPT}
        for one in row.doubtful_ranges
    ]
    row.cleared_by, row.cleared_at = by, timezone.now()
    row.scan_version = clearances.current()
    row.status = Status.SCANNING if lifted else Status.CLEARED
    row.save()


def _lift(row: Anonymisation, by: str, lifted: Collection[tuple[float, float]]) -> None:
    """Ask for masks without the doubts that a person has lifted."""
    summary = row.summary
    masks = row.asset.derivatives.filter(
        kind=kinds.REGION_MASK_FOUND.name, cache_key=summary.cache_key if summary else ""
    )
    if summary is None or not masks.exists():
        raise InvalidInput(
            "This scan has no mask of just its faces: keep the whole frame blurred.", field="cleared_ranges"
        )
    params = regions_by_hand.Params(edited_by=by, lifted=[list(one) for one in sorted(lifted)])
    runner.request(regions_by_hand.ENGINE, Subject(row.asset, summary), params)


@receiver(post_save, sender=DerivedMedia)
def _summary_registered(instance: DerivedMedia, **_: Any) -> None:
    """Go on as soon as a scan's summary is registered, and again when a person has changed it."""
    if instance.kind == kinds.VIDEO_REGION_SUMMARY.name:
        waiting = Anonymisation.objects.filter(
            asset_id=instance.asset_id, cache_key=instance.cache_key, status=Status.SCANNING
        )
        ids: list[uuid.UUID] = list(waiting.values_list("pk", flat=True))
        transaction.on_commit(lambda: _advance_all(ids))
        transaction.on_commit(lambda: _follow(instance))


@receiver(hidden_faces.faces_hidden, dispatch_uid="render_app.anonymise.faces_hidden")
def _copy_made(asset: MediaAsset, **_: Any) -> None:
    """In the transaction in which the copy takes the original's place."""
    waiting = Anonymisation.objects.filter(asset=asset, status=Status.SCANNING)
    _advance_all(waiting.order_by("created_at").values_list("pk", flat=True))


def _advance_all(ids: Iterable[uuid.UUID]) -> None:
    for row in Anonymisation.objects.select_related("asset").filter(pk__in=list(ids)):
        refreshed(row)


def _follow(changed: DerivedMedia) -> None:
    """What was hidden by the summary before is hidden by the changed one: until its copy is there, nothing is handed out."""
    before = changed.sources.filter(role=SOURCE).values("source_artifact")
    for id in list(Anonymisation.objects.filter(summary__in=before).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Anonymisation.objects.select_for_update().select_related("asset").get(pk=id)
            if not hidden_faces.hides(row.asset, changed):
                MediaAsset.objects.filter(pk=row.asset_id).update(faces_hidden_at=None)
                row.asset.faces_hidden_at = None
            _advance(row, changed)
