"""Faces: found in every frame, hidden for good, and what that costs; the astronaut's face (scikit-image), pasted into photographs."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.engines.scores import LEAST, Row
from media_app.backends import faces
from media_app.core import ffmpeg as build
from media_app.core.ffmpeg.veiled import veiled
from media_app.core.vision.blur import ONE_COLOR, Blur
from media_app.engines import regions
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support.faces import RATE, SIZE, film, head

Picture = NDArray[np.uint8]
WIDE, HIGH = SIZE
#: Where eyes, nose and mouth lie in the pasted head, in its pixels, and the middle of the face.
FEATURES, MIDDLE, FACE_WIDE = (45, 70, 60, 85), (75.0, 112.0), 72
#: The weakest preset is measured: the others blur more.
LIGHT = 0.4


def rows() -> Iterator[Row]:
    """All goals."""
    yield from hidden_faces()
    yield from brief_faces()
    yield from cost_of_looks()


def photo(name: str) -> Picture:
    folder = Path(next(iter(find_spec("skimage").submodule_search_locations or ())))
    return np.asarray(cv2.imread(str(folder / "data" / name)), np.uint8)


def scene(name: str) -> Picture:
    return np.asarray(cv2.resize(photo(name), SIZE, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the middle of the face is, how wide the face is in pixels, by how many degrees it is turned, and what becomes of the picture."""

    x: float
    y: float
    wide: float = 34
    turned: float = 0.0
    light: float = 1.0
    behind: tuple[float, float] | None = None

    @property
    def matrix(self) -> NDArray[np.float64]:
        """From the head's pixels to the picture's."""
        matrix = np.asarray(cv2.getRotationMatrix2D(MIDDLE, self.turned, self.wide / FACE_WIDE), np.float64)
        matrix[:, 2] += np.subtract((self.x, self.y), MIDDLE)
        return matrix

    def on(self, ground: Picture) -> Picture:
        """The head pasted into a photograph."""
        cut, flags = head(), cv2.INTER_AREA
        pasted = cv2.warpAffine(cut, self.matrix, SIZE, flags=flags)
        mask = cv2.warpAffine(np.full(cut.shape[:2], 255, np.uint8), self.matrix, SIZE)
        seen = np.where(mask[..., None] > 127, pasted, ground)
        if self.behind is not None:
            top, bottom = (round(self.y + share * self.wide) for share in self.behind)
            seen[max(0, top) : bottom, round(self.x - self.wide) : round(self.x + self.wide)] = (40, 60, 50)
        return np.asarray(np.clip(seen * self.light, 0, 255), np.uint8)

    @property
    def features(self) -> tuple[slice, slice]:
        """Rows and columns of eyes, nose and mouth in the picture."""
        x, y, wide, high = FEATURES
        corners = np.array([(x, y), (x + wide, y), (x, y + high), (x + wide, y + high)], float)
        places = corners @ self.matrix[:, :2].T + self.matrix[:, 2]
        (left, top), (right, bottom) = places.min(0), places.max(0)
        return slice(max(0, int(top)), min(HIGH, int(bottom))), slice(max(0, int(left)), min(WIDE, int(right)))


def poses() -> dict[str, Callable[[int], Pose]]:
    """A face in each frame of each fixture; none of them gives a reason for a doubt."""
    return {
        "moving": lambda n: Pose(30 + 10 * n, 90),
        "turned": lambda n: Pose(160, 90, turned=15.0 * n),
        "16 px": lambda n: Pose(120 + 2 * n, 90, wide=16),
        "dark": lambda n: Pose(120 + 2 * n, 90, light=0.1),
        "eyes covered": lambda n: Pose(120 + 2 * n, 90, behind=(-0.32, -0.02)),
        "mouth covered": lambda n: Pose(120 + 2 * n, 90, behind=(0.1, 0.8)),
    }


FRAMES = 25
GROUNDS = ("coffee.png", "gravel.png")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Planes of brightness before and after, and the masks, of each frame."""

    before: list[Picture]
    after: list[Picture]
    masks: list[Picture]
    doubts: int


def hidden_faces() -> Iterator[Row]:
    """Recall, what is left, and what is touched beside the faces."""
    for number, (name, pose) in enumerate(poses().items()):
        ground = scene(GROUNDS[number % len(GROUNDS)])
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            done = _hide(Path(folder), lambda n, pose=pose, ground=ground: pose(n).on(ground))
        features = [pose(number).features for number in range(FRAMES)]
        covered = np.mean([mask[place].min() == 255 for mask, place in zip(done.masks, features, strict=True)])
        whole = sum(float((mask > 0).mean()) > 0.95 for mask in done.masks)
        alike = [_alike(one[at], two[at]) for one, two, at in zip(done.before, done.after, features, strict=True)]
        yield Row("faces", f"{name}: frames with the face covered", float(covered), "", 1.0, LEAST)
        yield Row("faces", f"{name}: frames hidden whole", whole, "", 0, note=f"{done.doubts} doubts")
        yield Row("faces", f"{name}: found again in frames", _found(done.after), "", 0)
        yield Row("faces", f"{name}: correlation, largest", max(alike), "", 0.3)
        yield Row("faces", f"{name}: change outside the cover", _outside(done), "levels", 0)


def brief_faces() -> Iterator[Row]:
    """A face in one frame of fourteen: of each size, in each light, before a ground that stands and one that moves, at three rates."""
    cases = [(w, light, pan, r) for w in (16, 24, 60) for light in (1.0, 0.1) for pan in (0, 3) for r in (25, 50, 60)]
    missed = 0
    for wide, light, pan, rate in cases:
        ground, pose = scene("coffee.png"), Pose(150, 90, wide=wide, light=light)

        def draw(number: int, ground: Picture = ground, pose: Pose = pose, pan: int = pan) -> Picture:
            moved = np.asarray(np.roll(ground, pan * number, axis=1), np.uint8)
            return pose.on(moved) if number == 7 else np.asarray(np.clip(moved * pose.light, 0, 255), np.uint8)

        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            path = film(Path(folder) / "film.mp4", 14, draw, rate)
            source = Source(path, inspect(path), backend="centerface")
            made = regions.make(source, regions.Params(), Workspace(Path(folder)).subfolder("made"))
            masks = _planes([made.files[0].path], f"[0:v]scale={WIDE}:{HIGH}:flags=neighbor[o]")
        missed += masks[7][pose.features].min() < 255
    yield Row("faces", f"in one frame alone: missed of {len(cases)}", missed, "", 0)


def cost_of_looks() -> Iterator[Row]:
    """Processor time of the detector for a second of film in which every picture differs."""
    picture = Pose(160, 90).on(scene("coffee.png"))
    with faces.detector(0.2, lambda: None) as detect:
        for name, size in (("", SIZE), (" of 4K", (3840, 2160))):
            large = np.asarray(cv2.resize(picture, size), np.uint8)
            detect(large)
            started = time.process_time()
            for _ in range(3):
                detect(large)
            look = (time.process_time() - started) / 3
            for rate in (25, 60):
                yield Row("faces", f"detector, a second{name} at {rate} fps", look * rate, "cpu-s")


def _hide(folder: Path, draw: Callable[[int], Picture]) -> Hidden:
    path = film(folder / "film.mp4", FRAMES, draw)
    found = inspect(path)
    made = regions.make(
        Source(path, found, backend="centerface"), regions.Params(), Workspace(folder).subfolder("made")
    )
    body, veil = made.documents[0].body, made.files[0].path
    blur = Blur(ONE_COLOR, LIGHT)
    hiding = f"[0:v]setpts=PTS-STARTPTS,{veiled(build.Veil(veil, blur), SIZE, Fraction(RATE), 'yuv420p')}[o]"
    return Hidden(
        _planes([path], "[0:v]null[o]"), _planes([path, veil], hiding), _planes([veil], f"[0:v]scale={WIDE}:{HIGH}:flags=neighbor[o]"),
        len(body["doubtful_ranges"]),
    )  # fmt: skip


def _planes(inputs: Sequence[Path], graph: str) -> list[Picture]:
    named = [part for path in inputs for part in ("-i", str(path))]
    raw = ["-map", "[o]", "-f", "rawvideo", "-pix_fmt", "gray" if "neighbor[o]" in graph else "yuv420p", "-"]
    data = subprocess.run(
        ["ffmpeg", "-v", "error", *named, "-filter_complex", graph, *raw], capture_output=True, check=True
    )
    lines = HIGH if "gray" in raw else HIGH * 3 // 2
    return list(np.frombuffer(data.stdout, np.uint8).reshape(-1, lines, WIDE))


def _alike(one: Picture, other: Picture) -> float:
    """The correlation of 16 × 16 means; none where what is left is flatter than a level."""
    first, second = (
        cv2.resize(part.astype(np.float32), (16, 16), interpolation=cv2.INTER_AREA) for part in (one, other)
    )
    return 0.0 if second.std() < 0.5 else float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def _found(planes: Sequence[Picture]) -> int:
    with faces.detector(0.35, lambda: None) as detect:
        return sum(bool(detect(np.asarray(cv2.cvtColor(one, cv2.COLOR_YUV2BGR_I420), np.uint8))) for one in planes[::3])


def _outside(done: Hidden) -> int:
    """The largest difference of brightness where no mask is."""
    pairs = zip(done.before, done.after, done.masks, strict=True)
    return max(int(np.abs(one[:HIGH].astype(int) - two[:HIGH])[mask == 0].max(initial=0)) for one, two, mask in pairs)
