"""The picture of a recording on its page: what each state says, what may be begun, and what is never shown."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from media_app import storage
from media_app.engines import regions, visual_meta
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from tests.support.factories import TENANT, a_derivative, a_job, a_registry_asset, a_user

pytestmark = pytest.mark.django_db
PERSON = {"track_id": "face-1", "confidence": 0.9, "bbox_x": 0.1, "bbox_y": 0.3, "bbox_width": 0.2, "bbox_height": 0.4}
FRAME = {
    "timestamp_ms": 0,
    "subjects": [PERSON],
    "primary_track_id": "face-1",
    "motion": 0.2,
    "camera_x": 0,
    "camera_y": 0,
}
SEEN = {
    "frames": [FRAME, {**FRAME, "timestamp_ms": 2000}],
    "frame_sample_interval_ms": 2000,
    "shots": [
        {"start_ms": 0, "end_ms": 1000, "begins_with": "start"},
        {"start_ms": 1000, "end_ms": 4000, "begins_with": "cut"},
    ],
}  # fmt: skip
FACES = {
    "regions": [{"start_ms": 0, "end_ms": 2000, "boxes": [{"time_ms": 0, "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}]}],
    "doubtful_ranges": [{"start_ms": 2000, "end_ms": 3000, "reason": "a face is lost inside the picture"}],
    "complete": True,
}  # fmt: skip


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user())
    return client


def a_film(**fields) -> MediaAsset:
    return a_registry_asset(duration_ms=4000, fps="25/1", **fields)


def a_document(asset: MediaAsset, kind: str, body: object, version: str) -> DerivedMedia:
    row = a_derivative(asset, kind)
    storage.store().put_bytes(row.key, json.dumps(body).encode(), content_type="application/json")
    row.meta = {"backend_version": version, "backend_type": "model"}
    row.cache_key = kind
    row.save()
    return row


def seen_in(asset: MediaAsset, body: object = SEEN, version: str = "") -> DerivedMedia:
    return a_document(asset, "visual_meta", body, version or visual_meta.ENGINE.backend.version)


def text_of(client: Client, asset: MediaAsset) -> str:
    answer = client.get(f"/registry/{asset.pk}/picture/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_recording_that_was_not_looked_at_offers_all_that_can_be_made(client):
    shown = text_of(client, a_film())

    for route in ("/video/visual-meta/analyze", "/video/regions", "/frames"):
        assert f"{route}?tenant_id={TENANT}&amp;env=dev" in shown or f"{route}?tenant_id={TENANT}&env=dev" in shown
    assert "Find shots and subjects</button>" in shown
    assert "Grab this frame</button>" in shown


def test_shots_subjects_and_faces_are_drawn_and_lead_to_their_times(client):
    asset = a_film()
    proxy = a_derivative(asset, "proxy")
    seen_in(asset)
    a_document(asset, "video_region_summary", FACES, regions.ENGINE.backend.version)
    mask = a_derivative(asset, "region_mask")
    DerivedMedia.objects.filter(pk=mask.pk).update(cache_key="video_region_summary")

    shown = text_of(client, asset)

    assert 'aria-label="2 shots"' in shown
    assert 'data-ms="1000.0"><span class="visually-hidden">Go to </span>0:01' in shown
    assert "Face 1</button>" in shown
    assert f'src="/files/{proxy.pk}/#t=0.000"' in shown
    assert '<rect class="box-main" x="100.0" y="300.0" width="200.0" height="400.0"/>' in shown
    assert "a face is lost inside the picture" in shown
    assert f'href="/files/{mask.pk}/?download"' in shown
    assert "Find shots and subjects" not in shown
    assert "Find faces" not in shown


def test_what_another_version_has_seen_can_be_looked_for_again(client):
    asset = a_film()
    seen_in(asset, version="0")

    assert "Find shots and subjects again</button>" in text_of(client, asset)


def test_what_cannot_be_read_says_so_and_can_be_made_again(client):
    asset = a_film()
    seen_in(asset, {"frames": "none"})

    shown = text_of(client, asset)

    assert "cannot be read. Find shots and subjects again." in shown
    assert "Find shots and subjects again</button>" in shown


def test_work_under_way_can_be_canceled_and_what_failed_says_why(client):
    asset = a_film()
    busy, failed = (a_job(type, asset=asset) for type in ("engine_visual_meta_v1", "engine_regions_v1"))
    MediaJob.objects.filter(pk=busy.pk).update(status="PROCESSING", progress_percent=34, progress_step="looking")
    MediaJob.objects.filter(pk=failed.pk).update(status="FAILED", error_message="The file is cut.")

    shown = text_of(client, asset)

    assert "Shots and subjects: 34%, looking" in shown
    assert f'data-api="/jobs/{busy.pk}/cancel?' in shown
    assert "Faces could not be made: The file is cut." in shown
    assert "Find shots and subjects" not in shown
    assert "every 2s" in shown


def test_nothing_of_a_withheld_picture_is_shown_or_begun(client):
    asset = a_film(withheld="Its faces are to be hidden.")
    rows = [a_derivative(asset, kind) for kind in ("proxy", "frame")]
    seen_in(asset)

    shown = text_of(client, asset)

    assert not [row for row in rows if str(row.pk) in shown]
    assert "No new pictures can be made" in shown
    assert "Grab this frame" not in shown
    MediaAsset.objects.filter(pk=asset.pk).update(faces_hidden_at=timezone.now() - timedelta(hours=1))
    shown = text_of(client, asset)
    assert [str(row.pk) in shown for row in rows] == [True, False], "only the proxy, which is blurred"


def test_hours_of_film_are_read_once_and_many_frames_take_no_more_queries(
    client, django_assert_max_num_queries, monkeypatch
):
    asset = a_film()
    seen_in(asset)
    for number in range(12):
        a_derivative(asset, "frame", str(number))
    first = text_of(client, asset)
    assert "all are listed under Artifacts" in first
    monkeypatch.setattr("media_app.services.documents.read", lambda row: pytest.fail("read again"))

    with django_assert_max_num_queries(14):
        assert text_of(client, asset) == first


def test_only_its_tenant_sees_it(client):
    asset = a_film()
    stranger = Client(raise_request_exception=False)
    stranger.force_login(a_user("eve", "t_other"))

    assert stranger.get(f"/registry/{asset.pk}/picture/").status_code == 404
    assert stranger.get(f"/registry/{asset.pk}/framing/").status_code == 404
