"""Filters that work within a mask, and have none: left out with a notice, but for those that hide, which are refused, so that nobody
is seen whom a blur should have hidden."""

from collections.abc import Iterator
from dataclasses import replace

from render_app.core import catalogue
from render_app.core.plan.materials import Materials
from render_app.core.plan.reels import Reels, segments_of
from render_app.core.timeline.build import of_target
from render_app.core.timeline.media import Notice, Reference
from render_app.core.timeline.nouns import Clip, Filter, FilterStack, MediaReference, Sequence
from render_app.core.timeline.refusals import Place, TimelineRefused, refuse

_HELP = "Name a mask, set the clip's own, or have faces looked for first (POST /video/regions)."


class MaskMissing(TimelineRefused):
    """A filter hides what is within a mask, and there is none."""

    code = "mask_missing"


def without_unmasked(sequence: Sequence, reels: Reels, materials: Materials) -> tuple[Sequence, tuple[Notice, ...]]:
    """The sequence without the filters that lack a mask: one of their own, of their clips, or of the faces that were found in them.

    With a notice of each. Raises MaskMissing for the first that hides what is within it.
    """
    stacks, notices = [], []
    for stack in sequence.filter_stacks:
        clips = _clips_of(stack, sequence)
        unseen = [one for one in clips if not (one.mask_artifact_id or _is_looked_at(one, reels, materials))]
        without = set(lacking(stack)) if unseen or not clips else set()
        _refuse_hiding(stack, sorted(without))
        assets = _assets(unseen, reels, materials) if without else []
        notices += [_notice(stack, number, assets) for number in sorted(without)]
        filters = (
            replace(one, enabled=False) if number in without else one for number, one in enumerate(stack.filters)
        )
        stacks.append(replace(stack, filters=tuple(filters)) if without else stack)
    return (replace(sequence, filter_stacks=tuple(stacks)) if notices else sequence), tuple(notices)


def lacking(stack: FilterStack) -> Iterator[int]:
    """The numbers of the filters that need a mask and name none themselves."""
    return (number for number, one in enumerate(stack.filters) if _needs(one))


def _refuse_hiding(stack: FilterStack, numbers: list[int]) -> None:
    for number in numbers:
        name = stack.filters[number].type
        if catalogue.filters()[name].hides:
            message = f"is missing: {name} works within a mask. {_HELP}"
            raise refuse(MaskMissing, _place(stack, number).into("params"), "mask_artifact_id", message)


def _notice(stack: FilterStack, number: int, assets: list[str]) -> Notice:
    """What is said of a filter that is left out."""
    place, name = _place(stack, number), stack.filters[number].type
    of = f" for asset {', '.join(assets)}" if assets else ""
    return Notice("mask_missing", f"video_regions missing{of}: {name} is left out. {_HELP}", place)


def _place(stack: FilterStack, number: int) -> Place:
    return of_target("filter_stack", stack.id, stack.target).entry("filters", "filter_index", number)


def _needs(one: Filter) -> bool:
    kind = catalogue.filters()[one.type]
    named = one.params.get("mask_artifact_id") or one.params.get("source_summary_id")
    return kind.mask == "required" and one.enabled and not kind.is_off(one.params) and not named


def _clips_of(stack: FilterStack, sequence: Sequence) -> list[Clip]:
    """The clips that a stack of a clip or a track works on."""
    target = stack.target
    if target.type == "track":
        return [clip for track in sequence.tracks if track.id == target.id for clip in track.clips]
    return [clip for clip in sequence.clips if target.type == "clip" and clip.id == target.id]


def _is_looked_at(clip: Clip, reels: Reels, materials: Materials) -> bool:
    """Whether faces were looked for in all that a clip shows."""
    content = clip.content
    if not isinstance(content, Reference) or (isinstance(content, MediaReference) and content.artifact_id):
        return False
    return all(one.picture is None or one.picture.asset_id in materials.regions for one in segments_of(clip, reels))


def _assets(clips: list[Clip], reels: Reels, materials: Materials) -> list[str]:
    """The assets of some clips in which no faces were looked for."""
    segments = (one for clip in clips if isinstance(clip.content, Reference) for one in segments_of(clip, reels))
    shown = (one.picture.asset_id for one in segments if one.picture is not None)
    return sorted({asset for asset in shown if asset not in materials.regions})
