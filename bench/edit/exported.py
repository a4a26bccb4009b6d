"""An export of two outputs beside a command by hand and beside its encoders alone, which read the same pictures as they come out of its graph:
processor seconds."""

import resource
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from bench.edit.forms import Cut
from render_app.core import catalogue
from render_app.core.catalogue import Profile
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.films import Film
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, MediaReference, Track
from render_app.core.timeline.nouns import Sequence as Timeline
from tests.support.films import material

#: A film as large as its cameras, and one of half the size.
SIZES = {"main": Fraction(1), "small": Fraction(1, 2)}


def rows(
    cameras: Sequence[Path], cuts: Sequence[Cut], rate: Fraction, size: tuple[int, int], folder: Path
) -> Iterator[tuple[str, float]]:
    """What each way costs. The profile is the one that an export has where it says none."""
    base = replace(catalogue.profiles()["social_1080p_h264"], fps=rate, extension=".mov")
    profiles = {
        name: replace(base, width=int(size[0] * part), height=int(size[1] * part)) for name, part in SIZES.items()
    }
    commands = _export(cameras, cuts, profiles, folder)
    yield "export", _ran(commands, folder)
    yield "export by hand", _ran([_by_hand(cameras, cuts, rate, profiles, folder)], folder)
    yield "encoders alone", sum(_alone(one, profiles, folder) for one in commands[:-1])


def _export(
    cameras: Sequence[Path], cuts: Sequence[Cut], profiles: dict[str, Profile], folder: Path
) -> list[list[str]]:
    """The planner's own commands: the last one joins the parts that the others make, and adds a silent sound."""
    rate, at, clips = profiles["main"].fps, 0, []
    for number, cut in enumerate(cuts):
        begin, end = (Fraction(1000 * frame) / rate for frame in (cut.start, cut.start + cut.frames))
        clips.append(Clip(str(number), MediaReference(str(cut.camera)), end, begin, Fraction(1000 * at) / rate))
        at += cut.frames
    sequence = Timeline("s", rate, tracks=(Track("t", "video", tuple(clips), muted=True),))
    files = {str(number): path for number, path in enumerate(cameras)}
    plan = compile_outputs(
        [Film(name, sequence, (), RenderWish(one)) for name, one in profiles.items()], material(files)[0]
    )
    for name, text in plan.files.items():
        (folder / name).write_text(text)
    names = {f"file:{{input:{n}}}": f"file:{files[one['asset_id']]}" for n, one in enumerate(plan.inputs)}
    names |= {f"{{output:{one.name}}}": str(folder / one.file) for one in plan.films}
    return [[names.get(part, part) for part in command] for command in plan.commands]


def _by_hand(
    cameras: Sequence[Path], cuts: Sequence[Cut], rate: Fraction, profiles: dict[str, Profile], folder: Path
) -> list[str]:
    """An input with its own seek for each cut, split between the encoders."""
    inputs = []
    for cut in cuts:
        inputs += ["-ss", f"{float(max(0, cut.start - Fraction(1, 2)) / rate):.6f}", "-i", str(cameras[cut.camera])]
    graph = [f"[{n}:v]trim=end_frame={cut.frames},setpts=PTS-STARTPTS[t{n}]" for n, cut in enumerate(cuts)]
    joined = "".join(f"[t{n}]" for n in range(len(cuts)))
    small = profiles["small"]
    graph.append(
        f"{joined}concat=n={len(cuts)}:v=1:a=0,split[main][half];[half]scale={small.width}:{small.height}[small]"
    )
    outputs = []
    for name, one in profiles.items():
        outputs += ["-map", f"[{name}]", *picture_args(one), str(folder / f"hand-{name}.mov")]
    return [*inputs, "-filter_complex", ";".join(graph), *outputs]


def _alone(command: list[str], profiles: dict[str, Profile], folder: Path) -> float:
    """The encoders of a command by themselves, all at once as they are there, of the very pictures that they get there: a film that was encoded
    already has less in it, and is encoded the faster."""
    drawn, raw, encoded, files = command[: command.index("-map")], list[str](), list[str](), list[Path]()
    for number, (name, one) in enumerate(profiles.items()):
        files.append(folder / f"{name}.yuv")
        drawn += ["-map", f"[picture{number}]", "-fps_mode", "passthrough", "-f", "rawvideo", str(files[-1])]
        pictures = ["-f", "rawvideo", "-pix_fmt", one.pix_fmt, "-s", f"{one.width}x{one.height}"]
        raw += [*pictures, "-framerate", str(one.fps), "-i", str(files[-1])]
        encoded += ["-map", f"{number}:v", *picture_args(one), str(folder / f"alone-{name}.mov")]
    _ran([drawn], folder)
    spent = _ran([[*raw, *encoded]], folder)
    for file in files:
        file.unlink()
    return spent


def _ran(commands: Sequence[Sequence[str]], folder: Path) -> float:
    """Processor seconds of these commands of ffmpeg."""
    begun = _spent()
    for args in commands:
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *args], cwd=folder, check=True)
    return _spent() - begun


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
