"""Chapters of one recording: one track to compare, one line for all."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_app.core import messages
from sync_app.core.chapters import Chapter, joined, spread
from sync_app.core.decide import BadOffsets, correct
from sync_app.core.synced import SyncedCamera
from sync_app.core.values import Alignment, ArrayTrack, CameraSync, Cover, Evidence, Segment, WindowLag

RATE = 1000


def track(label: str, *values: float) -> ArrayTrack:
    return ArrayTrack(label, np.array(values, np.float32), RATE)


def placed(offset_ms: float | None, **more) -> CameraSync:
    evidence = more.pop("evidence", Evidence("A"))
    return CameraSync(
        offset_ms, 20.0, 1.0, "looks-good", more.pop("drift_ppm", 0.0), 0.1, more.pop("segments", ()), (), evidence
    )


def alignment(master: str = "A", **cameras: CameraSync) -> Alignment:
    return Alignment(master, cameras, (), {}, {})


TWO = (Chapter("B", 0.0, 100.0), Chapter("B.2", 100.0, 250.0))


def test_one_file_is_its_own_track():
    alone = track("B", 1, 2)

    assert joined([alone], [0.002]) is alone


@given(st.integers(0, 12), st.integers(0, 12))
def test_chapters_are_read_across_their_seams(start: int, count: int):
    whole = joined([track("B", 1, 2, 3), track("B.2", 4, 5), track("B.3", 6, 7, 8)], [0.003, 0.002, 0.003])

    assert (whole.label, whole.rate, whole.frames) == ("B", RATE, 8)
    assert whole.read(start, count).tolist() == [1, 2, 3, 4, 5, 6, 7, 8][start : start + count]


def test_a_chapter_whose_sound_is_short_is_followed_by_silence_and_a_long_one_is_cut():
    assert joined([track("B", 1, 2), track("B.2", 4)], [0.004, 0.001]).read(0, 9).tolist() == [1, 2, 0, 0, 4]
    assert joined([track("B", 1, 2, 3), track("B.2", 4)], [0.002, 0.001]).read(0, 9).tolist() == [1, 2, 4]


@given(st.floats(-1e6, 1e6), st.floats(-200, 200), st.floats(0, 150))
def test_each_chapter_lies_on_the_line_of_the_recording(offset_ms: float, ppm: float, t: float):
    found = spread(alignment(B=placed(offset_ms, drift_ppm=ppm)), {"B": TWO}).cameras["B.2"]

    on_whole = (100 + t) * 1000 * (1 + ppm * 1e-6) + offset_ms
    assert found.offset_ms is not None
    assert t * 1000 * (1 + ppm * 1e-6) + found.offset_ms == pytest.approx(on_whole, abs=1e-3)


def test_a_jump_inside_a_chapter_is_of_that_chapter_alone():
    segments = (Segment(0, 60, 5000.0), Segment(60, 250, 9000.0))
    cameras = spread(alignment(B=placed(5000.0, segments=segments)), {"B": TWO}).cameras

    assert [(s.start_s, s.end_s, s.offset_ms) for s in cameras["B"].segments] == [(0, 60, 5000), (60, 100, 9000)]
    assert (cameras["B.2"].segments, cameras["B.2"].offset_ms) == ((), 109_000.0)


def test_what_was_heard_of_a_chapter_counts_on_its_own_clock():
    evidence = Evidence(
        "A",
        windows=(WindowLag(50.0, 5000.0, 1.0), WindowLag(120.0, 5000.0, 1.0)),
        coverage=(Cover(0, 90, "agreeing"), Cover(90, 250, "silent")),
    )
    second = spread(alignment(B=placed(5000.0, evidence=evidence)), {"B": TWO}).cameras["B.2"]

    assert second.evidence.windows == (WindowLag(20.0, 105_000.0, 1.0),)
    assert second.coverage == (Cover(0.0, 150.0, "silent"),)


def test_chapters_of_the_master_are_on_its_clock_and_have_no_score():
    cameras = spread(
        alignment("A", B=placed(1.0)), {"A": (Chapter("A", 0, 30), Chapter("A.2", 30, 60)), "B": TWO[:1]}
    ).cameras

    assert (cameras["A.2"].offset_ms, cameras["A.2"].confidence) == (30_000.0, None)
    assert set(cameras) == {"A.2", "B"}


def test_what_was_not_placed_has_chapters_that_are_not_placed():
    cameras = spread(alignment(B=placed(None)), {"B": TWO}).cameras

    assert (cameras["B"].offset_ms, cameras["B.2"].offset_ms) == (None, None)


def synced(key: str, offset_ms: float, continues: str = "", **more) -> SyncedCamera:
    return SyncedCamera(key, offset_ms=offset_ms, confidence=20.0, continues=continues, **more)


CAMERAS = [
    synced("A", 0.0, is_master=True),
    synced("A.2", 30_000.0, "A", is_master=True),
    synced("B", 1000.0),
    synced("B.2", 21_000.0, "B"),
]


def test_chapters_follow_a_correction_of_the_first():
    assert correct(CAMERAS, {"B": 1500}) == {"A": 0.0, "A.2": 30_000.0, "B": 1500.0, "B.2": 21_500.0}
    assert correct(CAMERAS, {"B": 1500, "B.2": 21_500})["B.2"] == 21_500.0


def test_a_chapter_is_not_moved_from_its_recording():
    with pytest.raises(
        BadOffsets, match=r"B\.2 continues B, so it lies at 21000 ms\. Correct B: its chapters follow\."
    ):
        correct(CAMERAS, {"B.2": 22_000})
    with pytest.raises(BadOffsets, match=r"A\.2 continues A"):
        correct(CAMERAS, {"A.2": 31_000})


def test_times_in_warnings_are_said_to_be_those_of_the_whole_recording():
    jump = messages.jump("B", 130.0, 5000.0)
    found = replace(alignment(B=placed(5000.0)), warnings={"A": (), "B": (jump,)})

    stated = spread(found, {"A": [Chapter("A", 0.0, 300.0)], "B": TWO})

    assert stated.warnings["B"] == (
        jump,
        "Times here count from the start of the recording, which is B and B.2 together.",
    )
    assert stated.cameras["B"].warnings == stated.warnings["B"]
    assert stated.cameras["B.2"].warnings == ()
    assert spread(found, {"B": TWO[:1]}).warnings["B"] == (jump,)


def test_a_warning_without_a_time_needs_no_clock():
    found = replace(alignment(B=placed(5000.0)), warnings={"B": (messages.drift(20.0, 3600.0), messages.signed(-4.25))})

    assert spread(found, {"B": TWO}).warnings == found.warnings
