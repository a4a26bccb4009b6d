"""A worker that dies is missed at once by those next to it, and nobody is taken for dead who only might be."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from media_app import jobs
from media_app.jobs import owner_process, recovery, statements
from media_app.models import MediaJob
from tests.apps.media_app import work
from tests.flows.studio import database_url
from tests.support.factories import a_job
from tests.support.waiting import until

#: A worker of its own that takes what is due, says so, and sleeps with it in its hands.
SLEEPER = (
    "import django, time; django.setup(); from tests.apps.media_app import work; work.register();"
    "from media_app import jobs; from media_app.jobs import owner_process;"
    "run = jobs.claim('sleeper'); print(run.job.owner_process if run else owner_process.this_process(), flush=True); time.sleep(600)"
)


@pytest.fixture
def sleeper():
    """Starts such a process, and answers it with what it signs its claims with."""
    started: list[subprocess.Popen] = []

    def start() -> tuple[subprocess.Popen, str]:
        child = subprocess.Popen(
            [sys.executable, "-c", SLEEPER],
            env=os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "studio.settings"},
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child, child.stdout.readline().strip()

    yield start
    for child in started:
        child.kill()
        child.wait()


@pytest.fixture(autouse=True)
def _work():
    work.register()


def outcomes_of(job: MediaJob) -> list[str]:
    return list(job.attempt_rows.values_list("outcome", flat=True))


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_killed_process_is_taken_back_long_before_its_lease_ends(sleeper):
    job = a_job()
    child, signed = sleeper()
    job.refresh_from_db()
    assert (job.status, job.owner_process) == ("PROCESSING", signed)
    assert jobs.rescue() == 0, "it lives"

    child.kill()
    until(lambda: owner_process.is_gone(signed, job.lock_token))
    assert child.returncode is None, "dead, though nobody has waited for it yet"
    assert jobs.rescue() == 1
    job.refresh_from_db()
    assert (job.status, job.lock_token, outcomes_of(job)) == ("PENDING", None, ["lost"])
    assert job.attempt_rows.get().error_message == recovery.DEAD
    jobs.run_one("tester", threading.Event())
    assert outcomes_of(job) == ["lost", "completed"]


@pytest.mark.django_db(transaction=True)
def test_a_process_of_another_machine_container_user_or_a_later_one_is_judged_by_what_it_signed(sleeper):
    a_job()
    child, signed = sleeper()
    boot, namespace, user, number, born = signed.split("/")
    child.kill()
    child.wait()
    elsewhere = [
        ["another-boot", namespace, user, number, born],
        [boot, "4026531999", user, number, born],
        [boot, namespace, "12345", number, born],
    ]
    for parts in elsewhere:
        MediaJob.objects.update(owner_process="/".join(parts))
        assert jobs.rescue() == 0, parts
    MediaJob.objects.update(owner_process="")
    assert jobs.rescue() == 0
    mine = os.getpid()
    MediaJob.objects.update(owner_process="/".join([boot, namespace, user, str(mine), "1"]))
    assert jobs.rescue() == 1, "a number that another process has by now"


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_its_own_process_knows_nothing_of_is_taken_back_and_one_in_its_hands_is_not(monkeypatch):
    kept, forgotten = a_job(), a_job()
    run = jobs.claim("tester")

    real = statements.take

    def reply_lost(*arguments):
        real(*arguments)
        raise ConnectionError("The answer never came.")

    monkeypatch.setattr(statements, "take", reply_lost)
    with pytest.raises(ConnectionError):
        jobs.claim("tester")
    assert jobs.rescue() == 1
    assert outcomes_of(forgotten) == ["lost"]
    assert outcomes_of(kept) == ["running"]
    with run:
        run.execute()
    assert outcomes_of(kept) == ["completed"]


@pytest.mark.django_db(transaction=True)
def test_where_a_machine_shows_nothing_of_its_processes_the_lease_decides_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(owner_process, "PROC", tmp_path)
    owner_process.host.cache_clear()
    owner_process._signature.cache_clear()
    try:
        job = a_job()
        jobs.claim("tester")
        job.refresh_from_db()
        assert job.owner_process == ""
        assert jobs.rescue() == 0
    finally:
        owner_process.host.cache_clear()
        owner_process._signature.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_a_living_process_a_dead_one_and_a_stopped_one_are_distinguished(sleeper):
    child, signed = sleeper()
    assert not owner_process.is_gone(signed, uuid.uuid4())
    child.send_signal(signal.SIGSTOP)
    assert not owner_process.is_gone(signed, uuid.uuid4()), "who is stopped may go on"
    child.kill()
    child.wait()
    assert owner_process.is_gone(signed, uuid.uuid4())
