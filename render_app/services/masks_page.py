"""Masks of a recording's frames in the clips that show it, as its page has them: filters that work within a mask, and clips cut out by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import withheld
from render_app.core import catalogue
from render_app.models import Clip, FilterStack
from render_app.services import seen_in_clips, timelines
from render_app.services.timeline_edits import Caller
from sessions_app.errors import InvalidInput

#: What is done with a mask besides the filters that work within one: nothing but what it selects is seen of the clip.
CUT_OUT = "cut_out"
#: Masks and clips that may be chosen, the newest first.
MOST_MASKS, MOST_CLIPS = 12, 24


@dataclass(frozen=True, slots=True)
class MaskedClip:
    """A clip, and what it has masks for, in words."""

    clip: Clip
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MasksPage:
    """What may be chosen."""

    asset: MediaAsset
    masks: Sequence[DerivedMedia]
    clips: Sequence[MaskedClip]
    more_clips: int
    uses: Sequence[tuple[str, str]]


def read(caller: Caller, asset: MediaAsset) -> MasksPage:
    """What the page shows."""
    rows = _clips(caller, asset).select_related("track__sequence__project").order_by("-created_at", "pk")
    shown, count = list(rows[:MOST_CLIPS]), rows.count()
    masks = [row for row in _masks(asset)[:MOST_MASKS] if withheld.is_handed_out(row, on_page=True)]
    stacks = {stack.clip_id: stack for stack in FilterStack.objects.filter(clip__in=shown)}
    clips = [MaskedClip(clip, _uses_of(clip, stacks.get(clip.pk))) for clip in shown]
    return MasksPage(asset, masks, clips, count - len(shown), _choices())


def use(caller: Caller, asset: MediaAsset, named: tuple[str, str], how: str) -> Clip:
    """Put a mask to use in a clip, by the ids of both: as one edit, in the place of the mask that it had for the same. Raises InvalidInput,
    and what an edit refuses."""
    mask_id, clip_id = named
    mask = next((row for row in _masks(asset) if str(row.pk) == mask_id), None)
    clip = next((row for row in _clips(caller, asset) if str(row.pk) == clip_id), None)
    if mask is None:
        raise InvalidInput("Choose one of the masks of this recording.", field="mask")
    if clip is None:
        raise InvalidInput("Choose a clip that shows this recording.", field="clip")
    if how not in dict(_choices()):
        raise InvalidInput(f"use is one of {', '.join(dict(_choices()))}.", field="use")
    if how == CUT_OUT:
        timelines.change(caller, "clip", clip, {"mask_artifact_id": str(mask.pk)})
    else:
        _filter(caller, clip, how, mask)
    return clip


def _filter(caller: Caller, clip: Clip, name: str, mask: DerivedMedia) -> None:
    wanted = {"type": name, "params": {"mask_artifact_id": str(mask.pk)}, "enabled": True}
    stack = timelines.of_target(caller.context, "filter_stack", clip).first()
    if stack is None:
        timelines.create_of_target(caller, "filter_stack", clip, {"filters": [wanted]})
        return
    others = [one for one in stack.filters if not (one.get("type") == name and _is_by_hand(one))]
    timelines.change(caller, "filter_stack", stack, {"filters": [*others, wanted]})


def _is_by_hand(filter: dict[str, Any]) -> bool:
    """Whether it has a mask that a person chose; one that hides the faces of a search stays."""
    params = filter.get("params") or {}
    return bool(params.get("mask_artifact_id")) and not params.get("source_summary_id")


def _choices() -> list[tuple[str, str]]:
    within = [(name, one.label) for name, one in catalogue.filters().items() if one.mask == "required"]
    return [*within, (CUT_OUT, "Show only what is selected")]


def _masks(asset: MediaAsset) -> Any:
    rows = asset.derivatives.filter(kind=kinds.MASK.name, expired_at=None, input_ref=asset.original_key)
    return rows.order_by("-created_at")


def _clips(caller: Caller, asset: MediaAsset) -> Any:
    return Clip.objects.in_tenant(caller.context).filter(seen_in_clips.showing(asset))


def _uses_of(clip: Clip, stack: FilterStack | None) -> tuple[str, ...]:
    filters = stack.filters if stack is not None else []
    named = [catalogue.filters()[one["type"]].label for one in filters if _is_by_hand(one)]
    return (*named, *(["only what is selected is seen"] if clip.mask_artifact_id else []))
