"""What an operator may decide about single segments of a clip."""

import math

import pytest

from sync_app.core.correction import BadSegments, Correction, correct
from sync_app.core.synced import SyncedCamera, SyncedSegment, segments_as_rows, segments_from
from sync_app.core.verdict import segment_changes

MASTER = SyncedCamera("A", is_master=True, offset_ms=0.0)
PIECES = (
    SyncedSegment(0.0, 30_000.0, 1000.0, 2.0, 14.0, 0.99),
    SyncedSegment(30_000.0, 60_000.0, 1400.0, 2.0, 12.0, 0.99),
    SyncedSegment(61_000.0, 90_000.0, 1700.0, 3.0, 11.0, 0.99),
)
PAUSED = SyncedCamera("B", offset_ms=1000.0, confidence=14.0, segments=PIECES)
WHOLE = SyncedCamera("C", offset_ms=-50.0, confidence=12.0)
UNPLACED = SyncedCamera("D")
LENGTHS = {"B": 90_000.0, "C": 60_000.0, "D": 60_000.0}


def corrected(camera, entries, **offsets):
    found = correct([MASTER, camera], Correction(offsets, {camera.key: entries}), LENGTHS)
    return found.offsets[camera.key], [(s.start_ms, s.end_ms, s.offset_ms) for s in found.segments[camera.key]]


def at(start, offset):
    return {"startMs": start, "offsetMs": offset}


def test_one_segment_is_set_and_the_others_keep_their_offsets():
    offset, segments = corrected(PAUSED, [at(30_000, 1410)])
    assert offset == 1000.0
    assert segments == [(0, 30_000, 1000), (30_000, 60_000, 1410), (61_000, 90_000, 1700)]


def test_what_was_measured_of_a_segment_is_not_said_of_another_offset():
    found = correct([MASTER, PAUSED], Correction({}, {"B": [at(30_000, 1410), at(61_000, 1700)]}), LENGTHS)
    assert [(s.confidence, s.drift_ppm) for s in found.segments["B"]] == [(14.0, 2.0), (None, 2.0), (11.0, 3.0)]


def test_the_cameras_offset_follows_the_segment_that_it_was_taken_from():
    assert corrected(PAUSED, [at(0, 990)])[0] == 990.0


def test_a_given_offset_moves_the_segments_that_are_not_named():
    offset, segments = corrected(PAUSED, [at(30_000, 1410)], B=1020.0)
    assert (offset, [ms for _, _, ms in segments]) == (1020.0, [1020.0, 1410.0, 1720.0])


def test_a_start_of_its_own_begins_a_new_segment():
    assert corrected(WHOLE, [at(20_000, 300)]) == (-50.0, [(0, 20_000, -50), (20_000, 60_000, 300)])
    assert corrected(PAUSED, [at(40_000, 1500)])[1][1:3] == [(30_000, 40_000, 1400), (40_000, 60_000, 1500)]
    assert corrected(PAUSED, [at(60_500, 1500)])[1][1:3] == [(30_000, 60_000, 1400), (60_500, 61_000, 1500)]


def test_a_camera_without_an_offset_is_placed_by_its_first_segment():
    assert corrected(UNPLACED, [at(0, 10), at(20_000, 30)]) == (10.0, [(0, 20_000, 10), (20_000, 60_000, 30)])


def test_a_second_correction_keeps_what_the_first_set():
    first = correct([MASTER, PAUSED], Correction({}, {"B": [at(30_000, 1410)]}), LENGTHS)
    stands = SyncedCamera(
        "B", offset_ms=1000.0, final_offset_ms=1000.0, segments=PIECES, final_segments=first.segments["B"]
    )
    assert [ms for _, _, ms in corrected(stands, [at(61_000, 1690)])[1]] == [1000.0, 1410.0, 1690.0]


def test_segments_outlive_being_stored():
    assert segments_from(segments_as_rows(PIECES)) == PIECES


@pytest.mark.parametrize(
    ("camera", "entries", "field", "words"),
    [
        (PAUSED, [at(30_000, 1), at(0, 1)], "segments.B[1].startMs", "in order of time"),
        (PAUSED, [at(30_000, 1), at(30_000, 2)], "segments.B[1].startMs", "same time"),
        (PAUSED, [at(90_000, 1)], "segments.B[0].startMs", "runs from 0 to 90000 ms"),
        (PAUSED, [at(-1, 1)], "segments.B[0].startMs", "outside the clip"),
        (PAUSED, [at(math.nan, 1)], "segments.B[0].startMs", "finite number"),
        (PAUSED, [at(0, math.inf)], "segments.B[0].offsetMs", "finite number"),
        (PAUSED, [at(0, 10**400)], "segments.B[0].offsetMs", "finite number"),
        (PAUSED, [at(0, True)], "segments.B[0].offsetMs", "finite number"),
        (PAUSED, [at(0, "1")], "segments.B[0].offsetMs", "finite number"),
        (PAUSED, [{"startMs": 0}], "segments.B[0].offsetMs", "finite number"),
        (PAUSED, [at(0, 1e9)], "segments.B[0].offsetMs", "within a day"),
        (PAUSED, [7], "segments.B[0]", "not an object"),
        (PAUSED, [], "segments.B", "list of 1 to"),
        (PAUSED, at(0, 1), "segments.B", "list of 1 to"),
        (MASTER, [at(0, 1)], "segments.A", "is the master"),
        (SyncedCamera("X", offset_ms=1.0), [at(0, 1)], "segments.X", "length of camera X is not known"),
    ],
)
def test_what_cannot_stand_is_refused_and_the_field_named(camera, entries, field, words):
    with pytest.raises(BadSegments, match=words) as refused:
        correct([MASTER, *([camera] if camera is not MASTER else [])], Correction({}, {camera.key: entries}), LENGTHS)
    assert refused.value.field == field


def test_a_camera_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(BadSegments, match=r"no camera Q in this sync\. It has A, B") as refused:
        correct([MASTER, PAUSED], Correction({}, {"Q": [at(0, 1)]}), LENGTHS)
    assert refused.value.field == "segments"


def test_the_history_names_the_segments_that_moved_by_themselves():
    after = correct([MASTER, PAUSED], Correction({}, {"B": [at(30_000, 1410)]}), LENGTHS).segments["B"]
    assert segment_changes(PIECES, after, 1000.0, 0.0) == ["segment 2, from 0:30: +1.400 s → +1.410 s"]
    moved = correct([MASTER, PAUSED], Correction({"B": 1020.0}, {"B": [at(0, 1020)]}), LENGTHS).segments["B"]
    assert segment_changes(PIECES, moved, 1000.0, 20.0) == []
