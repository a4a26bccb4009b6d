"""Doing a job over and comparing; purging old ones; signs of life and live logs of the workers."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from media_app import jobs, storage
from media_app.jobs import Handlers, JobType
from media_app.models import DerivedMedia, MediaJob, PendingDeletion, Worker
from media_app.services import chores, purge, replay
from sessions_app.errors import InvalidInput
from tests.apps.media_app import work
from tests.support.factories import a_derivative, a_job, a_session, an_asset
from tests.support.waiting import PATIENCE_S, until

pytestmark = pytest.mark.django_db(transaction=True)

made_now: dict[str, str] = {}


def remake(run: jobs.Run, first: MediaJob) -> dict[str, str]:
    assert first.input_json == {"film": "a"}
    return dict(made_now)


@pytest.fixture(autouse=True)
def _work():
    work.register()
    jobs.register(JobType("test_v1", "Testing", Handlers(work.succeed, replay=remake)))
    made_now.clear()


def a_finished_job(**fields) -> MediaJob:
    facts = {"status": "COMPLETED", "completed_at": timezone.now(), "result_json": {"checksums": {"a": "1", "b": "2"}}}
    return a_job(input_json={"film": "a"}, **facts | fields)


def command(name: str, *args: str) -> tuple[int, str]:
    """A command's exit code and all that it says."""
    said = io.StringIO()
    try:
        call_command(name, *args, stdout=said, stderr=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def test_a_replay_that_makes_the_same_says_equal():
    first = a_finished_job()
    made_now.update(a="1", b="2")
    code, said = command("media_job_replay", str(first.pk))
    assert code == 0
    assert said.startswith("Equal: all 2 outputs have the checksum of the first run.")
    again = MediaJob.objects.get(replay_of=first)
    assert (again.type, again.status, again.result_json["verdict"]) == ("replay_v1", "COMPLETED", "equal")
    first.refresh_from_db()
    assert first.result_json == {"checksums": {"a": "1", "b": "2"}}
    assert first.attempts == 0


def test_a_replay_that_makes_other_bytes_names_them():
    first = a_finished_job()
    made_now.update(a="1", b="9")
    code, said = command("media_job_replay", str(first.pk))
    assert code == 1
    assert "Different: other bytes in b." in said


def test_a_job_that_failed_before_it_made_anything_is_replayed_with_nothing_to_compare():
    first = a_finished_job(status="DEAD", result_json=None)
    made_now.update(a="1")
    assert command("media_job_replay", str(first.pk))[0] == 0


@pytest.mark.parametrize("name", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_job_is_not_replayed(name):
    code, said = command("media_job_replay", name)
    assert code == 2
    assert f"There is no job {name}." in said


def test_what_has_not_ended_or_cannot_be_done_over_is_refused():
    code, said = command("media_job_replay", str(a_job().pk))
    assert (code, "replay it when it has ended" in said) == (2, True)
    code, said = command("media_job_replay", str(a_job("test_fail_v1", status="DEAD").pk))
    assert (code, "cannot be replayed" in said) == (2, True)


def test_two_who_ask_for_a_replay_get_one():
    first = a_finished_job()
    assert replay.replay(first).pk == replay.replay(first).pk


def test_a_replay_whose_first_run_was_purged_meanwhile_says_so():
    again = replay.replay(a_finished_job())
    MediaJob.objects.filter(type="test_v1").delete()
    again.refresh_from_db()
    ended = replay.run_here(again)
    assert (ended.status, ended.error_message) == ("FAILED", "The job that this one replays has been purged.")


def a_logged_job(days: int, status: str = "COMPLETED", **fields) -> MediaJob:
    """A job that ended so many days ago, with a log in the store."""
    ended = timezone.now() - timedelta(days=days)
    job = a_job(status=status, completed_at=ended if status in MediaJob.ENDED else None, **fields)
    attempt = job.attempt_rows.create(attempt_no=1, worker="w", **job.context.stamp())
    attempt.stderr_key = f"tenants/t_club/dev/jobs/{job.pk}/attempt-1/stderr.log"
    attempt.save()
    storage.store().put_bytes(attempt.stderr_key, b"said", content_type="text/plain")
    return job


def logs_left() -> int:
    return sum(storage.store().head(key) is not None for key in known_keys)


known_keys: list[str] = []


def test_old_jobs_go_with_their_logs_and_nothing_else():
    session = a_session()
    asset = an_asset(session)
    proxy = a_derivative(asset)
    storage.store().put_bytes(proxy.key, b"film", content_type="video/mp4")
    old = [a_logged_job(40, status, asset=asset, session=session) for status in MediaJob.ENDED]
    young = a_logged_job(5)
    busy = [a_logged_job(40, status) for status in MediaJob.UNFINISHED]
    MediaJob.objects.update(created_at=timezone.now() - timedelta(days=50))
    known_keys[:] = [row.stderr_key for job in (*old, young, *busy) for row in job.attempt_rows.all()]

    code, said = command("media_jobs_purge", "--older-than-days", "30", "--dry-run")
    assert (code, said.strip()) == (0, "4 jobs, 4 attempts and 4 logs would go.")
    assert (MediaJob.objects.count(), logs_left()) == (7, 7)

    code, said = command("media_jobs_purge", "--older-than-days", "30")
    assert (code, said.strip()) == (0, "4 jobs, 4 attempts and 4 logs are gone.")
    assert set(MediaJob.objects.values_list("pk", flat=True)) == {young.pk, *(job.pk for job in busy)}
    assert logs_left() == 3
    assert storage.store().head(proxy.key) is not None
    assert DerivedMedia.objects.filter(asset=asset).count() == 2
    assert not PendingDeletion.objects.exists()


@pytest.mark.parametrize("days", ["-1", "99999"])
def test_a_number_of_days_that_is_none_is_refused(days):
    code, said = command("media_jobs_purge", f"--older-than-days={days}")
    assert (code, "A whole number of days" in said) == (2, True)
    with pytest.raises(InvalidInput):
        purge.purge_older_than(int(days))


def test_a_worker_says_that_it_is_there_and_signs_off():
    stopping = threading.Event()
    thread = threading.Thread(target=work_until, args=(stopping,))
    thread.start()
    until(Worker.objects.exists)
    worker = Worker.objects.get()
    assert worker.name == jobs.worker_name()
    assert 0 < worker.scratch_free <= worker.scratch_total
    stopping.set()
    thread.join(PATIENCE_S)
    assert not Worker.objects.exists()


def test_a_worker_that_was_killed_stays_to_be_seen_for_a_day():
    now = timezone.now()
    for name, hours in (("silent", 2), ("forgotten", 30)):
        Worker.objects.create(name=name, host="h", seen_at=now - timedelta(hours=hours))
    chores.forget_silent_workers()
    assert Worker.objects.get().name == "silent"


def test_what_a_running_program_says_is_on_its_attempt_and_moves_to_the_store(monkeypatch):
    monkeypatch.setattr("media_app.jobs.heartbeat.LOGS_SECONDS", 0.0)
    monkeypatch.setattr("media_app.jobs.heartbeat.CHECK_SECONDS", 0.05)
    job = a_job("test_encode_for_ever_v1")
    run = jobs.claim("tester")
    thread = threading.Thread(target=execute, args=(run,))
    thread.start()
    assert work.begun.wait(PATIENCE_S)
    until(lambda: job.attempt_rows.get().stderr_bytes > 0)
    attempt = job.attempt_rows.get()
    assert attempt.stderr_tail.startswith("$ ffmpeg")
    assert not attempt.stderr_key
    jobs.request_cancel([job])
    thread.join(PATIENCE_S)
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.stderr_tail) == ("cancelled", "")
    with storage.store().open(attempt.stderr_key) as log:
        assert log.read().startswith(b"$ ffmpeg")


def test_the_last_words_of_an_attempt_stay_on_its_row_when_the_store_does_not_take_the_log(monkeypatch):
    job = a_job("test_encode_nothing_v1", max_attempts=1)

    def unreachable(*args, **kwargs):
        raise storage.StoreUnreachable("The store does not answer.")

    monkeypatch.setattr(type(storage.store()), "put_file", unreachable)
    execute(jobs.claim("tester"))
    attempt = job.attempt_rows.get()
    assert (attempt.outcome, attempt.stderr_key) == ("failed", "")
    assert "no-such-file" in attempt.stderr_tail


def execute(run: jobs.Run) -> None:
    from django.db import connections

    try:
        with run:
            run.execute()
    finally:
        if threading.current_thread() is not threading.main_thread():
            connections.close_all()


def work_until(stopping: threading.Event) -> None:
    from django.db import connections

    try:
        jobs.serve(stopping)
    finally:
        connections.close_all()
