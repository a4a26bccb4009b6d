"""What a plan's commands read besides their inputs: files made of a description that stands in the plan."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from render_app.core.cube import read_cube

Paths = Sequence[Path]


def prepare(plan: Mapping[str, Any], inputs: Paths, folder: Path) -> None:
    """Make every file that a plan describes, in the folder of its commands. The same description gives the same bytes."""
    for name, of in plan.get("made", {}).items():
        (folder / name).write_bytes(MAKERS[of["kind"]](of, inputs))


def local_of(name: str, inputs: Paths) -> Path:
    """The local copy for which a plan says {input:N}."""
    return inputs[int(name.strip("{}").removeprefix("input:"))]


def _lut(of: Mapping[str, Any], inputs: Paths) -> bytes:
    """A table without anything that ffmpeg's reader does not know."""
    return read_cube(local_of(of["of"], inputs).read_bytes()).text.encode()


MAKERS: dict[str, Callable[[Mapping[str, Any], Paths], bytes]] = {"lut": _lut}
