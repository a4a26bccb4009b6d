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
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.services.servers import accepts, free_port, postgres

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "bench" / "operators.json"
#: Database → operators, and the limit of each p95 in ms.
CASES = {"SQLite": (50, 100.0), "PostgreSQL": (200, 150.0)}
SESSIONS_EACH = 4
THINK_S = (1.0, 3.0)
WARM_UP_S = 4.0
ENCODES = 2
TENANT = "t_bench"


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
    """How far the encodes are: they tell it as their progress."""
    return sum(int(path.read_text() or 0) for path in Path(folder).glob("encode-*"))


def spent(session: int) -> float:
    """Seconds of processor that the living programs of a session (setsid) have used."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def everybody(
    port: int, people: list[dict], seconds: float, web: int
) -> tuple[dict[str, list[float]], Counter, float]:
    clicks: dict[str, list[float]] = defaultdict(list)
    errors: Counter = Counter()
    await asyncio.gather(*(warmed(port, person) for person in people[:16]))
    begun = time.monotonic()
    counted = (begun + WARM_UP_S, begun + WARM_UP_S + seconds)
    spending = asyncio.create_task(spent_between(web, counted))
    await asyncio.gather(*(operator(port, person, counted, clicks, errors) for person in people))
    return clicks, errors, await spending


async def spent_between(session: int, moments: tuple[float, float]) -> float:
    seen = []
    for moment in moments:
        await asyncio.sleep(moment - time.monotonic())
        seen.append(spent(session))
    return seen[1] - seen[0]


async def warmed(port: int, person: dict) -> None:
    """Each page once, so that no process of the server loads it while the clock runs."""
    for ways in CLICKS.values():
        for way in ways:
            method, path, body = way(person["sessions"][0], random.Random(0))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await asked(reader, writer, f"{method} {path} HTTP/1.1\r\n{headers_of(port, person)}", body)
            writer.close()


def headers_of(port: int, person: dict) -> str:
    cookies = f"sessionid={person['cookie']}; csrftoken={CSRF}"
    return f"Host: 127.0.0.1:{port}\r\nCookie: {cookies}\r\nX-CSRFToken: {CSRF}\r\n"


async def operator(port: int, person: dict, counted: tuple[float, float], clicks, errors: Counter) -> None:  # type: ignore[no-untyped-def]
    dice = random.Random(person["cookie"])
    headers = headers_of(port, person)
    await asyncio.sleep(dice.uniform(0, THINK_S[1]))
    connection = None
    while time.monotonic() < counted[1]:
        session = dice.choice(person["sessions"])
        kind = dice.choices(("list", "read", "write"), (4, 4, 2))[0]
        method, path, body = CLICKS[kind][dice.randrange(2)](session, dice)
        begun = time.monotonic()
        try:
            if connection is None:
                connection = await asyncio.open_connection("127.0.0.1", port)
            status = await asked(*connection, f"{method} {path} HTTP/1.1\r\n{headers}", body)
        except (OSError, asyncio.IncompleteReadError):
            if connection is not None and time.monotonic() - begun < 0.05:
                connection = None  # the server had closed an idle connection: a browser opens another and says nothing
                continue
            status, connection = 0, None
        if counted[0] <= begun < counted[1]:
            clicks[kind].append(time.monotonic() - begun)
            if not 200 <= status < 300:
                errors[f"{method} {path.split('?')[0].replace(session, '…')}: {status}"] += 1
        await asyncio.sleep(dice.uniform(*THINK_S))
    if connection is not None:
        connection[1].close()


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: dict | None) -> int:
    """One request and its whole answer. Raises OSError, IncompleteReadError."""
    data = b"" if body is None else json.dumps(body).encode()
    extra = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n" if body is not None else ""
    writer.write(f"{head}{extra}\r\n".encode() + data)
    await writer.drain()
    answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in answer[1:])}
    if fields.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        await reader.readexactly(int(fields.get("content-length", 0)))
    return int(answer[0].split(" ")[1])


CSRF = "b" * 32
CLICKS = {
    "list": (
        lambda session, dice: ("GET", "/sessions/", None),
        lambda session, dice: ("GET", "/v2/sessions?status=needs-review", None),
    ),
    "read": (
        lambda session, dice: ("GET", f"/sessions/{session}/review/", None),
        lambda session, dice: ("GET", f"/v2/sessions/{session}", None),
    ),
    "write": (
        lambda session, dice: ("PATCH", f"/v2/sessions/{session}", {"title": f"Lesson {dice.randrange(1000)}"}),
        lambda session, dice: (
            "POST",
            f"/v2/sessions/{session}/sync/correct",
            {"offsets": {"B": round(dice.uniform(-500, 500), 1), "C": 12.5}, "correctedBy": "Ann"},
        ),
    ),
}


def prepare(operators: int) -> None:
    """The operators, their sessions of three cameras, synced and waiting; and who may come in with which cookie."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import transaction

    from sessions_app.core.tenant import Context
    from tests import factories

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    place = Context(TENANT, "dev").stamp()
    people = []
    with transaction.atomic():
        for number in range(operators):
            user = factories.a_user(f"operator-{number}", TENANT)
            login = SessionStore()
            login[SESSION_KEY], login[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
            login[BACKEND_SESSION_KEY] = "sessions_app.web.auth.Accounts"
            login.create()
            sessions = [
                factories.a_synced_session("ABC", title=f"Lesson {number}.{index}", **place)
                for index in range(SESSIONS_EACH)
            ]
            people.append({"cookie": login.session_key, "sessions": [str(session.pk) for session in sessions]})
    (settings.VAR_DIR / "people.json").write_text(json.dumps(people))


def encode(number: int) -> None:
    """A worker that encodes until it is stopped, with the heartbeat and the progress of any job."""
    import django

    django.setup()
    from media_app import jobs
    from media_app.management.commands.media_worker import stop_on_signals
    from sessions_app.core.tenant import Context

    jobs.register(jobs.JobType("bench_encode_v1", "Benchmark", jobs.Handlers(encode_for_ever)))
    os.environ["BENCH_NUMBER"] = str(number)
    jobs.enqueue("bench_encode_v1", Context(TENANT, "dev"), input_json={})
    jobs.serve(stop_on_signals(), job_types=["bench_encode_v1"])


def encode_for_ever(run) -> None:  # type: ignore[no-untyped-def]
    from django.conf import settings

    from media_app import process

    told = settings.VAR_DIR / f"encode-{os.environ['BENCH_NUMBER']}"

    def tell(progress) -> None:  # type: ignore[no-untyped-def]
        told.write_text(str(progress.frames))
        run.progress(min(99.0, progress.frames / 1000), f"frame {progress.frames}")

    source = "testsrc2=s=1920x1080:r=30,noise=alls=8:allf=t"
    process.ffmpeg(
        ["-f", "lavfi", "-i", source, "-t", "3600", "-c:v", "libx264", "-preset", "veryfast", "-f", "null", "-"],
        process.Control(run.cancelled, run.scratch),
        on_progress=tell,
    )


ROLES = {"prepare": prepare, "encode": encode}

if __name__ == "__main__":
    raise SystemExit(main())
