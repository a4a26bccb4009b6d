"""gunicorn: a few threads per process, so that uploads and Range reads do not wait for each other; and two processes per
processor, because a browser keeps to the process that first answered it: with one per processor, half of a machine may idle
while the other half has all the work."""

import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
if str(BASE_DIR) not in sys.path:
    sys.path.insert(0, str(BASE_DIR))

from studio.monitoring import logs  # noqa: E402  (after the path to it)

environ.Env.read_env(BASE_DIR / ".env")

workers = min(8, 2 * multiprocessing.cpu_count())
threads = 4
worker_class = "studio.runtime.web_worker.WholeRequestWorker"
#: For a process whose loop stands still. How long clients may take is the worker's (studio/runtime/web_worker.py).
timeout = 300
graceful_timeout = 15
keepalive = 30
accesslog = None
errorlog = "-"
loglevel = "warning"
limit_request_line = 8190
if os.environ.get("LOG_FORMAT") == "json":
    logconfig_dict = logs.configuration("json", "WARNING")
    logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": [], "level": "WARNING", "propagate": True}

# Where each process writes what it counts, so that /metrics, whichever process answers, gives the sum.
_counts = Path(tempfile.mkdtemp(prefix="studio-metrics-"))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_counts)


def child_exit(server, worker) -> None:
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 (it reads PROMETHEUS_MULTIPROC_DIR when loaded)

    mark_process_dead(worker.pid)


def on_exit(server) -> None:
    shutil.rmtree(_counts, ignore_errors=True)
