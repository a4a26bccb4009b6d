"""The sync's job: what it records, and what happens when the session has changed under it."""

import wave
from pathlib import Path

import numpy as np
import pytest

from media_app import jobs, storage
from media_app.models import DerivedMedia, MediaJob, PendingDeletion
from media_app.services import replay
from sessions_app.errors import WrongStatus
from sync_app.core.correction import Correction
from sync_app.services import measure, review, runs
from tests.support.factories import TENANT, a_session, a_synced_session, an_asset
from tests.support.media import RATE, speech_like

pytestmark = pytest.mark.django_db(transaction=True)
LATER = 1.25


def a_wav(path: Path, sound: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", "not compressed"))
        pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2")
        file.writeframes(np.repeat(pcm[:, None], 2, axis=1).tobytes())
    return path


def give_sound(asset, sound: np.ndarray, folder: Path) -> None:
    row = asset.derivatives.get(kind="audio-wav")
    storage.store().put_file(row.key, a_wav(folder / f"{asset.pk}.wav", sound), content_type="audio/wav")


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return speech_like(10, seed=3)


@pytest.fixture
def heard(tmp_path, sound):
    """A session whose B started LATER seconds after A, waiting for its sync."""
    session = a_session(status="ingesting")
    for label, start in (("A", 0.0), ("B", LATER)):
        give_sound(an_asset(session, label), sound[int(start * RATE) :], tmp_path)
    session = type(session).objects.get(pk=session.pk)
    measure.advance(session, to="syncing")
    return session


def run_sync(during=None) -> MediaJob:
    run = jobs.claim("tester", job_types=["sync_session_v1"])
    assert run is not None
    if during is not None:
        during()
    with run:
        run.execute()
    run.job.refresh_from_db()
    return run.job


def test_two_cameras_that_heard_the_same_are_placed(heard):
    job = run_sync()
    assert job.status == "COMPLETED", job.error_message
    heard.refresh_from_db()
    result = heard.sync_results.get()
    assert heard.status == "needs-review"
    assert result.master_camera == "A"
    assert result.offsets_ms["B"] == pytest.approx(LATER * 1000, abs=1)
    assert result.inputs == runs.sound_inputs(heard)
    for key in result.debug_artifacts["B"].values():
        assert storage.store().head(key).size > 0
        assert key.startswith(f"tenants/{TENANT}/dev/projects/spring/20260113/sync/")
    assert storage.store().head(result.debug_artifacts["B"]["curve"]).size < 100_000
    assert not PendingDeletion.objects.exists()


def test_a_sync_done_over_is_equal_and_records_nothing(heard):
    first = run_sync()
    again = replay.run_here(replay.replay(first))
    assert again.status == "COMPLETED", again.error_message
    assert again.result_json["sentence"] == "Equal: all 2 outputs have the checksum of the first run."
    assert heard.sync_results.count() == 1
    heard.assets.get(camera_label="B").derivatives.update(checksum="other sound")
    refused = replay.run_here(replay.replay(first))
    assert (refused.status, "replaced or removed" in refused.error_message) == ("FAILED", True)


def test_a_sync_whose_sound_finds_no_space_on_the_scratch_disk_fetches_none_of_it(heard, settings):
    settings.SCRATCH_SPARE_BYTES = 1 << 60
    job = run_sync()
    assert job.status == "PENDING"
    assert "Point SCRATCH_ROOT at a larger disk" in job.error_message


def test_the_same_recordings_give_the_same_numbers_again(heard):
    run_sync()
    runs.rerun(heard.context, heard.pk)
    run_sync()
    first, second = heard.sync_results.order_by("run")
    for name in ("offsets_ms", "confidence", "probability", "drift_ppm", "classification", "details"):
        assert getattr(first, name) == getattr(second, name), name
    assert (first.superseded_at is not None, second.superseded_at) == (True, None)


def test_silence_and_noise_are_numbers_that_every_database_and_client_can_keep(heard, tmp_path):
    give_sound(an_asset(heard, "C"), np.zeros(10 * RATE), tmp_path)
    give_sound(an_asset(heard, "D"), np.ones(10 * RATE), tmp_path)
    MediaJob.objects.all().delete()
    runs.start_sync(heard)
    job = run_sync()
    assert job.status == "COMPLETED", job.error_message
    from tests.support.factories import Api

    status, body = Api().get(f"/v2/sessions/{heard.pk}/sync")
    assert status == 200
    assert body["classification"]["C"] == "needs-manual-nudge"
    assert body["offsets"]["B"] == pytest.approx(LATER * 1000, abs=1)


def test_a_camera_without_sound_waits_for_a_persons_number(heard):
    an_asset(heard, "C", has_audio=False)
    run_sync()
    result = heard.sync_results.get()
    assert (result.offsets_ms["C"], result.confidence["C"], result.classification["C"]) == (
        None,
        None,
        "needs-manual-nudge",
    )
    assert "by hand" in result.warnings["C"][0]


def test_a_sync_overtaken_by_other_recordings_records_nothing_and_another_is_queued(heard):
    def replace_a_sound():
        DerivedMedia.objects.filter(asset__camera_label="B").update(checksum="another")

    job = run_sync(replace_a_sound)
    assert job.result_json == {"superseded": True}
    heard.refresh_from_db()
    assert (heard.status, heard.sync_results.count()) == ("syncing", 0)
    assert heard.jobs.get(status="PENDING").input_json["inputs"]["B"] == "another"


def test_a_sync_of_a_session_that_went_back_to_ingesting_records_nothing(heard):
    def add_a_camera():
        heard.refresh_from_db()
        measure.advance(heard, to="ingesting")

    assert run_sync(add_a_camera).result_json == {"superseded": True}
    heard.refresh_from_db()
    assert (heard.status, heard.sync_results.count()) == ("ingesting", 0)


def test_a_sync_whose_session_is_gone_ends_quietly(heard):
    job = run_sync(lambda: type(heard).objects.all().delete())
    assert job.status in ("COMPLETED", "CANCELLED")


def test_a_master_chosen_while_the_sync_runs_is_the_one_that_is_recorded(heard):
    run_sync(lambda: runs.rerun(heard.context, heard.pk, master="B"))
    run_sync()
    heard.refresh_from_db()
    result = heard.sync_results.get()
    assert (heard.status, result.master_camera) == ("needs-review", "B")
    assert result.offsets_ms["A"] == pytest.approx(-LATER * 1000, abs=1)


def test_a_sync_given_up_hands_the_session_to_a_person_with_the_reason(heard):
    jobs.request_cancel(heard.jobs.all())
    heard.refresh_from_db()
    assert heard.status == "needs-review"
    assert heard.status_reason == (
        "The sync could not be computed: Canceled by an operator. Run it again, or set the offsets by hand."
    )


def test_a_stale_sync_given_up_does_not_take_the_session_from_the_newer_one(heard):
    stale = heard.jobs.get()
    DerivedMedia.objects.filter(asset__camera_label="B").update(checksum="another")
    runs.start_sync(heard)
    jobs.request_cancel([stale])
    heard.refresh_from_db()
    assert heard.status == "syncing"
    assert heard.jobs.filter(status="PENDING").count() == 1


def test_an_operators_retry_of_a_sync_sends_the_session_back_and_never_over_a_decision(heard):
    job = heard.jobs.get()
    jobs.request_cancel([job])
    jobs.retry(job)
    heard.refresh_from_db()
    assert heard.status == "syncing"
    jobs.request_cancel([job])
    review.correct(heard.context, heard.pk, corrected_by="Ann", wanted=Correction({"B": 9}))
    with pytest.raises(runs.DecisionStands):
        jobs.retry(job)
    job.refresh_from_db()
    heard.refresh_from_db()
    assert (job.status, heard.status) == ("CANCELLED", "ready")


def test_a_retry_of_a_sync_of_other_recordings_is_refused():
    session = a_synced_session()
    runs.rerun(session.context, session.pk)
    job = session.jobs.get()
    jobs.request_cancel([job])
    an_asset(session, "C")
    with pytest.raises(WrongStatus, match="changed since"):
        jobs.retry(job)


def test_twenty_six_cameras_make_a_key_of_their_own():
    session = a_session(status="ingesting")
    for label in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        an_asset(session, label)
    first = runs.start_sync(session)
    DerivedMedia.objects.filter(asset__camera_label="Z").update(checksum="another")
    assert runs.start_sync(session) != first
