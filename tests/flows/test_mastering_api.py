"""`/api/mastering` and its job: what is refused beforehand, and what the worker makes of the rest."""

import hashlib
from pathlib import Path

import pytest

from media_app import jobs, storage
from media_app.making.files import sha256
from media_app.models import DerivedMedia, MediaAsset, MediaJob, PendingDeletion
from media_app.services import mastering, replay
from sessions_app.errors import WrongStatus
from tests.support.factories import Api, a_session, an_asset
from tests.support.media import slate

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "00000000-0000-0000-0000-000000000000"


def stored(session, label: str, path: Path, **fields):
    """A ready asset whose original is that file."""
    asset = an_asset(
        session, label, original_filename=path.name, checksum=sha256(path), size_bytes=path.stat().st_size, **fields
    )
    storage.store().put_file(asset.original_key, path, content_type="video/mp4")
    return asset


def film_and_music():
    """A film of two seconds with speech, and music for it."""
    session = a_session()
    film = stored(session, "A", slate(seconds=2, sound="speech"))
    music = stored(session, "M", slate("music.wav", seconds=1, video=None, audio=("-c:a", "pcm_s16le")), kind="audio")
    return film, music


@pytest.fixture
def api(db):
    return Api()


@pytest.fixture
def shoot(db):
    return film_and_music()


def work(job_id) -> MediaJob:
    jobs.run_here(MediaJob.objects.get(pk=job_id))
    return MediaJob.objects.get(pk=job_id)


def asked(film, music=None, preset="normalise_v1", **more) -> dict:
    return {"assetId": str(film.pk), "preset": preset, **({"musicAssetId": str(music.pk)} if music else {}), **more}


def test_the_presets_are_listed_with_their_schema(api):
    status, answer = api.get("/api/mastering/presets")
    assert status == 200
    assert {preset["name"] for preset in answer["presets"]} >= {
        "dialogue_mix_v1",
        "music_replace_v1",
        "music_mix_roll_duck_v1",
    }
    assert answer["schema"]["additionalProperties"] is False


def test_a_preset_goes_in_and_finished_sound_comes_out(api, shoot):
    film, music = shoot
    status, answer = api.post("/api/mastering", asked(film, music, "dialogue_mix_v1", overrides={"music_gain_db": -20}))
    assert (status, answer["status"]) == (202, "PENDING")
    job = work(answer["id"])
    assert job.status == "COMPLETED", job.error_message
    _, answer = api.get(f"/api/mastering/{job.pk}")
    result = answer["result"]
    assert result["after"]["integrated_lufs"] == pytest.approx(-16, abs=0.5)
    assert result["before"]["integrated_lufs"] != result["after"]["integrated_lufs"]
    row = DerivedMedia.objects.get(key=result["key"])
    assert (row.asset, row.kind, row.checksum) == (film, "audio_master", result["checksum"])
    with storage.store().open(row.key) as file:
        assert hashlib.sha256(file.read()).hexdigest() == result["checksum"]
    assert result["key"].startswith(f"tenants/t_club/dev/media_v2/{film.pk}/masters/")
    assert answer["url"]
    ran = job.attempt_rows.get().commands
    assert any("loudnorm" in part or "volume=" in part for command in ran for part in command)
    assert not PendingDeletion.objects.exists()


def test_a_replay_gives_the_same_bytes_under_the_same_key(api, shoot):
    film, _ = shoot
    results = []
    for _ in range(2):
        _, answer = api.post("/api/mastering", asked(film))
        results.append(work(answer["id"]).result_json)
    assert (results[0]["key"], results[0]["checksum"]) == (results[1]["key"], results[1]["checksum"])
    assert DerivedMedia.objects.filter(asset=film, kind="audio_master").count() == 1
    again = replay.run_here(replay.replay(MediaJob.objects.get(pk=answer["id"])))
    assert again.result_json["verdict"] == "equal", again.result_json


@pytest.mark.parametrize(
    ("change", "status", "field", "sentence"),
    [
        ({"preset": "loud_v1"}, 400, "preset", "Choose one of"),
        ({"preset": ""}, 400, "preset", "blank"),
        ({"assetId": NOBODY}, 404, "assetId", "no asset"),
        ({"assetId": "x"}, 400, "assetId", "UUID"),
        ({"musicAssetId": NOBODY, "preset": "dialogue_mix_v1"}, 404, "musicAssetId", "no asset"),
        ({"preset": "dialogue_mix_v1"}, 400, "musicAssetId", "needs music"),
        ({"overrides": {"ducking": {"depth": 1}}}, 400, "ducking.depth", "no such field"),
        ({"overrides": {"output": {"bitrate_kbps": 1e400}}}, 400, None, ""),
        ({"overrides": {"timing": {"duration_seconds": -1}}}, 400, "timing.duration_seconds", "from 0.1"),
        ({"overrides": ["x"]}, 400, "overrides", "dictionary"),
        ({"overrides": {"a\x00\ud800": 1}}, 400, None, "no such field"),
    ],
)
def test_what_cannot_be_done_is_a_clear_4xx(api, shoot, change, status, field, sentence):
    film, _ = shoot
    got, answer = api.post("/api/mastering", asked(film) | change)
    assert got == status, answer
    assert sentence in answer["error"]["message"]
    if field:
        assert answer["error"]["field"] == field
    assert not MediaJob.objects.exists()


def test_assets_that_do_not_fit_are_refused(api, shoot):
    film, music = shoot
    mute = an_asset(film.session, "C", has_audio=False)
    coming = an_asset(film.session, "D", status="ingesting")
    theirs = an_asset(a_session(tenant_id="t_other"), "A")
    for body, status, sentence in (
        (asked(film, music), 400, "does not use music"),
        (asked(mute), 400, "no audio"),
        (asked(film, mute, "dialogue_mix_v1"), 400, "no audio"),
        (asked(coming), 409, "not ready"),
        (asked(theirs), 404, "no asset"),
    ):
        got, answer = api.post("/api/mastering", body)
        assert (got, sentence in answer["error"]["message"]) == (status, True), answer


def test_another_tenants_job_is_not_there(api, shoot):
    _, answer = api.post("/api/mastering", asked(shoot[0]))
    status, _ = Api("mallory", "t_other").get(f"/api/mastering/{answer['id']}")
    assert status == 404


def test_a_recording_replaced_meanwhile_fails_with_a_sentence_and_is_not_tried_again(api, shoot):
    film, _ = shoot
    _, answer = api.post("/api/mastering", asked(film))
    film.original_key = "originals/another.mp4"
    film.save()
    job = work(answer["id"])
    assert (job.status, job.error_code) == ("FAILED", "cannot_succeed")
    assert "Start again with the new file" in job.error_message
    with pytest.raises(WrongStatus, match="replaced"):
        jobs.retry(job)


def test_a_file_that_is_no_sound_at_all_fails_once_and_says_why(api, shoot):
    film, _ = shoot
    # As one that was never ingested: nothing is known of its bytes.
    MediaAsset.objects.filter(pk=film.pk).update(checksum="", original_etag="")
    storage.store().put_bytes(film.original_key, b"%PDF-1.4 no film".ljust(film.size_bytes), content_type="video/mp4")
    _, answer = api.post("/api/mastering", asked(film))
    job = work(answer["id"])
    assert (job.status, job.attempts) == ("FAILED", 1)
    assert "PDF" in job.error_message


def test_the_page_gets_a_wav_and_peaks_to_compare_with(shoot, api):
    film, _ = shoot
    job = mastering.start_master(api_context(film), film.pk, "normalise_v1", listen=True)
    result = work(job.pk).result_json
    rows = DerivedMedia.objects.in_bulk(result["listen"].values())
    assert sorted(row.content_type for row in rows.values()) == ["application/octet-stream", "audio/wav"]
    assert film.derivatives.filter(kind="audio-wav").count() == 1


def api_context(asset):
    return asset.context
