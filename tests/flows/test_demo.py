"""`make demo`'s half that is ours: from nothing to an approved sync, with the real server and the real workers."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from django.conf import settings

from studio.demo.footage import CERTAIN, make_shoot
from tests.support.media import FOOTAGE

#: Half the demo's event, in pictures of half its size: their length and size are for people who look at them.
BRIEF = replace(
    CERTAIN, seconds=24, cameras=tuple(replace(camera, height=camera.height // 2) for camera in CERTAIN.cameras)
)
#: `manage.py demo` with that shoot.
DEMO = """
import runpy, sys
from studio.demo import footage
from tests.flows.test_demo import BRIEF
footage.CERTAIN = BRIEF
sys.argv = ["manage.py", "demo"]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.timeout(600)
def test_the_demo_takes_a_shoot_from_files_to_ready_within_twenty_milliseconds(tmp_path):
    # Mezzanines are no part of what this shows, and dear; the footage is made once for all runs.
    environment = {**os.environ, "STUDIO_VAR": str(tmp_path / "var"), "MEZZANINE": "off", "DEMO": "main"}
    make_shoot(BRIEF, FOOTAGE / "demo" / BRIEF.slug)
    shutil.copytree(FOOTAGE / "demo", tmp_path / "var" / "demo")
    environment.pop("DATABASE_URL", None)

    done = subprocess.run(
        [sys.executable, "-c", DEMO],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "var" / "demo" / "report.json").read_text())
    assert report["status"] == "ready"
    assert set(report["cameras"]) == {"B", "C"}
    for camera in report["cameras"].values():
        assert abs(camera["error_ms"]) <= 20
        assert camera["classification"] == "looks-good"
    assert set(report["proxy_urls"]) == {"A", "B", "C"}
    assert (report["film"]["durationMs"], report["film"]["frames"]) == (6000, 144)
