"""Camera keys and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.core.cameras import LABELS, camera_key, fault_in_names, key_order, split_key

CLIPS = st.tuples(st.sampled_from(LABELS), st.integers(1, 9999))


def test_the_first_clip_is_the_camera_itself():
    assert [camera_key("B", clip) for clip in (1, 2, 10)] == ["B", "B.2", "B.10"]


@given(CLIPS)
def test_a_key_names_one_clip(clip):
    assert split_key(camera_key(*clip)) == clip


@given(st.lists(CLIPS))
def test_keys_are_ordered_by_camera_and_then_by_number(clips):
    assert sorted((camera_key(*clip) for clip in clips), key=key_order) == [camera_key(*clip) for clip in sorted(clips)]


@pytest.mark.parametrize("key", ["", "b", "AB", "B.1", "B.0", "B.02", "B.", "B.-2", "B.2.3", "B.2\n", "B.10000", "Ä"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match=r"looks like B or B\.2"):
        split_key(key)


@pytest.mark.parametrize("names", [{}, {"A": "Wide"}, {"A": "Røde, left", "Z": "カメラ"}, {"B": "x" * 60}])
def test_names_that_a_person_would_give_are_taken(names):
    assert fault_in_names(names) == ""


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ([], "an object"),
        ({"a": "Wide"}, "'a' is not a camera label"),
        ({"B.2": "Wide"}, "'B.2' is not a camera label"),
        ({"A": "  "}, "camera A is empty"),
        ({"A": 3}, "camera A is empty"),
        ({"A": "x" * 61}, "has 61 characters"),
        ({"A": "a\nb"}, "control character"),
        ({"A": "a\u202eb"}, "control character"),
    ],
)
def test_names_at_fault_are_refused_with_the_camera(names, fault):
    assert fault in fault_in_names(names)
