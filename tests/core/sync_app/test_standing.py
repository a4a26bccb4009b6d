"""What still stands of a decision when recordings change."""

from hypothesis import given
from hypothesis import strategies as st

from sync_app.core.standing import Decided, earlier_corrections, stale_cameras

SOUNDS = {"A": "a", "B": "b", "B.2": "b2", "C": "c"}
COMPUTED = {"A": 0.0, "B": 1000.0, "B.2": 5000.0, "C": None}
DECIDED = Decided("A", SOUNDS, COMPUTED, {"A": 0.0, "B": 1040.0, "B.2": 5000.0, "C": 70.0})


def test_a_replaced_clip_makes_only_its_own_decision_stale():
    assert stale_cameras(DECIDED, SOUNDS | {"B.2": "other"}) == ["B.2"]
    assert earlier_corrections(DECIDED, SOUNDS | {"B.2": "other"}, "A") == {"B": 1040.0, "C": 70.0}


def test_a_removed_clip_is_stale_and_an_added_one_was_never_decided():
    assert stale_cameras(DECIDED, {"A": "a", "B": "b", "B.2": "b2", "D": "d"}) == ["C"]


def test_every_offset_is_on_the_masters_clock():
    assert stale_cameras(DECIDED, SOUNDS | {"A": "other"}) == list(SOUNDS)
    assert earlier_corrections(DECIDED, SOUNDS | {"A": "other"}, "A") == {}
    assert earlier_corrections(DECIDED, SOUNDS, "B") == {}


def test_what_was_computed_is_no_correction():
    assert "B.2" not in earlier_corrections(DECIDED, SOUNDS, "A")


@given(st.dictionaries(st.sampled_from("ABCD"), st.sampled_from("xyz")))
def test_no_stale_camera_keeps_a_correction(sounds):
    kept = earlier_corrections(DECIDED, sounds, "A")
    assert not set(kept) & set(stale_cameras(DECIDED, sounds))
