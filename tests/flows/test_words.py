"""What engines hear: the words that were said, when, and what else there is; on speech whose words are known."""

import json
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import jiwer
import numpy as np
import pytest
from django.db import connections

from media_app import jobs, storage
from media_app.backends import aligner, whisper
from media_app.core.hearing.transcript import Segment, Word, bare, words_of
from media_app.engines import asr, semantic_timeline
from media_app.engines.base import Source
from media_app.making.files import sha256
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia
from media_app.process import Cancelled
from tests.support import flite, talk
from tests.support.factories import TENANT, Api, a_session, an_asset
from tests.support.talk import TEXT, needs_speech
from tests.support.waiting import BUSY, PATIENCE_S
from tests.support.working import work_off

pytestmark = [pytest.mark.django_db(transaction=True), needs_speech]
HERE = f"tenant_id={TENANT}&env=dev"


def plain(text: str) -> str:
    return jiwer.Compose([jiwer.ToLowerCase(), jiwer.RemovePunctuation()])(text)


def made(engine, path, params=None, backend="", tmp_path=None, **source):
    """What an engine makes of a local file, without a job."""
    work = Workspace(tmp_path)
    found = Source(path, inspect(path), backend=backend or engine.ENGINE.backend.name, **source)
    return engine.make(found, params or engine.Params(), work).documents[0]


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Two sentences, each after a second and a half of silence."""
    folder = tmp_path_factory.mktemp("talk")
    parts = [talk.silence(1.5), talk.said(), talk.silence(1.5), talk.said("The second camera stood behind the piano.")]
    return talk.wav(folder / "speech.wav", *parts)


@pytest.fixture(scope="module")
def transcript(speech, tmp_path_factory):
    return made(asr, speech, tmp_path=tmp_path_factory.mktemp("asr"))


def test_the_words_are_those_that_were_said(transcript):
    truth = f"{TEXT} The second camera stood behind the piano."
    assert jiwer.wer(plain(truth), plain(transcript.body["text"])) <= 0.08
    assert transcript.meta["segment_count"] == len(transcript.body["segments"]) >= 2
    assert transcript.meta["language"] == "en"


def test_words_have_exact_times_in_order_and_begin_with_the_sound(transcript):
    words = words_of(transcript.body)
    begins = 1500 + 1000 * int(np.argmax(np.abs(talk.said()) > 0.02)) // talk.RATE
    assert words[0].start_ms == pytest.approx(begins, abs=60)
    assert all(word.end_ms > word.start_ms for word in words)
    assert [word.start_ms for word in words] == sorted(word.start_ms for word in words)
    assert sum(word.time_source == "pocketsphinx" for word in words) >= 0.8 * len(words)


@flite.needs_library
def test_words_begin_and_end_when_the_voice_planned_them(transcript):
    planned = [(word, 1500 + begins, 1500 + ends) for word, begins, ends in flite.timed(TEXT)[1]]
    heard = {bare(word.text): word for word in words_of(transcript.body) if word.start_ms < 1500 + planned[-1][2]}
    # "the" was said three times.
    pairs = [(heard[word], begins, ends) for word, begins, ends in planned if word in heard and word != "the"]
    assert len(pairs) >= 10
    for off in ([word.start_ms - begins for word, begins, _ in pairs], [word.end_ms - ends for word, _, ends in pairs]):
        assert np.median(np.abs(off)) <= 30
        # Where the last word fades out is a matter of taste.
        assert sorted(np.abs(off))[-2] <= 100


def test_a_word_that_nobody_said_takes_no_exact_times_from_the_others():
    sound = np.concatenate([talk.said("The first camera stood near the window."), talk.silence(1)])
    said = ["the", "first", "camera", "stood", "near", "the", "window", "then"]
    guess = Segment(tuple(Word(one, 150 + 300 * place, 440 + 300 * place, 0.9) for place, one in enumerate(said)))
    [placed] = aligner.aligned([guess], lambda first, count: sound[first : first + count], 3300, lambda: None)
    assert [word.time_source for word in placed.words[:6]] == ["pocketsphinx"] * 6
    assert placed.words[2].start_ms == pytest.approx(600, abs=200)


def test_no_segment_stretches_over_the_pause(transcript):
    pauses = [later["start_ms"] - earlier["end_ms"] for earlier, later in pairwise(transcript.body["segments"])]
    assert min(pauses) >= 0
    assert max(pauses) > 1200


@pytest.mark.parametrize("name", ["silence", "noise", "music"])
def test_where_nobody_speaks_no_word_is_invented(name, tmp_path):
    sound = {"silence": talk.silence(20), "noise": talk.noise(20), "music": talk.music(20)}[name]
    document = made(asr, talk.wav(tmp_path / "sound.wav", sound), tmp_path=tmp_path)
    assert document.body["segments"] == []
    assert (document.meta["segment_count"], document.body["text"]) == (0, "")


def test_a_window_is_cut_in_a_pause_and_loses_no_word(speech, tmp_path, monkeypatch, transcript):
    monkeypatch.setattr(whisper, "WINDOW", 7 * whisper.RATE)
    monkeypatch.setattr(whisper, "LOOK_BACK", 3 * whisper.RATE)
    again = made(asr, speech, tmp_path=tmp_path)
    assert jiwer.wer(plain(transcript.body["text"]), plain(again.body["text"])) <= 0.1


def test_without_the_aligner_the_times_are_whispers_own(speech, tmp_path):
    document = made(asr, speech, backend="whisper_times", tmp_path=tmp_path)
    assert {word.time_source for word in words_of(document.body)} == {"whisper"}


def test_listening_stops_when_it_is_canceled(speech, tmp_path):
    work = Workspace(tmp_path, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        asr.make(Source(speech, inspect(speech), backend="whisper"), asr.Params(), work)


def test_a_running_transcript_is_canceled_by_its_route_and_leaves_nothing(recording, settings, monkeypatch):
    """The sound is heard as often as it takes to be caught at it."""
    listening, listen = threading.Event(), whisper.listen

    def endless(*given):
        while True:
            for window in listen(*given):
                listening.set()
                yield window

    monkeypatch.setattr(whisper, "listen", endless)
    api = Api()
    _, asked = api.post(f"/audio/asr?{HERE}", {"asset_id": str(recording.pk)})
    worker = threading.Thread(target=_one_job)
    worker.start()
    assert listening.wait(PATIENCE_S)
    began = time.monotonic()
    status, running = api.post(f"/jobs/{asked['job_id']}/cancel?{HERE}")
    worker.join(PATIENCE_S)
    took = time.monotonic() - began
    assert (status, running["status"], running["cancel_requested"]) == (200, "PROCESSING", True)
    assert api.get(asked["status_url"])[1]["status"] == "CANCELLED"
    assert took < 2 * BUSY, "two seconds, in which Whisper ends its sentence"
    assert not DerivedMedia.objects.exists()
    scratch = Path(settings.SCRATCH_ROOT)
    assert not [one for one in scratch.rglob("*") if one.is_file()]


def _one_job() -> None:
    try:
        jobs.run_one("tester", threading.Event())
    finally:
        connections.close_all()


@pytest.fixture
def recording(speech):
    """The speech as a ready recording of the tenant."""
    asset = an_asset(
        a_session(),
        size_bytes=speech.stat().st_size,
        checksum=sha256(speech),
        duration_ms=12_000,
        heard={"stream": 0, "channels": [1], "how": "mix", "reason": "the only one"},
    )
    asset.derivatives.all().delete()
    storage.store().put_file(asset.original_key, speech, content_type="audio/wav")
    return asset


def asked(api: Api, route: str, body: dict) -> dict:
    """The answer once the job is done."""
    status, first = api.post(f"{route}?{HERE}", body)
    assert status in (200, 202), first
    work_off()
    status, answer = api.post(f"{route}?{HERE}", body)
    assert status == 200, (answer, api.get(first["status_url"]))
    return answer


def test_a_transcript_by_its_route_says_what_made_it_and_is_made_once(recording):
    answer = asked(Api(), "/audio/asr", {"asset_id": str(recording.pk)})
    meta = answer["meta"]
    assert (answer["kind"], meta["cache_hit"], meta["degraded"]) == ("asr_transcript", True, False)
    assert meta["backend_type"] == "model"
    assert meta["requested_backend"] == "whisper"
    assert meta["model_used"].startswith("tiny.en@1a5afae06a4db91c")
    assert meta["segment_count"] == len(answer["segments"])
    assert DerivedMedia.objects.filter(kind="asr_transcript").count() == 1
    body = {"asset_id": str(recording.pk), "language": "en", "model_name": "tiny.en", "device": "cpu"}
    for route in ("/audio/asr", "/video/captions/generate"):
        status, again = Api().post(f"{route}?{HERE}", body)
        assert (status, again["id"]) == (200, answer["id"])
    read = Api().get(f"/audio/asr/{answer['id']}?{HERE}")[1]
    assert read["text"].startswith("We started this shoot")


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [("language", "fr", "French"), ("language", "xx", "xx"), ("model_name", "large-v3", "tiny.en")],
)
def test_what_the_model_cannot_hear_is_refused_by_name(recording, field, value, named):
    status, answer = Api().post(f"/audio/asr?{HERE}", {"asset_id": str(recording.pk), field: value})
    assert (status, answer["error"]["field"]) == (422, field)
    assert named in answer["error"]["message"]


def test_without_whisper_the_answer_is_409_and_without_the_aligner_it_is_degraded(recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    meta = asked(Api(), "/audio/asr", {"asset_id": str(recording.pk)})["meta"]
    assert meta["degraded"]
    assert "pocketsphinx" in meta["degraded_reason"]
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    status, answer = Api().post(f"/audio/asr?{HERE}", {"asset_id": str(recording.pk)})
    assert (status, answer["error"]["code"]) == (409, "backend_unavailable")


@pytest.fixture
def own_model(tmp_path, settings):
    """An operator's folder with a model of its own name."""
    folder = tmp_path / "hall.en"
    folder.mkdir()
    for file in whisper.MODEL.path.parent.iterdir():
        (folder / file.name).symlink_to(file)
    settings.STUDIO_ASR_MODEL_DIR = str(folder)
    return folder


def test_an_operators_own_model_is_used_by_its_name_and_may_know_more_languages(own_model):
    asr.Params(model_name="hall.en").refuse(None)
    with pytest.raises(asr.CannotHear, match="French"):
        asr.Params(language="fr").refuse(None)
    assert asr.ENGINE.choose().backend.model_used.startswith("hall.en@1a5afae06a4db91c")
    with (own_model / "vocabulary.json").open("w") as file:
        json.dump(["a"] * 51_866, file)
    whisper._count_tokens.cache_clear()
    assert not whisper.is_english_only()
    asr.Params(language="fr").refuse(None)
    assert asr.Params(language="en").as_json() != asr.Params().as_json(), "such a model finds the language out"
    assert asr.Params(model_name="hall.en", device="cpu").as_json() == asr.Params().as_json()


@pytest.mark.parametrize("changed", ["model.bin", "tokenizer.json", "config.json", "vocabulary.txt"])
def test_a_changed_byte_of_any_file_of_an_operators_model_is_another_key(own_model, changed):
    """A key as long as nothing is changed stays what it is."""
    (own_model / "vocabulary.txt").exists() or (own_model / "vocabulary.txt").write_bytes(b"a\n" * 51_864)
    before = asr.ENGINE.choose().backend.fingerprint()
    assert asr.ENGINE.choose().backend.fingerprint() == before
    stored = (own_model / changed).read_bytes()
    (own_model / changed).unlink()
    (own_model / changed).write_bytes(bytes([stored[0] ^ 1]) + stored[1:])
    assert asr.ENGINE.choose().backend.fingerprint() != before


def test_half_a_model_is_409_and_says_what_it_lacks(recording, own_model):
    (own_model / "tokenizer.json").unlink()
    whisper._count_tokens.cache_clear()
    status, answer = Api().post(f"/audio/asr?{HERE}", {"asset_id": str(recording.pk), "language": "fr"})
    assert (status, answer["error"]["code"]) == (409, "backend_unavailable")
    assert "tokenizer.json" in answer["error"]["message"]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Speech, silence, music, both at once, noise: with the seconds at which each begins."""
    speech = talk.said()
    both = 0.5 * (speech + talk.music(len(speech) / talk.RATE + 1, seed=3)[: len(speech)])
    parts = [speech, talk.silence(3), talk.music(6), both, talk.silence(3), talk.noise(5)]
    path = talk.wav(tmp_path_factory.mktemp("mixed") / "mixed.wav", *parts)
    return path, np.cumsum([0, *(len(part) for part in parts)]) * 1000 // talk.RATE


@pytest.fixture(scope="module")
def timeline(mixed, tmp_path_factory):
    return made(semantic_timeline, mixed[0], tmp_path=tmp_path_factory.mktemp("timeline")).body


def covered(timeline: dict, kind: str, start: float, end: float) -> float:
    """How much of a stretch, less 0.3 s at its edges, is of a kind."""
    start, end = start + 300, end - 300
    events = [event for event in timeline["events"] if event["kind"] == kind]
    return sum(max(0, min(end, one["end_ms"]) - max(start, one["start_ms"])) for one in events) / (end - start)


@pytest.mark.parametrize(
    ("part", "kinds"),
    [(0, {"speech"}), (1, {"silence"}), (2, {"music"}), (3, {"speech", "music"}), (4, {"silence"}), (5, {"other"})],
)
def test_each_part_is_what_it_is(mixed, timeline, part, kinds):
    edges = mixed[1]
    shares = {k: covered(timeline, k, edges[part], edges[part + 1]) for k in ("speech", "music", "silence", "other")}
    assert {kind for kind, share in shares.items() if share > 0.5} == kinds, shares


def test_loudness_is_of_the_window_and_silence_has_none(mixed, timeline):
    lufs = timeline["loudness"]["lufs"]
    assert timeline["loudness"]["window_ms"] == 1000
    silent = round(mixed[1][1] / 1000) + 1
    assert lufs[silent] is None
    assert -30 < lufs[1] < -10


def test_without_the_net_speech_is_found_and_music_never_guessed(mixed, tmp_path):
    body = made(semantic_timeline, mixed[0], backend="silero", tmp_path=tmp_path).body
    assert covered(body, "speech", 0, mixed[1][1]) > 0.7
    assert {event["kind"] for event in body["events"]} == {"speech", "silence", "other"}
    levels = made(semantic_timeline, mixed[0], backend="levels", tmp_path=tmp_path).body
    assert {event["kind"] for event in levels["events"]} == {"silence", "other"}


def test_a_timeline_by_its_route_has_every_key_that_the_seed_names(recording):
    body = {"asset_id": str(recording.pk), "include_beats": False, "min_silence_ms": 500}
    answer = asked(Api(), "/audio/semantic-timeline/analyze", body)
    meta = answer["meta"]
    wanted = (
        *("model_used", "backend", "backend_version", "backend_type", "semantic_version", "audio_semantic_cache_key"),
        *("include_beats", "include_speech_music", "min_silence_ms", "loudness_window_ms", "speed_change_limit"),
        *("backend_info", "cache_key", "cache_hit", "duration_ms"),
    )
    assert not [name for name in wanted if name not in meta]
    assert (meta["include_beats"], meta["min_silence_ms"]) == (False, 500)
    assert meta["audio_semantic_cache_key"] == meta["cache_key"]
    assert answer["audio_semantic_artifact_id"] == answer["id"]
    with_beats = asked(Api(), "/audio/semantic-timeline/analyze", {"asset_id": str(recording.pk)})
    assert (with_beats["beats"], with_beats["meta"]["include_beats"]) == ([], True)
    assert with_beats["meta"]["beats_reason"]
    read = Api().get(f"/audio/semantic-timeline/{answer['id']}?{HERE}")[1]
    assert read["events"][0]["kind"] == "silence"
    assert read["beats"] == []
    assert read["meta"]["beats_reason"] == "not_asked_for"
    json.dumps(read, allow_nan=False)


def test_words_are_laid_against_beats_that_are_given_and_against_none_that_are_not_there(recording):
    api = Api()
    transcript = asked(api, "/audio/asr", {"asset_id": str(recording.pk)})
    beats = [{"time_ms": 500 * beat, "bar_index": beat // 3} for beat in range(24)]
    body = {"asr_artifact_ids": [transcript["id"]], "beat_meta": {"beats": beats}}
    [answer] = asked(api, "/audio/align", body)["results"]
    first = words_of(transcript)[0]
    [bar] = [bar for bar in answer["bars"] if any(word["start_ms"] == first.start_ms for word in bar["words"])]
    assert bar["start_ms"] <= first.start_ms < bar["end_ms"]
    assert (answer["kind"], answer["meta"]["downbeat_source"]) == ("bars", "given")
    sources = DerivedMedia.objects.get(pk=answer["id"]).sources
    assert [str(source.source_artifact_id) for source in sources.all()] == [transcript["id"]]
    read = api.get(f"/audio/align/{answer['id']}?{HERE}")[1]
    assert read["bars"] == answer["bars"]
    none = asked(api, "/audio/align", {"asr_artifact_id": transcript["id"], "beat_meta": {"beats": []}})
    assert none["bars"] == []


@pytest.mark.parametrize("beats", ["soon", [{"time_ms": "x"}], [{"time_ms": 9}, {"time_ms": 1}], [{"bar_index": 1}]])
def test_beats_that_cannot_be_read_are_refused(recording, beats):
    row = an_artifact(recording)
    body = {"asr_artifact_id": str(row.pk), "beat_meta": {"beats": beats}}
    status, answer = Api().post(f"/audio/align?{HERE}", body)
    assert (status, answer["error"]["field"]) == (400, "beat_meta")


def an_artifact(asset) -> DerivedMedia:
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind="asr_transcript", variant="w", input_ref=asset.original_key, key="w",
        content_type="application/json",
    )  # fmt: skip
