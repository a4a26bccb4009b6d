"""What test jobs do, and the threads that do it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from media_app import jobs, process
from media_app.jobs import Handlers, JobType
from tests.support.waiting import PATIENCE_S

done: list[str] = []
owners_notified: list[tuple[str, str]] = []
begun = threading.Event()


def succeed(run: jobs.Run) -> None:
    done.append(str(run.job.pk))


def fail(run: jobs.Run) -> None:
    raise RuntimeError("The disk went away.")


def refuse(run: jobs.Run) -> None:
    raise jobs.CannotSucceed("The file is a poem. Upload a film.")


def wait_for_the_end(run: jobs.Run) -> None:
    begun.set()
    while True:
        run.check()
        time.sleep(0.01)


def encode_for_ever(run: jobs.Run) -> None:
    run.progress(1, "encoding")
    begun.set()
    process.ffmpeg(
        ["-re", "-f", "lavfi", "-i", "testsrc=d=600", "-f", "null", "-"], process.Control(run.cancelled, run.scratch)
    )


def encode_for_a_while(run: jobs.Run) -> None:
    """Three seconds of ffmpeg in the job's own folder."""
    process.ffmpeg(
        ["-re", "-f", "lavfi", "-i", "testsrc=d=3:s=64x64", str(run.scratch / "out.mp4")],
        process.Control(run.cancelled),
    )


def encode(run: jobs.Run) -> None:
    process.ffmpeg(
        ["-v", "info", "-f", "lavfi", "-i", "testsrc=d=0.2:s=64x64", str(run.scratch / "out.mp4")],
        process.Control(logs=run.scratch),
    )
    with run.completing() as result:
        result["bytes"] = (run.scratch / "out.mp4").stat().st_size


def encode_nothing(run: jobs.Run) -> None:
    process.ffmpeg(["-i", "no-such-file", "-f", "null", "-"], process.Control(logs=run.scratch))


def notify(job) -> None:
    owners_notified.append((str(job.pk), job.status))


def notify_badly(job) -> None:
    raise ValueError("The owner has moved.")


def register() -> None:
    for name, run in {
        "": succeed,
        "fail_": fail,
        "refuse_": refuse,
        "wait_for_the_end_": wait_for_the_end,
        "encode_for_ever_": encode_for_ever,
        "encode_for_a_while_": encode_for_a_while,
        "encode_": encode,
        "encode_nothing_": encode_nothing,
    }.items():
        jobs.register(JobType(f"test_{name}v1", "Testing", Handlers(run, notify)))
    jobs.register(JobType("test_render_v1", "Testing", Handlers(succeed), kind="render"))
    jobs.register(JobType("test_bad_owner_v1", "Testing", Handlers(refuse, notify_badly)))
    done.clear()
    owners_notified.clear()
    begun.clear()


def at_once(count: int, work: Callable[[int], object]) -> list:
    """What `work(0)` … `work(count − 1)` answer, begun at the same moment in threads of their own."""
    start = threading.Barrier(count)

    def one(number: int):
        try:
            start.wait(PATIENCE_S)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
