"""What the field showed, as seeded cases: `case(seed, kind, index)`. Made once, then kept under `var/bench/field`."""

import hashlib
import inspect
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from bench.sync import (
    clocks,
    event,
    field_adverse,
    field_clipped,
    field_clocks,
    field_edge,
    field_files,
    field_hard,
    field_lines,
    field_mixed,
    field_nothing,
    field_segments,
    field_short,
    field_songs,
    ltc,
)
from bench.sync.field_files import LAYOUTS, FileCase, Heard
from bench.sync.scenes import NEGATIVE, Case, Truth, kept_as_int16, loud

KEPT = Path("var/bench/field")
Maker = Callable[..., Case | FileCase]


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the judge's table (`group`), how the case is made, and whether it comes as files."""

    group: str
    make: Maker
    files: bool = False
    costly: bool = False


KINDS: dict[str, Kind] = {
    **{f"line-{kind}": Kind("line", field_lines.scene) for kind in field_lines.SCENES},
    **{kind: Kind("line", make) for kind, make in field_hard.HARD.items()},
    "line-harsh": Kind("line", field_edge.harsh),
    "line-late": Kind("line", field_lines.late),
    "line-overlap": Kind("line", field_lines.overlap),
    "segments-paused": Kind("segments", field_segments.paused),
    "segments-last-25-s": Kind("segments", field_segments.last_25_s),
    "segments-first-12-s": Kind("segments", field_segments.first_12_s),
    "segments-hour": Kind("segments", field_segments.end_of_an_hour, costly=True),
    "segments-25-min": Kind("segments", field_segments.end_of_25_minutes),
    "segments-middle": Kind("segments", field_segments.middle),
    "segments-six-s": Kind("segments", field_segments.six_seconds),
    "segments-two-jumps": Kind("segments", field_segments.two_jumps),
    "segments-small-jump": Kind("segments", field_segments.small_jump),
    "segments-foreign": Kind("segments", field_segments.foreign_middle),
    "segments-drift": Kind("segments", field_mixed.drifting_pause),
    "segments-quiet": Kind("segments", field_mixed.quiet_pause),
    "line-walking": Kind("line", field_mixed.walking),
    "bent-drops": Kind("bent", field_segments.many_drops),
    "bent-knee": Kind("bent", field_clocks.straight_then_level),
    "bent-swing": Kind("bent", field_clocks.swing),
    "bent-thermal": Kind("bent", field_clocks.thermal),
    "bent-turning": Kind("bent", field_clocks.turning),
    "rate-pulldown": Kind("rates", field_clocks.other_rate),
    "rate-pal": Kind("rates", field_clocks.other_rate),
    "rate-44.1-as-48": Kind("rates", field_clocks.other_rate),
    "rate-crystal": Kind("rates", field_clocks.crystal),
    "nothing-program": Kind("nothing", field_nothing.program),
    "nothing-backing": Kind("nothing", field_nothing.backing),
    "nothing-jingle": Kind("nothing", field_nothing.jingle),
    "nothing-speech": Kind("nothing", field_nothing.other_speech),
    "nothing-timecode": Kind("nothing", field_files.two_events_timecode, files=True),
    **{f"nothing-{kind}": Kind("nothing", field_nothing.hopeless) for kind in NEGATIVE},
    **{f"channels-{kind}": Kind("channels", field_files.channels, files=True) for kind in LAYOUTS},
    "timecode-free": Kind("channels", field_files.free_timecode, files=True),
    "edge-drowned": Kind("edge", field_edge.drowned),
    "edge-brief": Kind("edge", field_edge.brief),
    **{kind: Kind("adverse", make) for kind, make in field_adverse.ADVERSE.items()},
    **{kind: Kind("adverse", make) for kind, make in field_clipped.CLIPPED.items()},
    **{kind: Kind("nothing", make) for kind, make in field_songs.ELSEWHERE.items()},
    **{kind: Kind("adverse", make) for kind, make in field_songs.HERE.items()},
    **{kind: Kind("short", make) for kind, make in field_short.SHORT.items()},
    "timecode-jammed": Kind("channels", field_files.jammed_timecode, files=True),
}


def case(seed: int, kind: str, index: int = 0) -> Case | FileCase:
    """One case; the same for the same seed, kind and index as long as the generators stay."""
    found = KINDS[kind]
    folder = KEPT / f"{kind}-{seed}-{index}-{_edition(found.make)}"
    return _file_case(folder, seed, kind, index) if found.files else _array_case(folder, seed, kind, index)


def _rng(seed: int, kind: str, index: int) -> np.random.Generator:
    return np.random.default_rng([seed, index, zlib.crc32(kind.encode())])


@cache
def _edition(make: Maker) -> str:
    """A digest of the generators' code, so that a changed generator makes its cases anew."""
    own = inspect.getmodule(make)
    parts: list[ModuleType] = [clocks, event, *([own, ltc] if own is field_files else [own] if own else [])]
    return hashlib.sha256("".join(inspect.getsource(part) for part in parts).encode()).hexdigest()[:8]


def _array_case(folder: Path, seed: int, kind: str, index: int) -> Case:
    kept, name = folder.with_suffix(".npz"), f"{kind}-{seed}-{index}"
    if not kept.exists():
        made = KINDS[kind].make(_rng(seed, kind, index), kind, name)
        truths = np.array([(t.offset_s, t.ppm, t.start_s, t.end_s) for t in made.truths]).reshape(-1, 4)
        KEPT.mkdir(parents=True, exist_ok=True)
        part = folder.with_suffix(".part.npz")
        np.savez(part, a=kept_as_int16(made.a), b=kept_as_int16(made.b), truths=truths, easy=made.easy)
        part.rename(kept)
    with np.load(kept) as held:
        truths = tuple(Truth(*(float(v) for v in row)) for row in held["truths"])
        return Case(name, kind, loud(held["a"]), loud(held["b"]), truths, bool(held["easy"]))


def _file_case(folder: Path, seed: int, kind: str, index: int) -> FileCase:
    said = folder / "case.json"
    if not said.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = KINDS[kind].make(_rng(seed, kind, index), kind, f"{kind}-{seed}-{index}", folder)
        said.write_text(json.dumps(asdict(made), default=str))
    held = json.loads(said.read_text())
    heard = held["heard"] and Heard(held["heard"]["stream"], tuple(held["heard"]["channels"]), held["heard"]["how"])
    files = (folder / Path(held["files"][0]).name, folder / Path(held["files"][1]).name)
    return FileCase(held["name"], kind, files, tuple(Truth(**truth) for truth in held["truths"]), heard)
