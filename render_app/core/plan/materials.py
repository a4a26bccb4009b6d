"""What a sequence takes besides the media of its clips: masks and tables, by the ids that name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from render_app.core import catalogue
from render_app.core.plan.reels import Medium
from render_app.core.plan.watermark import Watermark
from render_app.core.timeline.nouns import Clip, Filter


@dataclass(frozen=True, slots=True)
class Materials:
    """`masks`: grey pictures or films, white where something is seen; `tables`: LUTs; `watermark`: on every frame."""

    masks: Mapping[str, Medium] = field(default_factory=dict)
    tables: Mapping[str, Medium] = field(default_factory=dict)
    watermark: Watermark | None = None


def with_mask(one: Filter, clip: Clip) -> Filter:
    """A filter of a clip with the mask that it works within: its own, else the clip's."""
    if catalogue.filters()[one.type].mask != "required" or one.params.get("mask_artifact_id"):
        return one
    return replace(one, params={**one.params, "mask_artifact_id": clip.mask_artifact_id})


def masked(one: Filter) -> bool:
    """Whether a filter works within a mask."""
    return bool(one.params.get("mask_artifact_id"))
