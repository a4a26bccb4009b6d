"""A plan of several films and local copies of its inputs → the films, each measured and held against the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_app.core import kinds
from media_app.core.sound import presets
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.master import master
from media_app.making.workspace import Workspace
from render_app.core.plan import checking
from render_app.core.plan.outputs import MASTERED, PROGRAM
from render_app.making import copied
from render_app.making.film import Pass, WrongFilm, listen, run_pass
from render_app.making.prepared import prepare

#: Percent when every frame is made.
FRAMES_MADE = 95
CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".jpg": "image/jpeg",
}
#: The master's file: every sample of it, for what is encoded is encoded once.
_AS_SAMPLES = {"picture": "drop", "codec": "pcm_s24le", "sample_rate": 48_000, "channels": 2, "bitrate_kbps": None}


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where the films are made, and the local files that the plan's names stand for."""

    plan: Mapping[str, Any]
    inputs: Sequence[Path]
    names: Mapping[str, str]
    work: Workspace
    stall_s: float

    def run(self, command: Sequence[str], made: int) -> tuple[str, ...]:
        """One command, whose frames follow on `made` earlier ones; what was run."""
        args = [self._filled(part) for part in command]
        frames = Pass(made, max(1, self.plan["films"][0]["expected"]["frames"]), FRAMES_MADE)
        return run_pass(args, frames, self.work, self.stall_s).argv

    def _filled(self, part: str) -> str:
        bare = part.removeprefix("file:")
        return f"{part[: len(part) - len(bare)]}{self.names.get(bare, bare)}"


def export(plan: Mapping[str, Any], inputs: Sequence[Path], work: Workspace, *, stall_s: float) -> Outputs:
    """Run a plan's commands in the folder of `work`, exactly as they are, and look at every film. One of copied packets that is not as its
    originals is encoded after all.

    `stall_s`: seconds without progress after which a command is stopped. Raises WrongFilm, and as `process.run` and `master`.
    """
    bench = _Bench(plan, inputs, _names(plan, inputs, work), work, stall_s)
    argvs, warnings = _run(bench)
    found = {film["name"]: work.ffprobe(work.folder / film["file"], entries=checking.ENTRIES) for film in plan["films"]}
    copies = [film for film in plan["films"] if film["share"] is not None]
    doubts = {film["name"]: _doubt(film, found[film["name"]], work) for film in copies}
    failed = {name: doubt for name, doubt in doubts.items() if doubt}
    films = [film for film in plan["films"] if film["name"] not in failed]
    files = [_measured(film, found[film["name"]], work) for film in films]
    if failed:
        encoded = _encoded_after_all(plan, inputs, bench)
        files += [file for file in encoded.files if file.meta["name"] in failed]
        argvs += encoded.commands
        warnings += [f"{name}: {doubt}; all of it was encoded instead of copied." for name, doubt in failed.items()]
    order = [film["name"] for film in plan["films"]]
    files.sort(key=lambda file: order.index(file.meta["name"]))
    # A job that waited since before there were captions has none.
    files += [_side_file(one, work) for one in plan.get("sides", ())]
    if plan["still"]:
        files.append(describe(kinds.FRAME, work.folder / plan["still"], content_type=CONTENT_TYPES[".jpg"]))
    return Outputs(tuple(files), {}, tuple(warnings), tuple(argvs))


def _names(plan: Mapping[str, Any], inputs: Sequence[Path], work: Workspace) -> dict[str, str]:
    """The plan's names of files → local paths."""
    names = {f"{{input:{number}}}": str(path) for number, path in enumerate(inputs)}
    return names | {f"{{output:{film['name']}}}": str(work.folder / film["file"]) for film in plan["films"]}


def _run(bench: _Bench) -> tuple[list[tuple[str, ...]], list[str]]:
    """Every command; what was run, and what a person should know of the mastering."""
    plan, work = bench.plan, bench.work
    for name, text in plan["files"].items():
        (work.folder / name).write_text(text)
    prepare(plan, bench.inputs, work.folder)
    made, argvs, warnings = 0, [], list[str]()
    for number, (command, frames) in enumerate(zip(plan["commands"], plan["frames"], strict=True)):
        if number == plan["mastered_after"]:
            warnings += _master(plan["meta"]["preset"], work)
        argvs.append(bench.run(command, made))
        made += frames
        # A job that waited since before there were measures has none.
        for one in plan.get("measures", ()):
            if one["command"] == number:
                listen(work.folder, one, plan["films"][0]["expected"]["duration_ms"])
    return argvs, warnings


def _doubt(film: Mapping[str, Any], found: Mapping[str, Any], work: Workspace) -> str:
    """Why a film of copied packets cannot be kept; empty where it can. `found`: what ffprobe says of it."""
    work.report(FRAMES_MADE, "comparing the copied packets")
    wrong = checking.film_faults(found, film["expected"], sound_only=False)
    return "; ".join(wrong or copied.faults(film, work.folder / film["file"], work))


def _encoded_after_all(plan: Mapping[str, Any], inputs: Sequence[Path], bench: _Bench) -> Outputs:
    """The same films without a copied packet."""
    instead = {**plan["fallback"], "meta": plan["meta"]}
    known = [_file_named(one) for one in plan["inputs"]]
    paths = [inputs[known.index(_file_named(one))] for one in instead["inputs"]]
    return export(instead, paths, bench.work.subfolder("encoded"), stall_s=bench.stall_s)


def _file_named(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Which file an input is, whatever of it is shown."""
    return one["asset_id"], one["artifact_id"], one["kind"], one["version"]


def _master(preset: str, work: Workspace) -> tuple[str, ...]:
    """Master the program's sound as a preset says; what a person should know of it."""
    wanted = presets.load(preset, {"output": _AS_SAMPLES})
    done = master(work.folder / PROGRAM, wanted, work.subfolder("master").share(FRAMES_MADE, FRAMES_MADE + 2))
    done.files[0].path.rename(work.folder / MASTERED)
    return done.warnings


def _side_file(side: Mapping[str, Any], work: Workspace) -> DerivedFile:
    """A file of captions as the plan has it."""
    path = work.folder / side["name"]
    path.write_text(side["text"], encoding="utf-8", newline="")
    return describe(kinds.CAPTIONS, path, {"name": side["name"], "side": True}, content_type=side["content_type"])


def _measured(film: Mapping[str, Any], found: Mapping[str, Any], work: Workspace) -> DerivedFile:
    """A film as it came out. Raises WrongFilm. `found`: what ffprobe says of it."""
    path = work.folder / film["file"]
    if wrong := checking.film_faults(found, film["expected"], sound_only=film["sound_only"]):
        message = f"The output {film['name']} is not what was planned ({'; '.join(wrong)}). None of it was kept."
        raise WrongFilm(message)
    meta = {"name": film["name"], **checking.measured(found)}
    return describe(kinds.RENDER, path, meta, content_type=CONTENT_TYPES[path.suffix])
