"""A plan and local copies of its inputs → the film."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from media_app import process
from media_app.core import kinds
from media_app.core.time.progress import Progress
from media_app.making.files import Outputs, describe
from media_app.making.workspace import Workspace
from render_app.core.plan import checking
from render_app.making.prepared import local_of, prepare

#: Percent when every frame is made; what is left is the joining.
FRAMES_MADE = 97
#: Room for the decoders of a command's inputs next to what one picture takes.
MEMORY_BYTES = 8 << 30


class WrongFilm(RuntimeError):
    """What came out is not what the plan expects."""


def render(plan: Mapping[str, Any], inputs: Sequence[Path], work: Workspace, *, stall_s: float) -> Outputs:
    """Run a plan's commands in the folder of `work`, exactly as they are, and look at what came out.

    `stall_s`: seconds without progress after which a command is stopped. Raises WrongFilm, and as `process.run`.
    """
    out = work.folder / f"film{plan['meta']['extension']}"
    for name, text in plan["files"].items():
        (work.folder / name).write_text(text)
    prepare(plan, inputs, work.folder)
    made, argvs = 0, []
    for command, frames in zip(plan["commands"], plan["frames"], strict=True):
        argvs.append(_run([_filled(part, inputs, out) for part in command], plan, made, work, stall_s))
        made += frames
    found = work.ffprobe(out, entries=checking.ENTRIES)
    if wrong := checking.faults(found, plan["expected"]):
        raise WrongFilm(f"The film is not what was planned ({'; '.join(wrong)}). Nothing of it was kept.")
    content_type = "video/quicktime" if out.suffix == ".mov" else "video/mp4"
    file = describe(kinds.RENDER, out, {"duration_ms": plan["expected"]["duration_ms"]}, content_type=content_type)
    return Outputs((file,), commands=tuple(argvs))


def _run(args: list[str], plan: Mapping[str, Any], made: int, work: Workspace, stall_s: float) -> tuple[str, ...]:
    """One command, whose frames follow on `made` earlier ones."""
    total = plan["expected"]["frames"]

    def on_progress(progress: Progress) -> None:
        done = min(total, made + progress.frames)
        work.report(FRAMES_MADE * done / total, f"frame {done:,} of {total:,}")

    control = replace(work.control(), stall_s=stall_s)
    limits = process.Limits(memory_bytes=MEMORY_BYTES)
    # Damage in an original is passed over, as everywhere: the frames that come out are counted.
    done = process.ffmpeg(args, control, on_progress=on_progress, limits=limits, cwd=work.folder, damage_ok=True)
    return done.argv


def _filled(part: str, inputs: Sequence[Path], out: Path) -> str:
    """An argument with local paths in place of the plan's names for them."""
    if part == "{output}":
        return str(out)
    if part.startswith("file:{input:"):
        return f"file:{local_of(part.removeprefix('file:'), inputs)}"
    return part
