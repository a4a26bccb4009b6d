"""The queue's second engine: Celery carries wake-ups from machine to machine, the database says what is to be done.

    celery -A studio worker --queues io,cpu,render --concurrency 2
    celery -A studio worker --beat --queues housekeeping --concurrency 2 --hostname beat@%h

Jobs are imported inside the tasks: Celery loads this page before Django's models.
"""

import contextlib
import mmap
import os
import threading

from celery import Celery, signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")

KINDS = ("io", "cpu", "render")
HOUSEKEEPING = "housekeeping"
SWEEP_SECONDS = 3.0
TIDY_SECONDS = 600.0

app = Celery("studio", set_as_current=True)
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_transport_options={
        # A message given out twice, because its job takes longer than this, finds nothing to claim.
        "visibility_timeout": settings.REDIS_VISIBILITY_SECONDS,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "socket_keepalive": True,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A job goes on while its worker looks for the broker.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # Acknowledged when the job has ended, or its process: what a killed process leaves is the lease's to find, and a
    # message that came back by itself would kill process after process over one bad job.
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,
    worker_lost_wait=1.0,
    worker_max_tasks_per_child=500,
    worker_proc_alive_timeout=60.0,
    task_ignore_result=True,
    task_publish_retry=False,
    task_serializer="json",
    accept_content=["json"],
    task_queues=[Queue(name) for name in (*KINDS, HOUSEKEEPING)],
    task_default_queue=HOUSEKEEPING,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    timezone="UTC",
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "sweep": {"task": "studio.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
        "tidy": {"task": "studio.tidy", "schedule": TIDY_SECONDS, "options": {"expires": TIDY_SECONDS}},
    },
)


class _Stopping:
    """Set by the worker's first process, seen by those that do the jobs: the memory is shared between them."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._shared[0] = 1

    def is_set(self) -> bool:
        return bool(self._shared[0])


stopping = _Stopping()


@signals.celeryd_init.connect
def _refuse_bad_settings(**_) -> None:
    from studio.runtime import checks  # reads the settings, which are not there yet when this module is loaded

    try:
        checks.refuse()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error  # what else a receiver raises is logged, and the worker starts


@signals.worker_shutting_down.connect
def _give_jobs_back(**_) -> None:
    stopping.set()


@signals.worker_process_init.connect
@signals.beat_embedded_init.connect
def _die_with_the_worker(**_) -> None:
    from media_app.process import die_with_parent  # after Django is ready

    die_with_parent()


@signals.worker_ready.connect
def _look_for_hardware(**_) -> None:
    """In a thread: a driver that stands still must not hold the worker up."""
    threading.Thread(target=_record_encoders, name="hardware", daemon=True).start()


def _record_encoders() -> None:
    # After Django is ready: its apps load this module.
    from django.db import DatabaseError, connection

    from media_app import jobs

    with contextlib.suppress(DatabaseError):
        jobs.report_alive(jobs.worker_name())
        jobs.record_encoders()
    connection.close()


@signals.heartbeat_sent.connect
def _idle_yet_alive(**_) -> None:
    """The processes that do jobs say nothing while there are none; the one above them speaks for them."""
    # After Django is ready: its apps load this module.
    from django.db import DatabaseError, connection

    from media_app import jobs

    with contextlib.suppress(DatabaseError):
        jobs.report_alive(jobs.worker_name())
        jobs.rescue()  # a killed child's job need not wait for its lease, nor those of the worker that was here before
    connection.close()  # a child that is forked later must not inherit it


@signals.worker_shutdown.connect
@signals.worker_process_shutdown.connect
def _sign_off(**_) -> None:
    # After Django is ready: its apps load this module.
    from django.db import DatabaseError

    from media_app import jobs

    with contextlib.suppress(DatabaseError):
        jobs.report_stopped(jobs.worker_name())


@app.task(name="studio.look")
def look(kind: str) -> None:
    """The best due job of this kind, from claim to its end: not the one whose making sent this message, for priorities and
    fairness are the database's. None is due when another was quicker."""
    from media_app import jobs  # after Django is ready

    if not stopping.is_set():
        jobs.clear_scratch()
        jobs.report_alive(jobs.worker_name())
        jobs.run_one(jobs.worker_name(), stopping, kinds=[kind])


@app.task(name="studio.sweep")
def sweep() -> None:
    from media_app import jobs  # after Django is ready

    jobs.sweep()


@app.task(name="studio.tidy")
def tidy() -> None:
    from media_app.services import chores  # after Django is ready

    chores.tidy()
