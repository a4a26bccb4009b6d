"""What a person changes in the regions of a film: added where none was found, taken away where there is none, or made to last
longer. Times in ms, places as shares of the picture; regions as a summary stores them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core.bad_field import BadField
from media_app.core.vision.boxes import Box, Found
from media_app.core.vision.tracks import Seen, Track

Region = Mapping[str, Any]
BY_PERSON = "added"


class BadEdit(BadField):
    """A change that cannot be made; `field` names it in the request."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. `region_id`: of the region as it stands, None for a new one, which has `boxes` with times. What is None stays.
    `reason`: why a region that was found is taken away."""

    region_id: str | None = None
    deleted: bool = False
    start_ms: float | None = None
    end_ms: float | None = None
    boxes: Sequence[Mapping[str, float]] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """The regions as they are now, in order of time, and those that were taken away."""

    regions: tuple[Region, ...]
    removed: tuple[Region, ...]

    @property
    def largest(self) -> float:
        """The height of the largest, as a share of the picture."""
        return max((box["height"] for region in self.regions for box in region["boxes"]), default=0.0)


def apply(regions: Sequence[Region], edits: Sequence[Edit], duration_ms: float) -> Edited:
    """All the changes. Raises BadEdit."""
    kept: dict[str, Region] = {region["region_id"]: region for region in regions}
    removed: list[Region] = []
    named: set[str] = set()
    for place, edit in enumerate(edits):
        where = f"regions[{place}]"
        if edit.region_id is None:
            added = _added(edit, where, _free(kept), duration_ms)
            kept[added["region_id"]] = added
            named.add(added["region_id"])
            continue
        if edit.region_id not in kept or edit.region_id in named:
            raise BadEdit(f"{where}.region_id", f"There is no region {edit.region_id[:40]!r}, or it is named twice.")
        named.add(edit.region_id)
        before = kept.pop(edit.region_id)
        if edit.deleted:
            removed.append(_removed(before, edit.reason.strip(), where))
        else:
            kept[edit.region_id] = _extended(before, edit, where, duration_ms)
    return Edited(tuple(sorted(kept.values(), key=lambda one: one["start_ms"])), tuple(removed))


def counted(edits: Iterable[Edit]) -> dict[str, int]:
    """How many regions are added, taken away and made to last longer."""
    how = ["added" if edit.region_id is None else "removed" if edit.deleted else "extended" for edit in edits]
    return {name: how.count(name) for name in ("added", "removed", "extended") if name in how}


def track_of(region: Region) -> Track:
    """A region as it is hidden."""
    seen = [
        Seen(one["time_ms"] / 1000, Found(Box(one["x"], one["y"], one["width"], one["height"]), one["confidence"]))
        for one in region["boxes"]
    ]
    return Track(seen)


def parted(doubts: Sequence[Region], lifted: Sequence[Sequence[float]]) -> tuple[list[Region], list[Region]]:
    """Doubtful ranges that a person lifts, named by their beginnings and ends, and those that remain. Raises BadEdit for one that is none."""
    named = {(float(start), float(end)) for start, end in lifted}
    chosen = [one for one in doubts if (one["start_ms"], one["end_ms"]) in named]
    if len(chosen) < len(named):
        raise BadEdit("lifted", "This doubtful range no longer exists. Read them again.")
    return chosen, [one for one in doubts if one not in chosen]


def _free(kept: Iterable[str]) -> str:
    numbers = [int(id.rpartition("-")[2]) for id in kept if id.startswith(f"{BY_PERSON}-")]
    return f"{BY_PERSON}-{max(numbers, default=0) + 1}"


def _added(edit: Edit, where: str, id: str, duration_ms: float) -> Region:
    if not edit.boxes:
        raise BadEdit(f"{where}.boxes", "A new region has boxes with times; one that is changed has its region_id.")
    boxes = sorted((_box(one, f"{where}.boxes[{number}]") for number, one in enumerate(edit.boxes)), key=_time)
    region = {"region_id": id, "region_type": "face", "confidence": 1.0, "boxes": boxes, "changed": "added"}
    return _lasting(region, edit, where, duration_ms)


def _removed(before: Region, reason: str, where: str) -> Region:
    if not reason and before.get("changed") != BY_PERSON:
        raise BadEdit(f"{where}.reason", "Say why a face that was found is taken away; it is recorded.")
    return {**before, "reason": reason}


def _extended(before: Region, edit: Edit, where: str, duration_ms: float) -> Region:
    if edit.boxes:
        raise BadEdit(f"{where}.boxes", "To cover another place, add a region of its own: leave region_id out.")
    if edit.start_ms is None and edit.end_ms is None:
        raise BadEdit(where, "Say what changes: deleted, start_ms or end_ms.")
    return _lasting({"changed": "extended", **before}, edit, where, duration_ms)


def _lasting(region: Region, edit: Edit, where: str, duration_ms: float) -> Region:
    """From `start_ms` to `end_ms`, which may not be within its boxes: before the first and after the last it stays where it is."""
    boxes = list(region["boxes"])
    first, last = boxes[0], boxes[-1]
    start = _time(first) if edit.start_ms is None else edit.start_ms
    end = _time(last) if edit.end_ms is None else edit.end_ms
    if not 0 <= start <= _time(first):
        raise BadEdit(f"{where}.start_ms", f"The region is seen from {_time(first):g} ms on: begin there or earlier.")
    if not _time(last) <= end <= duration_ms:
        raise BadEdit(
            f"{where}.end_ms",
            f"The region is seen until {_time(last):g} ms, and the film ends at {duration_ms:g} ms: end between them.",
        )
    before = [{**first, "time_ms": start}] if start < _time(first) else []
    after = [{**last, "time_ms": end}] if end > _time(last) else []
    return {**region, "start_ms": start, "end_ms": end, "boxes": [*before, *boxes, *after]}


def _box(sent: Mapping[str, float], where: str) -> dict[str, float]:
    box = Box(sent["x"], sent["y"], sent["width"], sent["height"])
    if box.area <= 0 or box.x + box.width > 1 + 1e-6 or box.y + box.height > 1 + 1e-6:
        raise BadEdit(
            where, "A box must have a size and lie within the picture: x + width and y + height are at most 1."
        )
    return {
        "time_ms": sent["time_ms"],
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "confidence": 1.0,
    }


def _time(box: Mapping[str, float]) -> float:
    return box["time_ms"]
