"""Faces hidden in clips, fail-secure: the asset is withheld from the request on, until the scan has ended without a doubt or a
person has looked at what is doubtful.

Filters are written when the scan's summary is registered. Only the real detector, and a scan of every frame, clears anything.
"""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from media_app import storage
from media_app.core import kinds
from media_app.core.vision.blur import block_of
from media_app.engines import regions, runner
from media_app.engines.base import Subject
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services.documents import SOURCE
from media_app.services.registry import find_asset
from render_app.models import Anonymisation, Clip
from render_app.services import timelines
from render_app.services.edit import multicam_edit
from render_app.services.timeline_edits import Caller
from render_app.services.timeline_media import angles_of
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, WrongStatus

Status = Anonymisation.Status
#: How strongly each preset blurs; none of them can be undone.
PRESETS = {"light": 0.4, "medium": 0.7, "strong": 1.0}
FILTER = "face_blur"
SCANNING = "Its faces are to be hidden, and the scan for them has not ended."
DOUBTFUL = "Its faces are to be hidden, and a person has to look at what is doubtful first."


def start(caller: Caller, preset: str, *, clip_id: Any = None, asset_id: Any = None) -> Anonymisation:
    """Withhold an asset, look for its faces, and hide them in the clip, or in every clip that shows the asset.

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
            cache_key=regions.ENGINE.cache_key(subject, params),
        )  # fmt: skip
        _withhold(asset)
        runner.request(regions.ENGINE, subject, params)
    return settled(row)


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
        raise NotFound(f"There is no anonymisation {str(id)[:80]} here. Check the id.", field="anonymisation_id")
    return settled(row)


def job_of(row: Anonymisation) -> MediaJob | None:
    """The scan that it waits for."""
    found: MediaJob | None = (
        row.asset.jobs.filter(type=regions.ENGINE.job_type, input_json__cache_key=row.cache_key)
        .order_by("-created_at")
        .first()
    )
    return found


def settled(row: Anonymisation) -> Anonymisation:
    """The same, with its filters written where its scan has ended since."""
    if row.status != Status.SCANNING:
        return row
    summary = _summary_of(row)
    if summary is None:
        return row
    with transaction.atomic():
        held = Anonymisation.objects.select_for_update().select_related("asset").get(pk=row.pk)
        if held.status == Status.SCANNING:
            _settle(held, summary, _read(summary))
    return held


def _summary_of(row: Anonymisation) -> DerivedMedia | None:
    """The summary of the scan, made by the real detector; another one clears nothing."""
    rows = row.asset.derivatives.filter(kind=kinds.VIDEO_REGION_SUMMARY.name, cache_key=row.cache_key, expired_at=None)
    found: DerivedMedia | None = rows.first()
    sure = found is not None and found.meta.get("backend_type") == "model" and not found.meta.get("degraded")
    return found if sure else None


def _read(summary: DerivedMedia) -> dict[str, Any]:
    with storage.store().open(summary.key) as file:
        read: dict[str, Any] = json.load(file)
    return read


def _settle(row: Anonymisation, summary: DerivedMedia, found: dict[str, Any]) -> None:
    """Write the filters, then hand the asset out again, or keep it for a person to look at."""
    row.doubtful_ranges = found["doubtful_ranges"]
    _hide_all(row, _as_changed(summary))
    if row.doubtful_ranges or not found.get("complete"):
        row.status = Status.DOUBTFUL
    else:
        row.status, row.cleared_at = Status.CLEARED, timezone.now()
    row.save()
    _withhold(row.asset)


def _as_changed(summary: DerivedMedia) -> DerivedMedia:
    """The summary as people have changed it since."""
    rows = DerivedMedia.objects.made_from(summary).filter(kind=summary.kind, expired_at=None)
    later = rows.order_by("-created_at").first()
    return summary if later is None else _as_changed(later)


def _hide_all(row: Anonymisation, summary: DerivedMedia) -> None:
    """Hide what a summary says in every clip that it is about."""
    found = _read(summary)
    row.summary = summary
    if found["regions"] or found["doubtful_ranges"]:
        row.clip_ids = [str(clip.pk) for clip in _clips_of(row) if _hide(row, clip, summary, found)]


def _clips_of(row: Anonymisation) -> Iterable[Clip]:
    """The clip that was named, else every clip that shows the asset."""
    clips = Clip.objects.in_tenant(row.context)
    if row.clip_id:
        return clips.filter(pk=row.clip_id)
    asset = row.asset
    of_file = list(clips.filter(asset=asset))
    if asset.session_id is None:
        return of_file
    labels = {asset.camera_key, asset.camera_label} if asset.clip == 1 else {asset.camera_key}
    return [*of_file, *clips.filter(session_id=asset.session_id, camera_label__in=labels)]


def _hide(row: Anonymisation, clip: Clip, summary: DerivedMedia, found: dict[str, Any]) -> bool:
    """Put the filter into a clip's stack, in the place of an earlier one."""
    mask = row.asset.derivatives.filter(kind=kinds.REGION_MASK.name, cache_key=summary.cache_key, expired_at=None).get()
    params = {
        "strength": PRESETS[row.preset],
        "block": _block(clip, float(found.get("largest_face", 1.0))),
        "mask_artifact_id": str(mask.pk),
        "source_summary_id": str(summary.pk),
        "backend_version": str(summary.meta.get("backend_version", "")),
    }
    wanted = {"type": FILTER, "params": params, "enabled": True}
    caller = Caller(row.context, row.user_id)
    stack = timelines.of_target(row.context, "filter_stack", clip).first()
    if stack is None:
        timelines.create_of_target(caller, "filter_stack", clip, {"filters": [wanted]})
    else:
        kept = [one for one in stack.filters if not (one.get("type") == FILTER and _is_ours(one))]
        timelines.change(caller, "filter_stack", stack, {"filters": [wanted, *kept]})
    return True


def _is_ours(filter: dict[str, Any]) -> bool:
    return bool((filter.get("params") or {}).get("source_summary_id"))


def _block(clip: Clip, largest: float) -> float:
    """The side of the squares: as large as the largest face, in the part of the picture that is seen."""
    crop = clip.crop or {}
    return block_of(largest, 1.0 - float(crop.get("top", 0)) - float(crop.get("bottom", 0)))


def clear(caller: Caller, row: Anonymisation, cleared_by: str) -> Anonymisation:
    """A person has looked at every doubtful range. Raises WrongStatus while the scan has not ended."""
    with transaction.atomic():
        held = Anonymisation.objects.select_for_update().select_related("asset").get(pk=row.pk)
        if held.status != Status.DOUBTFUL:
            raise WrongStatus(f"This is {held.status}, so there is nothing to clear.", details={"status": held.status})
        held.status, held.cleared_at = Status.CLEARED, timezone.now()
        held.cleared_by = (cleared_by or caller.context.actor)[:150]
        held.save()
        _withhold(held.asset)
    return held


def _withhold(asset: MediaAsset) -> None:
    """Keep an asset back as long as anything of it is not cleared."""
    open_ones = set(
        Anonymisation.objects.filter(asset=asset).exclude(status=Status.CLEARED).values_list("status", flat=True)
    )
    why = SCANNING if Status.SCANNING in open_ones else DOUBTFUL if open_ones else ""
    MediaAsset.objects.filter(pk=asset.pk).update(withheld=why)
    asset.withheld = why


@receiver(post_save, sender=DerivedMedia)
def _summary_registered(instance: DerivedMedia, **_: Any) -> None:
    """Write the filters as soon as a scan's summary is registered, and again when a person has changed it."""
    if instance.kind == kinds.VIDEO_REGION_SUMMARY.name:
        waiting = Anonymisation.objects.filter(
            asset_id=instance.asset_id, cache_key=instance.cache_key, status=Status.SCANNING
        )
        ids: list[uuid.UUID] = list(waiting.values_list("pk", flat=True))
        transaction.on_commit(lambda: _settle_all(ids))
        transaction.on_commit(lambda: _follow(instance))


def _settle_all(ids: Iterable[uuid.UUID]) -> None:
    for row in Anonymisation.objects.select_related("asset").filter(pk__in=list(ids)):
        settled(row)


def _follow(changed: DerivedMedia) -> None:
    """What was hidden by the summary before is hidden by the changed one."""
    before = changed.sources.filter(role=SOURCE).values("source_artifact")
    for id in list(Anonymisation.objects.filter(summary__in=before).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Anonymisation.objects.select_for_update().select_related("asset").get(pk=id)
            _hide_all(row, changed)
            row.save()
