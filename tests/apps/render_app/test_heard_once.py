"""POST /video/multicam/sessions/{id}/hear: one camera is listened to, and the others that heard the same are served."""

import pytest
from django.test import Client

from media_app.models import ArtifactSource, DerivedMedia, MediaJob
from media_app.services import captions, documents
from sync_app.models import SyncResult
from sync_app.services import review
from tests.apps.render_app.test_heard_in_clips import a_document
from tests.support.factories import TENANT, Api, a_synced_session, a_user

pytestmark = pytest.mark.django_db
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}
LENGTH_MS = 20_000


@pytest.fixture
def session():
    """Three cameras, B a second and C two seconds later; B heard what A heard, C half of it."""
    made = a_synced_session("ABC")
    made.assets.update(kind="video", fps="25/1", duration_ms=LENGTH_MS, has_audio=True, audio_channels=1)
    result = SyncResult.objects.get(session=made)
    agrees = {
        "B": [(0.0, 18.2, "agreeing"), (18.2, 19.5, "drowned")],
        "C": [(0.0, 10.0, "agreeing"), (10.0, 19.0, "contradicting")],
    }
    rows = {
        key: [{"start_s": start, "end_s": end, "state": state} for start, end, state in found]
        for key, found in agrees.items()
    }
    result.details = {**result.details, "coverage": rows}
    result.save()
    review.approve(made.context, made.pk, approved_by="ada")
    made.refresh_from_db()
    return made


def words_of_a(session) -> DerivedMedia:
    said = [("Before", 500), ("Good", 2500), ("day.", 3000), ("After", 19_500)]
    words = [
        {"text": text, "start_ms": at, "end_ms": at + 400, "confidence": 0.9, "low_confidence": False,
         "time_source": "aligned"}
        for text, at in said
    ]  # fmt: skip
    segment = {"index": 0, "start_ms": 500, "end_ms": 19_900, "text": "", "words": words}
    return a_document(session.assets.get(camera_label="A"), "asr_transcript", {"language": "en", "segments": [segment]})


def hear(session, what="words", status=200, **body) -> dict:
    found, answer = Api().post(f"/video/multicam/sessions/{session.pk}/hear", {"what": what, **body}, **HERE)
    assert found == status, answer
    return answer


def test_words_of_one_camera_are_those_of_another_that_heard_the_same(session):
    source = words_of_a(session)

    answer = hear(session)

    states = {one["camera"]: (one["state"], one["share"]) for one in answer["recordings"]}
    assert states == {"A": ("own", 1.0), "B": ("derived", 0.91), "C": ("not_shared", 0.5)}
    b = next(one for one in answer["recordings"] if one["camera"] == "B")
    assert (b["derived_from"], b["offset_ms"]) == (str(source.pk), -1000)
    row = captions.transcript_of(session.assets.get(camera_label="B"))
    document = documents.read(row)
    words = [(word["text"], word["start_ms"]) for word in document["segments"][0]["words"]]
    assert words == [("Good", 1500), ("day.", 2000)]
    assert document["text"] == "Good day."
    assert row.meta["derived_from"] == {
        "artifact_id": str(source.pk), "asset_id": str(source.asset_id), "camera": "A"
    }  # fmt: skip
    assert (row.meta["word_count"], row.meta["agreeing_ms"]) == (2, [[0, 18_200]])
    assert ArtifactSource.objects.get(artifact=row).source_artifact_id == source.pk
    assert hear(session) == answer
    assert not MediaJob.objects.filter(type="engine_asr_v1").exists()


def test_speech_and_beats_are_moved_and_loudness_is_not(session):
    speech = {
        "kind": "speech", "start_ms": 200, "end_ms": 6000, "loudness_lufs": -20.0, "meta": {"also": ["music"]}
    }  # fmt: skip
    beats = [{"time_ms": 500.0 * number, "beat_index": number % 4, "bar_index": number // 4} for number in range(40)]
    a = session.assets.get(camera_label="A")
    a_document(a, "audio_semantic_timeline", {"events": [speech], "beats": beats})
    grid = {"origin_ms": 0.0, "period_ms": 500.0}
    a_document(a, "beat_features", {"bpm": 120.0, "tempo_candidates": [120.0], "beats": beats, "grid": grid})
    b = session.assets.get(camera_label="B")

    hear(session, "timeline")
    hear(session, "beats")

    [event] = documents.read(b.derivatives.get(kind="audio_semantic_timeline"))["events"]
    assert (event["start_ms"], event["end_ms"], event["loudness_lufs"]) == (0, 5000, None)
    assert event["meta"] == {"also": ["music"]}
    moved = documents.read(b.derivatives.get(kind="beat_features"))
    assert [one["time_ms"] for one in moved["beats"][:3]] == [0.0, 500.0, 1000.0]
    assert (moved["bpm"], len(moved["beats"]), moved["beats"][0]["beat_index"]) == (120.0, 37, 2)


def test_a_camera_that_heard_something_else_is_listened_to_itself(session):
    words_of_a(session)
    c = session.assets.get(camera_label="C")
    error = hear(session, status=409, asset_id=str(c.pk))["error"]
    assert (error["code"], error["field"], error["details"]) == ("not_the_same_sound", "asset_id", {"share": 0.5})
    assert not c.derivatives.filter(kind="asr_transcript").exists()


def test_a_camera_that_a_person_moved_was_not_compared_where_it_is_now(session):
    moved = {"correctedBy": "Ada", "offsets": {"B": 1400.0}, "notes": "By ear."}
    assert Api().post(f"/v2/sessions/{session.pk}/sync/correct", moved)[0] == 200
    words_of_a(session)
    states = {one["camera"]: one["state"] for one in hear(session)["recordings"]}
    assert states["B"] == "not_shared"


def test_what_was_moved_by_a_sync_that_is_corrected_goes_unless_a_person_worked_on_it(session):
    words_of_a(session)
    hear(session)
    b = session.assets.get(camera_label="B")
    row = captions.transcript_of(b)
    corrected = {"correctedBy": "Ada", "offsets": {"C": 2100.0}, "notes": "By ear."}
    assert Api().post(f"/v2/sessions/{session.pk}/sync/correct", corrected)[0] == 200
    assert captions.transcript_of(b) is None
    row.refresh_from_db()
    assert row.expired_at is not None

    hear(session)
    captions.edit(session.context, captions.transcript_of(b).pk, [], revision=0, by="ada")
    corrected["offsets"]["C"] = 2200.0
    assert Api().post(f"/v2/sessions/{session.pk}/sync/correct", corrected)[0] == 200
    assert captions.transcript_of(b) is not None


def test_the_page_offers_the_words_of_another_camera_and_says_whose_they_are(session):
    words_of_a(session)
    client = Client()
    client.force_login(a_user("alice"))
    address = f"/sessions/{session.pk}/words/?camera=B"
    assert "Take the words from another camera" in client.get(address).content.decode()
    hear(session)
    page = client.get(address).content.decode()
    assert "Take the words" not in page
    assert "The words from camera A are taken through the sync" in page


def test_a_shoot_that_nobody_listened_to_is_listened_to_once(session, monkeypatch):
    monkeypatch.setattr("media_app.engines.base.Engine.choose", an_engine_that_is_here)
    answer = hear(session, status=202)
    job = MediaJob.objects.get(pk=answer["job_id"])
    assert (job.type, job.asset.camera_label) == ("engine_asr_v1", "A")
    assert hear(session, status=202)["job_id"] == answer["job_id"]


def an_engine_that_is_here(engine):
    from media_app.engines.base import Backend, Choice

    return Choice(Backend("here"), "here")


def test_what_it_cannot_do_is_said(session):
    assert hear(session, "smells", 400)["error"]["field"] == "what"
    stranger = Api("eve", "t_other")
    theirs = {"headers": {"X-Tenant-Id": "t_other", "X-Env": "dev"}}
    assert stranger.post(f"/video/multicam/sessions/{session.pk}/hear", {"what": "words"}, **theirs)[0] == 404
    undecided = a_synced_session("AB")
    assert hear(undecided, status=409)["error"]["code"] == "not_decided"
    words_of_a(session)
    nobody = "00000000-0000-4000-8000-000000000000"
    assert hear(session, status=404, asset_id=nobody)["error"]["field"] == "asset_id"
    session.assets.update(has_audio=False, audio_channels=None)
    assert hear(session, status=400)["error"]["field"] == "session_id"
