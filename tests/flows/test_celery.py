"""Celery's worker as it is shipped, under kill -9, a stopped broker and messages that come twice. What is promised of both
engines alike is tested for both: BOTH_ENGINES in these folders, `run_next` in tests/apps/media_app/test_queue.py."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
from django.db import transaction

from media_app import broker, jobs
from media_app.models import MediaJob
from studio.celery import look
from tests.apps.media_app import work
from tests.flows.studio import WORKER
from tests.support.factories import Api, a_job
from tests.support.waiting import PATIENCE_S, until

pytestmark = [
    pytest.mark.services, pytest.mark.parametrize("engine", ["celery"], indirect=True),
    pytest.mark.django_db(transaction=True),
]  # fmt: skip
#: The shipped worker with the tests' jobs among its own.
WITH_TEST_JOBS = (
    "import django, sys; django.setup(); from tests.apps.media_app import work; work.register();"
    "from studio.celery import app; app.start(sys.argv[1:])"
)


@pytest.fixture
def worker(studio):
    work.register()
    return studio.start("-c", WITH_TEST_JOBS, *WORKER)


def status_of(job: MediaJob) -> str:
    return MediaJob.objects.values_list("status", flat=True).get(pk=job.pk)


def outcomes_of(job: MediaJob) -> list[str]:
    return list(job.attempt_rows.order_by("attempt_no").values_list("outcome", flat=True))


def at_work(worker, job: MediaJob, studio) -> int:
    """The child of a worker that does a job by now."""
    until(lambda: outcomes_of(job) == ["running"] and studio.tools_running(), studio.log)
    (child,) = children_of(worker.pid)
    return child


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def test_a_killed_child_a_killed_worker_and_a_stopped_one_cost_a_job_nothing_and_no_lease_is_waited_for(studio):
    studio.changes["JOB_LEASE_SECONDS"] = "600"
    work.register()
    worker = studio.start("-c", WITH_TEST_JOBS, *WORKER)
    studio.beat()
    job = a_job("test_encode_for_a_while_v1")
    child = at_work(worker, job, studio)
    os.kill(child, signal.SIGKILL)
    until(lambda: outcomes_of(job) == ["lost", "running"] and studio.tools_running(), studio.log)
    assert worker.poll() is None, "the worker outlives its child"

    studio.kill(worker)
    until(lambda: not studio.tools_running(), studio.log)
    second = studio.start("-c", WITH_TEST_JOBS, *WORKER)
    until(lambda: outcomes_of(job) == ["lost", "lost", "running"] and studio.tools_running(), studio.log)

    second.terminate()
    assert second.wait(PATIENCE_S) == 0, studio.log()
    assert outcomes_of(job) == ["lost", "lost", "returned"], "a stopped worker gives its job back, unfinished"
    assert status_of(job) == "PENDING"

    studio.start("-c", WITH_TEST_JOBS, *WORKER)
    until(lambda: status_of(job) == "COMPLETED", studio.log)
    assert outcomes_of(job) == ["lost", "lost", "returned", "completed"]
    until(lambda: not studio.scratch_left(), studio.log)
    assert not studio.tools_running()


def test_messages_that_come_twice_or_after_the_visibility_timeout_run_nothing_twice(studio, worker):
    other = studio.start("-c", WITH_TEST_JOBS, *WORKER, "--hostname", "other@%h")
    job = a_job("test_encode_for_a_while_v1")
    until(studio.tools_running, studio.log)
    broker.wake("cpu", 3)
    studio.broker.return_unacknowledged()
    until(lambda: status_of(job) == "COMPLETED", studio.log)
    until(lambda: not studio.broker.waiting(), studio.log)
    assert outcomes_of(job) == ["completed"]
    assert other.poll() is None


def test_what_redis_forgets_and_what_is_queued_while_it_is_down_is_done_all_the_same(studio, worker):
    studio.beat()
    running = a_job("test_encode_for_a_while_v1")
    until(studio.tools_running, studio.log)
    waiting = [a_job() for _ in range(5)]
    studio.broker.lose_everything()

    server = studio.broker.server.program
    server.kill()
    api = Api()
    begun = time.monotonic()
    answer, _ = api.post("/v2/sessions", {"title": "x", "date": "2026-01-13", "projectId": "p"})
    with transaction.atomic():
        waiting.append(a_job())
    took, said = time.monotonic() - begun, broker.check()
    server.start()
    assert answer == 201
    assert took < 60, "the request waited for Redis"
    assert "Redis does not answer" in said

    assert broker.check() is None
    until(lambda: not MediaJob.objects.unfinished().exists(), studio.log)
    assert outcomes_of(running) == ["completed"]
    assert [outcomes_of(job) for job in waiting] == [["completed"]] * 6


def test_a_child_that_slept_past_its_lease_writes_nothing_when_it_wakes(studio, worker):
    studio.beat()
    job = a_job("test_encode_for_a_while_v1")
    child = at_work(worker, job, studio)
    os.kill(child, signal.SIGSTOP)
    studio.start("-c", WITH_TEST_JOBS, *WORKER, "--hostname", "other@%h")
    until(lambda: outcomes_of(job)[1:] == ["running"], studio.log)
    token = MediaJob.objects.get(pk=job.pk).lock_token
    os.kill(child, signal.SIGCONT)
    until(lambda: status_of(job) == "COMPLETED", studio.log)
    until(lambda: not studio.scratch_left(), studio.log)
    assert token is not None
    assert outcomes_of(job) == ["lost", "completed"]
    assert MediaJob.objects.get(pk=job.pk).attempts == 2


def test_a_worker_of_one_kind_leaves_the_others(studio):
    work.register()
    render, cpu = a_job("test_render_v1"), a_job("test_v1", priority=9)
    assert studio.broker.waiting() == {"cpu": 1, "render": 1}
    look("render")
    look("io")
    assert (status_of(render), status_of(cpu)) == ("COMPLETED", "PENDING")


def test_the_sweeper_wakes_for_what_is_due_and_no_more(studio):
    work.register()
    for _ in range(4):
        a_job()
    a_job("test_render_v1")
    assert studio.broker.waiting() == {"cpu": 4, "render": 1}
    studio.broker.lose_everything()
    for _ in range(3):
        jobs.sweep()
        assert studio.broker.waiting() == {"cpu": 4, "render": 1}
