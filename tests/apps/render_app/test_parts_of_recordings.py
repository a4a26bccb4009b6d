"""What was made of a part of a recording lies where the part does: in clips, captions, renders, and where somebody is named."""

import json

import numpy as np
import pytest

from media_app import storage
from media_app.models import ArtifactSource, DerivedMedia
from media_app.services import speakers
from render_app.core.autocut.values import HOP_S, NOBODY, Conversation
from render_app.services import shoot_speakers
from render_app.services.edit import multicam_edit
from sync_app.services import review
from tests.apps.render_app.test_heard_in_clips import HERE, a_document, a_timeline, heard, heard_as
from tests.apps.render_app.test_renders_api import FOUND
from tests.apps.render_app.test_timelines_api import Video
from tests.support import talk
from tests.support.factories import Api, a_derivative, a_registry_asset, a_synced_session

pytestmark = pytest.mark.django_db
SOUND = {name: value for name, value in FOUND.items() if name in ("container", "audio")} | {"video": None}


@pytest.fixture
def video(db):
    return Video()


@pytest.fixture
def recording():
    """Ten seconds of sound: silence, speech from 2 to 6 s, a word at 2.5 and one at 4.5 s."""
    asset = a_registry_asset(
        kind="audio", original_filename="talk.wav", duration_ms=10_000, has_audio=True, media_info=SOUND,
    )  # fmt: skip
    a_timeline(asset)
    said = [("Hello", 2500), ("again", 4500)]
    words = [{"text": text, "start_ms": at, "end_ms": at + 300, "confidence": 0.9} for text, at in said]
    a_document(asset, "asr_transcript", {"segments": [{"words": words}], "duration_ms": 10_000})
    return asset


def a_part(asset, begins_ms: float, ends_ms: float, tmp_path) -> DerivedMedia:
    """A segment with the sound that it needs to be read."""
    row = a_derivative(asset, "audio_segment", f"{begins_ms:g}")
    seconds = (ends_ms - begins_ms) / 1000
    storage.store().put_file(row.key, talk.wav(tmp_path / "part.wav", talk.noise(seconds)), content_type="audio/wav")
    row.start_ms, row.end_ms, row.content_type = begins_ms, ends_ms, "audio/wav"
    row.save()
    return row


def made_of(part: DerivedMedia, kind: str, body: dict) -> DerivedMedia:
    """A document of a part, as an engine makes it."""
    row = a_derivative(part.asset, kind, "of-part")
    storage.store().put_bytes(row.key, json.dumps(body).encode(), content_type="application/json")
    DerivedMedia.objects.filter(pk=row.pk).update(
        start_ms=part.start_ms, end_ms=part.end_ms, content_type="application/json"
    )
    ArtifactSource.objects.record(row, [part], "source")
    row.refresh_from_db()
    return row


def test_a_clip_of_a_segment_hears_what_lies_where_the_segment_does(video, recording, tmp_path):
    part = a_part(recording, 4000, 8000, tmp_path)
    clip = video.clip(asset_id=str(recording.pk), artifact_id=str(part.pk), text=None, in_ms=0, out_ms=4000)
    answer = heard(clip)
    assert heard_as(answer) == [("speech", 0, 2000)]
    assert answer["events"][0]["transcription"] == "again"


def test_what_was_heard_in_the_segment_itself_comes_first_and_counts_from_its_beginning(video, recording, tmp_path):
    part = a_part(recording, 4000, 8000, tmp_path)
    own = made_of(part, "audio_semantic_timeline", {"events": [{"kind": "speech", "start_ms": 500, "end_ms": 900}]})
    clip = video.clip(asset_id=str(recording.pk), artifact_id=str(part.pk), text=None, in_ms=0, out_ms=4000)
    answer = heard(clip)
    assert (answer["artifact_id"], heard_as(answer)) == (str(own.pk), [("speech", 500, 900)])
    assert answer["events"][0]["transcription"] == "again"
    whole = video.clip(asset_id=str(recording.pk), text=None, in_ms=0, out_ms=10_000)
    assert heard_as(heard(whole)) == [("silence", 0, 2000), ("speech", 2000, 6000)]


def test_a_segment_of_one_camera_is_heard_through_the_sync_of_another(video, tmp_path):
    session = a_synced_session("AB")
    session.assets.update(duration_ms=60_000)
    review.approve(session.context, session.pk, approved_by="Ada")
    first, later = (session.assets.get(camera_label=label) for label in "AB")
    a_timeline(first)
    part = a_part(later, 2000, 12_000, tmp_path)
    clip = video.clip(asset_id=str(later.pk), artifact_id=str(part.pk), text=None, in_ms=0, out_ms=9000)
    # B begins a second after A, and the segment two seconds after B: its 0 is at 3 s of A.
    assert heard_as(heard(clip)) == [("speech", 0, 3000)]


def test_captions_of_a_program_are_those_of_the_segment_that_is_heard(video, recording, tmp_path):
    part = a_part(recording, 4000, 8000, tmp_path)
    project = video.project()
    track = video.track(video.sequence(project), kind="audio")
    names = {"asset_id": str(recording.pk), "artifact_id": str(part.pk)}
    video.clip(track, **names, text=None, in_ms=0, out_ms=4000, start_ms_on_timeline=1000)
    status, answer = Api().get(f"/video/projects/{project['id']}/captions/json?{HERE}")
    assert status == 200, answer
    assert [(cue["text"], cue["start_ms"]) for cue in answer["cues"]] == [("again", pytest.approx(1500, abs=40))]

    words = [{"text": "Exactly", "start_ms": 2000, "end_ms": 2400, "confidence": 0.9}]
    own = made_of(part, "asr_transcript", {"segments": [{"words": words}], "duration_ms": 4000})
    _, answer = Api().get(f"/video/projects/{project['id']}/captions/json?{HERE}")
    assert [(cue["text"], cue["start_ms"]) for cue in answer["cues"]] == [("Exactly", pytest.approx(3000, abs=40))]
    assert answer["transcript_ids"] == [str(own.pk)]


@pytest.fixture
def shoot():
    """Two cameras; A speaks from 2 to 6 s of the first one's clock, B from 8 to 12 s."""
    made = a_synced_session("AB")
    made.assets.update(kind="video", fps="25/1", duration_ms=20_000, has_audio=True, audio_channels=1)
    review.approve(made.context, made.pk, approved_by="Ada")
    labels = np.full(round(20 / HOP_S), NOBODY, np.int16)
    for number, (start, end) in enumerate([(2, 6), (8, 12)]):
        labels[round(start / HOP_S) : round(end / HOP_S)] = number
    talked = Conversation(0.0, ("A", "B"), labels, ())
    edit = multicam_edit(made.context, made.pk)
    shoot_speakers.record(shoot_speakers.store(made.context, edit, talked), edit)
    return made


def test_who_speaks_in_a_segment_is_named_by_where_the_segment_lies(shoot, tmp_path):
    part = a_part(shoot.assets.get(camera_label="A"), 7000, 14_000, tmp_path)
    said = [("Thanks", 1500), ("all.", 2000), ("Hm.", 6000)]
    words = [{"text": text, "start_ms": at, "end_ms": at + 400, "confidence": 0.9} for text, at in said]
    body = {"segments": [{"start_ms": 0, "end_ms": 7000, "text": "", "words": words}], "duration_ms": 7000}
    row = made_of(part, "asr_transcript", body)
    _, answer = Api().get(f"/audio/asr/{row.pk}?{HERE}")
    assert [one["speaker_id"] for one in answer["segments"][0]["words"]] == ["B", "B", None]
    found = speakers.of_artifact(row)
    assert (found.between(1500, 1900), found.between(2500, 3500)) == ("B", "B")
    assert speakers.of(row.asset).between(2500, 3500) == "A"


def a_voice(asset, name: str, begins_ms: float | None, ends_ms: float | None) -> DerivedMedia:
    row = a_derivative(asset, "audio_voice_enhanced", name)
    row.start_ms, row.end_ms, row.meta = begins_ms, ends_ms, {"mode": "podcast", "channels": 1}
    row.save()
    return row


def chosen(video, asset, part=None) -> list[str | None]:
    """The enhanced voice that a dry run takes for a clip."""
    clip = {"id": "c", "asset_id": str(asset.pk), "in_ms": 0, "out_ms": 3000, "start_ms_on_timeline": 0}
    named = {"artifact_id": str(part.pk)} if part is not None else {}
    track = {"id": "t", "kind": "audio", "audio_role": "dialogue", "clips": [clip | named]}
    sequence = {"id": "s", "timebase": 25, "tracks": [track]}
    status, plan = video.post("render/dry-run", {"sequence_snapshot": sequence, "use_voice_enhanced_audio": True})
    assert status == 200, plan
    [found] = plan["meta"]["audio_voice_enhance_selection"]
    return found["artifact_id"] if found["source"] == "enhanced" else None


def test_an_enhanced_voice_of_a_segment_is_never_taken_for_the_recordings_nor_the_other_way(video, recording, tmp_path):
    part = a_part(recording, 4000, 8000, tmp_path)
    assert chosen(video, recording, part) is None
    whole = a_voice(recording, "whole", 0.0, None)
    assert chosen(video, recording) == str(whole.pk)
    assert chosen(video, recording, part) is None
    of_part = a_voice(recording, "part", 4000, 8000)
    beginning = a_voice(recording, "beginning", 0.0, 4000)
    assert chosen(video, recording) == str(whole.pk)
    assert chosen(video, recording, part) == str(of_part.pk)
    first = a_part(recording, 0, 4000, tmp_path)
    assert chosen(video, recording, first) == str(beginning.pk)
