"""Hostile files through the API and a worker: ready, or a failed camera with a sentence, and no more."""

import json
import socket

import pytest

from media_app import jobs, storage
from media_app.models import MediaAsset, MediaJob
from tests.support import hostile, media
from tests.support.factories import Api, a_session

pytestmark = pytest.mark.django_db(transaction=True)
#: One of each class: the rest are thrown at the same functions in tests/flows/test_hostile_files.py.
SAMPLE = [
    "hls-file", "hls-behind-junk", "gab2-file", "text-tty", "other-zip-bomb", "polyglot-html-inside", "mp4-compressed-moov-bomb",
    "mp4-data-elsewhere-file", "mp4-places-beyond", "sound-channels-65535", "mkv-two-days-in-two-blocks",
    "mkv-attachment-out-of-its-folder", "cut-clip.mp4-50%", "tag-html-clip.mp4",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet_heartbeats(settings, monkeypatch):
    """The job runs inside the test's own transaction, for which a heartbeat on SQLite would wait in vain."""
    settings.JOB_LEASE_SECONDS = 1200
    monkeypatch.setattr("media_app.jobs.heartbeat.Heartbeat.start", lambda heartbeat: None)


@pytest.fixture
def bait(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-of-another\n" * 8)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield hostile.Bait(secret, "near.txt", listener.getsockname()[1])
        with pytest.raises(BlockingIOError):
            listener.accept()


def ingest_all() -> None:
    while run := jobs.claim("tester", job_types=["ingest_sound_v1", "ingest_asset_v1"]):
        with run:
            run.execute()


def everything_stored(*, logs: bool = True) -> bytes:
    """All but the originals. Logs are what the tools said: they quote a file's own tags, as text."""
    store = storage.store()
    originals = set(MediaAsset.objects.values_list("original_key", flat=True))
    kept = b""
    for found in store.list():
        if found.key not in originals and (logs or not found.key.endswith(".log")):
            with store.open(found.key) as file:
                kept += file.read()
    return kept


def test_files_of_every_class_end_as_failed_with_a_sentence_or_as_ready(bait, settings, client):
    settings.MEZZANINE = "off"
    api, made = Api(), {case.name: case for case in hostile.cases(bait)}
    client.force_login(api.user)
    for number, name in enumerate(SAMPLE):
        case, session = made[name], a_session(title=name)
        asset = api.upload(session.pk, "ABC"[number % 3], case.data, case.filename)
        ingest_all()
        _, found = api.get(f"/v2/sessions/{session.pk}/assets/{asset['id']}")
        outcome = {"failed": hostile.REFUSED, "ready": hostile.TAKEN}[found["status"]]
        assert case.ends in (outcome, hostile.EITHER), (name, found["statusMessage"])
        if found["status"] == "failed":
            assert found["statusMessage"].endswith("."), (name, found["statusMessage"])
            assert MediaJob.objects.filter(asset_id=asset["id"]).latest("created_at").status == "FAILED", (
                "it was tried again, which cannot help"
            )
        shown = json.dumps(found) + client.get(f"/sessions/{session.pk}/").content.decode()
        assert "CANARY" not in shown
        assert str(settings.SCRATCH_ROOT) not in shown
        assert "<script>alert('harm')" not in shown
    assert b"CANARY-of-another" not in everything_stored()
    assert b"alert('harm')" not in everything_stored(logs=False)
    assert not [path for path in settings.SCRATCH_ROOT.rglob("*") if path.is_file()]


def replaced(asset_id: str, data: bytes) -> None:
    """Somebody with the bucket's keys writes another file under the original's key."""
    store, row = storage.store(), MediaAsset.objects.get(pk=asset_id)
    store.delete(row.original_key)
    store.put_bytes(row.original_key, data, content_type="video/mp4")


def test_a_file_of_another_size_than_was_given_is_not_ingested():
    api, session = Api(), a_session()
    asset = api.upload(session.pk, "A", hostile.honest()["clip.mp4"])
    replaced(asset["id"], hostile.honest()["clip.mkv"])
    ingest_all()
    row = MediaAsset.objects.get(pk=asset["id"])
    assert (row.status, "something replaced it" in row.status_message) == ("failed", True)


def test_a_file_that_was_replaced_after_its_ingest_is_found_out_by_its_checksum(settings):
    settings.MEZZANINE = "off"
    api, session = Api(), a_session()
    film = hostile.honest()["clip.mp4"]
    asset = api.upload(session.pk, "A", film)
    ingest_all()
    assert api.get(f"/v2/sessions/{session.pk}/assets/{asset['id']}")[1]["status"] == "ready"
    at = film.index(b"mdat") + 64
    replaced(asset["id"], film[:at] + bytes([film[at] ^ 1]) + film[at + 1 :])
    assert api.post(f"/v2/sessions/{session.pk}/assets/{asset['id']}/ingest")[0] == 202
    ingest_all()
    row = MediaAsset.objects.get(pk=asset["id"])
    assert (row.status, row.status_message) == (
        "failed", "The file in the store is not the one that was ingested before. Upload it again.",
    )  # fmt: skip


def test_a_link_in_the_store_is_not_followed(bait):
    api, session = Api(), a_session()
    asset = api.upload(session.pk, "A", bait.secret.read_bytes())
    row = MediaAsset.objects.get(pk=asset["id"])
    path = storage.store().root / row.original_key
    path.unlink()
    path.symlink_to(bait.secret)
    ingest_all()
    row.refresh_from_db()
    assert row.status != "ready"
    assert b"CANARY" not in api.client.get(storage.store().url(row.original_key)).content


def test_sound_that_would_exceed_the_quota_fails_at_the_first_try_with_its_size(settings, tmp_path):
    """Three minutes of silence in FLAC, a few kB, are 34.6 MB of WAV."""
    settings.MEZZANINE = "off"
    media.run_ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=180", "-c:a", "flac", tmp_path / "quiet.flac")
    api, session = Api(), a_session()
    asset = api.upload(session.pk, "A", (tmp_path / "quiet.flac").read_bytes(), "quiet.flac")
    settings.TENANT_MAX_BYTES = 20_000_000
    ingest_all()
    row = MediaAsset.objects.get(pk=asset["id"])
    assert (row.status, row.jobs.get().attempts) == ("failed", 1)
    assert "The files made from it for the sync would take 34.6 MB" in row.status_message
    assert not row.derivatives.exists()
