"""The words of a shoot: the camera that was listened to, found with few questions."""

import json

import pytest

from media_app import jobs, storage
from media_app.core.hearing.bars import align, beats_of
from media_app.core.hearing.transcript import Word, words_of
from media_app.models import ArtifactSource
from media_app.services.words_page import heard_in_shoot, marks_in_shoot
from sessions_app.models import Membership
from tests.support.factories import a_derivative, a_job, a_registry_asset, a_session, an_asset

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


def stored(asset, kind: str, body: dict, **meta):
    row = a_derivative(asset, kind)
    storage.store().put_bytes(row.key, json.dumps(body).encode(), content_type="application/json")
    row.content_type, row.meta = "application/json", meta
    row.save()
    return row


def test_words_lie_in_their_bars_under_the_words_and_a_button_starts_it(browser):
    asset = a_registry_asset(has_audio=True, duration_ms=90_000, tenant_id="t_local")
    body = {
        "segments": [{"words": [Word("Sing", 2100, 2400, 0.9).as_json(), Word("Talk", 40_000, 40_300, 0.9).as_json()]}]
    }
    transcript = stored(asset, "asr_transcript", body | {"duration_ms": 90_000})

    def page() -> str:
        return browser.get(f"/registry/{asset.pk}/words/").content.decode()

    assert "Lay words against bars" in page()
    job = a_job("engine_align_bars_v1", tenant="t_local", asset=asset)
    assert "Laying words against bars: waiting for a worker" in page()
    assert "Lay words against bars" not in page()
    jobs.request_cancel([job])
    assert "No bars: Canceled by an operator." in page()
    bars, outside = align(words_of(body), beats_of([500 * beat for beat in range(16)]))
    row = stored(asset, "bars", {"bars": bars, "outside": outside}, downbeat_source="assumed")
    ArtifactSource.objects.record(row, [transcript], "source")
    shown = page()
    for said in ("Bar 2", "1 of 4 bars have words", "1 word starts outside of the music", "four beats each"):
        assert said in shown, said
    assert "Lay words against bars" not in shown


def test_a_shoot_without_sound_has_no_words():
    assert heard_in_shoot(a_session()) is None


@pytest.mark.parametrize("cameras", ["AB", "ABCDEFGHIJKL"])
def test_many_cameras_cost_no_more_queries_than_two(cameras, django_assert_num_queries):
    session = a_session()
    for label in cameras:
        an_asset(session, label)
    with django_assert_num_queries(5):
        heard_in_shoot(session)


def test_a_camera_is_chosen_by_its_key_and_an_unknown_key_is_nobody():
    session = a_session()
    first, second = (an_asset(session, label) for label in "AB")
    assert heard_in_shoot(session, "B").asset == second
    assert heard_in_shoot(session, "X").asset == first


def a_document(asset, kind: str, body: object) -> None:
    row = a_derivative(asset, kind)
    storage.store().put_bytes(row.key, json.dumps(body).encode(), content_type="application/json")


def test_marks_are_those_of_every_clip_of_the_camera_on_its_own_clock():
    session = a_session()
    an_asset(session, "A")
    first, second = an_asset(session, "B"), an_asset(session, "B", clip=2)
    said = {
        "segments": [
            {"words": [{"text": "b", "start_ms": 700, "end_ms": 900}, {"text": "a", "start_ms": 100, "end_ms": 400}]}
        ]
    }
    a_document(first, "asr_transcript", said)
    a_document(
        first, "audio_semantic_timeline", {"events": [{"kind": "speech", "start_ms": 100, "end_ms": 900}], "beats": []}
    )
    a_document(second, "beat_features", {"beats": [{"time_ms": 500.0}, {"time_ms": 1000}]})

    assert marks_in_shoot(session, "B") == [
        {
            "camera": "B",
            "stretches": [("speech", 100.0, 900.0)],
            "beats": [],
            "words": [(100.0, 400.0), (700.0, 900.0)],
        },
        {"camera": "B.2", "stretches": [], "beats": [500.0, 1000.0], "words": []},
    ]
    assert marks_in_shoot(session, "X") == []


def test_marks_leave_out_what_is_no_time():
    session = a_session()
    asset = an_asset(session, "A")
    a_document(asset, "beat_features", {"beats": [{"time_ms": "soon"}, {"time_ms": None}, 7, {"time_ms": 250}]})
    a_document(
        asset, "audio_semantic_timeline", {"events": [{"kind": "speech", "start_ms": 5}, {"start_ms": 1, "end_ms": 2}]}
    )
    [found] = marks_in_shoot(session, "A")
    assert found["beats"] == [250.0]
    assert found["stretches"] == []


def test_another_tenants_marks_are_not_there(client, django_user_model):
    session = a_session()
    stranger = django_user_model.objects.create_user("stranger", password="x")
    Membership.objects.create(user=stranger, tenant_id="t_other", env="dev")
    client.force_login(stranger)
    assert client.get(f"/sessions/{session.pk}/words/marks?camera=A").status_code == 404
