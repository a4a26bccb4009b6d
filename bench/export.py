"""Frame-coded cameras of 25, 29.97 and 59.94 frames per second, one of them drifting by 40 ppm, cut 17 and 300 times into two films and
a sound: every frame held against the published rule by `tests/support/film_truth.py`, every click against the master's clock, and the sound of the outputs
against each other. And what the one decode costs beside the encoders alone.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from media_app.making.inspect import inspect
from render_app.core import catalogue
from render_app.core.cut import Sound
from render_app.core.edit.angle import pace
from render_app.core.export.switching import points_of, shots_of
from render_app.core.export.timeline import Angle, timeline_of
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.films import Film, OutputsPlan
from render_app.core.plan.media import FileFacts, medium_of
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.reels import Reels, Segment
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import CameraReference
from tests.support import film_truth as truth
from tests.support import media
from tests.support.film_truth import Cut, Footage

RATES = {"A": "25", "B": "30000/1001", "C": "60000/1001"}
OFFSETS = {"A": Fraction(0), "B": Fraction(-7314, 10), "C": Fraction(4127, 10)}
DRIFTS = {"A": 0.0, "B": 40.0, "C": -25.0}
OUTPUTS = {"main": Fraction(25), "fast": Fraction(60000, 1001)}


@dataclass(frozen=True)
class Camera:
    """One camera's file and where it lies."""

    label: str
    path: Path

    @property
    def pace(self) -> Fraction:
        return pace(DRIFTS[self.label])

    def segment(self) -> Segment:
        found = inspect(self.path)
        medium = medium_of(FileFacts(self.label, self.label, self.path.name, "", found.as_json()))
        offset, end = OFFSETS[self.label], Fraction(found.duration) * 1000 * self.pace
        return Segment(medium, medium, offset, offset + end, offset, self.pace)

    def footage(self) -> Footage:
        rate, times = Fraction(RATES[self.label]), media.frame_times(self.path)
        starts = tuple(round(Fraction(repr(time)) * rate) for time in times)
        numbers = tuple(code or 0 for code in media.frame_codes(self.path))
        return Footage(rate, starts, numbers)

    def cut(self, footage: Footage, begin: Fraction, end: Fraction, at: Fraction) -> Cut:
        """A shot by the published rule: the camera's clock at these times of the master's."""
        times = [(ms - OFFSETS[self.label]) / self.pace for ms in (begin, end)]
        return Cut(footage, times[0], times[1], at, 1 / self.pace)


def cameras(seconds: float, size: tuple[int, int], gop: int) -> dict[str, Camera]:
    return {
        label: Camera(
            label, media.slate(f"{label}-long.mp4", seconds=seconds, rate=rate, size=size, output=("-g", str(gop)))
        )
        for label, rate in RATES.items()
    }


def drawn(count: int, end_ms: int, seed: int) -> list[dict]:
    """So many points at times that fall on no frame, in no order, a few of them on one frame."""
    random_ = random.Random(seed)
    points = [{"atMs": 700, "angle": "A"}]
    for _ in range(count - 1):
        at = random_.choice([random_.uniform(701, end_ms - 1), points[-1]["atMs"] + random_.uniform(0.1, 9)])
        points.append({"atMs": round(min(at, end_ms - 0.5), 3), "angle": random_.choice("ABC")})
    random_.shuffle(points)
    return points


def planned(shoot: Mapping[str, Camera], asked: list[dict], end_ms: int, size: tuple[int, int]) -> OutputsPlan:
    contents = {label: CameraReference("", label) for label in shoot}
    reels: Reels = {contents[label]: (camera.segment(),) for label, camera in shoot.items()}
    spans = {label: tuple((one.start_ms, one.end_ms) for one in reels[contents[label]]) for label in shoot}
    angles = {label: Angle(label, contents[label], spans[label], spans[label]) for label in shoot}
    points = points_of(asked)
    shots = shots_of(points, points[0].at_ms, Fraction(end_ms))
    timeline = timeline_of(shots, angles, Sound("B"), Fraction(25))
    base = catalogue.profiles()["social_1080p_h264"]
    profile = replace(base, width=size[0], height=size[1], crf=18, preset="veryfast", audio_bitrate_kbps=192)
    films = [Film(name, timeline, (), RenderWish(replace(profile, fps=rate))) for name, rate in OUTPUTS.items()]
    sound = replace(profile, extension=".m4a")
    return compile_outputs([*films, Film("sound", timeline, (), RenderWish(sound), sound_only=True)], reels)


def run(plan: OutputsPlan, shoot: Mapping[str, Camera], folder: Path) -> dict[str, Path]:
    for name, text in plan.files.items():
        (folder / name).write_text(text)
    names = {f"{{output:{film.name}}}": str(folder / film.file) for film in plan.films}
    names |= {f"file:{{input:{n}}}": f"file:{shoot[one['asset_id']].path}" for n, one in enumerate(plan.inputs)}
    for command in plan.commands:
        ffmpeg([names.get(part, part) for part in command], folder)
    return {film.name: folder / film.file for film in plan.films}


def ffmpeg(args: list[str], folder: Path, level: str = "warning") -> None:
    done = subprocess.run(
        ["ffmpeg", "-v", level, "-nostdin", "-y", *args], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode or done.stderr:
        raise SystemExit(f"{' '.join(args)[:500]}\n{done.stderr}")


def spent() -> float:
    """Processor seconds of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def shots_by_rule(asked: list[dict], end_ms: int) -> list[tuple[Fraction, Fraction, str]]:
    """The published rule once more: in the order of time, of two at one time the later listed."""
    last: dict[Fraction, str] = {}
    for point in sorted(asked, key=lambda one: one["atMs"]):
        last[Fraction(repr(point["atMs"]))] = point["angle"]
    times = [*last, Fraction(end_ms)]
    return [(begin, end, last[begin]) for begin, end in pairwise(times)]


def prove(shoot: Mapping[str, Camera], count: int, end_ms: int, size: tuple[int, int], seed: int) -> int:
    """How much is wrong with an export of so many points."""
    asked = drawn(count, end_ms, seed)
    footage = {label: camera.footage() for label, camera in shoot.items()}
    shots = shots_by_rule(asked, end_ms)
    cuts = [shoot[label].cut(footage[label], a, b, a - shots[0][0]) for a, b, label in shots]
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        begun = spent()
        plan = planned(shoot, asked, end_ms, size)
        films = run(plan, shoot, Path(name))
        cost = spent() - begun
        for output, rate in OUTPUTS.items():
            found, wanted = media.frame_codes(films[output]), truth.codes([cuts], rate)
            off = sum(a != b for a, b in zip(found, wanted, strict=False)) + abs(len(found) - len(wanted))
            print(f"{count:4} points  {output:5} {float(rate):6.3f} fps  {len(found):5} frames, {off} off")
            wrong += off
        sounds = {packets(path) for path in films.values()}
        lag = worst_click(films["sound"], shots[0][0], end_ms, shoot["B"])
        print(
            f"{count:4} points  sound: {len(sounds)} for {len(films)} outputs, clicks at most {lag * 1000:.3f} ms off the master's clock"
        )
        alone = encoders_alone(plan, films, Path(name))
        print(
            f"{count:4} points  {cost:.1f} s of processor for all; {alone:.1f} s for the encoders of the pictures alone, {cost / alone:.2f} times"
        )
        wrong += len(sounds) - 1 + (lag > 0.001)
    return wrong


def packets(path: Path) -> str:
    argv = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "md5", "-"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def worst_click(path: Path, start_ms: Fraction, end_ms: int, camera: Camera) -> float:
    """By how many seconds a click of the camera that is heard misses its place."""
    samples, _ = media.decode_sound(path)
    found = np.array(media.click_times(samples))
    own = [Fraction(1, 4), *(Fraction(second) for second in range(1, int(end_ms / 1000) + 2))]
    places = [(second * camera.pace + (OFFSETS[camera.label] - start_ms) / 1000) for second in own]
    inside = [float(one) for one in places if 0.1 < one < (end_ms - start_ms) / 1000 - Fraction(1, 10)]
    return max(float(np.abs(found - one).min()) for one in inside)


def encoders_alone(plan: OutputsPlan, films: Mapping[str, Path], folder: Path) -> float:
    """What the same encoders cost over pictures that need no decoding."""
    base, total = catalogue.profiles()["social_1080p_h264"], 0.0
    for film in plan.films:
        if film.sound_only:
            continue
        raw = folder / "raw.yuv"
        ffmpeg(
            ["-i", str(films[film.name]), "-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo", str(raw)], folder
        )
        size, rate = f"{film.expected.width}x{film.expected.height}", film.expected.fps
        profile = replace(base, crf=18, preset="veryfast", fps=Fraction(rate))
        begun = spent()
        args = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-framerate", rate, "-i", str(raw)]
        ffmpeg([*args, *picture_args(profile), "alone.mp4"], folder, "error")
        total += spent() - begun
    return total


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, nargs="+", default=[17, 300])
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--size", default="320x180")
    options.add_argument("--gop", type=int, default=50, help="frames between keyframes; 1: as mezzanines are")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    width, height = (int(side) for side in asked.size.split("x"))
    shoot, end_ms = cameras(asked.seconds, (width, height), asked.gop), int(asked.seconds * 1000) - 1500
    wrong = sum(prove(shoot, count, end_ms, (width, height), asked.seed) for count in asked.points)
    print("0 off" if not wrong else f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
