"""The queue: one row per job, one owner per row. `tasks.py` of each app registers its job types.

registry (job types) → queue (in, out, back) → lease (who may write) → logs, heartbeat → run (one job to its end) → claims,
recovery (`owner_process`: which owners are still there) → worker (one job after another).
"""

from media_app.jobs.claims import claim
from media_app.jobs.failures import CannotSucceed, LeaseLost, backoff, outage_wait
from media_app.jobs.heartbeat import report_alive, report_stopped
from media_app.jobs.queue import enqueue, give_up, request_cancel, retry, withdraw
from media_app.jobs.recovery import clear_scratch, rescue, sweep
from media_app.jobs.registry import (
    Handlers,
    JobType,
    job_given_up,
    known_types,
    label_of,
    register,
    type_of,
    unwaited_types,
)
from media_app.jobs.run import Run
from media_app.jobs.statements import one_by_one
from media_app.jobs.worker import record_encoders, run_here, run_one, serve, worker_name

__all__ = [
    "CannotSucceed",
    "Handlers",
    "JobType",
    "LeaseLost",
    "Run",
    "backoff",
    "claim",
    "clear_scratch",
    "enqueue",
    "give_up",
    "job_given_up",
    "known_types",
    "label_of",
    "one_by_one",
    "outage_wait",
    "record_encoders",
    "register",
    "report_alive",
    "report_stopped",
    "request_cancel",
    "rescue",
    "retry",
    "run_here",
    "run_one",
    "serve",
    "sweep",
    "type_of",
    "unwaited_types",
    "withdraw",
    "worker_name",
]
