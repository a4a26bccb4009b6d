"""What a plan's commands read besides their inputs: files made of a description that stands in the plan."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from media_app.errors import CannotSucceed
from render_app.core.cube import read_cube
from render_app.making.fonts import shipped_font

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


def _text(of: Mapping[str, Any], inputs: Paths) -> bytes:
    """Words in the fonts that the plan was made with. Raises CannotSucceed where that was replaced."""
    from render_app.making import drawn  # noqa: PLC0415 (Skia is slow to load)

    return drawn.text_png(of, _font(of, inputs), [_font(one, inputs) for one in of.get("fallbacks", ())])


def _font(of: Mapping[str, Any], inputs: Paths) -> bytes:
    name = of["font"]
    font = local_of(name, inputs).read_bytes() if name.startswith("{") else shipped_font(name)
    if hashlib.sha256(font).hexdigest() != of["font_sha256"]:
        raise CannotSucceed(f"The font {name} was replaced after this render was requested. Request it again.")
    return font


def _vector(of: Mapping[str, Any], inputs: Paths) -> bytes:
    from render_app.making import drawn  # noqa: PLC0415 (Skia is slow to load)

    return drawn.vector_png(of)


MAKERS: dict[str, Callable[[Mapping[str, Any], Paths], bytes]] = {
    "lut": _lut,
    "text": _text,
    "vector": _vector,
}
