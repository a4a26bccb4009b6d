"""Captions of a transcript by their routes: read in four forms, changed by people."""

import json

import pysubs2
import pytest
from django.utils import timezone

from media_app import storage
from media_app.core.hearing.transcript import Word, split
from media_app.models import DerivedMedia, PendingDeletion
from media_app.services import captions, words_page
from tests.support.factories import TENANT, Api, a_session, an_asset

pytestmark = pytest.mark.django_db
HERE = f"tenant_id={TENANT}&env=dev"
SAID = "Good morning, everybody. The second camera stood behind the piano, and nobody saw it until late in the evening."


def a_transcript(text: str = SAID, tenant: str = TENANT) -> DerivedMedia:
    """A transcript of a recording of ten seconds at 25 frames."""
    asset = an_asset(a_session(tenant_id=tenant), duration_ms=10_000, fps="25/1")
    words = [Word(token, 400 * place, 400 * place + 350, 0.9) for place, token in enumerate(text.split())]
    body = {"duration_ms": 10_000, "language": "en", "segments": [segment.as_json() for segment in split(words)]}
    key = f"tenants/{tenant}/dev/media_v2/{asset.pk}/audio/words.json"
    storage.store().put_bytes(key, json.dumps(body).encode(), content_type="application/json")
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind="asr_transcript", variant="w", input_ref=asset.original_key, key=key,
        content_type="application/json", cache_key="k", meta={"language": "en", "duration_ms": 10_000},
    )  # fmt: skip


def read(row: DerivedMedia, form: str) -> str:
    answer = Api().client.get(f"/video/captions/{row.pk}/{form}?{HERE}")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def change(row: DerivedMedia, body: dict, api: Api | None = None):
    return (api or Api()).patch(f"/video/captions/{row.pk}?{HERE}", body)


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_captions_are_read_by_other_programs(form):
    events = pysubs2.SSAFile.from_string(read(a_transcript(), form))
    assert " ".join(event.plaintext.replace("\n", " ") for event in events) == SAID
    assert all(event.duration >= 990 for event in events)


def test_no_speech_gives_an_empty_file():
    assert read(a_transcript(""), "srt") == ""
    assert json.loads(read(a_transcript(""), "json"))["cues"] == []


def test_a_transcript_that_a_person_worked_on_comes_before_a_newer_one():
    first = a_transcript()
    newer = DerivedMedia.objects.create(
        **first.context.stamp(), asset=first.asset, kind="asr_transcript", variant="x", input_ref=first.input_ref, key="x",
    )  # fmt: skip
    assert captions.transcript_of(first.asset) == newer
    change(first, {"cues": [{"index": 0, "text": "Good evening, everybody."}]})
    assert captions.transcript_of(first.asset) == first
    assert words_page.heard_in(first.asset).transcript == first
    silent = json.dumps({"segments": [], "duration_ms": 10_000}).encode()
    storage.store().put_bytes("x", silent, content_type="application/json")
    change(newer, {"cues": [{"text": "New.", "start_ms": 0, "end_ms": 1500}]})
    assert captions.transcript_of(first.asset) == newer, "of two that were worked on the newer"
    assert captions.transcripts_of([]) == {}


def test_a_change_is_kept_with_who_made_it_and_the_transcript_stays():
    row = a_transcript()
    status, changed = change(row, {"cues": [{"index": 0, "text": "Good evening, everybody."}], "revision": 0})
    assert (status, changed["revision"], changed["edited_by"]) == (200, 1, "alice")
    assert "Good evening" in read(row, "vtt")
    status, again = change(row, {"cues": [{"index": 1, "deleted": True}]})
    assert status == 200, again
    assert (status, again["revision"], len(again["cues"])) == (200, 2, len(changed["cues"]) - 1)
    kept = DerivedMedia.objects.get(kind="captions")
    assert kept.sources.get().source_artifact == row
    assert PendingDeletion.objects.filter(due_at__lte=timezone.now()).count() == 1
    assert not PendingDeletion.objects.filter(key=kept.key).exists()


def test_who_speaks_is_changed_and_a_name_that_is_too_long_is_refused():
    row = a_transcript()
    status, changed = change(row, {"cues": [{"index": 0, "speaker": "Anna"}]})
    assert (status, changed["cues"][0]["speaker"], changed["cues"][1]["speaker"]) == (200, "Anna", None)
    assert changed["cues"][0]["text"] == json.loads(read(row, "json"))["cues"][0]["text"]
    status, changed = change(row, {"cues": [{"index": 0, "text": "Good evening."}]})
    assert changed["cues"][0]["speaker"] == "Anna", "a change of the text leaves the speaker"
    status, changed = change(row, {"cues": [{"index": 0, "speaker": ""}]})
    assert changed["cues"][0]["speaker"] is None
    status, answer = change(row, {"cues": [{"index": 0, "speaker": "A" * 101}]})
    assert (status, "speaker" in answer["error"]["field"]) == (400, True), answer


def test_who_read_an_older_revision_overwrites_nothing():
    row = a_transcript()
    change(row, {"cues": [{"index": 0, "text": "First."}]})
    status, answer = change(row, {"cues": [{"index": 0, "text": "Second."}], "revision": 0})
    assert (status, answer["error"]["code"]) == (409, "stale_version")
    assert "First." in read(row, "srt")


@pytest.mark.parametrize(
    ("cues", "field"),
    [
        ([{"index": 99, "text": "x"}], "cues[0].index"),
        ([{"index": 0, "end_ms": 99_999}], "cues[0].end_ms"),
        ([{"index": 0, "text": "word " * 30}], "cues[0].text"),
        ([], "cues"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_nothing_is_kept(cues, field):
    row = a_transcript()
    status, answer = change(row, {"cues": cues})
    assert (status, answer["error"]["field"]) == (400, field)
    assert not DerivedMedia.objects.filter(kind="captions").exists()


def test_captions_of_another_tenant_are_not_there():
    row = a_transcript(tenant="t_other")
    assert Api().get(f"/video/captions/{row.pk}/srt?{HERE}")[0] == 404
    assert change(row, {"cues": [{"index": 0, "text": "x"}]})[0] == 404


def test_captions_of_something_that_was_not_said_are_not_there():
    frame = DerivedMedia.objects.exclude(kind="asr_transcript").filter(asset=a_transcript().asset).first()
    assert Api().get(f"/video/captions/{frame.pk}/json?{HERE}")[0] == 404


def registered(body: dict) -> DerivedMedia:
    """A transcript that is not as Studio writes them."""
    row = a_transcript()
    storage.store().put_bytes(row.key, json.dumps(body).encode(), content_type="application/json")
    return row


def test_a_registered_transcript_of_bare_words_has_captions():
    words = [{"text": "there", "start_ms": 900.4}, {"text": "Hello", "start_ms": 400, "end_ms": 800.6}]
    cues = json.loads(read(registered({"segments": [{"words": words}]}), "json"))["cues"]
    assert [(cue["text"], cue["start_ms"]) for cue in cues] == [("Hello there", 400)]


@pytest.mark.parametrize("body", [{}, {"segments": [{}]}, {"segments": 7}, {"segments": [{"words": [{"text": "x"}]}]}])
def test_a_registered_file_that_is_no_transcript_says_so(body):
    status, answer = Api().get(f"/video/captions/{registered(body).pk}/srt?{HERE}")
    assert status == 404
    assert "is no transcript" in answer["error"]["message"]


def test_a_transcript_whose_file_is_gone_says_so():
    row = a_transcript()
    storage.store().delete(row.key)
    status, answer = Api().get(f"/video/captions/{row.pk}/srt?{HERE}")
    assert status == 404
    assert "Make it again" in answer["error"]["message"]
