"""`/api/productions`: with music and without, queued and inline, packaged by ffmpeg and by MediaConvert."""

import http.server
import json
import subprocess
import threading
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest
from scipy import signal

from media_app import jobs, process, storage
from media_app.core.files import keys
from media_app.models import MediaAsset, MediaJob, PendingDeletion
from media_app.services import chores
from render_app.models import Production
from render_app.services import productions
from tests.flows.test_mastering_api import NOBODY, film_and_music, stored
from tests.support import media
from tests.support.factories import Api, a_session, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(db):
    return Api()


@pytest.fixture
def shoot(db):
    return film_and_music()


def begin(api, film, **more) -> Production:
    status, answer = api.post("/api/productions", {"assetId": str(film.pk), **more})
    assert status == 201, answer
    return Production.objects.get(pk=answer["id"])


def step(production: Production) -> Production:
    jobs.run_here(production.job)
    return Production.objects.get(pk=production.pk)


def test_with_music_it_is_mastered_and_then_packaged(api, shoot):
    film, music = shoot
    production = begin(api, film, musicAssetId=str(music.pk))
    assert (production.status, production.job.type) == ("pending_media", "audio_master_v1")
    production = step(production)
    assert (production.status, production.job.type) == ("queued", "abr_package_v1")
    assert production.job.input_json["source_key"] == production.master_key
    production = step(production)
    assert (production.status, production.error_message) == ("completed", "")
    assert production.master_json["after"]["integrated_lufs"] == pytest.approx(-16, abs=0.5)


def test_without_music_it_is_handed_over_as_it_is_and_every_rung_is_whole(api, shoot, tmp_path):
    production = begin(api, shoot[0])
    assert (production.status, production.job.type) == ("queued", "abr_package_v1")
    assert production.job.input_json["source_key"] == shoot[0].original_key
    production = step(production)
    _, answer = api.get(f"/api/productions/{production.pk}")
    assert answer["status"] == "completed"
    assert [rung["height"] for rung in answer["package"]["rungs"]] == [180, 120, 80]
    master = api.client.get(answer["playlistUrl"])
    assert master.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    for name in ("v0", "v1", "v2", "a"):
        assert f"{name}.m3u8" in master.content.decode()
        playlist = api.client.get(answer["playlistUrl"].replace("master", name)).content.decode()
        assert "/store/" in playlist or "http" in playlist
        key = next(key for key in answer["package"]["keys"] if key.endswith(f"{name}.m4s"))
        with storage.store().local_copy(key, tmp_path) as path:
            length = Fraction(process.ffprobe(path)["format"]["duration"])
        assert float(length) == pytest.approx(2, abs=0.05)
    assert not PendingDeletion.objects.exists()


def test_the_audience_hears_what_was_listened_to(api, tmp_path):
    """The first track is silent, the voice on the second channel of the other."""
    seconds = 2
    voice, silence = media.speech_like(seconds), np.zeros(seconds * media.RATE, np.float32)
    dead = media.write_wav(tmp_path / "dead.wav", silence)
    alive = media.write_wav(tmp_path / "alive.wav", np.stack([silence, voice], axis=1).astype(np.float32))
    film = tmp_path / "two.mov"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        f"color=black:s=160x90:r=25:d={seconds}",
        "-i",
        dead,
        "-i",
        alive,
    ]
    subprocess.run([*command, "-map", "0", "-map", "1", "-map", "2", "-c:a", "pcm_s16le", film], check=True)
    asset = stored(a_session(), "A", film)
    MediaAsset.objects.update(
        heard={"stream": 2, "channels": [2], "how": "channel", "reason": "track 2, channel 2", "gain_db": 0.0}
    )
    production = step(begin(api, asset))
    key = next(key for key in production.package_json["keys"] if key.endswith("/a.m4s"))
    with storage.store().local_copy(key, tmp_path) as path:
        sound, _ = media.decode_sound(path)
    mono = sound if sound.ndim == 1 else sound[:, 0]
    # The package begins with the encoder's priming.
    found = signal.correlate(mono, voice[:48_000], mode="valid").max() / np.sum(voice[:48_000] ** 2)
    assert found == pytest.approx(1.0, abs=0.1)


def test_inline_gives_the_same_as_the_queue(api, shoot, settings):
    film, music = shoot
    queued = step(step(begin(api, film, musicAssetId=str(music.pk), preset="music_replace_v1")))
    settings.MEDIA_JOBS_ENABLED = False
    status, answer = api.post(
        "/api/productions", {"assetId": str(film.pk), "musicAssetId": str(music.pk), "preset": "music_replace_v1"}
    )
    inline = Production.objects.get(pk=answer["id"])
    assert (status, answer["status"]) == (201, "completed")
    assert (inline.master_key, inline.master_json) == (queued.master_key, queued.master_json)
    assert bytes_of(inline) == bytes_of(queued)


def bytes_of(production: Production) -> dict[str, bytes]:
    store = storage.store()
    return {key.rpartition("/")[2]: store.read_range(key, 0, 1 << 24) for key in production.package_json["keys"]}


def test_a_failure_names_its_job_and_says_why_and_a_retry_goes_on(api, shoot):
    film, music = shoot
    kept = storage.store().read_range(film.original_key, 0, 1 << 24)
    # As one that was never ingested: nothing is known of its bytes.
    MediaAsset.objects.filter(pk=film.pk).update(checksum="", original_etag="")
    storage.store().put_bytes(film.original_key, b"%PDF-1.4".ljust(film.size_bytes), content_type="video/mp4")
    production = step(begin(api, film, musicAssetId=str(music.pk)))
    _, answer = api.get(f"/api/productions/{production.pk}")
    assert (answer["status"], answer["jobId"]) == ("failed", str(production.job_id))
    assert "PDF" in answer["errorMessage"]
    storage.store().put_bytes(film.original_key, kept, content_type="video/mp4")
    MediaAsset.objects.filter(pk=film.pk).update(original_etag="")
    jobs.retry(production.job)
    production.refresh_from_db()
    assert (production.status, production.error_message) == ("pending_media", "")
    assert step(step(production)).status == "completed"


def test_a_cancelled_packaging_fails_its_production(api, shoot):
    production = begin(api, shoot[0])
    jobs.request_cancel(MediaJob.objects.filter(pk=production.job_id))
    production.refresh_from_db()
    assert (production.status, production.error_code) == ("failed", "cancelled")


def test_what_is_deleted_takes_its_package_along(api, shoot):
    production = step(begin(api, shoot[0]))
    names = production.package_json["keys"]
    assert production.size_bytes == sum(storage.store().head(key).size for key in names) > 0
    status, _ = api.delete(f"/api/productions/{production.pk}")
    assert status == 204
    chores.sweep_deletions()
    assert not [key for key in names if storage.store().head(key)]
    assert storage.store().head(shoot[0].original_key)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"assetId": NOBODY}, 404, "assetId"),
        ({"musicAssetId": NOBODY}, 404, "musicAssetId"),
        ({"preset": "x_v1"}, 400, "preset"),
        ({"preset": "music_replace_v1"}, 400, "musicAssetId"),
        ({"overrides": {"mode": "mix"}}, 400, "overrides"),
        ({"preset": "normalise_v1", "overrides": {"mode": "loud"}}, 400, "mode"),
        ({"packager": "floppy"}, 400, "packager"),
        ({"packager": "mediaconvert"}, 400, "packager"),
    ],
)
def test_what_cannot_be_produced_is_a_clear_4xx(api, shoot, change, status, field):
    got, answer = api.post("/api/productions", {"assetId": str(shoot[0].pk)} | change)
    assert (got, answer["error"]["field"]) == (status, field), answer
    assert not Production.objects.exists()
    assert not MediaJob.objects.exists()


def test_sound_alone_is_no_production(api, shoot):
    got, answer = api.post("/api/productions", {"assetId": str(shoot[1].pk)})
    assert (got, answer["error"]["field"]) == (400, "assetId")


def test_another_tenants_production_is_not_there_and_an_unfinished_one_does_not_play(api, shoot):
    production = begin(api, shoot[0])
    stranger = Api("mallory", "t_other")
    assert stranger.get(f"/api/productions/{production.pk}")[0] == 404
    assert stranger.get("/api/productions")[1]["count"] == 0
    assert api.get("/api/productions?status=queued")[1]["count"] == 1
    assert api.get(f"/api/productions/{production.pk}/stream/master.m3u8")[0] == 409
    step(production)
    assert api.get(f"/api/productions/{production.pk}/stream/nothing.m3u8")[0] == 404
    assert stranger.get(f"/api/productions/{production.pk}/stream/master.m3u8")[0] == 404


@contextmanager
def a_mediaconvert(*states: str):
    """A server on this machine that answers as MediaConvert does; what it was asked, in order."""
    asked: list[tuple[str, str, dict]] = []
    coming = list(states)

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((self.command, self.path, json.loads(body or b"{}")))
            state = coming.pop(0) if self.command == "GET" else "SUBMITTED"
            job = {"id": "1234-abcdef", "status": state, "jobPercentComplete": 50, "errorMessage": "No such codec."}
            callback = json.dumps({"job": job}).encode()
            self.send_response(201 if self.command == "POST" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(callback)))
            self.end_headers()
            self.wfile.write(callback)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_a_bucket(settings, monkeypatch, endpoint: str) -> None:
    """Files stay on this machine's disk; only the settings say that they lie in a bucket."""
    store = storage.store()
    monkeypatch.setattr(storage, "store", lambda: store)
    settings.STORAGE_BACKEND, settings.S3_BUCKET = "s3", "films"
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "key", "secret"
    settings.MEDIACONVERT_ENDPOINT_URL, settings.MEDIACONVERT_REGION = endpoint, "eu-central-1"
    settings.MEDIACONVERT_ROLE_ARN, settings.MEDIACONVERT_POLL_SECONDS = "arn:aws:iam::1:role/studio", 0.1


@pytest.mark.parametrize("mastered", [False, True])
def test_mediaconvert_is_sent_the_job_and_waited_for(api, shoot, settings, monkeypatch, mastered):
    film, music = shoot
    with a_mediaconvert("PROGRESSING", "COMPLETE") as (endpoint, asked):
        in_a_bucket(settings, monkeypatch, endpoint)
        production = begin(api, film, packager="mediaconvert", **({"musicAssetId": str(music.pk)} if mastered else {}))
        written = f"{keys.production_prefix(production.tenant_id, production.env, str(production.pk))}master.m3u8"
        storage.store().put_bytes(written, b"#EXTM3U\n", content_type="application/vnd.apple.mpegurl")
        production = step(step(production)) if mastered else step(production)
    assert (production.status, production.error_message) == ("completed", "")
    method, path, sent = asked[0]
    assert (method, path) == ("POST", "/2017-08-29/jobs")
    assert sent["clientRequestToken"] == f"{production.job_id}-0"
    source = production.master_key if mastered else film.original_key
    assert sent["settings"]["inputs"][0]["fileInput"] == f"s3://films/{source}"
    assert ("audioNormalizationSettings" in json.dumps(sent)) is not mastered
    assert [path for _, path, _ in asked[1:]] == ["/2017-08-29/jobs/1234-abcdef"] * 2
    assert production.package_json["playlist"] == written
    assert (production.package_json["keys"], production.size_bytes) == ([written], 8)
    # One of an earlier version of Studio, which knew neither.
    Production.objects.update(size_bytes=None, package_json=production.package_json | {"keys": []})
    assert (productions.measure(), productions.measure()) == (1, 0)
    production.refresh_from_db()
    assert (production.package_json["keys"], production.size_bytes) == ([written], 8)


def test_what_mediaconvert_refuses_fails_with_its_words(api, shoot, settings, monkeypatch):
    with a_mediaconvert("ERROR") as (endpoint, _):
        in_a_bucket(settings, monkeypatch, endpoint)
        production = step(begin(api, shoot[0], packager="mediaconvert"))
    assert production.status == "failed"
    assert "No such codec." in production.error_message


def test_a_production_with_music_belongs_to_the_tenant_alone(api, shoot):
    theirs = an_asset(a_session(tenant_id="t_other"), "A", kind="audio")
    got, answer = api.post("/api/productions", {"assetId": str(shoot[0].pk), "musicAssetId": str(theirs.pk)})
    assert (got, answer["error"]["field"]) == (404, "musicAssetId")
