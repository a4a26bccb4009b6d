"""A long talk: memory, processor time, and how soon listening stops when it is canceled."""

import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.engines import footage
from bench.engines.running import Done, run, run_file, timeline_of
from bench.engines.scores import Row
from media_app.engines import asr

#: What an hour may cost, processor seconds for a second of sound: two cores at a quarter of its length.
ASR_SHARE, ASR_MB, TIMELINE_SHARE = 0.5, 700.0, 0.02


def rows(minutes: float) -> Iterator[Row]:
    """Each engine in a process of its own, so that the memory is its own."""
    for name, share, memory in (("asr", ASR_SHARE, ASR_MB), ("timeline", TIMELINE_SHARE, ASR_MB)):
        argv = [sys.executable, "-m", "bench.engines.one", name, str(minutes)]
        said = subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ}).stdout.split()
        yield Row(name, f"{minutes:g} min of talk: processor s per s", float(said[0]), "", share)
        yield Row(name, f"{minutes:g} min of talk: memory", float(said[1]), "MB", memory)
    # Of two threads: half of it passes on two idle cores.
    yield Row("asr", "longest stretch that cannot be canceled", _longest(), "cpu s", 4.0)


def talk() -> footage.Sound:
    """Some minutes: the voices in turn; `STUDIO_BENCH_TALK`: a recording at 16 kHz in their place."""
    named = os.environ.get("STUDIO_BENCH_TALK")
    return (
        footage.read(Path(named)) if named else np.concatenate([footage.spoken(voice)[0] for voice in footage.VOICES])
    )


def write(path: Path, minutes: float) -> Path:
    """The talk again and again, without ever being in memory whole."""
    once = (np.clip(talk(), -1, 1) * 32767).astype("<i2")
    left = round(60 * minutes * footage.RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(footage.RATE)
        while left > 0:
            file.writeframes(once[:left].tobytes())
            left -= len(once)
    return path


def _longest() -> float:
    """The most processor seconds between two looks at whether to stop, of two threads together."""
    looks: list[float] = []

    def cancelled() -> bool:
        looks.append(time.process_time())
        return False

    run(asr, talk(), cancelled=cancelled)
    return max(later - earlier for earlier, later in pairwise(looks))


def one(name: str, minutes: float) -> Done:
    """One engine over so many minutes."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = write(Path(folder) / "talk.wav", minutes)
        return timeline_of(path) if name == "timeline" else run_file(asr, path)
