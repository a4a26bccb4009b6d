"""Operators who click while two encodes run: how long do they wait?

    python -m bench.operators [--seconds 20] [--only SQLite]

50 operators on SQLite, then 200 on a PostgreSQL of its own: the shipped web server, two workers that encode 1080p the
whole time, and operators who think for one to three seconds between clicks, as people do. Lists are the session list;
reads the review page and a session's answer to the API; writes a new title and corrected offsets, each in sessions of the
operator's own. A click ends when the whole answer has come. Writes var/bench/operators.json. Ends with 1 when a p95 is
over its limit or any answer was an error.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.operators.clicking import everybody
from bench.operators.programs import ROLES
from tests.services.servers import accepts, free_port, postgres

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "var" / "bench" / "operators.json"
#: Database → operators, and the limit of each p95 in ms.
CASES = {"SQLite": (50, 100.0), "PostgreSQL": (200, 150.0)}
ENCODES = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", default="", help="the database with this in its name")
    parser.add_argument("--as", dest="role", nargs=2, metavar=("ROLE", "NUMBER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        ROLES[options.role[0]](int(options.role[1]))
        return 0
    found = {}
    for name, (operators, limit) in CASES.items():
        if options.only in name:
            with contextlib.ExitStack() as running, tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
                url = running.enter_context(postgres()).url if name == "PostgreSQL" else f"sqlite:///{folder}/s.sqlite3"
                found[name] = measured(url, folder, operators, limit, options.seconds)
    print(
        f"{'':12s} {'operators':>9s} {'':6s} {'clicks':>7s} {'p50 ms':>8s} {'p95 ms':>8s} {'max ms':>8s} {'limit':>6s}"
    )
    for name, row in found.items():
        for kind, waits in row["waits"].items():
            print(
                f"{name:12s} {row['operators']:9d} {kind:6s} {waits['clicks']:7d} {waits['p50_ms']:8.1f} "
                f"{waits['p95_ms']:8.1f} {waits['max_ms']:8.1f} {row['limit_ms']:6.0f}"
            )
        print(
            f"{name:12s} errors: {row['errors'] or 'none'}; {row['clicks_per_s']} clicks a second, each "
            f"{row['web_ms_per_click']} ms of processor in the web server; frames encoded meanwhile: {row['encoded_frames']}"
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if all(good(row) for row in found.values()) else 1


def good(row: dict) -> bool:
    return not row["errors"] and all(waits["p95_ms"] <= row["limit_ms"] for waits in row["waits"].values())


def measured(url: str, folder: str, operators: int, limit: float, seconds: float) -> dict:
    environment = os.environ | {
        "DATABASE_URL": url, "STUDIO_VAR": folder, "DJANGO_SETTINGS_MODULE": "studio.settings", "LOG_LEVEL": "WARNING",
        "JOB_DISPATCH": "embedded", "ALLOWED_HOSTS": "127.0.0.1",
    }  # fmt: skip
    log = Path(folder) / "log"

    def start(*argv: str) -> subprocess.Popen:
        with log.open("ab") as said:
            return subprocess.Popen(
                [sys.executable, *argv], cwd=ROOT, env=environment, stdout=said, stderr=said, start_new_session=True
            )

    if start("-m", "bench.operators", "--as", "prepare", str(operators)).wait(120):
        raise SystemExit(log.read_text())
    people = json.loads((Path(folder) / "people.json").read_text())
    port = free_port()
    with stopped_afterwards() as programs:
        web = (
            "-m",
            "gunicorn",
            "--config",
            "studio/gunicorn.py",
            "--bind",
            f"127.0.0.1:{port}",
            "studio.wsgi:application",
        )
        programs.append(start(*web))
        programs += [start("-m", "bench.operators", "--as", "encode", str(number)) for number in range(ENCODES)]
        ends = time.monotonic() + 60
        while not accepts(port) or len(list(Path(folder).glob("encode-*"))) < ENCODES:
            if time.monotonic() > ends:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        before = frames(folder)
        clicks, errors, spent_s = asyncio.run(everybody(port, people, seconds, programs[0].pid))
        encoded = frames(folder) - before
        if any(program.poll() is not None for program in programs):
            raise SystemExit("A program ended:\n" + log.read_text()[-4000:])
    return {
        "operators": operators,
        "limit_ms": limit,
        "waits": {kind: summary(waits) for kind, waits in sorted(clicks.items())},
        "errors": dict(errors),
        "clicks_per_s": round(sum(map(len, clicks.values())) / seconds, 1),
        "web_ms_per_click": round(1000 * spent_s / max(1, sum(map(len, clicks.values()))), 2),
        "encoded_frames": encoded,
    }


def summary(waits: list[float]) -> dict[str, float]:
    ordered = sorted(1000 * wait for wait in waits)
    return {
        "clicks": len(ordered),
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "max_ms": round(ordered[-1], 1),
    }


@contextlib.contextmanager
def stopped_afterwards() -> Iterator[list[subprocess.Popen]]:
    programs: list[subprocess.Popen] = []
    try:
        yield programs
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(10)
            program.kill()
            program.wait()


def frames(folder: str) -> int:
    """How far the encodes are: as their progress reports it."""
    return sum(int(path.read_text() or 0) for path in Path(folder).glob("encode-*"))


if __name__ == "__main__":
    raise SystemExit(main())
