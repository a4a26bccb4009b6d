"""What a click costs the web process: processor time and queries, route by route.

    python -m bench.clicks [--times 100] [--only SQLite] [--route review] [--profile]

The whole application is called in this process, middleware and all, without a server or a network: so the figures are
processor time, which other work on the machine hardly moves. The sessions look as real ones do: three cameras, each with
its proxy, sound, peaks, thumbnail and mezzanine, and the jobs that made them. The figure is the cost that nine of ten
requests exceed: the others were disturbed less. Writes var/bench/clicks.json.
"""

import argparse
import contextlib
import cProfile
import io
import json
import os
import pstats
import random
import statistics
import tempfile
import time
from pathlib import Path

from bench.people import CSRF, signed_in
from tests.services.servers import postgres

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "bench" / "clicks.json"
TENANT = "t_bench"
SESSIONS = 100
DERIVED = (("proxy", ""), ("mezzanine", ""), ("waveform", "20"), ("waveform", "1000"), ("thumbnail", ""))
JSON = "application/json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--only", default="", help="the database with this in its name")
    parser.add_argument("--route", default="", help="the routes with this in their name")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    database = "PostgreSQL" if options.only and options.only in "PostgreSQL" else "SQLite"
    with contextlib.ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix="studio-bench-"))
        url = running.enter_context(postgres()).url if database == "PostgreSQL" else f"sqlite:///{folder}/s.sqlite3"
        os.environ |= {"DATABASE_URL": url, "STUDIO_VAR": folder, "DJANGO_SETTINGS_MODULE": "studio.settings"}
        os.environ |= {"LOG_LEVEL": "WARNING", "JOB_DISPATCH": "embedded", "ALLOWED_HOSTS": "127.0.0.1"}
        found = measured(options.times, options.route, options.profile)
    print(f"{database:24s} {'cpu ms':>8s} {'queries':>8s} {'bytes':>8s}")
    for name, row in found.items():
        print(f"{name:24s} {row['cpu_ms']:8.2f} {row['queries']:8d} {row['bytes']:8d}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({database: found}, indent=2) + "\n")
    return 0


def measured(times: int, only: str, profile: bool) -> dict[str, dict]:
    # Django may be imported only once the environment has its settings.
    import django

    django.setup()
    cookie, sessions = prepared()
    from studio.wsgi import application

    dice = random.Random(1)
    found = {}
    for stage in (UNDECIDED, DECIDED):
        for name, click in stage.items():
            if only in name:
                clicks = [click(dice.choice(sessions), dice) for _ in range(times)]
                found[name] = cost(lambda click: asked(application, cookie, *click), clicks, name if profile else "")
        for session in sessions:
            asked(application, cookie, *UNDECIDED["correct"](session, dice))
    return found


def cost(ask, clicks: list[tuple], profiled: str) -> dict:  # type: ignore[no-untyped-def]
    for click in clicks[:5]:
        ask(click)
    counted, profiler, spent = Counted(), cProfile.Profile(), []
    size = counted.around(lambda: ask(clicks[0]))
    if profiled:
        profiler.enable()
    for click in clicks:
        begun = time.process_time()
        ask(click)
        spent.append(time.process_time() - begun)
    if profiled:
        profiler.disable()
        print(f"\n== {profiled}", *counted.said, sep="\n   ")
        for order, lines in (("tottime", 30), ("cumtime", 70)):
            pstats.Stats(profiler).sort_stats(order).print_stats(lines)
    return {
        "cpu_ms": round(1000 * statistics.quantiles(spent, n=10)[0], 2),
        "queries": len(counted.said),
        "bytes": size,
    }


class Counted:
    """The statements of one request."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def around(self, ask):  # type: ignore[no-untyped-def]
        from django.db import connection

        with connection.execute_wrapper(self._note):
            return ask()

    def _note(self, execute, sql, parameters, many, context):  # type: ignore[no-untyped-def]
        self.said.append(sql)
        return execute(sql, parameters, many, context)


def asked(application, cookie: str, method: str, path: str, body: dict | None = None, htmx: str = "") -> int:  # type: ignore[no-untyped-def]
    """One request and its whole answer: its length. As gunicorn would ask."""
    data = b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:8000",
        "REMOTE_ADDR": "127.0.0.1", "HTTP_COOKIE": f"sessionid={cookie}; csrftoken={CSRF}", "HTTP_X_CSRFTOKEN": CSRF,
        "CONTENT_TYPE": JSON if body is not None else "", "CONTENT_LENGTH": str(len(data)),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(data), "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    if htmx:
        environ |= {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": htmx}
    said = []
    answer = application(environ, lambda status, headers, *_: said.append(status))
    try:
        length = sum(len(piece) for piece in answer)
    finally:
        answer.close()
    if said[0][0] != "2":
        raise SystemExit(f"{method} {path}: {said[0]}")
    return length


UNDECIDED = {
    "list page": lambda session, dice: ("GET", "/sessions/"),
    "list api": lambda session, dice: ("GET", "/v2/sessions?status=needs-review"),
    "review page": lambda session, dice: ("GET", f"/sessions/{session}/review/"),
    "review poll": lambda session, dice: ("GET", f"/sessions/{session}/review/state?seen=0"),
    "session page": lambda session, dice: ("GET", f"/sessions/{session}/"),
    "session poll": lambda session, dice: ("GET", f"/sessions/{session}/?seen=0", None, "session"),
    "steps page": lambda session, dice: ("GET", f"/sessions/{session}/steps/"),
    "session api": lambda session, dice: ("GET", f"/v2/sessions/{session}"),
    "sync api": lambda session, dice: ("GET", f"/v2/sessions/{session}/sync"),
    "new page": lambda session, dice: ("GET", "/sessions/new/"),
    "rename": lambda session, dice: (
        "PATCH",
        f"/v2/sessions/{session}",
        {"title": f"Lesson {dice.randrange(1000)}"},
    ),
    "init upload": lambda session, dice: (
        "POST",
        f"/v2/sessions/{session}/assets/init-upload",
        {"cameraLabel": "D", "filename": "d.mp4", "contentType": "video/mp4", "sizeBytes": 1000},
    ),
    "correct": lambda session, dice: (
        "POST",
        f"/v2/sessions/{session}/sync/correct",
        {"offsets": {"B": round(dice.uniform(-500, 500), 1), "C": 12.5}, "correctedBy": "Ann"},
    ),
}
DECIDED = {
    "edit api": lambda session, dice: ("GET", f"/v2/sessions/{session}/edit"),
    "review page, decided": lambda session, dice: ("GET", f"/sessions/{session}/review/"),
    "list page, decided": lambda session, dice: ("GET", "/sessions/?show=all"),
}


def prepared() -> tuple[str, list[str]]:
    """The cookie of somebody who is signed in, and the sessions of their tenant."""
    from django.core.management import call_command
    from django.db import transaction

    from sessions_app.core.tenant import Context
    from tests.support import factories

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    place = Context(TENANT, "dev").stamp()
    with transaction.atomic():
        user = factories.a_user("operator", TENANT)
        sessions = []
        for number in range(SESSIONS):
            session = factories.a_session(title=f"Lesson {number}", status="needs-review", **place)
            for label in "ABC":
                asset = factories.an_asset(session, label, duration_ms=3_600_000, width=1920, height=1080, fps="25")
                for kind, variant in DERIVED:
                    factories.a_derivative(asset, kind, variant)
                for work in ("ingest_sound_v1", "ingest_asset_v1", "engine_mezzanine_v1"):
                    factories.a_job(work, session=session, asset=asset, tenant=TENANT, status="COMPLETED")
            factories.a_result(session, {"A": 0.0, "B": 1234.5, "C": -80.25}, **evidence(session))
            sessions.append(str(session.pk))
    return signed_in(user), sessions


def evidence(session) -> dict:  # type: ignore[no-untyped-def]
    """What a sync leaves of a pair: places, pieces, and the pictures of its curves."""
    places = [{"at_s": 60.0 * place, "lag_ms": 1234.5, "score": 14.2, "error_ms": 0.1} for place in range(20)]
    keys = {label: {kind: f"sync/{session.pk}/{label}.{kind}" for kind in ("curve", "plot")} for label in "BC"}
    return {
        "details": {"windows": dict.fromkeys("BC", places)},
        "debug_artifacts": keys,
        "probability": {"B": 0.99, "C": 0.97},
    }


if __name__ == "__main__":
    raise SystemExit(main())
