"""Space on the scratch disk is kept for a job before its programs start."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from media_app import jobs, scratch
from media_app.jobs import Handlers, JobType
from media_app.models import MediaJob, MediaJobAttempt
from media_app.scratch import NeverFitsScratch, NoScratchNow, reserve
from tests.apps.media_app import work
from tests.support.factories import a_job

MB = 10**6


@pytest.fixture
def disk(monkeypatch, tmp_path):
    """A disk of 1,000 MB under `tmp_path`, as far as anybody asks; `disk.free` is what is left of it."""
    facts = SimpleNamespace(f_frsize=1, f_blocks=1000 * MB, f_bavail=1000 * MB)
    monkeypatch.setattr(scratch.os, "statvfs", lambda path: facts)
    return facts


def folder(root: Path, name: str) -> Path:
    made = root / name / "attempt"
    made.mkdir(parents=True)
    return made


def test_two_jobs_cannot_both_have_the_last_space(disk, tmp_path):
    first, second = folder(tmp_path, "first"), folder(tmp_path, "second")
    reserve(first, 600 * MB, root=tmp_path, spare=100 * MB)
    with pytest.raises(
        NoScratchNow, match=r"needs 0\.6 GB, 0\.9 GB are free and 0\.6 GB of them are reserved for other jobs"
    ):
        reserve(second, 600 * MB, root=tmp_path, spare=100 * MB)
    reserve(second, 200 * MB, root=tmp_path, spare=100 * MB)


def test_a_reservation_goes_with_its_folder(disk, tmp_path):
    first, second = folder(tmp_path, "first"), folder(tmp_path, "second")
    reserve(first, 900 * MB, root=tmp_path, spare=0)
    shutil.rmtree(first)
    reserve(second, 900 * MB, root=tmp_path, spare=0)


def test_what_a_job_has_written_is_not_counted_twice(disk, tmp_path):
    first, second = folder(tmp_path, "first"), folder(tmp_path, "second")
    reserve(first, 300 * MB, root=tmp_path, spare=0)
    with (first / "out.mp4").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 200 * MB)
    disk.f_bavail = 800 * MB
    reserve(second, 690 * MB, root=tmp_path, spare=0)
    with pytest.raises(NoScratchNow):
        reserve(second, 720 * MB, root=tmp_path, spare=0)
    reserve(first, 300 * MB, root=tmp_path, spare=0)


def test_what_no_disk_here_can_hold_is_said_at_once(disk, tmp_path):
    with pytest.raises(NeverFitsScratch, match="Point SCRATCH_ROOT at a larger disk"):
        reserve(folder(tmp_path, "first"), 5000 * MB, root=tmp_path, spare=0)


@pytest.mark.django_db(transaction=True)
def test_a_job_without_space_waits_and_says_why_and_it_counts_as_no_failure(disk, settings):
    work.register()
    jobs.register(JobType("test_greedy_v1", "Testing", Handlers(want_a_lot)))
    settings.SCRATCH_SPARE_BYTES = 0
    disk.f_bavail = 10 * MB
    job = a_job("test_greedy_v1")
    with (run := jobs.claim("w", job_types=["test_greedy_v1"])):
        run.execute()
    job.refresh_from_db()
    assert (job.status, run._count("failed")) == (MediaJob.Status.PENDING, 0)
    assert "no space for this now: it needs 500.0 MB" in job.error_message.replace("0.5 GB", "500.0 MB")
    assert (job.run_after - job.updated_at).total_seconds() >= jobs.outage_wait(0) - 0.01
    assert job.attempt_rows.get().outcome == MediaJobAttempt.Outcome.RETURNED


def want_a_lot(run: jobs.Run) -> None:
    run.reserve(500 * MB)
