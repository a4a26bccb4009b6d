"""What a person changes in the regions of a film."""

import pytest

from media_app.core.vision.region_edits import BadEdit, Edit, apply, parted, track_of

BOX = {"x": 0.2, "y": 0.2, "width": 0.1, "height": 0.2}


def a_region(id: str = "face-1", start: float = 1000, end: float = 2000) -> dict:
    boxes = [{**BOX, "time_ms": time, "confidence": 0.9} for time in (start, end)]
    return {"region_id": id, "region_type": "face", "start_ms": start, "end_ms": end, "confidence": 0.9, "boxes": boxes}


def changed(*edits: Edit, regions=None):
    return apply([a_region()] if regions is None else regions, edits, 5000)


def test_a_region_is_added_where_a_person_saw_one_and_named_by_nobody_else():
    found = changed(Edit(boxes=[{**BOX, "time_ms": 3000}]), Edit(boxes=[{**BOX, "time_ms": 500, "height": 0.4}]))

    assert [one["region_id"] for one in found.regions] == ["added-2", "face-1", "added-1"]
    first = found.regions[0]
    assert (first["start_ms"], first["end_ms"], first["confidence"], first["changed"]) == (500, 500, 1.0, "added")
    assert found.largest == 0.4
    assert found.removed == ()


def test_an_added_region_stays_where_it_is_before_its_first_box_and_after_its_last():
    found = changed(Edit(start_ms=0, end_ms=4000, boxes=[{**BOX, "time_ms": 1000}]), regions=[])

    track = track_of(found.regions[0])
    assert (track.start, track.end) == (0, 4)
    assert [one.time for one in track.ordered] == [0, 1, 4]
    assert {one.found.box for one in track.seen} == {track.seen[0].found.box}


def test_a_region_is_made_to_last_longer_and_keeps_its_places():
    [found] = changed(Edit("face-1", start_ms=0, end_ms=5000)).regions

    assert (found["start_ms"], found["end_ms"], found["changed"]) == (0, 5000, "extended")
    assert [one["time_ms"] for one in found["boxes"]] == [0, 1000, 2000, 5000]


def test_a_region_that_is_none_is_taken_away():
    found = changed(Edit("face-1", deleted=True, reason="a poster"))
    assert found.regions == ()
    assert [one["region_id"] for one in found.removed] == ["face-1"]
    assert found.largest == 0


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        ([Edit("face-2", deleted=True)], "regions[0].region_id"),
        ([Edit("face-1", deleted=True, reason=" ")], "regions[0].reason"),
        ([Edit("face-1", deleted=True, reason="a poster"), Edit("face-1", end_ms=3000)], "regions[1].region_id"),
        ([Edit("face-1")], "regions[0]"),
        ([Edit("face-1", start_ms=1500)], "regions[0].start_ms"),
        ([Edit("face-1", end_ms=1500)], "regions[0].end_ms"),
        ([Edit("face-1", end_ms=5001)], "regions[0].end_ms"),
        ([Edit("face-1", boxes=[{**BOX, "time_ms": 0}])], "regions[0].boxes"),
        ([Edit()], "regions[0].boxes"),
        ([Edit(boxes=[{**BOX, "time_ms": 6000}])], "regions[0].end_ms"),
        ([Edit(boxes=[{**BOX, "time_ms": 0, "width": 0}])], "regions[0].boxes[0]"),
        ([Edit(boxes=[{**BOX, "time_ms": 0, "y": 0.9}])], "regions[0].boxes[0]"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_its_field(edits, field):
    with pytest.raises(BadEdit) as refused:
        changed(*edits)
    assert refused.value.field == field


def test_doubtful_ranges_are_lifted_by_their_beginnings_and_ends():
    one, other = ({"start_ms": at, "end_ms": at + 500.0, "reason": "lost"} for at in (0.0, 2000.0))

    assert parted([one, other], [[2000, 2500]]) == ([other], [one])
    with pytest.raises(BadEdit, match="doubtful range no longer exists"):
        parted([one], [[0, 499]])
