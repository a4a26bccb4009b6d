"""The queue: one row per job, one holder per row. `tasks.py` of each app registers what its jobs do.

registry (what a type does) → line (in, out, back) → lease (who may write) → logs, heart → run (one job to its end) → claims,
recovery (by `holder`, who is still there) → worker (one job after another).
"""

from media_app.jobs.claims import claim
from media_app.jobs.failures import CannotSucceed, LeaseLost, backoff, outage_wait
from media_app.jobs.heartbeat import sign_of_life, sign_off
from media_app.jobs.queue import enqueue, request_cancel, retry, withdraw
from media_app.jobs.recovery import clear_scratch, rescue, sweep
from media_app.jobs.registry import job_given_up, known_types, register, work_of
from media_app.jobs.run import Run
from media_app.jobs.worker import run_here, run_one, serve, worker_name

__all__ = [
    "CannotSucceed",
    "LeaseLost",
    "Run",
    "backoff",
    "claim",
    "clear_scratch",
    "enqueue",
    "job_given_up",
    "known_types",
    "outage_wait",
    "register",
    "request_cancel",
    "rescue",
    "retry",
    "run_here",
    "run_one",
    "serve",
    "sign_of_life",
    "sign_off",
    "sweep",
    "withdraw",
    "work_of",
    "worker_name",
]
