"""Regions as a person has changed them: a summary of its own with a film of masks of its own; what they were made from stays as
it is, and what is in doubt stays covered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from media_app.core import kinds
from media_app.core.files.faults import NotUsable
from media_app.core.kinds import Kind
from media_app.core.vision import region_edits, tracks
from media_app.core.vision.boxes import Box
from media_app.core.vision.region_edits import Edit, Region
from media_app.core.vision.tracks import Scan, Track
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import DerivedFile, Document, Outputs
from media_app.making.veil import AV, Mask, change_veils, covered, describe_veil
from media_app.making.workspace import Workspace

STEP = "changing the masks"


class Params(EngineParams):
    """`changes`: as `Edit` has them; `lifted`: doubtful ranges, from and to in ms, that a person has looked at and in which nothing but
    the faces that were found is to be hidden; `edited_by`: the person."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    edited_by: str = ""
    lifted: list[list[float]] = field(default_factory=list)

    @property
    def edits(self) -> list[Edit]:
        """The changes as values."""
        return [Edit(**one) for one in self.changes]


def _found_masks(params: Params) -> tuple[Kind, ...]:
    return (kinds.REGION_MASK_FOUND,)


ENGINE = Engine(
    "regions_by_hand",
    kinds.VIDEO_REGION_SUMMARY,
    "Changing regions",
    params=Params,
    backend=Backend("by_hand", "none", packages=(AV,)),
    takes=(kinds.VIDEO_REGION_SUMMARY,),
    needs=(kinds.REGION_MASK,),
    wants=_found_masks,
    answer_id="video_region_summary_id",
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    found = json.loads(source.path.read_text(encoding="utf-8"))
    edited = region_edits.apply(found["regions"], params.edits, found["duration_ms"])
    body = {name: value for name, value in found.items() if name not in ("asset_id", "artifact_id", "meta")}
    lifted, doubts = region_edits.parted(found["doubtful_ranges"], params.lifted)
    body |= {"regions": list(edited.regions), "largest_face": edited.largest, "doubtful_ranges": doubts}
    body |= {"removed_region_ids": [*body.get("removed_region_ids", []), *(one["region_id"] for one in edited.removed)]}
    body |= {"removals": [*body.get("removals", []), *_removals(edited.removed, params.edited_by)]}
    body |= {"lifted_ranges": [*body.get("lifted_ranges", []), *lifted]}
    meta = {
        "faces": len(edited.regions),
        "doubtful": len(doubts),
        "region_types": ["face"],
        "edited_by": params.edited_by,
        "changes": region_edits.counted(params.edits),
        "reasons": sorted({edit.reason.strip() for edit in params.edits} - {""}),
    }
    scan = Scan([], [one / 1000 for one in found["cuts_ms"]], found["duration_ms"] / 1000)
    removed, hidden = (_tracks(regions) for regions in (edited.removed, edited.regions))
    veils = _veils(source, _Change(scan, removed, hidden, _seconds(lifted), _seconds(doubts), work))
    return Outputs(veils, documents=(Document(kinds.VIDEO_REGION_SUMMARY, body, meta),))


def _removals(removed: Sequence[Region], by: str) -> list[dict[str, Any]]:
    """What was taken away, by whom and why."""
    named = ("region_id", "start_ms", "end_ms", "reason")
    return [{**{name: one[name] for name in named}, "removed_by": by} for one in removed]


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of the masks: without what was taken away, as far as nothing else is there, and with all that is hidden now."""

    scan: Scan
    removed: Sequence[Track]
    hidden: Sequence[Track]
    lifted: Sequence[tuple[float, float]]
    doubts: Sequence[tuple[float, float]]
    work: Workspace

    def of(self, time: float, mask: Mask, without_doubts: Mask) -> Mask:
        """A mask of the film that hides what is in doubt."""
        if _within(self.doubts, time):
            return mask
        return self.plain(time, without_doubts if _within(self.lifted, time) else mask)

    def plain(self, time: float, mask: Mask) -> Mask:
        """A mask of the faces that were found."""
        self.work.check()
        shape = mask.shape[1], mask.shape[0]
        freed = mask & ~covered(shape, _at(self.removed, self.scan, time))
        return freed | covered(shape, _at(self.hidden, self.scan, time))


def _veils(source: Source, change: _Change) -> tuple[DerivedFile, ...]:
    """The film of masks, and, as long as something is in doubt, the one without the doubts."""
    change.work.report(5, STEP)
    masks, found = source.artifacts[kinds.REGION_MASK.name], source.artifacts.get(kinds.REGION_MASK_FOUND.name)
    if change.lifted and found is None:
        raise NotUsable("There is no mask of only the faces that were found, so the whole frame stays hidden here.")
    folder = change.work.folder
    path = change_veils([masks, found or masks], folder / "faces.mkv", change.of)
    made = [describe_veil(kinds.REGION_MASK, path, change.work)]
    if change.doubts and found is not None:
        path = change_veils([found], folder / "found.mkv", change.plain)
        made.append(describe_veil(kinds.REGION_MASK_FOUND, path, change.work))
    return tuple(made)


def _seconds(ranges: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    return [(one["start_ms"] / 1000, one["end_ms"] / 1000) for one in ranges]


def _within(ranges: Sequence[tuple[float, float]], time: float) -> bool:
    return any(start <= time <= end for start, end in ranges)


def _tracks(regions: Sequence[Region]) -> list[Track]:
    return [region_edits.track_of(one) for one in regions]


def _at(found: Sequence[Track], scan: Scan, time: float) -> list[Box]:
    near = [one for one in found if one.start - 1 <= time <= one.end + 1]
    return tracks.covers_at(near, scan, time)
