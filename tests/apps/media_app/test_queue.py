"""The queue: who gets which job, and what becomes of it."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from media_app import jobs, storage
from media_app.models import MediaJob, MediaJobAttempt
from sessions_app.errors import WrongStatus
from tests.apps.media_app import work
from tests.support.factories import a_job, a_session
from tests.support.waiting import BUSY, PATIENCE_S, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _work(settings):
    work.register()
    settings.JOB_BACKOFF_SECONDS = 30


@pytest.fixture(params=["embedded", pytest.param("celery", marks=pytest.mark.services)])
def run_next(request) -> Callable[[], MediaJob | None]:
    """Have a worker of each engine in turn do what is due next; answers the job as it is afterwards."""
    if request.param == "celery":
        broker = request.getfixturevalue("celery_broker")

    def run() -> MediaJob | None:
        before = MediaJobAttempt.objects.count()
        if request.param == "embedded":
            jobs.run_one("tester", threading.Event())
        else:
            jobs.sweep()
            broker.deliver()
        if MediaJobAttempt.objects.count() == before:
            return None
        return MediaJobAttempt.objects.latest("pk").job

    return run


def the_lease_of(job: MediaJob, *, ended: bool = True) -> None:
    MediaJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def last_attempt(job: MediaJob) -> MediaJobAttempt:
    return job.attempt_rows.last()


def scratch_left(settings) -> list[Path]:
    root = Path(settings.SCRATCH_ROOT)
    return list(root.rglob("*")) if root.exists() else []


def test_higher_priority_goes_first_then_whoever_came_first():
    first, second = a_job(), a_job()
    urgent = a_job(priority=5)
    claimed = [jobs.claim("tester").job.pk for _ in range(3)]
    assert claimed == [urgent.pk, first.pk, second.pk]
    assert jobs.claim("tester") is None


def test_one_tenants_many_jobs_let_the_one_of_another_pass():
    many = [a_job().pk for _ in range(20)]
    assert [jobs.claim("tester").job.pk for _ in range(3)] == many[:3]
    others = [a_job(tenant="t_school").pk for _ in range(2)]
    assert [jobs.claim("tester").job.pk for _ in range(4)] == [*others, *many[3:5]]


def test_tenants_with_many_jobs_each_take_turns():
    for _ in range(6):
        for tenant in ("t_club", "t_school", "t_band"):
            a_job(tenant=tenant)
    claimed = [jobs.claim("tester").job.tenant_id for _ in range(18)]
    for turn in range(0, 18, 3):
        assert set(claimed[turn : turn + 3]) == {"t_club", "t_school", "t_band"}


def test_fairness_does_not_overrule_priority_and_work_of_one_kind_does_not_hold_up_another():
    a_job(priority=1)
    urgent = a_job(priority=1).pk
    other = a_job(tenant="t_school").pk
    assert [jobs.claim("tester").job.pk for _ in range(3)][1:] == [urgent, other]
    for _ in range(3):
        a_job("test_render_v1")
    assert a_job("test_v1").fair_share_at <= timezone.now()


def test_a_worker_takes_only_work_of_its_kind():
    render, cpu = a_job("test_render_v1", priority=9), a_job("test_v1")
    assert jobs.claim("tester", kinds=["io"]) is None
    assert jobs.claim("tester", kinds=["cpu", "io"]).job == cpu
    assert jobs.claim("tester", kinds=["render"]).job == render


def test_a_job_is_not_taken_before_its_time():
    a_job(run_after=timezone.now() + timedelta(hours=1))
    assert jobs.claim("tester") is None


def test_a_worker_takes_only_the_types_it_knows_or_was_given():
    a_job("unheard_of_v1")
    assert jobs.claim("tester") is None
    a_job("test_v1")
    assert jobs.claim("tester", job_types=["test_fail_v1"]) is None


def test_a_claim_writes_down_who_has_it_and_which_attempt_it_is():
    a_job()
    run = jobs.claim("worker-7")
    assert (run.job.status, run.job.locked_by, run.job.attempts) == ("PROCESSING", "worker-7", 1)
    assert run.job.lease_until > timezone.now()
    assert (run.attempt.attempt_no, run.attempt.worker, run.attempt.outcome) == (1, "worker-7", "running")


def test_work_done_is_completed_and_leaves_no_scratch(settings, run_next):
    job = a_job()
    run_next()
    job.refresh_from_db()
    assert (job.status, job.progress_percent, job.lock_token) == ("COMPLETED", 100, None)
    assert job.completed_at is not None
    assert last_attempt(job).outcome == "completed"
    assert not scratch_left(settings)


def test_a_failure_waits_longer_each_time_and_the_last_is_death_which_the_owner_hears_of(run_next):
    job = a_job("test_fail_v1", max_attempts=3)
    waits = []
    for _ in range(2):
        begun = timezone.now()
        MediaJob.objects.filter(pk=job.pk).update(run_after=begun)
        failed = run_next()
        assert failed.status == "PENDING"
        assert failed.error_message == "RuntimeError: The disk went away."
        waits.append((failed.run_after - begun).total_seconds())
    assert 30 <= waits[0] < 50
    assert 60 <= waits[1] < 90
    assert work.owners_notified == []

    MediaJob.objects.filter(pk=job.pk).update(run_after=timezone.now())
    assert run_next().status == "DEAD"
    assert work.owners_notified == [(str(job.pk), "DEAD")]
    assert [attempt.outcome for attempt in job.attempt_rows.all()] == ["failed"] * 3


def test_what_cannot_succeed_fails_at_once_with_its_sentence(run_next):
    job = a_job("test_refuse_v1")
    failed = run_next()
    assert (failed.status, failed.error_code) == ("FAILED", "cannot_succeed")
    assert failed.error_message == "The file is a poem. Upload a film."
    assert work.owners_notified == [(str(job.pk), "FAILED")]


def test_an_owner_that_cannot_be_notified_does_not_keep_its_job_from_ending(run_next):
    a_job("test_bad_owner_v1")
    assert run_next().status == "FAILED"


def test_backoff_doubles_up_to_an_hour(settings):
    settings.JOB_BACKOFF_SECONDS = 15
    assert 15 <= jobs.backoff(0) <= 16.5
    assert 30 <= jobs.backoff(1) <= 33
    assert jobs.backoff(5000 // 100) <= 3960


def test_the_same_unfinished_work_is_queued_once(run_next):
    first = a_job(dedupe_key="sync:1")
    assert a_job(dedupe_key="sync:1") == first
    run_next()
    assert a_job(dedupe_key="sync:1") != first


def test_programs_are_kept_argument_by_argument_and_their_logs_in_the_store(run_next):
    job = a_job("test_encode_v1")
    done = run_next()
    attempt = last_attempt(job)
    assert done.status == "COMPLETED", done.error_message
    assert done.result_json["bytes"] > 0
    assert [argv[0] for argv in attempt.commands] == ["ffmpeg"]
    assert "testsrc=d=0.2:s=64x64" in attempt.commands[0]
    assert attempt.exit_code == 0
    assert attempt.stderr_key == f"tenants/t_club/dev/jobs/{job.pk}/attempt-1/stderr.log"
    with storage.store().open(attempt.stderr_key) as log:
        text = log.read().decode()
    assert text.startswith("$ ffmpeg ")
    assert "Output #0, mp4" in text


def test_a_program_that_fails_leaves_its_exit_code_and_its_words(run_next):
    job = a_job("test_encode_nothing_v1")
    assert "No such file" in run_next().error_message
    assert last_attempt(job).exit_code > 0
    with storage.store().open(last_attempt(job).stderr_key) as log:
        assert b"no-such-file" in log.read()


def test_waiting_work_is_cancelled_at_once_and_its_owner_notified():
    job = a_job()
    assert jobs.request_cancel([job]) == 1
    job.refresh_from_db()
    assert job.status == "CANCELLED"
    assert job.completed_at is not None
    assert work.owners_notified == [(str(job.pk), "CANCELLED")]
    assert jobs.claim("tester") is None


def test_work_that_has_ended_is_not_cancelled(run_next):
    job = a_job()
    run_next()
    assert jobs.request_cancel([job]) == 0
    job.refresh_from_db()
    assert job.status == "COMPLETED"


def in_a_thread(target) -> threading.Thread:
    def go():
        try:
            target()
        finally:
            connections.close_all()

    thread = threading.Thread(target=go)
    thread.start()
    return thread


def test_a_cancel_stops_the_program_within_two_seconds(settings, run_next):
    job = a_job("test_encode_for_ever_v1")
    worker = in_a_thread(run_next)
    assert work.begun.wait(PATIENCE_S)
    asked = time.monotonic()
    while not MediaJobAttempt.objects.get(job=job).commands:
        time.sleep(0.02)
    asked = time.monotonic()
    jobs.request_cancel([job])
    worker.join(PATIENCE_S)
    took = time.monotonic() - asked
    job.refresh_from_db()
    assert (job.status, last_attempt(job).outcome) == ("CANCELLED", "cancelled")
    assert work.owners_notified == [(str(job.pk), "CANCELLED")]
    assert not scratch_left(settings)
    assert took < 2 * BUSY


def test_progress_reaches_the_row_while_the_work_goes_on():
    job = a_job("test_encode_for_ever_v1")
    stopping = threading.Event()
    worker = in_a_thread(lambda: jobs.serve(stopping))
    until(lambda: MediaJob.objects.get(pk=job.pk).progress_percent)
    row = MediaJob.objects.get(pk=job.pk)
    stopping.set()
    worker.join(PATIENCE_S)
    assert (row.progress_percent, row.progress_step) == (1, "encoding")


def test_a_worker_that_is_stopped_gives_its_job_back_unharmed():
    job = a_job("test_wait_for_the_end_v1")
    stopping = threading.Event()
    worker = in_a_thread(lambda: jobs.serve(stopping))
    assert work.begun.wait(PATIENCE_S)
    stopping.set()
    worker.join(PATIENCE_S)
    job.refresh_from_db()
    assert job.status == "PENDING"
    assert job.run_after <= timezone.now()
    assert last_attempt(job).outcome == "returned"
    assert work.owners_notified == []


def test_a_stopped_worker_does_not_give_back_what_was_to_be_cancelled():
    job = a_job("test_wait_for_the_end_v1")
    run = jobs.claim("tester")
    run.worker_stopping.set()
    MediaJob.objects.filter(pk=job.pk).update(cancel_requested=True)
    run.execute()
    job.refresh_from_db()
    assert job.status == "CANCELLED"
    assert work.owners_notified == [(str(job.pk), "CANCELLED")]


def test_the_heartbeat_keeps_a_lease_alive(settings):
    settings.JOB_LEASE_SECONDS, settings.JOB_HEARTBEAT_SECONDS = 2, 0.1
    job = a_job()
    run = jobs.claim("tester")
    first = run.job.lease_until
    with run:
        until(lambda: MediaJob.objects.get(pk=job.pk).lease_until > first)
        assert jobs.rescue() == 0


def test_the_job_of_a_dead_worker_is_rescued_and_runs_again(run_next):
    job = a_job()
    jobs.claim("killed")
    the_lease_of(job)
    assert jobs.rescue() == 1
    job.refresh_from_db()
    assert (job.status, job.lock_token, last_attempt(job).outcome) == ("PENDING", None, "lost")
    assert run_next().status == "COMPLETED"
    assert [attempt.outcome for attempt in job.attempt_rows.all()] == ["lost", "completed"]


def test_a_job_that_kills_worker_after_worker_is_dead_in_the_end(settings):
    settings.JOB_LOST_LIMIT = 3
    job = a_job()
    for _ in range(3):
        jobs.claim("killed")
        the_lease_of(job)
        jobs.rescue()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("DEAD", "workers_lost")
    assert work.owners_notified == [(str(job.pk), "DEAD")]


def test_a_cancel_is_not_forgotten_when_the_worker_dies():
    job = a_job()
    jobs.claim("killed")
    jobs.request_cancel([job])
    the_lease_of(job)
    jobs.rescue()
    job.refresh_from_db()
    assert job.status == "CANCELLED"


def a_stalled_run_and_its_successor() -> tuple[jobs.Run, jobs.Run]:
    job = a_job()
    stalled = jobs.claim("stalled")
    the_lease_of(job)
    jobs.rescue()
    return stalled, jobs.claim("successor")


def test_a_stalled_worker_that_wakes_may_not_complete():
    stalled, successor = a_stalled_run_and_its_successor()
    with pytest.raises(jobs.LeaseLost), stalled.completing():
        a_session("written by a ghost")
    assert not type(a_session()).objects.filter(title="written by a ghost").exists()
    successor.execute()
    successor.job.refresh_from_db()
    assert successor.job.status == "COMPLETED"


@pytest.mark.parametrize("error", [RuntimeError("x"), jobs.CannotSucceed("x")])
def test_a_stalled_worker_that_wakes_may_not_fail_the_job_either(error):
    stalled, successor = a_stalled_run_and_its_successor()
    stalled._end_badly(error)
    successor.job.refresh_from_db()
    assert (successor.job.status, successor.job.lock_token) == ("PROCESSING", successor.token)
    assert work.owners_notified == []


def test_a_stalled_worker_that_leaves_does_not_take_its_successors_scratch():
    stalled, successor = a_stalled_run_and_its_successor()
    (successor.scratch / "half.mp4").write_bytes(b"x")
    (stalled.scratch / "half.mp4").write_bytes(b"x")
    with stalled:
        stalled.execute()
    assert [path.name for path in successor.scratch.iterdir()] == ["half.mp4"]
    assert not stalled.folder.exists()


def test_the_heartbeat_of_a_stalled_worker_asks_it_to_stop(settings):
    settings.JOB_HEARTBEAT_SECONDS = 0.05
    stalled, _ = a_stalled_run_and_its_successor()
    with stalled:
        assert stalled.heartbeat.lost.wait(PATIENCE_S)
        assert stalled.cancelled()


def test_scratch_of_attempts_that_run_no_more_is_cleared_and_of_those_that_do_is_kept(settings):
    stalled, successor = a_stalled_run_and_its_successor()
    kept, gone = successor.scratch, stalled.scratch
    other = Path(settings.SCRATCH_ROOT) / "not-ours"
    other.mkdir()
    jobs.clear_scratch()
    assert kept.exists()
    assert not gone.exists()
    assert other.exists()


@pytest.mark.parametrize(("how", "status"), [("test_refuse_v1", "FAILED"), ("test_v1", "COMPLETED")])
def test_an_operator_may_try_again_what_ended_badly_and_nothing_else(how, status, run_next):
    job = a_job(how)
    run_next()
    if status == "COMPLETED":
        with pytest.raises(WrongStatus, match="only a job that failed"):
            jobs.retry(job)
    else:
        jobs.retry(job)
        job.refresh_from_db()
        assert (job.status, job.error_message, job.completed_at) == ("PENDING", "", None)


def test_a_retry_forgives_the_attempts(run_next):
    job = a_job("test_fail_v1", max_attempts=1)
    assert run_next().status == "DEAD"
    jobs.retry(job)
    for expected in ("PENDING", "PENDING", "DEAD"):
        MediaJob.objects.filter(pk=job.pk).update(run_after=timezone.now())
        assert run_next().status == expected


def test_a_retry_of_work_that_waits_already_as_a_newer_job_is_refused(run_next):
    job = a_job("test_refuse_v1", dedupe_key="one")
    run_next()
    a_job("test_refuse_v1", dedupe_key="one")
    with pytest.raises(WrongStatus, match="newer job"):
        jobs.retry(job)


def test_a_draining_worker_ends_when_its_own_types_are_done():
    mine, others = a_job("test_v1"), a_job("test_wait_for_the_end_v1")
    a_job("unheard_of_v1")
    call_command("media_worker", "--drain", "--types", "test_v1")
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.status, others.status) == ("COMPLETED", "PENDING")


def test_a_draining_worker_waits_for_what_is_put_off():
    job = a_job(run_after=timezone.now() + timedelta(seconds=1))
    call_command("media_worker", "--drain", "--types", "test_v1")
    job.refresh_from_db()
    assert job.status == "COMPLETED"


def test_zero_workers_are_refused(capsys):
    with pytest.raises(SystemExit):
        call_command("media_worker", "--concurrency", "0")


def test_a_claim_reads_the_line_and_sorts_nothing_however_long_the_line_is():
    asked = []

    def spy(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    waiting = [MediaJob(tenant_id="t_club", env="dev", type="test_v1") for _ in range(3000)]
    MediaJob.objects.bulk_create(waiting)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE media_app_mediajob")
    with connection.execute_wrapper(spy):
        assert jobs.claim("tester").job == waiting[0]
        assert jobs.claim("tester", kinds=["cpu"]).job == waiting[1]
    plans = []
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params in asked:
            if "RETURNING *" in sql:
                cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql, params)
                plans.append(" ".join(str(row) for row in cursor.fetchall()))
    assert len(plans) == 2
    for plan in plans:
        assert "job_queue" in plan
        assert "B-TREE" not in plan
        assert "Sort" not in plan
