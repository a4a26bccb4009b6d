"""Filters that work within a mask, and have none: refused, so that nobody is seen whom a blur should have hidden."""

from collections.abc import Iterator

from render_app.core import catalogue
from render_app.core.plan.materials import Materials
from render_app.core.plan.reels import Reels, segments_of
from render_app.core.timeline.build import of_target
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import Clip, Filter, FilterStack, MediaReference, Sequence
from render_app.core.timeline.refusals import TimelineRefused, refuse


class MaskMissing(TimelineRefused):
    """A filter works within a mask, and there is none."""

    code = "mask_missing"


def refuse_unmasked(sequence: Sequence, reels: Reels, materials: Materials) -> None:
    """Raise MaskMissing for the first filter without a mask of its own, of its clips, or of the faces that were found in them."""
    for stack in sequence.filter_stacks:
        clips = _clips_of(stack, sequence)
        seen = bool(clips) and all(clip.mask_artifact_id or _is_looked_at(clip, reels, materials) for clip in clips)
        for number in () if seen else lacking(stack):
            at = (
                of_target("filter_stack", stack.id, stack.target)
                .entry("filters", "filter_index", number)
                .into("params")
            )
            name = stack.filters[number].type
            message = (
                f"is missing: {name} works within a mask. Name one here, set the clip's own, or have faces looked for first "
                "(POST /video/regions)."
            )
            raise refuse(MaskMissing, at, "mask_artifact_id", message)


def lacking(stack: FilterStack) -> Iterator[int]:
    """The numbers of the filters that need a mask and name none themselves."""
    return (number for number, one in enumerate(stack.filters) if _needs(one))


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
