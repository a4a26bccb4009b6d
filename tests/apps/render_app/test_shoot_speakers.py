"""Who speaks in a shoot, by its microphones, in words, events and captions of its recordings."""

import json

import pytest

from media_app import storage
from media_app.models import DerivedMedia
from media_app.services import speakers
from render_app.core.autocut.values import HOP_S, NOBODY, Conversation
from render_app.services import shoot_speakers
from render_app.services.edit import multicam_edit
from sync_app.services import review
from tests.apps.render_app.test_heard_in_clips import HERE, a_document
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import Api, a_synced_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    """Two cameras, B a second later; camera A is called Anna."""
    made = a_synced_session("AB")
    made.assets.update(kind="video", fps="25/1", duration_ms=20_000, has_audio=True, audio_channels=1)
    made.camera_names = {"A": "Anna"}
    made.save()
    review.approve(made.context, made.pk, approved_by="ada")
    return made


@pytest.fixture
def named(session):
    """A speaks on the master's clock from 2 to 6 s, B from 8 to 12 s."""
    labels = [NOBODY] * round(20 / HOP_S)
    for number, (start, end) in enumerate([(2, 6), (8, 12)]):
        labels[round(start / HOP_S) : round(end / HOP_S)] = [number] * round((end - start) / HOP_S)
    name_speakers(session, labels)
    return session


def name_speakers(session, labels) -> None:
    import numpy as np

    talk = Conversation(0.0, ("A", "B"), np.array(labels, np.int16), ())
    edit = multicam_edit(session.context, session.pk)
    shoot_speakers.record(shoot_speakers.store(session.context, edit, talk), edit)


def heard_by(session, label: str) -> tuple[DerivedMedia, DerivedMedia]:
    """A transcript of what both say, and a timeline, on a camera's own clock."""
    asset = session.assets.get(camera_label=label)
    late = {"A": 0, "B": 1000}[label]
    said = [("Good", 2500), ("day.", 3000), ("Thanks", 9000), ("all.", 9500), ("Hm.", 15_000)]
    words = [
        {"text": text, "start_ms": at - late, "end_ms": at - late + 400, "confidence": 0.9, "time_source": "aligned"}
        for text, at in said
    ]
    transcript = {"segments": [{"start_ms": 0, "end_ms": 20_000, "text": "", "words": words}], "duration_ms": 20_000}
    speech = {"kind": "speech", "start_ms": 2000 - late, "end_ms": 6000 - late, "speaker_id": None, "meta": {}}
    return (
        a_document(asset, "asr_transcript", transcript),
        a_document(asset, "audio_semantic_timeline", {"events": [speech], "beats": []}),
    )


@pytest.mark.parametrize("label", ["A", "B"])
def test_words_and_events_of_every_camera_say_who_speaks(named, label):
    transcript, timeline = heard_by(named, label)

    _, answer = Api().get(f"/audio/asr/{transcript.pk}?{HERE}")
    _, events = Api().get(f"/audio/semantic-timeline/{timeline.pk}?{HERE}")

    assert [one["speaker_id"] for one in answer["segments"][0]["words"]] == ["A", "A", "B", "B", None]
    assert [one["speaker_id"] for one in events["events"]] == ["A"]
    assert [one["speaker_id"] for one in events["events"][0]["meta"]["speakers"]] == ["A"]


def test_a_clip_hears_who_speaks_through_the_sync(named):
    heard_by(named, "A")
    clip = Video().clip(session_id=str(named.pk), camera_label="B", text=None, in_ms=3000, out_ms=6000)

    _, answer = Api().get(f"/audio/semantic-timeline/by-clip/{clip['id']}?{HERE}")

    assert [(one["kind"], one["speaker_id"]) for one in answer["events"]] == [("speech", "A")]


def test_captions_have_the_names_of_the_microphones_and_none_where_it_is_not_known(named):
    transcript, _ = heard_by(named, "A")

    _, answer = Api().get(f"/video/captions/{transcript.pk}/json?{HERE}")

    assert [(one["text"], one["speaker"]) for one in answer["cues"]] == [
        ("Anna: Good day.", "Anna"),
        ("Speaker B: Thanks all.", "Speaker B"),
        ("– Hm.", None),
    ]


def test_a_shoot_that_was_never_listened_to_names_nobody(session):
    transcript, timeline = heard_by(session, "A")

    _, answer = Api().get(f"/video/captions/{transcript.pk}/json?{HERE}")
    _, events = Api().get(f"/audio/semantic-timeline/{timeline.pk}?{HERE}")

    assert [one["speaker"] for one in answer["cues"]] == [None] * len(answer["cues"])
    assert events["events"][0]["speaker_id"] is None


def test_what_was_found_before_is_found_anew_and_its_file_goes(named):
    asset = named.assets.get(camera_label="A")
    before = DerivedMedia.objects.get(asset=asset, kind="speakers")
    labels = [NOBODY] * 1000
    labels[100:300] = [1] * 200

    name_speakers(named, labels)

    after = DerivedMedia.objects.get(asset=asset, kind="speakers")
    assert (after.pk, after.key == before.key) == (before.pk, False)
    assert speakers.of(asset).between(3000, 4000) == "B"


def test_speakers_that_a_client_registered_are_not_believed(session):
    asset = session.assets.get(camera_label="A")
    a_document(asset, "speakers", {"turns": [{"start_ms": 0, "end_ms": 20_000, "speaker_id": "Z"}]})

    assert speakers.of(asset).turns == ()


def test_a_file_that_is_gone_names_nobody(named):
    asset = named.assets.get(camera_label="A")
    row = DerivedMedia.objects.get(asset=asset, kind="speakers")
    storage.store().put_bytes(row.key, json.dumps([1]).encode(), content_type="application/json")

    assert speakers.of(asset).turns == ()
