"""POST /video/assist/highlights: what stands out, by the analyses that there are, and what is missing where there are none."""

import json

import pytest

from media_app import storage
from media_app.models import DerivedMedia
from render_app.services import highlights
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import a_registry_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(db):
    return Video()


def analyzed(asset, kind: str, body: dict) -> DerivedMedia:
    key = f"tenants/{asset.tenant_id}/dev/media_v2/{asset.pk}/analysis/{kind}.json"
    storage.store().put_bytes(key, json.dumps(body).encode(), content_type="application/json")
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind=kind, variant=kind, input_ref=asset.original_key, key=key,
        content_type="application/json",
    )  # fmt: skip


def a_talk(**facts):
    """A minute of words with pauses of 0.4 s, and a laugh at half a minute."""
    asset = a_registry_asset(duration_ms=60_000, has_audio=True, original_filename="talk.mp4", **facts)
    said = [{"start_ms": at, "end_ms": at + 800} for at in range(0, 60_000, 1200)]
    levels = [-20.0] * 30 + [-8.0, -20.0, -8.0, -20.0] + [-20.0] * 26
    analyzed(asset, "asr_transcript", {"segments": [{"words": said}]})
    analyzed(asset, "audio_semantic_timeline", {"events": [], "loudness": {"window_ms": 1000, "lufs": levels}})
    return asset


def test_the_loud_moment_is_found_with_its_terms_and_lies_on_a_track_that_can_be_made(video):
    asset = a_talk()

    status, found = video.post("assist/highlights", {"asset_ids": [str(asset.pk)], "target_duration_ms": 5000})

    assert status == 200
    [best] = [one for one in found["highlights"] if one["start_ms"] <= 31_000 <= one["end_ms"]]
    assert best["terms"]["loudness_change"]["deviation"] > 0
    assert best["terms"]["loudness_change"]["measured"] > 2
    assert found["sources"][0]["unknown"] == ["face_presence", "motion"]
    assert set(found["sources"][0]["artifact_ids"]) == {"asr_transcript", "audio_semantic_timeline"}
    assert len(found["meta"].pop("cache_key")) == 64
    assert found["meta"] == {"highlight_score_version": "1", "pacing": "medium", "cache_hit": False}
    [track] = found["tracks"]
    assert track["meta"] == {"highlight_score_version": "1", "pacing": "medium"}
    made = video.track()
    for clip in track["clips"]:
        video.make(f"tracks/{made['id']}/clips", clip)
    assert sum(clip["out_ms"] - clip["in_ms"] for clip in track["clips"]) == found["duration_ms"] <= 5000


def test_the_same_question_has_the_same_answer_which_is_kept_until_an_analysis_is_another(video, monkeypatch):
    asset = a_talk()
    body = {"asset_ids": [str(asset.pk)], "target_duration_ms": 20_000, "pacing": "fast"}
    _, first = video.post("assist/highlights", body)
    with monkeypatch.context() as patched:
        patched.setattr(highlights.scoring, "score", lambda observed: pytest.fail("this was answered before"))
        _, again = video.post("assist/highlights", body)

    assert (first["meta"].pop("cache_hit"), again["meta"].pop("cache_hit")) == (False, True)
    assert again == first
    for other in ({"pacing": "slow"}, {"target_duration_ms": 21_000}):
        assert video.post("assist/highlights", body | other)[1]["meta"]["cache_hit"] is False
    asset.derivatives.filter(kind="asr_transcript").delete()
    said = [{"start_ms": at, "end_ms": at + 800} for at in range(0, 60_000, 1200)]
    analyzed(asset, "asr_transcript", {"segments": [{"words": said}]})
    _, later = video.post("assist/highlights", body)
    assert later["meta"]["cache_hit"] is False
    assert later["meta"]["cache_key"] != first["meta"]["cache_key"]


def test_a_project_is_judged_by_the_recordings_that_its_clips_show(video):
    asset, project = a_talk(), video.project()
    track = video.track(video.sequence(project))
    video.clip(track, text=None, asset_id=str(asset.pk), in_ms=0, out_ms=1000)
    video.clip(track, start_ms_on_timeline=1000)

    status, found = video.post("assist/highlights", {"project_id": project["id"], "target_duration_ms": 5000})

    assert (status, found["project_id"]) == (200, project["id"])
    assert {one["asset_id"] for one in found["highlights"]} == {str(asset.pk)}


def test_what_was_not_analyzed_is_named_with_what_to_run_first(video):
    heard, silent = a_registry_asset(duration_ms=9000, has_audio=True), a_registry_asset(duration_ms=9000)
    silent.has_audio = False
    silent.save()

    for asset, route in ((heard, "/audio/semantic-timeline/analyze"), (silent, "/video/visual-meta/analyze")):
        status, answer = video.post("assist/highlights", {"asset_ids": [str(asset.pk)]})
        assert (status, answer["error"]["code"]) == (409, "not_analyzed")
        assert route in answer["error"]["message"]


def test_where_nothing_stands_out_nothing_is_chosen(video):
    asset = a_registry_asset(duration_ms=60_000, has_audio=True)
    analyzed(asset, "audio_semantic_timeline", {"events": [], "loudness": {"window_ms": 1000, "lufs": [-20.0] * 60}})
    assert video.refused("assist/highlights", {"asset_ids": [str(asset.pk)]})[:2] == (422, "no_highlights")


def test_an_analysis_that_is_none_is_refused_by_name(video):
    asset = a_registry_asset(duration_ms=60_000, has_audio=True)
    analyzed(asset, "audio_semantic_timeline", {"events": "many"})
    assert video.refused("assist/highlights", {"asset_ids": [str(asset.pk)]})[:2] == (409, "not_analyzed")


def test_what_cannot_be_asked_is_refused_by_field(video):
    asset = a_talk()
    empty = video.project()["id"]
    assert video.refused("assist/highlights", {}) == (400, "invalid_input", "project_id")
    assert video.refused("assist/highlights", {"project_id": empty}) == (400, "invalid_input", "project_id")
    assert video.refused("assist/highlights", {"asset_ids": [str(asset.pk)], "pacing": "wild"})[2] == "pacing"
    assert (
        video.refused("assist/highlights", {"asset_ids": [str(asset.pk)], "target_duration_ms": 10})[2]
        == "target_duration_ms"
    )
    waiting = a_registry_asset("ingesting")
    assert video.refused("assist/highlights", {"asset_ids": [str(waiting.pk)]})[:2] == (409, "wrong_status")
    still = a_registry_asset(duration_ms=None)
    assert video.refused("assist/highlights", {"asset_ids": [str(still.pk)]})[:2] == (400, "invalid_input")


def test_nobody_asks_about_recordings_of_another_tenant(video):
    asset = a_talk(tenant_id="t_other")
    assert video.refused("assist/highlights", {"asset_ids": [str(asset.pk)]})[0] == 404
