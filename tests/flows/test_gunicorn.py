"""The server as it is shipped: several processes whose figures are one, and a log of one object a line."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
import requests

from tests.services.servers import Program, accepts, free_port

ROOT = Path(__file__).resolve().parents[2]
COUNTED = re.compile(r'studio_http_responses_total{method="GET",route="alive",status="200"} ([\d.]+)')


@pytest.fixture
def gunicorn(tmp_path):
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "SECRET_KEY": "x" * 50, "STUDIO_VAR": str(tmp_path / "var")}
    environment |= {"LOG_FORMAT": "json", "TMPDIR": str(tmp_path), "DEBUG": "1"}
    command = [sys.executable, "-m", "gunicorn", "--config", "studio/gunicorn.py", "-b", f"127.0.0.1:{port}", "-w", "2"]
    log = tmp_path / "gunicorn.log"
    server = Program([*command, "studio.wsgi:application"], log, lambda: accepts(port), env=environment, cwd=ROOT)
    with server:
        server.wait_until_ready()
        yield f"http://127.0.0.1:{port}", log
    assert not list(tmp_path.glob("studio-metrics-*"))


def test_each_process_reports_what_all_have_counted(gunicorn):
    address, log = gunicorn
    for _ in range(20):
        assert requests.get(f"{address}/healthz", timeout=30).status_code == 200
    # The database of this server has no tables, which takes the figures of requests from nobody.
    for _ in range(6):
        said = requests.get(f"{address}/metrics", timeout=30).text
        assert float(COUNTED.search(said)[1]) == 20
        assert "studio_database_up 0.0" in said
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    asked = [line for line in lines if line["logger"] == "studio.requests" and line["route"] == "alive"]
    assert len(asked) == 20
    assert len({line["request_id"] for line in asked}) == 20
