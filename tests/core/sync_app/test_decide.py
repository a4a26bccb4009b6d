"""What an operator may decide about offsets."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_app.core.decide import MAX_OFFSET_MS, BadOffsets, correct, needs_reason, why_reason
from sync_app.core.synced import SyncedCamera


def cameras(**offsets: float | None) -> list[SyncedCamera]:
    return [SyncedCamera(key, is_master=key == "A", offset_ms=ms) for key, ms in sorted(offsets.items())]


COMPUTED = cameras(A=0.0, B=1234.5678, C=None)


def test_what_is_given_stands_and_the_rest_stays_as_computed():
    assert correct(COMPUTED, {"C": -20}) == {"A": 0.0, "B": 1234.5678, "C": -20.0}


def test_the_master_may_be_named_with_its_nought():
    assert correct(COMPUTED, {"A": 0, "C": 1})["A"] == 0


@pytest.mark.parametrize(
    ("wanted", "camera", "word"),
    [
        ({}, None, "No offsets"),
        ({"D": 1}, "D", "no camera D"),
        ({"B": 1}, "C", "no computed offset"),
        ({"C": None}, "C", "no computed offset"),
        ({"C": "12"}, "C", "not a number"),
        ({"C": True}, "C", "not a number"),
        ({"C": [1]}, "C", "not a number"),
        ({"C": {}}, "C", "not a number"),
        ({"C": math.nan}, "C", "within a day"),
        ({"C": math.inf}, "C", "within a day"),
        ({"C": 10**400}, "C", "within a day"),
        ({"C": -MAX_OFFSET_MS - 1}, "C", "within a day"),
        ({"A": 5, "C": 1}, "A", "is the master"),
    ],
)
def test_what_cannot_stand_is_refused_and_the_camera_named(wanted, camera, word):
    with pytest.raises(BadOffsets, match=word) as refused:
        correct(COMPUTED, wanted)
    assert refused.value.camera == camera


def test_a_label_as_long_as_a_book_is_not_repeated_whole():
    with pytest.raises(BadOffsets) as refused:
        correct(COMPUTED, {"X" * 100_000: 1})
    assert len(str(refused.value)) < 200


@given(st.dictionaries(st.sampled_from("BCD"), st.floats(-MAX_OFFSET_MS, MAX_OFFSET_MS), min_size=3))
def test_any_numbers_within_a_day_stand_to_a_tenth_of_a_millisecond(wanted):
    final = correct(cameras(A=0.0, B=None, C=None, D=None), wanted)
    assert final == pytest.approx({"A": 0.0, **wanted}, abs=0.0001)


def weak(key="B", score: float | None = 4.9, offset_ms: float | None = 100.0) -> SyncedCamera:
    return SyncedCamera(key, offset_ms=offset_ms, confidence=score)


@pytest.mark.parametrize(
    ("camera", "needed"),
    [
        (weak(score=4.999), ["B"]),
        (weak(score=5.0), []),
        (weak(score=None, offset_ms=None), ["B"]),
        (SyncedCamera("A", is_master=True, offset_ms=0.0), []),
    ],
)
def test_a_weak_camera_needs_a_reason_and_no_other_does(camera, needed):
    assert needs_reason([camera]) == needed


def test_the_reason_says_which_cameras_are_weak_and_how():
    assert why_reason([weak("B", None, None), weak("C", 3.14)]) == (
        "No offset was found for B and the score is below 5 for C (3.1)."
    )
