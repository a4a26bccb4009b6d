import os
import subprocess
import sys

import pytest

from sync_app.core.engine import align
from sync_app.plots import evidence_png
from tests.core.sync_app.signals import chatter, filmed, track

PROGRAM = """
import hashlib
from sync_app.core.engine import align
from sync_app.plots import evidence_png
from tests.core.sync_app.signals import chatter, filmed, track
sound = chatter(70, 24)
found = align([track("A", filmed(sound, 0, 20, 1)), track("B", filmed(sound, 4, 24, 2, ppm=60)), track("C", chatter(71, 8))])
print(hashlib.sha256(repr(found).encode()).hexdigest(), hashlib.sha256(evidence_png("B", found.cameras["B"])).hexdigest())
"""


def answer(threads: str) -> str:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, threads), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_one_thread_and_two_give_the_same_bytes():
    assert answer("1") == answer("2")


def test_two_runs_give_the_same_json_and_picture():
    sound = chatter(72, 20)
    tracks = [track("A", filmed(sound, 0, 16, 1)), track("B", filmed(sound, 4, 20, 2))]

    first, second = align(tracks), align(tracks)

    assert first == second
    assert first.cameras["B"].evidence.as_json() == second.cameras["B"].evidence.as_json()
    assert evidence_png("B", first.cameras["B"]) == evidence_png("B", second.cameras["B"])


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    """What stands in memory of a new process that has imported the engine and nothing else."""
    program = "import sys, sync_app.core.engine; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return ended.stdout.split()


@pytest.mark.parametrize("module", ["librosa", "numba", "django"])
def test_the_engine_does_not_load_what_costs_seconds(loaded, module):
    assert "sync_app.core.engine" in loaded
    assert module not in loaded
