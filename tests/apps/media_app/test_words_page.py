"""The words of a shoot: the camera that was listened to, found with few questions."""

import pytest

from media_app.services.words_page import heard_in_shoot
from tests.support.factories import a_derivative, a_session, an_asset

pytestmark = pytest.mark.django_db


def test_a_transcript_comes_before_a_timeline_and_both_before_the_first_camera():
    session = a_session()
    first, second, third = (an_asset(session, label) for label in "ABC")
    assert heard_in_shoot(session).asset == first
    a_derivative(third, "audio_semantic_timeline")
    assert heard_in_shoot(session).asset == third
    a_derivative(second, "asr_transcript")
    assert heard_in_shoot(session).asset == second


def test_what_was_made_of_the_file_before_is_not_shown():
    session = a_session()
    first, second = (an_asset(session, label) for label in "AB")
    row = a_derivative(second, "asr_transcript")
    row.input_ref = "originals/before.mp4"
    row.save()
    assert heard_in_shoot(session).asset == first


def test_a_shoot_without_sound_has_no_words():
    assert heard_in_shoot(a_session()) is None


@pytest.mark.parametrize("cameras", ["AB", "ABCDEFGHIJKL"])
def test_many_cameras_cost_no_more_questions_than_two(cameras, django_assert_num_queries):
    session = a_session()
    for label in cameras:
        an_asset(session, label)
    with django_assert_num_queries(5):
        heard_in_shoot(session)
