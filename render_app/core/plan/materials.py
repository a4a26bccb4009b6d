"""What a sequence takes besides the media of its clips: masks and tables, by the ids that name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from render_app.core import catalogue
from render_app.core.plan.reels import Medium
from render_app.core.plan.watermark import Watermark
from render_app.core.timeline.nouns import Clip, Filter

#: Instead of a mask's id: where faces were found in what is shown.
REGIONS = "regions"
_SUMMARY = "summary:"


@dataclass(frozen=True, slots=True)
class Materials:
    """`masks`: grey pictures or films, white where something is seen; `regions`: of an asset, by its id, where faces were found in
    it; `tables`: LUTs; `watermark`: on every frame that is encoded."""

    masks: Mapping[str, Medium] = field(default_factory=dict)
    regions: Mapping[str, Medium] = field(default_factory=dict)
    tables: Mapping[str, Medium] = field(default_factory=dict)
    watermark: Watermark | None = None

    @property
    def unmarked(self) -> "Materials":
        """The same without the watermark."""
        return replace(self, watermark=None)

    @property
    def used(self) -> frozenset[str]:
        """The artifacts that were made of the faces found in what is shown, by their ids."""
        summaries = {one for id, one in self.masks.items() if id.startswith(_SUMMARY)}
        return frozenset(one.artifact_id for one in {*self.regions.values(), *summaries} if one.artifact_id)

    def mask(self, id: str, asset_id: str) -> Medium:
        """A mask by its id, over what is shown of an asset."""
        return self.regions[asset_id] if id == REGIONS else self.masks[id]


def with_mask(one: Filter, clip: Clip) -> Filter:
    """A filter of a clip with the mask that it works within: its own, else its summary's, the clip's, or the faces in it."""
    params = one.params
    if catalogue.filters()[one.type].mask != "required" or params.get("mask_artifact_id"):
        return one
    summary = params.get("source_summary_id")
    mask = of_summary(summary) if summary else clip.mask_artifact_id or REGIONS
    return replace(one, params={**params, "mask_artifact_id": mask})


def of_summary(id: str) -> str:
    """The id under which the mask of a summary of faces stands."""
    return f"{_SUMMARY}{id}"


def masked(one: Filter) -> bool:
    """Whether a filter works within a mask."""
    return bool(one.params.get("mask_artifact_id"))
