"""Frames and shots of a recording on the clock of a clip, and documents that are not what they say."""

import pytest

from render_app.core.heard import Stretch, Window
from render_app.core.seen import cleaned, frames_in, shots_in

SHOTS = [
    {"start_ms": 0, "end_ms": 2000, "begins_with": "start"},
    {"start_ms": 2000, "end_ms": 6000, "begins_with": "cut"},
]
SUMMARY = {"frames": [{"timestamp_ms": 500 * number} for number in range(12)], "shots": SHOTS}
ALL = [Stretch(0, float("inf"))]


def rows_of(shots):
    return [(shot["start_ms"], shot["end_ms"], shot["begins_with"]) for shot in shots]


def test_frames_and_shots_are_cut_to_the_clip_and_count_from_its_beginning():
    window = Window(1000, 3000, 2.0)

    assert [frame["timestamp_ms"] for frame in frames_in(SUMMARY, ALL, window)] == [0, 250, 500, 750]
    assert rows_of(shots_in(SUMMARY, ALL, window)) == [(0, 500, "clip"), (500, 1000, "cut")]


def test_a_camera_that_paused_is_seen_on_both_sides_of_it():
    stretches = [Stretch(0, 1000, offset_ms=500), Stretch(1000, 6000, offset_ms=2500)]
    window = Window(0, 5000)

    assert [frame["timestamp_ms"] for frame in frames_in(SUMMARY, stretches, window)] == [500, 1000, 3500, 4000, 4500]
    assert rows_of(shots_in(SUMMARY, stretches, window)) == [
        (500, 1500, "start"),
        (3500, 4500, "start"),
        (4500, 5000, "cut"),
    ]


def test_a_document_without_shots_has_none():
    assert shots_in({"shots": None}, ALL, Window(0, 1000)) == []


def test_what_is_as_it_has_to_be_is_kept():
    box = {"bbox_x": 0, "bbox_y": 0.1, "bbox_width": 0.2, "bbox_height": 0.3}
    whole = {
        "frames": [{"timestamp_ms": 0, "subjects": [box]}],
        "shots": SHOTS,
        "picture": {"width": 16, "height": 9},
        "frame_sample_interval_ms": 500,
    }
    assert cleaned(whole) == whole


@pytest.mark.parametrize("document", [{}, {"frames": "no", "shots": {}, "picture": [1, 2]}])
def test_what_is_not_is_left_out(document):
    empty = {"frames": [], "shots": None, "picture": None, "frame_sample_interval_ms": None}
    assert cleaned(document) == empty


def test_a_wrong_number_is_no_number():
    frames = [
        {"timestamp_ms": True},
        {"timestamp_ms": float("nan"), "motion": [1]},
        {"timestamp_ms": 10**400},
        {"timestamp_ms": 1, "motion": float("inf"), "subjects": [{"bbox_x": 1}]},
    ]
    document = {"frames": frames, "shots": [SHOTS[0], {"start_ms": 1}], "picture": {"width": 0, "height": 9}}

    found = cleaned(document)

    assert found["frames"] == [{"timestamp_ms": 1, "subjects": []}]
    assert (found["shots"], found["picture"]) == (None, None)
