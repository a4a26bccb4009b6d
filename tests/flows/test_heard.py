"""What is listened to of a camera: reported by the API after its ingest, and changed by a person, which makes the sound anew."""

import wave

import numpy as np
import pytest

from media_app import jobs, storage
from media_app.core import kinds
from media_app.core.sound.peaks import PeakBuilder
from media_app.engines import mezzanine
from media_app.engines.base import Subject
from media_app.models import MediaAsset, MediaJob
from media_app.services import ingest
from media_app.services.mezzanine import enqueue_mezzanine
from tests.support import media
from tests.support.factories import Api, a_session, an_asset

SECONDS = 8
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def camera(tmp_path):
    """A recorder with two voices on two of three channels, ingested."""
    api, session = Api(), a_session()
    channels = [
        0.5 * media.speech_like(SECONDS, seed=1),
        np.zeros(SECONDS * media.RATE),
        media.speech_like(SECONDS, seed=2),
    ]
    file = media.write_wav(tmp_path / "poly.wav", np.stack(channels, axis=1).astype(np.float32))
    sent = api.upload(session.pk, "A", file.read_bytes(), "poly.wav")
    assert work("ingest_sound_v1") == "COMPLETED"
    return api, f"/v2/sessions/{session.pk}/assets/{sent['id']}", channels


def work(job_type):
    run = jobs.claim("tester", job_types=[job_type])
    with run:
        run.execute()
    run.job.refresh_from_db()
    assert run.job.status in ("COMPLETED", "FAILED"), run.job.error_message
    return run.job.status


def sound_of(path):
    asset = MediaAsset.objects.get(pk=path.rsplit("/", 1)[1])
    key = asset.derivatives.get(kind=kinds.AUDIO_WAV.name).key
    with storage.store().open(key) as file, wave.open(file) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, sound.getnchannels())[:, 0]


def peaks_of(path):
    asset = MediaAsset.objects.get(pk=path.rsplit("/", 1)[1])
    with storage.store().open(asset.derivatives.get(kind=kinds.WAVEFORM.name, variant="20").key) as file:
        return file.read()


def peaks_dat(sound):
    builder = PeakBuilder(media.RATE, media.RATE // 20)
    builder.feed(sound)
    return builder.dat()


def test_an_asset_says_what_is_heard_of_it_and_what_else_there_is(camera):
    api, path, _ = camera
    status, asset = api.get(path)
    assert status == 200
    assert (asset["heard"]["channels"], asset["heard"]["how"]) == ([1, 3], "mix")
    assert "channel 2 is silent" in asset["heard"]["reason"]
    assert [channel["speech"] > 0.3 for channel in asset["tracks"][0]["channels"]] == [True, False, True]


def test_another_channel_is_heard_when_a_person_says_so(camera):
    api, path, channels = camera

    status, asset = api.patch(path, {"heard": {"stream": 0, "channels": [3], "how": "channel"}})
    assert (status, asset["status"], asset["heard"]["reason"]) == (200, "ingesting", "chosen by hand")
    assert work("ingest_sound_v1") == "COMPLETED"

    sound = sound_of(path)
    assert np.abs(sound - channels[2] * 32767).max() < 2
    assert peaks_of(path) == peaks_dat(sound)
    _, asset = api.get(path)
    assert (asset["status"], asset["heard"]["channels"]) == ("ready", [3])
    assert {made["kind"] for made in asset["derivatives"]} == {"audio-wav", "waveform"}


def test_a_sound_that_cannot_be_made_is_a_warning_and_the_one_before_is_kept(camera):
    api, path, _ = camera
    before, asset = sound_of(path), MediaAsset.objects.get()
    original = storage.store().open(asset.original_key).read()
    storage.store().delete(asset.original_key)
    api.patch(path, {"heard": {"stream": 0, "channels": [3], "how": "channel"}})

    assert work("ingest_sound_v1") == "FAILED"

    _, answer = api.get(path)
    assert (answer["status"], answer["heard"]["channels"]) == ("ready", [1, 3])
    assert "no longer in the store" in answer["warnings"][-1]
    assert answer["warnings"][-1].endswith("The previous sound is kept.")
    assert np.array_equal(sound_of(path), before)

    storage.store().put_bytes(asset.original_key, original, content_type="audio/wav")
    ingest.retry_ingest(MediaJob.objects.get(status="FAILED"))
    assert api.get(path)[1]["heard"]["channels"] == [3], "another try is for what was chosen"


def test_what_an_engine_made_of_one_sound_is_not_given_out_for_another():
    asset = an_asset(a_session(), checksum="c" * 64, heard=heard(1, "both channels"))
    key = mezzanine.ENGINE.cache_key(Subject(asset), mezzanine.Params())
    asset.heard = None
    assert mezzanine.ENGINE.cache_key(Subject(asset), mezzanine.Params()) == key

    asset.heard = heard(2, "chosen by hand")
    by_hand = mezzanine.ENGINE.cache_key(Subject(asset), mezzanine.Params())
    assert by_hand != key


def test_a_job_for_the_sound_before_makes_nothing():
    asset = an_asset(a_session(), heard=heard(1, "both channels"))
    job = enqueue_mezzanine(asset, 1)
    MediaAsset.objects.update(heard=heard(2, "chosen by hand"))
    work(job.type)
    assert MediaJob.objects.get(pk=job.pk).result_json["superseded"]
    assert not asset.derivatives.filter(kind="mezzanine").exists()


def heard(channel, reason):
    return {"stream": 1, "channels": [channel], "how": "channel", "reason": reason, "gain_db": 0.0}


def test_a_person_may_leave_the_choice_to_studio_again(camera):
    api, path, _ = camera
    api.patch(path, {"heard": {"stream": 0, "channels": [3], "how": "channel"}})
    assert work("ingest_sound_v1") == "COMPLETED"

    assert api.patch(path, {"heard": None})[0] == 200
    assert work("ingest_sound_v1") == "COMPLETED"

    assert api.get(path)[1]["heard"]["channels"] == [1, 3]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"stream": 4, "channels": [1], "how": "channel"}, "no sound in stream 4"),
        ({"stream": 0, "channels": [4], "how": "channel"}, "has channels 1 to 3"),
        ({"stream": 0, "channels": [1, 3], "how": "channel"}, "must be"),
        ({"stream": 0, "channels": [1], "how": "loudest"}, "loudest"),
    ],
)
def test_what_the_file_has_not_is_refused_and_nothing_is_made(camera, wanted, sentence):
    api, path, _ = camera
    status, problem = api.patch(path, {"heard": wanted})
    assert status == 400
    assert sentence in str(problem)
    assert jobs.claim("tester", job_types=["ingest_sound_v1"]) is None


def test_a_camera_that_is_not_ready_cannot_be_heard_differently():
    api, session = Api(), a_session()
    asset = an_asset(session, "A", status="ingesting")
    status, _ = api.patch(
        f"/v2/sessions/{session.pk}/assets/{asset.pk}", {"heard": {"stream": 0, "channels": [1], "how": "mix"}}
    )
    assert status == 409
