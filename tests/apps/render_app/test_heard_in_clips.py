"""GET /audio/semantic-timeline/by-clip/{clip_id}."""

import json

import pytest

from media_app import storage
from media_app.models import DerivedMedia
from sync_app.services import review
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import TENANT, Api, a_registry_asset, a_synced_session

pytestmark = pytest.mark.django_db
HERE = f"tenant_id={TENANT}&env=dev"


@pytest.fixture
def video(db):
    return Video()


def a_document(asset, kind: str, body: dict) -> DerivedMedia:
    key = f"tenants/{asset.tenant_id}/dev/media_v2/{asset.pk}/audio/{kind}.json"
    storage.store().put_bytes(key, json.dumps(body).encode(), content_type="application/json")
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind=kind, variant=kind, input_ref=asset.original_key, key=key,
        content_type="application/json", cache_key=kind, meta={"semantic_version": "v", "cache_key": kind},
    )  # fmt: skip


def a_timeline(asset) -> DerivedMedia:
    events = [{"kind": "silence", "start_ms": 0, "end_ms": 2000}, {"kind": "speech", "start_ms": 2000, "end_ms": 6000}]
    return a_document(asset, "audio_semantic_timeline", {"events": events, "beats": []})


def heard(clip, status=200):
    found, answer = Api().get(f"/audio/semantic-timeline/by-clip/{clip['id']}?{HERE}")
    assert found == status, answer
    return answer


def heard_as(answer):
    return [(event["kind"], event["start_ms"], event["end_ms"]) for event in answer["events"]]


def test_a_clip_has_its_own_clock_and_the_keys_that_the_seed_names(video):
    asset = a_registry_asset(duration_ms=10_000, has_audio=True)
    row = a_timeline(asset)
    a_document(asset, "asr_transcript", {"segments": [{"words": [{"text": "Hello", "start_ms": 2500}]}]})
    clip = video.clip(asset_id=str(asset.pk), text=None, in_ms=1000, out_ms=5000, speed=2)
    answer = heard(clip)
    assert heard_as(answer) == [("silence", 0, 500), ("speech", 500, 2000)]
    assert answer["events"][1]["transcription"] == "Hello"
    assert answer["artifact_id"] == str(row.pk)
    meta = answer["meta"]
    assert (meta["clip_window_ms"], meta["clip_relative"], meta["speed_change_limit"]) == ([1000, 5000], True, 1.05)
    assert (meta["speed_change"], meta["speed_change_limited"], meta["heard_through_sync"]) == (2, True, False)


def test_one_camera_of_a_shoot_is_analyzed_and_all_are_heard(video):
    session = a_synced_session("AB")
    session.assets.update(duration_ms=60_000)
    review.approve(session.context, session.pk, approved_by="Ada")
    a_timeline(session.assets.get(camera_label="A"))
    later = session.assets.get(camera_label="B")
    clip = video.clip(asset_id=str(later.pk), text=None, in_ms=0, out_ms=3000)
    answer = heard(clip)
    assert heard_as(answer) == [("silence", 0, 1000), ("speech", 1000, 3000)]
    assert answer["meta"]["heard_through_sync"]
    by_label = video.clip(session_id=str(session.pk), camera_label="B", text=None, in_ms=1500, out_ms=3000)
    assert heard_as(heard(by_label)) == [("silence", 0, 500), ("speech", 500, 1500)]


def test_what_nobody_analyzed_is_404_and_says_how_to_get_it(video):
    asset = a_registry_asset(duration_ms=10_000, has_audio=True)
    answer = heard(video.clip(asset_id=str(asset.pk), text=None, out_ms=3000), 404)
    assert "/audio/semantic-timeline/analyze" in answer["error"]["message"]
    heard(video.clip(), 404)


def test_a_clip_of_another_tenant_is_not_there():
    other = Video("bob", "t_other")
    assert Api().get(f"/audio/semantic-timeline/by-clip/{other.clip()['id']}?{HERE}")[0] == 404
