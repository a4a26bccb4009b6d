"""What Studio says of a case: through `engine.align` for arrays, through `manage.py sync_files` for files."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.sync.field_files import FileCase
from bench.sync.judge import Answer, Segment
from bench.sync.peers import reported_segments
from bench.sync.scenes import Case
from sync_app.core.engine import align
from sync_app.core.values import ArrayTrack


def asked(case: Case | FileCase) -> tuple[Answer, float]:
    """The answer for camera B and the processor seconds that it took."""
    return _files(case) if isinstance(case, FileCase) else _arrays(case)


def _arrays(case: Case) -> tuple[Answer, float]:
    began = time.process_time()
    found: Any = align([ArrayTrack("A", case.a, 48_000), ArrayTrack("B", case.b, 48_000)], master="A").cameras["B"]
    used = time.process_time() - began
    segments = [Segment(*reported) for reported in reported_segments(found)]
    windows = [w.lag_ms for w in found.evidence.windows if w.weight > 0] or [w.lag_ms for w in found.evidence.windows]
    answer = Answer(
        None if found.offset_ms is None else found.offset_ms / 1000,
        found.drift_ppm or 0.0,
        tuple(segments if len(segments) > 1 else ()),
        found.classification,
        found.probability,
        found.confidence,
        tuple(found.warnings),
        None,
        dict(found.evidence.measures),
        float(np.median(windows)) / 1000 if windows else None,
    )
    return answer, used


def _files(case: FileCase) -> tuple[Answer, float]:
    before = os.times()
    command = [sys.executable, "manage.py", "sync_files", *map(str, case.files), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    if ran.returncode:
        return Answer(None, 0.0, (), "refused", None, None, (ran.stderr.strip()[-400:],)), used
    said = json.loads(ran.stdout)
    ppm = said["drift_ppm"].get("B") or 0.0
    segments = tuple(
        Segment(s["start_ms"] / 1000, s["end_ms"] / 1000, s["offset_ms"] / 1000, s.get("drift_ppm", ppm) or 0.0)
        for s in said.get("segments", {}).get("B", ())
    )
    offset = said["offsets_ms"]["B"]
    return Answer(
        None if offset is None else offset / 1000,
        ppm,
        segments,
        said["classification"]["B"],
        said.get("probability", {}).get("B"),
        said["confidence"]["B"],
        tuple(said["warnings"]["B"]),
        _numbered(said.get("heard", {}).get("B"), case.files[1]),
    ), used


def _numbered(heard: dict | None, file: Path) -> dict | None:
    """`heard` with its stream as a number among the sound streams, from 1, in place of its index in the file."""
    if heard is None:
        return None
    command = ["ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=index", "-of", "csv=p=0"]
    reported = subprocess.run([*command, str(file)], capture_output=True, text=True, check=True).stdout
    indices = [int(number) for number in reported.replace(",", " ").split()]
    return heard | {"stream": indices.index(heard["stream"]) + 1}
