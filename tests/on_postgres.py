"""Run tests on a real PostgreSQL instead of SQLite: `python -m tests.on_postgres [pytest's arguments]`.

Without arguments: what could differ between the two. The server lives in a temporary folder for as long as the run.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.services.servers import ServiceMissing, postgres

HERE = Path(__file__).parent
USUAL = [
    "test_compiled.py", "test_fuzz.py", "test_hostile_requests.py", "test_tenants.py", "test_upgrade.py",
    "render_app/test_timelines_api.py", "render_app/test_render_races.py", "media_app/test_queue.py", "media_app/test_queue_races.py", "media_app/test_replay_purge.py", "media_app/test_uploads_api.py",
    "sessions_app/test_admin.py", "sessions_app/test_sessions_api.py", "sessions_app/test_states.py",
    "sync_app/test_review_api.py", "sync_app/test_sync_job.py",
]  # fmt: skip


def main(arguments: list[str]) -> int:
    try:
        with postgres() as server:
            environment = os.environ | {"DATABASE_URL": server.url, "CONN_MAX_AGE": "0"}
            # SQLite has the many examples; what the two take differently shows in the first ones.
            environment.setdefault("FUZZ_EXAMPLES", "2")
            return subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    *(arguments or ["-q", *(str(HERE / "apps" / name) for name in USUAL)]),
                ],
                env=environment,
                check=False,
            ).returncode
    except ServiceMissing as missing:
        sys.stderr.write(f"NOT RUN ON POSTGRES: {missing}\n")
        return 1 if os.environ.get("CI", "").lower() in ("1", "true") else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
