"""Processor seconds, memory, open files and wrong frames of the planner and of each form by hand; three cameras, cuts from one to the next; and
what it costs to render the film again when one cut has moved.

CUTS=10,60,300 SECONDS=60 make bench-edit
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from bench.edit import again, exported
from bench.edit.forms import FORMS, Cut
from render_app.core import catalogue
from render_app.core.plan.chunks import SEGMENT_MS, Window, windows_of
from render_app.core.plan.compiling import Plan, compile_segment
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, MediaReference, Track
from render_app.core.timeline.nouns import Sequence as Timeline
from tests.support import media
from tests.support.films import commands_of, compiled, material

# Large enough to be taken for BT.709: smaller pictures are converted to it, which the forms by hand do not do.
RATE, SIZE = Fraction(25), (1280, 720)
#: As cameras write it: a keyframe each second, pictures out of order by two.
CAMERA = (*media.H264, "-g", "25", "-bf", "2")
#: Seconds from one look at the files that a process has open to the next.
LOOK_S = 0.02


def main() -> int:
    # A nice encode starves on a busy machine.
    os.environ.update(DJANGO_SETTINGS_MODULE="studio.settings", PROGRAM_NICENESS="0")
    seconds = int(os.environ.get("SECONDS", "60"))
    cameras = [
        media.slate(f"bench-{name}.mp4", seconds=seconds, rate="25", size=SIZE, video=CAMERA, flash_phase=phase)
        for name, phase in zip("abc", (0.1, 0.4, 0.7), strict=True)
    ]
    wrong = 0
    for count in map(int, os.environ.get("CUTS", "10,60").split(",")):
        cuts = _cuts(count, seconds)
        print(
            f"{count} cuts in {seconds} s, {SIZE[0]}×{SIZE[1]}: processor s · largest process MB · most files open · wrong frames"
        )
        for name in ("planner", *FORMS):
            with tempfile.TemporaryDirectory() as folder:
                cpu, rss, opened, off = _measured(name, cameras, cuts, Path(folder))
            wrong += off if name == "planner" else 0
            print(f"  {name:16} {cpu:7.1f} {rss:7.0f} {opened:5} {off:5}", flush=True)
        print(f"  planned: {_planned_reads(cameras, cuts)}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            text, off = again.row(
                cameras, cuts, replace(catalogue.profiles()["preview_720p_fast"], fps=RATE), Path(folder)
            )
        wrong += off
        print(f"  {text}", flush=True)
        _print_exports(cuts, seconds)
    return int(wrong > 0)


def _planned_reads(cameras: Sequence[Path], cuts: Sequence[Cut]) -> str:
    """What the plan reads, and what of a film in chunks is made again when one cut moves by five frames."""
    whole = _compiled(cameras, cuts)
    work = whole.meta["work"]
    before, after = _chunk_keys(cameras, cuts), _chunk_keys(cameras, again.moved(cuts))
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    share = work["decoded_frames"] / work["needed_frames"]
    return f"decoded/needed {share:.2f} · one cut moved: {changed} of {len(before)} chunks of `jobs/chunked`"


def _chunk_keys(cameras: Sequence[Path], cuts: Sequence[Cut]) -> list[str]:
    """The key of each chunk of 15 s."""
    frames = sum(cut.frames for cut in cuts)
    windows = windows_of(RenderWish(_profile()), Fraction(frames * 1000) / RATE, SEGMENT_MS)
    return [_compiled(cameras, cuts, one).cache_key for one in windows]


def _print_exports(cuts: Sequence[Cut], seconds: int) -> None:
    """The rows of an export of two outputs, of pictures as busy as a camera's."""
    cameras = [
        media.slate(
            f"busy-{name}.mp4", seconds=seconds, size=SIZE, video_filter="noise=alls=8:allf=t", flash_phase=phase
        )
        for name, phase in zip("abc", (0.1, 0.4, 0.7), strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        found = dict(exported.rows(cameras, cuts, RATE, SIZE, Path(folder)))
    alone = found["encoders alone"]
    for name, cpu in found.items():
        print(f"  {name:16} {cpu:7.1f} {cpu / alone:7.2f} × the encoders alone", flush=True)


def _cuts(count: int, seconds: int) -> list[Cut]:
    """Cuts of nearly the same length and on no keyframe, the cameras in turn, each from where the one before ended."""
    total, apart = round(seconds * RATE), seconds * RATE / count
    inside = [round(number * apart) + number * 37 % 15 % max(1, int(apart / 3)) - 3 for number in range(1, count)]
    edges = [0, *inside, total]
    return [Cut(number % 3, first, last - first) for number, (first, last) in enumerate(pairwise(edges))]


def _measured(name: str, cameras: Sequence[Path], cuts: Sequence[Cut], folder: Path) -> tuple[float, float, int, int]:
    """Runs in a process of its own, so that its children's numbers are theirs alone."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        used = _run(name, cameras, cuts, folder)
        os.write(write, repr(used).encode())
        os._exit(0)
    os.waitpid(child, 0)
    cpu, rss, opened = eval(os.read(read, 100).decode())
    codes = media.frame_codes(folder / "film.mov")
    wanted = [cut.start + number for cut in cuts for number in range(cut.frames)]
    off = sum(code != want for code, want in zip(codes, wanted, strict=False)) + abs(len(codes) - len(wanted))
    return cpu, rss, opened, off


def _run(name: str, cameras: Sequence[Path], cuts: Sequence[Cut], folder: Path) -> tuple[float, float, int]:
    out = folder / "film.mov"
    if name == "planner":
        commands = _planned(cameras, cuts, folder, out)
    else:
        commands = FORMS[name](cameras, cuts, RATE, picture_args(_profile()), out)
    opened = max(_most_open(args, folder) for args in commands)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, opened


def _most_open(args: Sequence[str], folder: Path) -> int:
    """Run a command; the most files that it had open, pipes and its own output among them, as the system lists them."""
    most, program = 0, subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-y", *args], cwd=folder)
    while program.poll() is None:
        with suppress(OSError):
            most = max(most, sum(1 for _ in Path(f"/proc/{program.pid}/fd").iterdir()))
        time.sleep(LOOK_S)
    assert program.returncode == 0, args
    return most


def _profile() -> catalogue.Profile:
    return replace(
        catalogue.profiles()["preview_720p_fast"], width=SIZE[0], height=SIZE[1], fps=RATE, extension=".mov",
        audio_codec="pcm_s16le", audio_bitrate_kbps=None,
    )  # fmt: skip


def _planned(cameras: Sequence[Path], cuts: Sequence[Cut], folder: Path, out: Path) -> list[list[str]]:
    """The planner's own commands, without those of the sound, which the forms do not make."""
    plan = _compiled(cameras, cuts)
    for name, text in plan.files.items():
        (folder / name).write_text(text)
    return commands_of(plan, _files(cameras), out)


def _files(cameras: Sequence[Path]) -> dict[str, Path]:
    return {str(number): path for number, path in enumerate(cameras)}


def _compiled(cameras: Sequence[Path], cuts: Sequence[Cut], window: Window | None = None) -> Plan:
    """The plan of the cuts, or of one chunk of them."""
    at, clips = 0, []
    for number, cut in enumerate(cuts):
        begin, end = (Fraction(1000 * frame) / RATE for frame in (cut.start, cut.start + cut.frames))
        clips.append(Clip(str(number), MediaReference(str(cut.camera)), end, begin, Fraction(1000 * at) / RATE))
        at += cut.frames
    sequence = Timeline("s", RATE, tracks=(Track("t", "video", tuple(clips), muted=True),))
    wish = RenderWish(_profile())
    if window is None:
        return compiled(sequence, _files(cameras), wish)
    return compile_segment(sequence, material(_files(cameras))[0], (), window.of(wish))


if __name__ == "__main__":
    sys.exit(main())
