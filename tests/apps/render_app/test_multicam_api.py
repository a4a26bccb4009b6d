"""`/video/multicam/sessions`: a session's angles, its alignment, and its cut by who speaks."""

import io
import json
import re
import wave
from types import SimpleNamespace

import numpy as np
import pytest
from django.test import Client

from bench.autocut import voices
from media_app import jobs, storage
from media_app.engines import asr
from media_app.models import DerivedMedia, MediaJob
from media_app.services import speakers
from render_app.models import Clip, ProjectEdit, VideoProject
from render_app.services import who_speaks
from sync_app.services import review
from tests.support.factories import TENANT, Api, a_registry_asset, a_session, a_synced_session, a_user, an_asset

pytestmark = pytest.mark.django_db
#: A job's heartbeat writes from a thread of its own.
committed = pytest.mark.django_db(transaction=True)
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}
SECONDS, RATE = 24, 48_000
#: Who speaks when, on the master's clock: A first, then B, then A.
TURNS = {"A": [(1.0, 8.0), (17.0, 23.0)], "B": [(9.0, 16.0)]}
#: Where camera B and the wide begin on the clock of A, as `a_synced_session` has it.
STARTS = {"A": 0.0, "B": 1.0, "C": 2.0}


#: A backend that nobody has: a cut has no words to wait for, unless a test brings them.
NO_SPEECH = "nobody"


@pytest.fixture
def api(settings):
    settings.VIDEO_CAPTIONS_BACKEND = NO_SPEECH
    return Api()


@pytest.fixture
def session(monkeypatch):
    """Two people, a camera with a microphone for each, and a wide; its sync is decided."""
    monkeypatch.setattr(voices, "has_flite", lambda: False)
    made = a_synced_session("ABC")
    sound = {"audio": {"index": 0, "channels": 1, "layout": "mono"}}
    made.assets.update(kind="video", fps="25/1", duration_ms=SECONDS * 1000, audio_channels=1, media_info=sound)
    for label, sound in recorded().items():
        # All stop at once.
        made.assets.filter(camera_label=label).update(duration_ms=(SECONDS - STARTS[label]) * 1000)
        row = made.assets.get(camera_label=label).derivatives.get(kind="audio-wav")
        storage.store().put_bytes(row.key, wav(sound), content_type="audio/wav")
    review.approve(made.context, made.pk, approved_by="ada")
    made.refresh_from_db()
    return made


def recorded() -> dict[str, np.ndarray]:
    """What each microphone hears: its own person, the other one 10 dB lower and 6 ms later; the wide hears both alike."""
    said = {label: speech(label) for label in TURNS}
    late, hiss = round(0.006 * RATE), np.random.default_rng(2)

    def heard(near: np.ndarray, far: np.ndarray, gain: float) -> np.ndarray:
        return gain * (near + np.concatenate([np.zeros(late), 0.3 * far[:-late]]))

    master = {
        "A": heard(said["A"], said["B"], 0.3),
        "B": heard(said["B"], said["A"], 1.5),
        "C": np.roll(0.3 * (said["A"] + said["B"]), 2 * late),
    }
    own = {label: sound[round(STARTS[label] * RATE) :] for label, sound in master.items()}
    return {label: sound + 0.0004 * hiss.standard_normal(sound.size) for label, sound in own.items()}


def speech(label: str) -> np.ndarray:
    """Phrases of about two seconds with a third of a second between them, at 48 kHz."""
    rng, out = np.random.default_rng(ord(label)), np.zeros((SECONDS + 3) * RATE)
    for begin, end in TURNS[label]:
        at = begin
        while at < end:
            said = np.concatenate([voices.word({"A": "rms", "B": "slt"}[label], rng) for _ in range(6)])[: 2 * 16_000]
            said = np.repeat(said, 3)[: round((end - at) * RATE)]
            out[round(at * RATE) : round(at * RATE) + said.size] = said
            at += said.size / RATE + 0.35
    return out


def wav(sound: np.ndarray) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return held.getvalue()


def cut(api, session, **body) -> dict:
    """An automatic cut, by its job."""
    path = f"/video/multicam/sessions/{session.pk}/auto-cut"
    status, answer = api.post(path, {"preset": "interview", **body}, **HERE)
    assert status == 202, answer
    with jobs.claim("tester") as run:
        run.execute()
    job = MediaJob.objects.get(pk=answer["job_id"])
    assert job.status == "COMPLETED", job.error_message
    return job.result_json


def heard(session, label: str = "A", text: str = "Good morning everybody") -> DerivedMedia:
    """What a speech engine would have made of a camera's sound."""
    asset = session.assets.get(camera_label=label)
    words = [
        {
            "text": word,
            "start_ms": 2000 + 400 * place,
            "end_ms": 2350 + 400 * place,
            "confidence": 0.9,
            "time_source": "x",
        }
        for place, word in enumerate(text.split())
    ]
    key = f"words/{asset.pk}.json"
    body = {"segments": [{"index": 0, "words": words}], "duration_ms": 24_000}
    storage.store().put_bytes(key, json.dumps(body).encode(), content_type="application/json")
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind="asr_transcript", variant="w", input_ref=asset.original_key, key=key,
        content_type="application/json", meta={"word_count": len(words), "duration_ms": 24_000},
    )  # fmt: skip


def shown(project_id: str) -> list[Clip]:
    return list(Clip.objects.filter(track__sequence__project=project_id, track__kind="video"))


@committed
def test_a_session_is_cut_by_who_speaks_and_each_clip_says_why(api, session):
    result = cut(api, session)

    clips = shown(result["project_id"])
    assert [one.camera_label for one in clips] == ["A", "B", "A"]
    assert [round(one.in_ms / 1000) for one in clips] == pytest.approx([0, 9, 17], abs=1)
    assert clips[1].meta["reason"] == "The voice is at microphone B: camera B."
    assert all((one.in_ms / 40).is_integer() for one in clips)
    assert VideoProject.objects.get(pk=result["project_id"]).session_id == session.pk
    assert result["meta"]["wide"] == ["C"]
    assert result["meta"]["speech_share"]["B"] == pytest.approx(7 / 20, abs=0.05)
    assert ProjectEdit.objects.filter(project=result["project_id"]).count() == 1


@committed
def test_a_cut_leaves_who_speaks_beside_each_recording(api, session):
    cut(api, session)

    known = {label: speakers.of(session.assets.get(camera_label=label)) for label in "ABC"}

    in_bs_turn = {label: (10_000 - 1000 * late, 14_000 - 1000 * late) for label, late in STARTS.items()}
    assert [known[label].between(*times) for label, times in in_bs_turn.items()] == ["B", "B", "B"]
    assert known["A"].between(2000, 7000) == "A"


@committed
def test_who_speaks_is_reported_once_a_sync_is_decided_without_any_cut(api, session):
    job = MediaJob.objects.get(session=session, type="who_speaks_v1")
    assert (job.status, job.priority) == ("PENDING", -5)
    transcript = heard(session, text="Good morning")
    assert "Identifying who speaks: waiting for a worker" in words_of(session)
    assert speakers.of(session.assets.get(camera_label="A")).turns == ()

    with jobs.claim("tester") as run:
        run.execute()

    job.refresh_from_db()
    assert job.status == "COMPLETED", job.error_message
    assert job.result_json["speech_share"]["B"] == pytest.approx(7 / 20, abs=0.05)
    known = {label: speakers.of(session.assets.get(camera_label=label)) for label in "ABC"}
    in_bs_turn = {label: (10_000 - 1000 * late, 14_000 - 1000 * late) for label, late in STARTS.items()}
    assert [known[label].between(*times) for label, times in in_bs_turn.items()] == ["B", "B", "B"]
    _, read = api.get(f"/audio/asr/{transcript.pk}?tenant_id={TENANT}&env=dev")
    assert [word["speaker_id"] for word in read["segments"][0]["words"]] == ["A", "A"]
    assert "Identifying who speaks" not in words_of(session)
    assert not VideoProject.objects.exists()

    status, answer = api.post(f"/video/multicam/sessions/{session.pk}/speakers", {}, **HERE)
    assert (status, answer["speaker_source"], answer["turns"]) == (200, "mic", job.result_json["turns"])
    assert MediaJob.objects.filter(type="who_speaks_v1").count() == 1


@committed
def test_the_page_names_who_speaks_and_offers_to_find_it_where_nobody_has(api, session):
    MediaJob.objects.filter(type="who_speaks_v1").delete()
    text = "Good morning everybody and welcome to this long day of talk about pianos and of organs and bells"
    heard(session, text=text)
    address = f"/video/multicam/sessions/{session.pk}/speakers"
    assert f'data-api="{address}' in words_of(session)
    status, asked = api.post(address, {}, **HERE)
    assert (status, asked["status"]) == (202, "PENDING")
    with jobs.claim("tester") as run:
        run.execute()
    session.camera_names = {"A": "Anna"}
    session.save()
    page = words_of(session)
    assert address not in page
    names = re.findall(r'words-speaker">([^<]*):<', page)
    assert names == ["Anna", "Not sure who", "Speaker B"], "A to 8 s, nobody to 9 s, then B"


@committed
def test_one_microphone_distinguishes_nobody_and_a_sync_nobody_decided_neither(api, session):
    session.assets.exclude(camera_label="A").update(audio_channels=None, has_audio=False)
    status, answer = api.post(f"/video/multicam/sessions/{session.pk}/speakers", {}, **HERE)
    assert (status, answer["error"]["field"]) == (400, "session_id")
    undecided = a_synced_session("AB")
    status, answer = api.post(f"/video/multicam/sessions/{undecided.pk}/speakers", {}, **HERE)
    assert (status, answer["error"]["code"]) == (409, "not_decided")
    assert not MediaJob.objects.filter(session=undecided).exists()
    stranger = Api("eve", "t_other")
    theirs = {"headers": {"X-Tenant-Id": "t_other", "X-Env": "dev"}}
    assert stranger.post(f"/video/multicam/sessions/{session.pk}/speakers", {}, **theirs)[0] == 404


@committed
def test_a_corrected_sync_has_them_found_anew(api, session):
    with jobs.claim("tester") as run:
        run.execute()
    corrected = {"correctedBy": "Ada", "offsets": {"B": 1010.0}, "notes": "By ear."}
    assert api.post(f"/v2/sessions/{session.pk}/sync/correct", corrected)[0] == 200
    transcript, anna = heard(session, text="Good morning"), session.assets.get(camera_label="A")
    assert speakers.of(anna).turns == ()
    assert (
        api.get(f"/audio/asr/{transcript.pk}?tenant_id={TENANT}&env=dev")[1]["meta"]["speakers_reason"]
        == "sync_changed"
    )
    page = words_of(session)
    assert "The sync changed since the speakers were identified." in page
    assert "Identifying who speaks: waiting for a worker" in page

    with jobs.claim("tester") as run:
        run.execute()

    b = speakers.of(session.assets.get(camera_label="B"))
    assert b.between(8600, 12_400) == "B"
    stated = DerivedMedia.objects.get(asset=session.assets.get(camera_label="B"), kind="speakers")
    assert stated.meta["sync_version"] == 3
    assert "The sync changed" not in words_of(session)


@committed
def test_what_is_heard_by_a_sync_that_was_corrected_meanwhile_does_not_count(api, session, monkeypatch):
    listen = who_speaks.conversation.heard

    def corrected_meanwhile(*of):
        monkeypatch.setattr(who_speaks.conversation, "heard", listen)
        corrected = {"correctedBy": "Ada", "offsets": {"B": 1500.0}, "notes": "By ear."}
        assert api.post(f"/v2/sessions/{session.pk}/sync/correct", corrected)[0] == 200
        return listen(*of)

    monkeypatch.setattr(who_speaks.conversation, "heard", corrected_meanwhile)
    with jobs.claim("tester") as run:
        run.execute()
    first, second = MediaJob.objects.filter(type="who_speaks_v1").order_by("created_at")
    assert (first.status, first.result_json["superseded"], second.status) == ("COMPLETED", True, "PENDING")
    assert not speakers.are_identified(session.assets.get(camera_label="A"))


@committed
def test_without_a_speech_backend_the_cut_is_made_and_says_why_it_has_no_captions(api, session):
    found = cut(api, session)

    assert len(found["shots"]) == 3
    assert found["captions"]["state"] == "unavailable"
    assert (
        "The cut was made without captions of camera-A.mp4. VIDEO_CAPTIONS_BACKEND is" in found["captions"]["message"]
    )
    status, answer = api.get(f"/video/projects/{found['project_id']}/captions/srt", **HERE)
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (409, "no_words", "project_id")


@committed
def test_a_cut_has_the_captions_of_the_sound_that_it_has(api, session):
    transcript = heard(session)

    found = cut(api, session)

    assert found["captions"] == {
        "state": "ready", "message": "The cut has captions of 3 words.", "word_count": 3, "transcript_ids": [str(transcript.pk)],
    }  # fmt: skip
    status, captions = api.get(f"/video/projects/{found['project_id']}/captions/json", **HERE)
    assert status == 200
    assert [(one["text"], one["start_ms"]) for one in captions["cues"]] == [("Good morning everybody", 2000)]
    assert captions["transcript_ids"] == [str(transcript.pk)]
    written = api.client.get(f"/video/projects/{found['project_id']}/captions/vtt", **HERE)
    assert written["Content-Type"] == "text/vtt; charset=utf-8"
    assert b"00:00:02.000 -->" in written.content
    assert f"/registry/{transcript.asset_id}/captions/" in page_of(session), "where its captions are changed"


@committed
def test_captions_that_a_person_changed_stay_those_of_a_cut_that_is_made_again(api, session, settings, monkeypatch):
    settings.VIDEO_CAPTIONS_BACKEND = ""
    monkeypatch.setattr(type(asr.ENGINE), "cache_key", lambda *_: "k" * 64)
    transcript = heard(session)
    change = {"cues": [{"index": 0, "text": "Good evening everybody"}]}
    assert api.patch(f"/video/captions/{transcript.pk}?tenant_id={TENANT}&env=dev", change)[0] == 200

    found = cut(api, session)

    assert not MediaJob.objects.filter(type=asr.ENGINE.job_type).exists(), "nothing is listened to again"
    newer = DerivedMedia.objects.create(
        **transcript.context.stamp(), asset=transcript.asset, kind="asr_transcript", variant="x", key="words/newer.json",
        input_ref=transcript.input_ref,
    )  # fmt: skip
    assert found["captions"]["transcript_ids"] == [str(transcript.pk)] != [str(newer.pk)]
    _, captions = api.get(f"/video/projects/{found['project_id']}/captions/json", **HERE)
    assert [one["text"] for one in captions["cues"]] == ["Good evening everybody"]


@committed
def test_words_that_nobody_listens_to_yet_are_not_waited_for(api, session, settings, monkeypatch):
    settings.VIDEO_CAPTIONS_BACKEND = ""
    monkeypatch.setattr(type(asr.ENGINE), "cache_key", lambda *_: "k" * 64)
    waiting = MediaJob.objects.filter(type=asr.ENGINE.job_type)
    status, answer = api.post(f"/video/multicam/sessions/{session.pk}/auto-cut", {}, **HERE)
    assert status == 202
    assert waiting.get().asset.camera_label == "A"
    waiting.update(priority=-1)

    with jobs.claim("tester") as run:
        run.execute()

    found = MediaJob.objects.get(pk=answer["job_id"]).result_json
    assert found["captions"]["state"] == "listening"
    assert "still being transcribed" in found["captions"]["message"]
    waiting.update(status="DEAD", error_message="The model cannot be read.")
    page = page_of(session)
    assert "The cut was made without captions of camera-A.mp4. The model cannot be read." in page


@committed
def test_words_that_are_being_listened_to_are_waited_for(api, session, monkeypatch):
    job = jobs.enqueue(asr.ENGINE.job_type, session.assets.get(camera_label="A"), input_json={})
    MediaJob.objects.filter(pk=job.pk).update(status="PROCESSING")
    monkeypatch.setattr("render_app.services.cut_words.ask", lambda *_: {"jobs": {"a": str(job.pk)}, "refused": {}})

    def listen(seconds):
        heard(session)
        MediaJob.objects.filter(pk=job.pk).update(status="COMPLETED")

    # The module's own clock alone: the heartbeat sleeps too.
    monkeypatch.setattr("render_app.services.cut_words.time", SimpleNamespace(sleep=listen))

    assert cut(api, session)["captions"]["state"] == "ready"


@committed
def test_the_same_seed_gives_the_same_cut(api, session):
    first = cut(api, session, seed=5)
    again = cut(api, session, seed=5, keep_changes=False)

    assert again["shots"] == first["shots"]
    assert again["project_id"] == first["project_id"]
    assert again["revision"] == first["revision"]


@committed
def test_what_a_person_changed_stays_when_it_is_cut_again(api, session):
    first = cut(api, session)
    mine = shown(first["project_id"])[1]
    status, _ = api.call("PATCH", f"/video/clips/{mine.pk}", {"camera_label": "C"}, **HERE)
    assert status == 200

    again = cut(api, session, preset="lively")

    labels = [one.camera_label for one in shown(again["project_id"])]
    assert labels == ["A", "C", "A"]
    assert again["meta"]["kept"] == 1
    assert "C" not in [one.camera_label for one in shown(cut(api, session, keep_changes=False)["project_id"])]


def in_the_editor(api, session) -> dict:
    """The cut as the angle editor reads it."""
    status, read = api.get(f"/v2/sessions/{session.pk}/cut")
    assert status == 200, read
    return read


def saved_in_the_editor(api, session, read: dict) -> dict:
    sent = {name: read[name] for name in ("range", "switchPoints", "audio", "titles")}
    status, kept = api.call(
        "PUT", f"/v2/sessions/{session.pk}/cut", sent, headers={"If-Match": f'"{read["revision"]}"'}
    )
    assert status == 200, kept
    return kept


@committed
def test_the_editor_shows_who_chose_each_shot_and_why(api, session):
    cut(api, session)

    points = in_the_editor(api, session)["switchPoints"]

    assert {one["chosenBy"] for one in points} == {"auto"}
    assert points[1]["reason"] == "The voice is at microphone B: camera B."


@committed
def test_what_a_person_set_in_the_editor_survives_another_cut(api, session):
    cut(api, session)
    read = in_the_editor(api, session)
    read["switchPoints"][1]["angle"] = "C"
    read["switchPoints"][2]["transition"] = {"type": "crossfade", "durationMs": 400}
    read["audio"] = {"source": "B", "gainDb": -3}
    read["titles"] = [{"text": "Panel", "startMs": 3000, "endMs": 5000}]
    read["range"]["endMs"] = 20_000
    mine = saved_in_the_editor(api, session, read)
    assert [one["chosenBy"] for one in mine["switchPoints"]] == ["auto", "person", "person"]

    again = cut(api, session, preset="lively", seed=4)

    now = in_the_editor(api, session)
    by_time = {one["atMs"]: one for one in now["switchPoints"]}
    for place, angle in ((1, "C"), (2, "A")):
        point = by_time[mine["switchPoints"][place]["atMs"]]
        assert (point["angle"], point["chosenBy"]) == (angle, "person")
        assert point["reason"] == "Chosen by a person, and kept."
        assert point["transition"] == mine["switchPoints"][place]["transition"]
    assert all(now[name] == mine[name] for name in ("audio", "titles", "range"))
    assert all(one["reason"] for one in now["switchPoints"] if one["atMs"] < 20_000)
    assert again["meta"]["kept"] == 2


@committed
def test_a_moved_cut_stays_where_a_person_put_it(api, session):
    cut(api, session)
    read = in_the_editor(api, session)
    read["switchPoints"][1]["atMs"] += 1000
    saved_in_the_editor(api, session, read)

    cut(api, session, preset="calm")

    points = in_the_editor(api, session)["switchPoints"]
    assert [(one["atMs"], one["angle"]) for one in points[:2]] == [
        (read["switchPoints"][0]["atMs"], "A"),
        (read["switchPoints"][1]["atMs"], "B"),
    ]


@committed
def test_cutting_again_takes_nothing_for_a_change_that_is_none(api, session):
    # All stop between two frames.
    for one in session.assets.all():
        session.assets.filter(pk=one.pk).update(duration_ms=one.duration_ms - 13)
    cut(api, session)

    again = cut(api, session, preset="lively", seed=3)

    assert again["meta"]["kept"] == 0
    assert {one["chosenBy"] for one in in_the_editor(api, session)["switchPoints"]} == {"auto"}
    # The last frame of which there is a whole picture.
    assert in_the_editor(api, session)["range"] == {"startMs": 0, "endMs": 23_960}


@committed
def test_without_keeping_changes_all_is_the_cuts_own(api, session):
    cut(api, session)
    read = in_the_editor(api, session)
    saved_in_the_editor(api, session, {**read, "audio": {"source": "B", "gainDb": -3}})

    cut(api, session, keep_changes=False)

    assert in_the_editor(api, session)["audio"] == read["audio"]


@committed
def test_a_finished_cut_is_answered_when_it_was_waited_for(api, session, monkeypatch):
    def work_meanwhile(job, seconds):
        with jobs.claim("tester") as run:
            run.execute()
        job.refresh_from_db()

    monkeypatch.setattr("render_app.api.multicam.wait_for", work_meanwhile)

    status, answer = api.post(f"/video/multicam/sessions/{session.pk}/auto-cut?wait=5", {}, **HERE)

    assert status == 201
    assert answer["shots"][1]["speaker_id"] == "B"
    assert answer["shots"][1]["code"] == "speaker"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"preset": "wild"}, "preset"),
        ({"min_shot_ms": 5000, "max_shot_ms": 6000}, "max_shot_ms"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(api, session, body, field):
    status, answer = api.post(f"/video/multicam/sessions/{session.pk}/auto-cut", body, **HERE)

    assert status == 400
    assert answer["error"]["field"] == field


def test_a_session_that_nobody_decided_is_not_cut(api):
    made = a_synced_session("AB")

    status, answer = api.post(f"/video/multicam/sessions/{made.pk}/auto-cut", {}, **HERE)

    assert status == 409
    assert answer["error"]["code"] == "not_decided"


def test_an_alignment_is_the_sessions_sync(api, session):
    status, answer = api.post(f"/video/multicam/sessions/{session.pk}/align", {}, **HERE)

    ids = {one.camera_label: str(one.pk) for one in session.assets.all()}
    assert status == 200
    assert answer["offsets_ms"] == {ids["A"]: 0, ids["B"]: 1000, ids["C"]: 2000}
    assert answer["base_asset_id"] == ids["A"]
    assert answer["meta"]["cache_hit"]
    assert answer["meta"]["confidences"][ids["A"]] == 1.0


def test_an_alignment_that_is_not_there_yet_is_a_job(api):
    made = a_session(status="needs-review")
    for label in "AB":
        an_asset(made, label)

    status, answer = api.post(f"/video/multicam/sessions/{made.pk}/align", {}, **HERE)

    assert status == 202
    assert MediaJob.objects.get(pk=answer["job_id"]).type == "sync_session_v1"


def test_a_decision_stands_until_it_is_put_aside(api, session):
    status, _ = api.post(f"/video/multicam/sessions/{session.pk}/align", {"force": True}, **HERE)

    assert status == 202
    session.refresh_from_db()
    assert session.status == "syncing"


def test_registry_assets_become_the_angles_of_a_session(api):
    assets = [a_registry_asset(has_audio=True) for _ in range(2)]
    for one in assets:
        one.derivatives.create(kind="audio-wav", key=f"k/{one.pk}", **one.context.stamp(), input_ref=one.original_key)
    tracks = [{"asset_id": str(assets[0].pk), "role": "Wide"}, {"asset_id": str(assets[1].pk), "camera_label": "D"}]

    status, answer = api.post(
        "/video/multicam/sessions", {"title": "Panel", "tracks": tracks, "base_asset_id": str(assets[1].pk)}, **HERE
    )

    assert status == 201, answer
    assert [(one["camera_label"], one["role"]) for one in answer["tracks"]] == [("A", "Wide"), ("D", "")]
    assert answer["status"] == "syncing"
    assert MediaJob.objects.get(type="sync_session_v1").input_json["master"] == "D"
    assert api.get("/video/multicam/sessions", **HERE)[1]["count"] == 1
    assert api.get(f"/video/multicam/sessions/{answer['id']}", **HERE)[1]["title"] == "Panel"


def test_an_asset_is_in_one_session_alone(api, session):
    taken = str(session.assets.first().pk)

    status, answer = api.post("/video/multicam/sessions", {"tracks": [{"asset_id": taken}]}, **HERE)

    assert (status, answer["error"]["code"]) == (409, "wrong_status")


def test_an_approved_session_offers_a_first_cut(session):
    page = page_of(session)

    assert "Make a first cut" in page
    assert f"/video/multicam/sessions/{session.pk}/auto-cut" in page


def words_of(session) -> str:
    browser = Client()
    browser.force_login(a_user("eve"))
    return browser.get(f"/sessions/{session.pk}/words/").content.decode()


def page_of(session) -> str:
    browser = Client()
    browser.force_login(a_user("eve"))
    return browser.get(f"/sessions/{session.pk}/").content.decode()


@committed
def test_the_page_shows_how_far_the_cut_is_and_leads_to_it_and_its_captions(api, session):
    heard(session)
    _, answer = api.post(f"/video/multicam/sessions/{session.pk}/auto-cut", {}, **HERE)
    MediaJob.objects.filter(pk=answer["job_id"]).update(progress_percent=42, progress_step="listening to who speaks")

    page = page_of(session)

    assert "Listening to who speaks · 42%" in page
    assert "Make a first cut" not in page

    with jobs.claim("tester") as run:
        run.execute()
    project = VideoProject.objects.get(session=session)
    page = page_of(session)
    assert "The cut has 3 shots, each with its reason." in page
    assert f"/sessions/{session.pk}/angles/?project={project.pk}" in page
    assert f"/video/projects/{project.pk}/captions/srt?tenant_id={TENANT}" in page


@committed
def test_the_page_says_why_a_cut_could_not_be_made_and_offers_another(api, session):
    _, answer = api.post(f"/video/multicam/sessions/{session.pk}/auto-cut", {}, **HERE)
    MediaJob.objects.filter(pk=answer["job_id"]).update(status="FAILED", error_message="The disk is full.")

    page = page_of(session)

    assert "The cut could not be made. The disk is full." in page
    assert "Make a first cut" in page
