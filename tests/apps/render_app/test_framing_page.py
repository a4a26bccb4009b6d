"""Frames of other shapes and highlights on the page of a recording."""

import pytest
from django.test import Client

from render_app.models import AutomationCurve
from tests.apps.render_app.test_framing_api import a_clip, seen_in
from tests.apps.render_app.test_heard_in_clips import a_timeline
from tests.apps.render_app.test_highlights_api import a_talk
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import a_derivative, a_registry_asset, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user())
    return client


def text_of(client: Client, asset, query: str = "") -> str:
    answer = client.get(f"/registry/{asset.pk}/framing/?{query}")
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_recording_that_was_not_looked_at_says_what_comes_first(client):
    asset = a_registry_asset(duration_ms=6000, has_audio=True)

    assert "Find shots and subjects first" in text_of(client, asset)
    assert "find speech and music first" in text_of(client, asset, "seconds=3")


def test_the_frame_is_shown_on_the_picture_and_applied_to_a_clip(client):
    video, asset = Video(), a_registry_asset(duration_ms=6000)
    a_derivative(asset, "proxy")
    seen_in(asset)
    clip = a_clip(video, asset)

    shown = text_of(client, asset, "shape=9:16")

    assert '<polygon points="0.0,' in shown
    assert "1 of 2 shots shows its middle: nobody is seen." in shown
    assert 'class="box-main"' in shown
    assert "lies still" in shown
    assert f'"clip_id": "{clip["id"]}", "target_aspect_ratio": "9:16", "apply": true' in shown
    assert not AutomationCurve.objects.exists(), "nothing is applied by looking at it"
    asked = {"clip_id": clip["id"], "target_aspect_ratio": "9:16", "apply": True}
    assert video.post("visual-meta/reframe-suggestion", asked)[0] == 200
    assert 'aria-label="Position across, ' in text_of(client, asset, "shape=9:16")


def test_who_speaks_is_held_once_somebody_has_listened(client):
    asset = a_registry_asset(duration_ms=6000, has_audio=True)
    seen_in(asset)

    assert "find speech and music first" in text_of(client, asset, "shape=speaker")
    a_timeline(asset)
    assert '<polygon points="0.0,' in text_of(client, asset, "shape=speaker")


def test_highlights_have_their_scores_and_reasons(client):
    shown = text_of(client, a_talk(), "seconds=5&pacing=medium")

    assert "score " in shown
    assert "louder or softer +" in shown


@pytest.mark.parametrize("query", ["shape=2:3", "seconds=0", "seconds=x", "seconds=3&pacing=wild"])
def test_what_cannot_be_shown_is_refused_by_its_field(client, query):
    asset = a_registry_asset(duration_ms=6000)

    answer = client.get(f"/registry/{asset.pk}/framing/?{query}", headers={"accept": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == query.rpartition("&")[2].partition("=")[0]
