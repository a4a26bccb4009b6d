"""2,000 jobs that do nothing, four workers: is each done once, and how many in a second?

    python -m bench.queue [--jobs 2000] [--workers 4] [--rounds 2]

Studio's queue on SQLite and on a PostgreSQL of its own, and procrastinate on the same PostgreSQL, in turn in one run. Each
worker is a process that has loaded everything before the clock starts; each job appends its number to its worker's file,
so a job done twice or not at all is seen without asking the queue. The best of `--rounds` counts; faults of any count.
Writes var/bench/queue.json. Ends with 1 when a job was lost or doubled, a database was locked, or procrastinate was faster.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.services.servers import postgres

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "bench" / "queue.json"
LIMIT_S = 120
CONTESTANTS = {
    "studio on SQLite": "studio",
    "studio on PostgreSQL": "studio",
    "procrastinate on PostgreSQL": "procrastinate",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="", help="contestants with this in their name")
    parser.add_argument("--as", dest="role", nargs=2, metavar=("CONTESTANT", "WHAT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        ROLES[tuple(options.role)](options.jobs)
        return 0
    found: dict[str, dict] = {}
    with postgres() as server:
        for _ in range(options.rounds):
            for name, contestant in CONTESTANTS.items():
                if options.only in name:
                    result = measured(name, contestant, server.url, options.jobs, options.workers)
                    found[name] = better(found[name], result) if name in found else result
    print(f"{'':28s} {'jobs/s':>8s} {'seconds':>8s} {'cpu ms':>7s} {'lost':>5s} {'doubled':>8s} {'locked':>7s}")
    for name, row in found.items():
        print(
            f"{name:28s} {row['jobs_per_s']:8.0f} {row['seconds']:8.2f} {row['cpu_ms_per_job']:7.2f} {row['lost']:5d} "
            f"{row['doubled']:8d} {row['locked']:7d}"
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"jobs": options.jobs, "workers": options.workers, "found": found}, indent=2) + "\n")
    return 0 if good(found) else 1


def better(one: dict, other: dict) -> dict:
    fast = max(one, other, key=lambda row: row["jobs_per_s"])
    return fast | {fault: one[fault] + other[fault] for fault in ("lost", "doubled", "locked")}


def good(found: dict[str, dict]) -> bool:
    mine = [row for name, row in found.items() if name.startswith("studio")]
    if any(row[fault] for row in mine for fault in ("lost", "doubled", "locked")):
        return False
    other = found.get("procrastinate on PostgreSQL", {"jobs_per_s": 0})
    return found.get("studio on PostgreSQL", other)["jobs_per_s"] >= other["jobs_per_s"]


def measured(name: str, contestant: str, postgres_url: str, count: int, workers: int) -> dict:
    """One contestant in a fresh database: queue the jobs, start the workers, let them go together."""
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder, database(name, folder, postgres_url) as url:
        environment = os.environ | {
            "DATABASE_URL": url, "STUDIO_VAR": folder, "DJANGO_SETTINGS_MODULE": "studio.settings", "BENCH_FOLDER": folder,
            "LOG_LEVEL": "WARNING", "JOB_DISPATCH": "embedded",
        }  # fmt: skip

        def start(role: str, log: Path) -> subprocess.Popen:
            argv = [sys.executable, "-m", "bench.queue", "--jobs", str(count), "--as", contestant, role]
            return subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=log.open("wb"), stderr=subprocess.STDOUT)

        place = Path(folder)
        prepared = place / "prepare.log"
        if start("prepare", prepared).wait(LIMIT_S):
            raise SystemExit(prepared.read_text())
        logs = [place / f"worker-{number}.log" for number in range(workers)]
        running = [start("work", log) for log in logs]
        try:
            wait_for(lambda: len(list(place.glob("ready-*"))) == workers, running, logs)
            (place / "go").touch()
            begun = time.perf_counter()
            wait_for(lambda: all(worker.poll() is not None for worker in running), [], logs)
            seconds = max(float(path.read_text()) for path in place.glob("end-*")) - begun
        finally:
            for worker in running:
                worker.kill()
                worker.wait()
        done = Counter(line for path in place.glob("done-*") for line in path.read_text().split())
        said = "".join(log.read_text(errors="replace") for log in logs)
        return {
            "jobs_per_s": round(count / seconds, 1),
            "seconds": round(seconds, 3),
            "cpu_ms_per_job": round(1000 * sum(float(path.read_text()) for path in place.glob("cpu-*")) / count, 3),
            "lost": count - len(done),
            "doubled": sum(times - 1 for times in done.values()),
            "locked": said.count("database is locked"),
        }


def wait_for(holds, running: list[subprocess.Popen], logs: list[Path]) -> None:  # type: ignore[no-untyped-def]
    ends = time.monotonic() + LIMIT_S
    while not holds():
        if time.monotonic() > ends or any(worker.poll() for worker in running):
            raise SystemExit("A worker ended or hangs:\n" + "\n".join(log.read_text()[-2000:] for log in logs))
        time.sleep(0.02)


@contextlib.contextmanager
def database(name: str, folder: str, postgres_url: str) -> Iterator[str]:
    import psycopg

    if "SQLite" in name:
        yield f"sqlite:///{folder}/studio.sqlite3"
        return
    admin = postgres_url.replace("postgres://", "postgresql://")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        connection.execute("CREATE DATABASE bench")
    yield postgres_url.rsplit("/", 1)[0] + "/bench"


def note(number: int) -> None:
    """The job: it leaves its number, in a file that no other worker writes."""
    with Path(os.environ["BENCH_FOLDER"], f"done-{os.getpid()}").open("a") as file:
        file.write(f"{number}\n")


@contextlib.contextmanager
def on_the_line() -> Iterator[None]:
    """Wait for all workers, then work; note the moment of the end, and the processor time used in between."""
    folder = Path(os.environ["BENCH_FOLDER"])
    (folder / f"ready-{os.getpid()}").touch()
    while not (folder / "go").exists():
        time.sleep(0.001)
    before = time.process_time()
    yield
    (folder / f"cpu-{os.getpid()}").write_text(str(time.process_time() - before))
    (folder / f"end-{os.getpid()}").write_text(str(time.perf_counter()))


def studio_noted(run) -> None:  # type: ignore[no-untyped-def]
    note(run.job.input_json["number"])


def studio_ready() -> None:
    # Django may be imported only once the environment has its settings.
    import django

    django.setup()
    from media_app import jobs

    jobs.register(jobs.JobType("bench_v1", "Benchmark", jobs.Handlers(studio_noted)))


def studio_prepares(count: int) -> None:
    studio_ready()
    from django.core.management import call_command
    from django.db import transaction

    from media_app import jobs
    from sessions_app.core.tenant import Context

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        for number in range(count):
            jobs.enqueue("bench_v1", Context(f"t_{number % 5}", "dev"), input_json={"number": number})


def studio_works(_: int) -> None:
    import threading

    studio_ready()
    from django.db import connection

    from media_app import jobs

    connection.ensure_connection()
    with on_the_line():
        jobs.serve(threading.Event(), drain=True, job_types=["bench_v1"])


def procrastinate_app():  # type: ignore[no-untyped-def]
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["DATABASE_URL"]))
    app.task(name="noted")(note)
    return app


def procrastinate_prepares(count: int) -> None:
    import asyncio

    async def prepare() -> None:
        async with procrastinate_app().open_async() as app:
            await app.schema_manager.apply_schema_async()
            await app.configure_task("noted").batch_defer_async(*({"number": number} for number in range(count)))

    asyncio.run(prepare())


def procrastinate_works(_: int) -> None:
    import asyncio

    async def work() -> None:
        async with procrastinate_app().open_async() as app:
            with on_the_line():
                await app.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)

    asyncio.run(work())


ROLES = {
    ("studio", "prepare"): studio_prepares,
    ("studio", "work"): studio_works,
    ("procrastinate", "prepare"): procrastinate_prepares,
    ("procrastinate", "work"): procrastinate_works,
}

if __name__ == "__main__":
    raise SystemExit(main())
