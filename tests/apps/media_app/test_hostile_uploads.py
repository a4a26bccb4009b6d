"""Hostile names, sizes and files through the API and a worker: a 4xx or a failed camera with a sentence, and no more."""

import html
import json
import socket

import pytest

from media_app import jobs, storage
from media_app.core.files.keys import original_key
from media_app.models import MediaAsset, MediaJob
from tests.support import hostile, media
from tests.support.factories import Api, a_session, offer_of

pytestmark = pytest.mark.django_db
#: One of each class: the rest are thrown at the same functions in tests/flows/test_hostile_files.py.
SAMPLE = [
    "hls-file", "hls-behind-junk", "gab2-file", "text-tty", "other-zip-bomb", "polyglot-html-inside", "mp4-compressed-moov-bomb",
    "mp4-data-elsewhere-file", "mp4-places-beyond", "sound-channels-65535", "mkv-two-days-in-two-blocks",
    "mkv-attachment-out-of-its-folder", "cut-clip.mp4-50%", "tag-html-clip.mp4",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet_hearts(settings, monkeypatch):
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


@pytest.mark.parametrize("name", hostile.BAD_NAMES)
def test_a_bad_name_is_refused_before_a_byte_is_sent(name):
    api, session = Api(), a_session()
    path = f"/v2/sessions/{session.pk}/assets/init-upload"
    body = json.dumps(offer_of(filename=hostile.BAD_NAMES[name]))
    answer = api.client.post(path, body, content_type="application/json")
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (400, "filename"), error
    assert error["message"].endswith(".")
    assert not session.assets.exists()


def test_an_odd_name_is_only_words(client):
    api = Api()
    client.force_login(api.user)
    for name, filename in hostile.ODD_NAMES.items():
        session = a_session(title="Odd")
        asset = api.upload(session.pk, "A", filename=filename)
        row = MediaAsset.objects.get(pk=asset["id"])
        assert row.original_filename == asset["originalFilename"] == filename, name
        assert row.original_key == original_key(row.angle(), "x.mp4"), "the name entered the key"
        page = client.get(f"/sessions/{session.pk}/").content.decode()
        assert html.escape(filename) in page or filename.isalnum(), name
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        link = client.get(f"/sessions/{session.pk}/assets/{row.pk}/original/?download")["Location"]
        header = client.head(link)["Content-Disposition"]
        assert header.startswith("attachment"), name
        assert not set("\r\n\0") & set(header)
        assert header.count(";") == 1 or 'filename="' in header, header


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sizeBytes", -1), ("sizeBytes", 2**63), ("sizeBytes", 2**200), ("sizeBytes", 5 * 2**40 + 1), ("sizeBytes", "a"), ("sizeBytes", 1.5),
        ("sizeBytes", True), ("sizeBytes", None), ("sizeBytes", [1]), ("contentType", "text/html"), ("contentType", "image/svg+xml"),
        ("contentType", "video/mp4\r\nX-Evil: 1"), ("contentType", "video/mp4\0"), ("contentType", "v" * 201), ("contentType", "видео/mp4"),
        ("contentType", {}), ("cameraLabel", "AA"), ("cameraLabel", "a"), ("cameraLabel", "../"), ("cameraLabel", "Ａ"), ("cameraLabel", ""),
        ("fingerprint", "x"), ("fingerprint", "A" * 64), ("filename", None), ("filename", 7), ("filename", ["a.mp4"]),
    ],
)  # fmt: skip
def test_a_bad_offer_names_its_field(field, value):
    api, session = Api(), a_session()
    status, answer = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(**{field: value}))
    if (field, value) in (("filename", 7), ("sizeBytes", True)):
        assert status in (201, 400)
        return
    assert (status, answer["error"]["field"]) == (400, field)


def test_a_film_that_is_not_as_long_as_announced_is_not_taken():
    api, session = Api(), a_session()
    _, offer = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(data=b"12345678"))
    assert api.put_file(offer["uploadUrl"], b"1234") == 400
    assert api.put_file(offer["uploadUrl"], b"123456789") == 413
    assert api.put_file(offer["uploadUrl"], b"12345678", "text/html") == 403
    assert api.post(f"/v2/sessions/{session.pk}/assets/{offer['assetId']}/complete")[0] == 409


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
    assert "What is made of this file for the sync would take 34.6 MB" in row.status_message
    assert not row.derivatives.exists()


@pytest.mark.parametrize("name", ["\u200eVID-20260101-WA0001.mp4", "می\u200cروم.mp4", "👨\u200d👩\u200d👧.mp4"])
def test_names_with_joiners_and_marks_are_taken_and_kept(name):
    asset = Api().upload(a_session().pk, "A", hostile.honest()["clip.mp4"], name)
    assert MediaAsset.objects.get(pk=asset["id"]).original_filename == name
