"""Regions as a person has changed them: a summary of its own with a film of masks of its own; what they were made from stays as
it is, and what is in doubt stays covered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from media_app.core import kinds
from media_app.core.vision import region_edits, tracks
from media_app.core.vision.boxes import Box
from media_app.core.vision.region_edits import Edit, Edited, Region
from media_app.core.vision.tracks import Scan, Track
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import DerivedFile, Document, Outputs, describe
from media_app.making.inspect import inspect
from media_app.making.veil import AV, Mask, change_veil, covered
from media_app.making.workspace import Workspace

STEP = "changing the masks"


class Params(EngineParams):
    """`changes`: as `Edit` has them; `edited_by`: the person."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    edited_by: str = ""

    @property
    def edits(self) -> list[Edit]:
        """The changes as values."""
        return [Edit(**one) for one in self.changes]


ENGINE = Engine(
    "regions_by_hand",
    kinds.VIDEO_REGION_SUMMARY,
    "Changing regions",
    params=Params,
    backend=Backend("by_hand", "none", packages=(AV,)),
    takes=(kinds.VIDEO_REGION_SUMMARY,),
    needs=(kinds.REGION_MASK,),
    answer_id="video_region_summary_id",
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    found = json.loads(source.path.read_text(encoding="utf-8"))
    edited = region_edits.apply(found["regions"], params.edits, found["duration_ms"])
    body = {name: value for name, value in found.items() if name not in ("asset_id", "artifact_id", "meta")}
    body |= {"regions": list(edited.regions), "largest_face": edited.largest}
    body |= {"removed_region_ids": [*body.get("removed_region_ids", []), *(one["region_id"] for one in edited.removed)]}
    meta = {
        "faces": len(edited.regions),
        "doubtful": len(found["doubtful_ranges"]),
        "region_types": ["face"],
        "edited_by": params.edited_by,
    }
    veil = _veil(source, found, edited, work)
    return Outputs((veil,), documents=(Document(kinds.VIDEO_REGION_SUMMARY, body, meta),))


def _veil(source: Source, found: Mapping[str, Any], edited: Edited, work: Workspace) -> DerivedFile:
    """The film of masks: without what was taken away, as far as nothing else is there, and with all that is hidden now."""
    scan = Scan([], [one / 1000 for one in found["cuts_ms"]], found["duration_ms"] / 1000)
    removed, hidden = (_tracks(regions) for regions in (edited.removed, edited.regions))
    doubts = [(one["start_ms"] / 1000, one["end_ms"] / 1000) for one in found["doubtful_ranges"]]

    def change(time: float, mask: Mask) -> Mask:
        work.check()
        if any(start <= time <= end for start, end in doubts):
            return mask
        shape = mask.shape[1], mask.shape[0]
        freed = mask & ~covered(shape, _at(removed, scan, time))
        return freed | covered(shape, _at(hidden, scan, time))

    work.report(5, STEP)
    path = change_veil(source.artifacts[kinds.REGION_MASK.name], work.folder / "faces.mkv", change)
    meta = {"region_type": "face", "media_info": inspect(path, work.subfolder("veil")).as_json()}
    return describe(kinds.REGION_MASK, path, meta, variant="film")


def _tracks(regions: Sequence[Region]) -> list[Track]:
    return [region_edits.track_of(one) for one in regions]


def _at(found: Sequence[Track], scan: Scan, time: float) -> list[Box]:
    near = [one for one in found if one.start - 1 <= time <= one.end + 1]
    return tracks.covers_at(near, scan, time)
