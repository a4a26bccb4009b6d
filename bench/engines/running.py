"""An engine over a sound, without a job: what it made, and what that cost."""

import json
import resource
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.engines.footage import Sound
from media_app.core import kinds
from media_app.engines import beat_features, semantic_timeline
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import talk


@dataclass(frozen=True, slots=True)
class Done:
    """`cpu_share`: processor seconds for one second of sound, ffmpeg's among them; `peak_mb`: the most memory that this process had
    meanwhile."""

    body: dict[str, Any]
    meta: dict[str, Any]
    cpu_share: float
    peak_mb: float


def run(engine: Any, sound: Sound, params: Any = None, cancelled: Callable[[], bool] = lambda: False) -> Done:
    """What the engine makes of it."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = talk.wav(Path(folder) / "sound.wav", sound)
        return run_file(engine, path, params, cancelled)


def run_file(
    engine: Any,
    path: Path,
    params: Any = None,
    cancelled: Callable[[], bool] = lambda: False,
    artifacts: Mapping[str, Path] = MappingProxyType({}),
) -> Done:
    """What the engine makes of a WAV, whose folder it works in. `artifacts`: what it needs besides."""
    found = inspect(path)
    source = Source(path, found, artifacts, backend=engine.ENGINE.choose().backend.name)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before = cpu()
    [document] = engine.make(source, params or engine.Params(), Workspace(path.parent, cancelled=cancelled)).documents
    return Done(document.body, document.meta, (cpu() - before) / float(found.duration), peak_mb())


def timeline_of(path: Path) -> Done:
    """The semantic timeline as its route makes it: its beats found first, and both paid for."""
    beats = run_file(beat_features, path)
    found = path.with_name("beats.json")
    found.write_text(json.dumps(beats.body))
    done = run_file(semantic_timeline, path, artifacts={kinds.BEAT_FEATURES.name: found})
    return Done(done.body, done.meta, beats.cpu_share + done.cpu_share, max(beats.peak_mb, done.peak_mb))


def cpu() -> float:
    """Processor seconds of this process and of the programs it has run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mb() -> float:
    """The most memory that this process had since the peak was last counted anew."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
