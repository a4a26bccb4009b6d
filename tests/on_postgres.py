"""Run tests on a real PostgreSQL instead of SQLite: `python -m tests.on_postgres [pytest's arguments]`.

Without arguments: everything of the apps that holds on both. The server lives in a temporary folder for as long as the run.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.services.servers import ServiceMissing, postgres

HERE = Path(__file__).parent
USUAL = [
    "-q", "-m", "not services and not browser", "--ignore-glob=*/test_storage*",
    str(HERE / "apps" / "sessions_app"), str(HERE / "apps" / "media_app"), str(HERE / "apps" / "sync_app"),
]  # fmt: skip


def main(arguments: list[str]) -> int:
    try:
        with postgres() as server:
            environment = os.environ | {"DATABASE_URL": server.url, "CONN_MAX_AGE": "0"}
            return subprocess.run(
                [sys.executable, "-m", "pytest", *(arguments or USUAL)], env=environment, check=False
            ).returncode
    except ServiceMissing as missing:
        sys.stderr.write(f"NOT RUN ON POSTGRES: {missing}\n")
        return 1 if os.environ.get("CI", "").lower() in ("1", "true") else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
