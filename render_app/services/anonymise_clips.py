"""The filters that hide faces in clips: of the one clip that was named, or of every clip that shows the asset."""

from collections.abc import Iterable
from typing import Any

from media_app.core import kinds
from media_app.core.vision.blur import ONE_COLOR
from media_app.models import DerivedMedia
from render_app.models import Anonymisation, Clip
from render_app.services import seen_in_clips, timelines
from render_app.services.timeline_edits import Caller

#: The strength that each preset gives its filter; a face is one color in all of them, and none can be undone.
PRESETS = {"light": 0.4, "medium": 0.7, "strong": 1.0}
FILTER = "face_blur"


def hide_in_clips(row: Anonymisation, summary: DerivedMedia, found: dict[str, Any]) -> None:
    """Hide what a summary says in every clip that it is about; the row, unsaved, names both."""
    row.summary = summary
    if found["regions"] or found["doubtful_ranges"]:
        row.clip_ids = [str(clip.pk) for clip in _clips_of(row) if _hide(row, clip, summary)]


def _clips_of(row: Anonymisation) -> Iterable[Clip]:
    """The clip that was named, else every clip that shows the asset."""
    clips = Clip.objects.in_tenant(row.context)
    if row.clip_id:
        return clips.filter(pk=row.clip_id)
    return clips.filter(seen_in_clips.showing(row.asset))


def _hide(row: Anonymisation, clip: Clip, summary: DerivedMedia) -> bool:
    """Put the filter into a clip's stack, in the place of an earlier one."""
    mask = row.asset.derivatives.filter(kind=kinds.REGION_MASK.name, cache_key=summary.cache_key, expired_at=None).get()
    params = {
        "strength": PRESETS[row.preset],
        "block": ONE_COLOR,
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
