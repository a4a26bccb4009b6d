"""A plan and local copies of its inputs → the film."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from media_app import process
from media_app.core import kinds
from media_app.core.ffmpeg.sound import SAMPLE_RATE
from media_app.core.kinds import Kind
from media_app.core.sound import loudness
from media_app.core.sound.loudness import Gain, Loudness
from media_app.core.time.progress import Progress
from media_app.errors import CannotSucceed
from media_app.making.explain import ran_out_of_memory
from media_app.making.files import Outputs, describe
from media_app.making.loudness import held, read_meter
from media_app.making.speech_key import regions_of, write_key
from media_app.making.workspace import Workspace
from media_app.process.hardware import HARDWARE_LIMITS
from render_app.core.plan import checking
from render_app.core.plan.by_chunks import commands_of
from render_app.core.plan.mixing import GAIN
from render_app.making.prepared import local_of, prepare

#: Percent when every frame is made; what is left is the joining.
FRAMES_MADE = 97
#: Room for the decoders of a command's inputs next to what one picture takes.
MEMORY_BYTES = 8 << 30
#: LU that a film may be away from the loudness that was asked for before it is said so.
NEAR_ENOUGH = 0.5
#: What ffmpeg says when a graph of filters ends with an error, and it goes on without it.
FILTERS_FAILED = "Error while filtering"
#: What vidstab says of a frame whose motion it cannot find.
NO_HOLD = "no translations are detected in frame"

TOO_LARGE = "Making this film takes more memory than one may take. Make it in shorter parts, smaller, or with fewer tracks at a time."
#: What ffprobe is asked for of a chunk: how it is encoded, as its decoder is to be set up, byte by byte.
_ENCODED = (
    "-select_streams", "v:0", "-show_data_hash", "SHA256",
    "-show_entries", "stream=codec_name,profile,level,width,height,pix_fmt,time_base,extradata_hash",
)  # fmt: skip

_NAMED = re.compile(r"\{input:(\d+)\}")

#: A chunk of a plan, its file, and what was found out as it was made.
StoreChunk = Callable[[Mapping[str, Any], Path, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Chunks of long films. `ready`: those that were made before, by their names in the plan, the pictures all of one `encoding`; `facts`: what
    was found out as a sound among them was made; `keep` gets each chunk that is made."""

    store: StoreChunk
    ready: Mapping[str, Path] = field(default_factory=dict)
    encoding: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class UnlikeChunks(CannotSucceed):
    """Chunks that were not encoded alike: joined as they are, players would read all of them by what the first one says."""


class WrongFilm(CannotSucceed):
    """What came out is not what the plan expects; the same plan would give the same again."""

    code = "wrong_film"


def render(
    plan: Mapping[str, Any],
    inputs: Sequence[Path],
    work: Workspace,
    *,
    stall_s: float,
    kind: Kind = kinds.RENDER,
    shelf: Shelf | None = None,
) -> Outputs:
    """Run a plan's commands in the folder of `work`, exactly as they are, and look at what came out, a file of this kind.

    `stall_s`: seconds without progress after which a command is stopped; `shelf`: of the chunks of a long film. Raises WrongFilm,
    UnlikeChunks, and as `process.run`.
    """
    out = work.folder / f"film{plan['meta']['extension']}"
    for name, text in plan["files"].items():
        (work.folder / name).write_text(_NAMED.sub(lambda found: str(inputs[int(found[1])]), text))
    prepare(plan, inputs, work.folder)
    _refuse_unlike(plan, inputs, work)
    run = _FilmRun(plan, inputs, out, work, stall_s)
    # A job that waited since before there were chunks or measures has none.
    chunks = plan.get("chunks", ()) if shelf else ()
    there = commands_of(run.take(one, shelf) for one in chunks if shelf and one["file"] in shelf.ready)
    ends = {one["commands"][1]: one for one in chunks}
    for number in (one for one in range(len(plan["commands"])) if one not in there):
        stderr = run.execute(number)
        for one in plan.get("measures", ()):
            if one["command"] == number:
                _MEASURES[one["kind"]](run, one, stderr)
        if shelf and number in ends:
            run.store(ends[number], shelf)
    found = work.ffprobe(out, entries=checking.ENTRIES)
    if wrong := checking.faults(found, plan["expected"]):
        raise WrongFilm(f"The film is not what was planned ({'; '.join(wrong)}). None of it was kept.")
    content_type = "video/quicktime" if out.suffix == ".mov" else "video/mp4"
    meta = {"duration_ms": plan["expected"]["duration_ms"], **run.facts}
    file = describe(kind, out, meta, content_type=content_type)
    return Outputs((file,), commands=tuple(run.ran.values()))


def _refuse_unlike(plan: Mapping[str, Any], inputs: Sequence[Path], work: Workspace) -> None:
    """Raise UnlikeChunks where the parts of a picture that are inputs do not all say the same of their encoding."""
    chunks = [int(number) for number in _NAMED.findall(plan["files"].get("pictures.txt", ""))]
    said = [_encoding_of(inputs[number], work) for number in chunks]
    for number, one in enumerate(said):
        if one != said[0]:
            raise UnlikeChunks(
                f"Chunk {number} was encoded differently from chunk 0, so they cannot be joined. Render the sequence whole, "
                "or in chunks of another length."
            )


def _encoding_of(path: Path, work: Workspace) -> dict[str, Any]:
    return dict(work.ffprobe(path, entries=_ENCODED)["streams"][0])


@dataclass(frozen=True, slots=True)
class Pass:
    """What a command of a plan adds: its frames follow on `made` of `total`, and `percent` is reached when all of them are made."""

    made: int
    total: int
    percent: float
    memory_bytes: int = MEMORY_BYTES


def run_pass(
    args: Sequence[str], part: Pass, work: Workspace, stall_s: float, counted: Callable[[int], None] | None = None
) -> process.Finished:
    """Run a command of a plan, with its progress. Damage in an original is passed over, as everywhere: the frames that come out are counted.
    `counted` gets how many frames it has made so far.

    Raises as `process.run`, CannotSucceed where it takes more memory than it may, and WrongFilm where a graph of filters gave up in the midst: ffmpeg makes silence of the rest, and ends well.
    """

    def on_progress(progress: Progress) -> None:
        if counted is not None:
            counted(progress.frames)
        done = min(part.total, part.made + progress.frames)
        work.report(part.percent * done / max(1, part.total), f"frame {done:,} of {part.total:,}")

    control = replace(work.control(), stall_s=stall_s)
    limits = process.Limits(memory_bytes=part.memory_bytes)
    try:
        done = process.ffmpeg(args, control, on_progress=on_progress, limits=limits, cwd=work.folder, damage_ok=True)
    except process.ToolFailed as error:
        if ran_out_of_memory(error):
            raise CannotSucceed(TOO_LARGE) from error
        raise
    if FILTERS_FAILED in done.stderr_tail:
        raise WrongFilm(
            "ffmpeg stopped in the midst of a part of the film, and left out the rest. None of it was kept."
        )
    return done


@dataclass
class _FilmRun:
    """A plan under way. `gain`: of the mix, once it is measured; `ran`: each command as it ran last; `frames`: that the last one made;
    `encoding`: of the chunks that are made here, which is the same for all of them."""

    plan: Mapping[str, Any]
    inputs: Sequence[Path]
    out: Path
    work: Workspace
    stall_s: float
    gain: Gain = field(default_factory=Gain)
    ran: dict[int, tuple[str, ...]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    frames: int = 0
    encoding: dict[str, Any] | None = None

    def take(self, chunk: Mapping[str, Any], shelf: Shelf) -> Mapping[str, Any]:
        """The same chunk, whose file was made before and stands for what its commands make."""
        (self.work.folder / chunk["file"]).symlink_to(shelf.ready[chunk["file"]])
        if chunk["kind"] == "sound":
            self.facts |= shelf.facts
        return chunk

    def store(self, chunk: Mapping[str, Any], shelf: Shelf) -> None:
        """Give a chunk away. Raises UnlikeChunks where those that were ready are encoded otherwise, WrongFilm where it lacks a frame."""
        path = self.work.folder / chunk["file"]
        if chunk["kind"] == "sound":
            shelf.store(chunk, path, {name: self.facts[name] for name in ("loudness",) if name in self.facts})
            return
        wanted = self.plan["frames"][chunk["commands"][1]]
        if self.frames != wanted:
            raise WrongFilm(f"A part of the film has {self.frames} frames and not {wanted}. None of it was kept.")
        self.encoding = self.encoding or _encoding_of(path, self.work)
        if shelf.encoding is not None and shelf.encoding != self.encoding:
            raise UnlikeChunks("Another encoder made the chunks that are kept.")
        shelf.store(chunk, path, {"encoding": self.encoding})

    def execute(self, number: int) -> str:
        """Run a command; the last of its stderr."""
        args = [self._filled(part) for part in self.plan["commands"][number]]
        of_hardware = HARDWARE_LIMITS.memory_bytes if self.plan["meta"].get("hardware_encoder") else 0
        made, total = sum(self.plan["frames"][:number]), self.plan["expected"]["frames"]
        part = Pass(made, total, FRAMES_MADE, max(MEMORY_BYTES, of_hardware))
        done = run_pass(args, part, self.work, self.stall_s, self._count)
        self.ran[number] = done.argv
        self._count_unsteady(done.stderr_tail)
        return done.stderr_tail

    def _count(self, frames: int) -> None:
        self.frames = frames

    def _count_unsteady(self, stderr: str) -> None:
        """Note the frames whose motion could not be found, at least those of which the last of stderr tells."""
        if found := stderr.count(NO_HOLD):
            frames = found + self.facts.get("steadying", {}).get("frames", 0)
            said = f"In {frames:,} frames or more there is too little contrast to find the motion of the camera: they may shake."
            self.facts["steadying"] = {"frames": frames, "warning": said}

    def _filled(self, part: str) -> str:
        """An argument with local paths in place of the plan's names for them, and what was measured in its place."""
        if part == "{output}":
            return str(self.out)
        if part.startswith("file:{input:"):
            return f"file:{local_of(part.removeprefix('file:'), self.inputs)}"
        return part.replace(GAIN, ",".join(loudness.filters(self.gain, SAMPLE_RATE)) or "anull")

    def read(self, name: str, stderr: str) -> Loudness:
        """What a meter of the last command found."""
        return read_meter(self.work.folder, name, stderr)


def _speech(run: _FilmRun, wanted: Mapping[str, Any], stderr: str) -> None:
    listen(run.work.folder, wanted, run.plan["expected"]["duration_ms"])


def listen(folder: Path, wanted: Mapping[str, Any], duration_ms: float) -> None:
    """Who speaks when, as a side chain that lasts a little longer than the film."""
    regions = regions_of(folder / wanted["reads"], wanted["gate"], wanted["pause_s"])
    write_key(folder / wanted["writes"], regions, duration_ms / 1000 + 1)
    (folder / wanted["reads"]).unlink()


def _loudness(run: _FilmRun, wanted: Mapping[str, Any], stderr: str) -> None:
    """The gain that brings the mix to its loudness."""
    before, target = run.read("mix", stderr), wanted["target_lufs"]
    # In its linear mode loudnorm is a gain and nothing else, and leaves that mode without a word: the gain itself cannot.
    gain = replace(loudness.plan(before, target, wanted["ceiling_dbtp"]), linear=None)

    def measure(gain: Gain) -> float | None:
        run.gain = gain
        return run.read("mix", run.execute(wanted["command"])).integrated

    run.gain = held(gain, target, measure) if gain.ceiling is not None else gain
    run.facts["loudness"] = {
        "target_lufs": target,
        "before_lufs": before.integrated,
        "gain_db": round(run.gain.db, 3),
        "gain_kind": run.gain.kind,
    }


def _proof(run: _FilmRun, wanted: Mapping[str, Any], stderr: str) -> None:
    """How loud the film is."""
    after, facts = run.read("film", stderr), run.facts["loudness"]
    facts |= {"after_lufs": after.integrated, "true_peak_dbtp": after.true_peak}
    if after.integrated is None:
        facts["warning"] = "The sound is silent or too short to measure its loudness, so its level was left unchanged."
    elif abs(after.integrated - wanted["target_lufs"]) > NEAR_ENOUGH:
        asked = f"{after.integrated:.1f} LUFS, not {wanted['target_lufs']:g}"
        facts["warning"] = f"It came out at {asked}: its peaks are too far above the rest, or it is too quiet."


_MEASURES = {"speech": _speech, "loudness": _loudness, "proof": _proof}
