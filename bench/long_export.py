"""A programme of three hours, sparse: the camera that is heard drifts by 40 ppm, and its clicks are held against the master's clock up to
the last cut. And what a smart output costs where most of it is copied, beside the time that it lasts.

    python -m bench.long_export [--hours 3] [--seconds 300] [--size 1280x720] [--only sound|smart]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from bench.export import ffmpeg, spent
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from render_app.core import catalogue
from render_app.core.cut import Sound
from render_app.core.edit.angle import pace
from render_app.core.export.switching import points_of, shots_of
from render_app.core.export.timeline import Angle, timeline_of
from render_app.core.plan.films import Film, OutputsPlan
from render_app.core.plan.media import FileFacts, medium_of
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.reels import Reels, Segment
from render_app.core.plan.request import RenderWish
from render_app.core.plan.smart import gops_of, profile_like
from render_app.core.timeline.nouns import CameraReference
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.making import exports
from tests.support import media

#: When the camera that is heard began, in ms on the master's clock, and how its clock runs.
OFFSET, DRIFT = Fraction(-7314, 10), 40.0
#: A cut every so many seconds.
SHOT_S = {"sound": 60, "smart": 20}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=3)
    options.add_argument("--seconds", type=int, default=300, help="of the smart film")
    options.add_argument("--size", default="1280x720", help="of the smart film")
    options.add_argument("--only", choices=("sound", "smart"))
    said = options.parse_args()
    # Programs run as nice as the settings say.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="studio-bench-long-") as name:
        if said.only != "smart":
            wrong += sound_at_the_end(round(said.hours * 3600), Path(name))
        if said.only != "sound":
            width, height = (int(side) for side in said.size.split("x"))
            wrong += smart(said.seconds, (width, height), Path(name))
    return wrong


def segment(label: str, path: Path, offset: Fraction = Fraction(0), drift: float = 0.0) -> Segment:
    """A camera's file on the master's clock."""
    found = inspect(path)
    medium = medium_of(FileFacts(label, label, path.name, "", found.as_json()))
    end = offset + Fraction(found.duration) * 1000 * pace(drift)
    seen, heard = medium if medium.video else None, medium if medium.sound is not None else None
    return Segment(seen, heard, offset, end, offset, pace(drift))


def cut_of(reels: Reels, seen: str, heard: str, seconds: int, shot_s: int) -> tuple[Timeline, float]:
    """The cameras that are seen in turn, with cuts that fall on no keyframe; and when the last one is, in ms."""
    angles = {}
    for of, (one,) in reels.items():
        assert isinstance(of, CameraReference)
        assert one.start_ms is not None
        assert one.end_ms is not None
        span = ((one.start_ms, one.end_ms),)
        angles[of.camera_label] = Angle(of.camera_label, of, span, span if one.sound else ())
    times = [number * shot_s * 1000 + (137.3 if number else 0) for number in range(seconds // shot_s)]
    points = points_of([{"atMs": at, "angle": seen[number % len(seen)]} for number, at in enumerate(times)])
    shots = shots_of(points, Fraction(0), Fraction(seconds * 1000))
    return timeline_of(shots, angles, Sound(heard), Fraction(25)), times[-1]


def made(plan: OutputsPlan, paths: dict[str, Path], folder: Path):
    """The export, as its job makes it."""
    folder.mkdir()
    return exports.export(plan.as_json, [paths[one["asset_id"]] for one in plan.inputs], Workspace(folder), stall_s=600)


def looped(source: Path, times: int, out: Path) -> Path:
    """A file again and again, its packets as they are."""
    ffmpeg(
        ["-stream_loop", str(times - 1), "-i", str(source), "-map", "0", "-c", "copy", str(out)], out.parent, "error"
    )
    return out


def sound_at_the_end(seconds: int, folder: Path) -> int:
    """Whether the clicks of the drifting camera are on the master's clock up to the last cut."""
    paths = {"A": still_camera(seconds + 5, folder / "A.mp4"), "B": clicking(seconds + 5, folder / "B.flac")}
    paths["C"] = looped(paths["A"], 1, folder / "C.mp4")
    reels: Reels = {
        CameraReference("", label): (segment(label, path, *((OFFSET, DRIFT) if label == "B" else ())),)
        for label, path in paths.items()
    }
    cut, last_ms = cut_of(reels, "AC", "B", seconds, SHOT_S["sound"])
    base = catalogue.profiles()["social_1080p_h264"]
    profile = replace(base, width=64, height=36, fps=Fraction(1), preset="ultrafast")
    begun = spent()
    [file] = made(compile_outputs([Film("film", cut, (), RenderWish(profile))], reels), paths, folder / "sound").files
    cost = spent() - begun
    worst = [off_the_clock(file.path, at) for at in (60.0, seconds / 2, last_ms / 1000)]
    said = ", ".join(f"{one * 1000:.3f}" for one in worst)
    print(
        f"{seconds / 3600:g} h, {len(cut.tracks[0].clips)} shots, {cost:.0f} s of processor: clicks at most {said} ms off the master's clock "
        "near the beginning, the middle and the last cut",
        flush=True,
    )
    return int(max(worst) > 0.001)


def still_camera(seconds: int, path: Path) -> Path:
    """One frame a second, of grain: a file of hours that has next to nothing in it is refused."""
    gray = f"color=c=gray:s=64x36:r=1:d={seconds},noise=alls=40:allf=t"
    ffmpeg(
        ["-f", "lavfi", "-i", gray, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", "60", str(path)],
        path.parent,
        "error",
    )
    return path


def clicking(seconds: int, path: Path) -> Path:
    """A click in each second of its own clock, the first of each minute a quarter late."""
    minute, click = np.zeros(60 * media.RATE, np.float32), media.click()
    for at in (0.25, *range(1, 60)):
        begin = round(at * media.RATE)
        minute[begin : begin + len(click)] += click
    source = media.write_wav(path.with_suffix(".wav"), minute)
    ffmpeg(["-stream_loop", str(seconds // 60), "-i", str(source), "-t", str(seconds), str(path)], path.parent, "error")
    return path


def off_the_clock(path: Path, at_s: float) -> float:
    """By how many seconds a click near a time misses its place, at most."""
    begin = at_s - 5
    argv = [
        "ffmpeg",
        "-v",
        "error",
        "-ss",
        f"{begin:.6f}",
        "-t",
        "10",
        "-i",
        str(path),
        "-map",
        "0:a",
        "-af",
        "pan=mono|c0=c0",
    ]
    raw = subprocess.run([*argv, "-ar", str(media.RATE), "-f", "f32le", "-"], check=True, capture_output=True).stdout
    found = [begin + one for one in media.click_times(np.frombuffer(raw, np.float32))]
    assert len(found) >= 8, found
    return max(min(abs(one - place) for place in _places(begin)) for one in found)


def _places(begin: float) -> list[float]:
    """Where clicks must be in the film in the half minute from a time on."""
    own = Fraction(begin) - OFFSET / 1000
    seconds = range(int(own) - 2, int(own) + 30)
    clicks = [Fraction(second) + (Fraction(1, 4) if second % 60 == 0 else 0) for second in seconds]
    return [float(one * pace(DRIFT) + OFFSET / 1000) for one in clicks]


def smart(seconds: int, size: tuple[int, int], folder: Path) -> int:
    """What a film costs of which most is copied, every packet and decoder asked."""
    shot_s, paths = SHOT_S["smart"], {"S": clicking(seconds + 20, folder / "S.flac")}
    for label in "AB":
        short = media.slate(f"smart-{label}.mp4", seconds=20, size=size, video=media.camera_codec(gop=50), audio=None)
        paths[label] = looped(short, seconds // 20 + 1, folder / f"{label}.mp4")
    reels: Reels = {CameraReference("", label): (segment(label, path),) for label, path in paths.items()}
    found = {label: gops_of(inspect(paths[label]).as_json()) for label in "AB"}
    gops = {label: one for label, one in found.items() if not isinstance(one, str)}
    assert len(gops) == len(found), found
    cut, _ = cut_of(reels, "AB", "S", seconds, shot_s)
    profile = profile_like(gops["A"], catalogue.profiles()["social_1080p_h264"])
    film = Film("cut", cut, (), RenderWish(profile), gops=gops)
    plan = compile_outputs([film], reels)
    begun = spent()
    done = made(plan, paths, folder / "smart")
    cost, share = spent() - begun, plan.films[0].share
    assert share is not None
    print(
        f"smart: {seconds} s of {size[0]}×{size[1]}, {share:.0%} copied: {cost:.1f} s of processor, {seconds / cost:.1f} times as fast as it plays; "
        f"said: {', '.join(done.warnings) or 'nothing'}",
        flush=True,
    )
    return int(bool(done.warnings))


if __name__ == "__main__":
    sys.exit(main())
