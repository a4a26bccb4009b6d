"""A file of the registry, ingested as any other: real ffmpeg, no session."""

import pytest

from media_app import jobs, storage
from media_app.models import MediaJob
from media_app.services import ingest_queue
from tests.support.factories import a_registry_asset
from tests.support.media import frame_codes, slate

pytestmark = pytest.mark.django_db(transaction=True)


def run_all() -> None:
    while run := jobs.claim("tester"):
        with run:
            run.execute()


def test_a_registry_asset_is_ingested_under_its_own_prefix(tmp_path):
    clip = slate(seconds=2, rate="30")
    asset = a_registry_asset("ingesting", size_bytes=clip.stat().st_size)
    storage.store().put_bytes(asset.original_key, clip.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    run_all()
    asset.refresh_from_db()
    assert (asset.status, asset.status_message) == ("ready", "")
    assert (asset.sound_ready, asset.picture_ready, asset.duration_ms, asset.fps) == (True, True, 2000, "30/1")
    folder = f"tenants/{asset.tenant_id}/dev/media_v2/{asset.pk}"
    assert {row.key.removeprefix(folder) for row in asset.derivatives.all()} == {
        "/proxies/v001.mp4", "/audios/v001.wav", "/thumbnails/v001.jpg", "/waveforms/v001.20.dat",
        "/waveforms/v001.1000.dat", "/mezzanines/v001.mov",
    }  # fmt: skip
    assert set(MediaJob.objects.values_list("status", flat=True)) == {"COMPLETED"}
    assert set(asset.derivatives.values_list("created_by_job__session", flat=True)) == {None}
    with storage.store().local_copy(asset.derivatives.get(kind="proxy").key, tmp_path) as proxy:
        assert frame_codes(proxy) == list(range(60))


def test_a_registry_asset_that_is_no_film_fails_with_a_sentence():
    asset = a_registry_asset("ingesting", size_bytes=4)
    storage.store().put_bytes(asset.original_key, b"film", content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    run_all()
    asset.refresh_from_db()
    assert asset.status == "failed"
    assert asset.status_message
    assert not asset.derivatives.exists()
