"""What a worker that lost its lease may still do, which is nothing; and what costs a job no attempt, which is no fault of its own."""

import errno
import os
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from media_app import jobs, storage
from media_app.core import kinds
from media_app.jobs.lease import Lease
from media_app.jobs.registry import JobType
from media_app.making.files import Outputs, describe
from media_app.models import MediaJob, PendingDeletion
from media_app.process import ToolFailed
from media_app.services import artifacts, asset_jobs, ingest_queue
from tests.apps.media_app import work
from tests.apps.media_app.test_queue import the_lease_of
from tests.support.factories import a_job, a_session, an_asset

pytestmark = pytest.mark.django_db(transaction=True)
OUTAGES = [
    storage.StoreUnreachable("The store cannot be reached."),
    storage.StoreFull("The disk under the store is full."),
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    ToolFailed(["ffmpeg"], 1, "av_interleaved_write_frame(): No space left on device"),
    OperationalError("server closed the connection unexpectedly"),
    InterfaceError("connection already closed"),
]


@pytest.fixture(autouse=True)
def _work():
    work.register()


def taken_over(job: MediaJob) -> tuple[jobs.Run, jobs.Run]:
    """The job in the hands of a worker that fell asleep, and of the one that has it now."""
    sleeper = jobs.claim("sleeper", job_types=[job.type])
    the_lease_of(job)
    jobs.rescue()
    return sleeper, jobs.claim("successor", job_types=[job.type])


def due_now(job: MediaJob) -> None:
    MediaJob.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))


def test_a_worker_that_lost_its_lease_starts_no_program_and_stores_nothing():
    job = a_job()
    sleeper, successor = taken_over(job)
    successor.ran(["ffmpeg", "-version"])
    successor.fence()
    with pytest.raises(jobs.LeaseLost):
        sleeper.ran(["ffmpeg", "-i", "stale"])
    with pytest.raises(jobs.LeaseLost):
        sleeper.fence()
    with pytest.raises(jobs.LeaseLost):
        sleeper.amend(derived_version=99)
    (sleeper.scratch / "stderr.log").write_text("stale")
    sleeper._end_badly(RuntimeError("I slept."))
    assert [attempt.commands for attempt in job.attempt_rows.all()] == [[], [["ffmpeg", "-version"]]]
    assert not list(storage.store().list())
    job.refresh_from_db()
    assert (job.status, job.lock_token, job.input_json) == ("PROCESSING", successor.token, {})


def test_after_a_lost_worker_an_ingest_writes_keys_that_nobody_wrote_before():
    session = a_session()
    asset = an_asset(session, status="ingesting")
    job = ingest_queue.enqueue_ingest(asset)
    sleeper, successor = taken_over(job)
    version = asset_jobs.own_version(successor, asset)
    assert version > sleeper.job.input_json["derived_version"]
    job.refresh_from_db()
    assert job.input_json["derived_version"] == version, "giving the job up schedules the deletion of its keys"
    with pytest.raises(jobs.LeaseLost):
        asset_jobs.own_version(sleeper, asset)


def test_what_was_stored_while_somebody_canceled_is_not_kept_and_goes_at_once(tmp_path):
    (tmp_path / "made.wav").write_bytes(b"sound")
    job = a_job()

    def place(run: jobs.Run, job: MediaJob, subject: object, outputs: Outputs) -> artifacts.Placed:
        # After the last look at the flag and before the first byte is stored.
        jobs.request_cancel([job])
        return {"t/dev/made.wav": describe(kinds.AUDIO_WAV, tmp_path / "made.wav")}

    def register(made: artifacts.Completion) -> dict:
        raise AssertionError("It is registered all the same.")

    made = artifacts.FileJob(lambda job: job, lambda run, job, subject: Outputs(), place, register)
    jobs.register(JobType(job.type, "Test", made.handlers(on_failed=work.notify)))
    jobs.claim("worker").execute()
    job.refresh_from_db()
    assert job.status == "CANCELLED"
    assert work.owners_notified == [(str(job.pk), "CANCELLED")]
    assert PendingDeletion.objects.get(key="t/dev/made.wav").due_at <= timezone.now()


def test_a_first_attempt_writes_the_keys_that_follow_from_its_asset():
    session = a_session()
    asset = an_asset(session, status="ingesting")
    ingest_queue.enqueue_ingest(asset)
    assert asset_jobs.own_version(jobs.claim("worker"), asset) == asset.version


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__)
def test_an_outage_puts_a_job_off_as_often_as_it_comes(error):
    job = a_job()
    for _ in range(6):
        due_now(job)
        jobs.claim("worker")._end_badly(error)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("PENDING", 6)
    assert {attempt.outcome for attempt in job.attempt_rows.all()} == {"returned"}
    assert str(error).rpartition("] ")[2] in job.error_message


def test_a_database_that_is_away_when_a_job_ends_is_informed_when_it_is_back(monkeypatch):
    job = a_job("test_fail_v1")
    hold, away = Lease.hold, ["gone", "still gone"]

    def sometimes(lease):
        if away:
            raise OperationalError(away.pop())
        return hold(lease)

    monkeypatch.setattr(Lease, "hold", sometimes)
    monkeypatch.setattr("media_app.jobs.run.RETRY_SECONDS", 0.01)
    jobs.claim("worker").execute()
    job.refresh_from_db()
    assert not away
    assert (job.status, job.attempt_rows.get().outcome) == ("PENDING", "failed")


def test_a_database_that_stays_away_leaves_the_job_to_its_lease(monkeypatch, settings):
    settings.JOB_LEASE_SECONDS = 0.2

    def never(lease):
        raise OperationalError("gone")

    monkeypatch.setattr(Lease, "hold", never)
    monkeypatch.setattr("media_app.jobs.run.RETRY_SECONDS", 0.01)
    job = a_job("test_fail_v1")
    with pytest.raises(OperationalError):
        jobs.claim("worker").execute()
    job.refresh_from_db()
    assert (job.status, job.attempt_rows.get().outcome) == ("PROCESSING", "running")


def test_an_outage_that_never_ends_kills_in_the_end(monkeypatch):
    monkeypatch.setattr("media_app.jobs.failures.OUTAGES", 2)
    job = a_job()
    for _ in range(5):
        due_now(job)
        jobs.claim("worker")._end_badly(OUTAGES[0])
    job.refresh_from_db()
    assert [attempt.outcome for attempt in job.attempt_rows.all()] == ["returned"] * 2 + ["failed"] * 3
    assert job.status == "DEAD"


def test_an_outage_is_looked_at_again_each_minute_at_the_latest(settings):
    settings.JOB_BACKOFF_SECONDS = 10
    assert [jobs.outage_wait(before) for before in (0, 1, 2, 3, 4, 1499)] == [5, 10, 20, 40, 60, 60]
