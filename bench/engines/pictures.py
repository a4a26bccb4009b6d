"""Faces, shots, reframes and masks against truth that is made here, of photographs that packages carry (scikit-image): the astronaut's
face, pasted; her cat, her coffee and others as scenes."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.engines.scores import LEAST, Row
from media_app.backends import faces, grabcut
from media_app.core import ffmpeg as build
from media_app.core.ffmpeg.veiled import veiled
from media_app.core.vision import cuts, dissolves
from media_app.core.vision.blur import ONE_COLOR, Blur
from media_app.core.vision.boxes import Box
from media_app.core.vision.prompts import Point, Prompt, Stroke
from media_app.engines import regions
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from render_app.core import reframe
from render_app.core.plan.placing import Canvas, place
from render_app.core.reframe import Framing, Look, Shot, suggest
from render_app.core.timeline.curves import value_at
from render_app.core.timeline.nouns import Automation, Clip, Keyframe, MediaReference, Position, Target
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
    yield from shots()
    yield from reframes()
    yield from masks()


def photo(name: str) -> Picture:
    folder = Path(next(iter(find_spec("skimage").submodule_search_locations or ())))
    return np.asarray(cv2.imread(str(folder / "data" / name)), np.uint8)


def scene(name: str) -> Picture:
    return np.asarray(cv2.resize(photo(name), SIZE, interpolation=cv2.INTER_AREA), np.uint8)


# Faces


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


# Shots

SCENES = (
    "astronaut.png",
    "coffee.png",
    "chelsea.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "retina.jpg",
)
PER_SCENE, SHAKE = 30, 5


def shots() -> Iterator[Row]:
    """Cuts, dissolves and what is neither."""
    rng = np.random.default_rng(3)
    truth, frames = _cut_film(rng)
    found = cuts.cuts(frames)
    yield Row("shots", f"F1 of {len(truth)} hard cuts", _f1(truth, found, 0), "", 0.98, LEAST)
    yield Row("shots", "F1 of 21 dissolves, ±2 frames, on a tripod", _dissolves_f1(0, rng), "", 0.9, LEAST)
    yield Row("shots", "the same, held by hand", _dissolves_f1(SHAKE, rng))
    quiet = [_flash(one, rng) for one in SCENES[:4]] + [_pan(one) for one in SCENES]
    wrong = sum(len(cuts.cuts(one)) + len(dissolves.dissolves(one, RATE, cuts.cuts(one))) for one in quiet)
    yield Row("shots", "found in 4 flashes and 8 pans", wrong, "", 0)


def _dissolves_f1(shake: int, rng: np.random.Generator) -> float:
    """Of three lengths between each two scenes; one whose middle is found more than 2 frames away is missed, and found in vain."""
    right, wrong, pairs = 0, 0, [(*two, seconds) for two in pairwise(SCENES) for seconds in (0.4, 1.0, 2.0)]
    for one, other, seconds in pairs:
        made, middle = _dissolving((one, other), seconds, shake, rng)
        hits = [abs(each.middle - middle) <= 2 for each in dissolves.dissolves(made, RATE, cuts.cuts(made))]
        right += any(hits)
        wrong += len(hits) - any(hits)
    return 2 * right / (right + wrong + len(pairs))


def _alive(name: str, count: int, rng: np.random.Generator, shake: int = SHAKE) -> list[Picture]:
    """A scene that shakes by a few pixels and has noise."""
    wide = np.asarray(cv2.resize(photo(name), (WIDE + 12, HIGH + 12), interpolation=cv2.INTER_AREA))
    made = []
    for number in range(count):
        x, y = (round(6 + shake * np.sin(number / 9 + shift)) for shift in (0, 1))
        noisy = wide[y : y + HIGH, x : x + WIDE] + rng.normal(0, 3, (HIGH, WIDE, 3))
        made.append(np.asarray(np.clip(noisy, 0, 255), np.uint8))
    return made


def _cut_film(rng: np.random.Generator) -> tuple[list[int], list[Picture]]:
    order = [name for turn in range(3) for name in SCENES[turn:] + SCENES[:turn]]
    order = [name for number, name in enumerate(order) if number == 0 or name != order[number - 1]]
    frames = [cuts.small(one) for name in order for one in _alive(name, PER_SCENE, rng)]
    return [PER_SCENE * number for number in range(1, len(order))], frames


def _f1(truth: Sequence[int], found: Sequence[int], slack: int) -> float:
    right = sum(any(abs(one - other) <= slack for other in found) for one in truth)
    return 2 * right / max(1, len(truth) + len(found))


def _dissolving(
    names: tuple[str, str], seconds: float, shake: int, rng: np.random.Generator
) -> tuple[list[Picture], int]:
    """Two scenes, and the frame in which half of each is seen."""
    long, before = round(seconds * RATE), 60
    total = 2 * before + long
    first, second = (_alive(name, total, rng, shake) for name in names)
    shares = np.clip((np.arange(total) - before) / long, 0, 1)
    blended = (first[n] * (1 - share) + second[n] * share for n, share in enumerate(shares))
    return [cuts.small(np.asarray(one, np.uint8)) for one in blended], before + long // 2


def _flash(name: str, rng: np.random.Generator) -> list[Picture]:
    frames = _alive(name, 60, rng)
    for at in (20, 21, 40):
        frames[at] = np.asarray(np.clip(frames[at] * 0.3 + 180, 0, 255), np.uint8)
    return [cuts.small(one) for one in frames]


def _pan(name: str) -> list[Picture]:
    """A camera that goes across all of a photograph in three seconds, there and back."""
    whole = np.asarray(cv2.resize(photo(name), (3 * WIDE, 3 * HIGH), interpolation=cv2.INTER_AREA))
    places = np.abs(np.linspace(-1, 1, 75))
    return [cuts.small(whole[HIGH : 2 * HIGH, round(2 * WIDE * at) :][:, :WIDE]) for at in places]


# Reframes


def reframes() -> Iterator[Row]:
    """Walks into an upright frame, and every frame without a border."""
    inside, fastest, framing = [], 0.0, Framing(16 / 9, 9 / 16)
    for per_second in (0.02, 0.035, 0.05, 0.065, 0.075):
        looks = [Look(500.0 * n, Box(0.2 + per_second * n / 2, 0.3, 0.1, 0.2)) for n in range(12)]
        found = suggest(looks, [Shot(0, 6000)], framing)
        for look in looks:
            left = _at(found.position_x, look.time_ms) + (look.box.x - 0.5) * framing.size[0]
            inside.append(left >= -1e-3 and left + look.box.width * framing.size[0] <= 1 + 1e-3)
        steps = [
            (two.value - one.value, two.time_ms - one.time_ms)
            for one, two in pairwise(found.position_x)
            if not one.holds
        ]
        fastest = max([fastest, *(abs(way) / time * 1000 for way, time in steps)])
    yield Row("reframe", "looks with all of the subject inside", float(np.mean(inside)), "", 1.0, LEAST)
    yield Row("reframe", "fastest", fastest, "widths/s", 0.25 + 1e-6)
    yield Row("reframe", "frames with a border", _borders(), "", 0)


def _at(curve: Sequence[reframe.Key], time: float) -> float:
    shown = tuple(Keyframe(Fraction(key.time_ms), key.value, "hold" if key.holds else "linear") for key in curve)
    return float(value_at(Automation("", Target("clip", "c"), "x", shown), Fraction(time)))


def _borders() -> int:
    canvases = {"9:16": Canvas(540, 960), "16:9": Canvas(960, 540), "4:5": Canvas(864, 1080), "1:1": Canvas(720, 720)}
    seen = 0
    for ratio, canvas in canvases.items():
        for style in reframe.STYLES:
            framing = Framing(16 / 9, reframe.RATIOS[ratio], "fill", style)
            looks = [Look(500.0 * n, Box(0.1 * n - 0.1, 0.3, 0.1, 0.2)) for n in range(12)]
            found = suggest(looks, [Shot(0, 6000)], framing)
            for time in range(0, 6000, 120):
                position = Position(_at(found.position_x, time), _at(found.position_y, time))
                clip = Clip(
                    "c",
                    MediaReference("a"),
                    Fraction(6000),
                    scale_mode="fill",
                    scale=found.scale[0].value,
                    position=position,
                )
                seen += not place(clip, (1920, 1080), canvas).covers(canvas)
    return seen


# Masks

#: The outline of the person in the astronaut's photograph of 512 × 512 pixels, drawn by hand.
# fmt: off
ASTRONAUT = (
    (190, 30), (215, 18), (245, 18), (272, 28), (292, 52), (301, 80), (298, 105), (285, 125), (270, 132),
    (262, 150), (255, 172), (280, 188), (297, 213), (304, 238), (325, 252), (345, 275), (355, 305), (362, 350),
    (330, 368), (305, 393), (288, 425), (280, 460), (278, 490), (280, 511), (30, 511), (28, 490), (22, 450),
    (20, 420), (20, 370), (25, 330), (40, 290), (60, 255), (85, 232), (105, 215), (115, 205), (113, 190),
    (118, 175), (130, 160), (150, 150), (185, 148), (186, 140), (176, 122), (168, 110), (156, 95), (153, 70),
    (160, 50), (175, 38),
)
# fmt: on
#: What a person clicks there besides a box: hair, face, ring and suit, and the helmet, the flag and the wall, which are not wanted;
#: and the lines that they draw along the ring, the strap and the glove.
WANTED = ((225, 45), (225, 115), (220, 215), (200, 330), (70, 420))
OTHERS = ((360, 440), (60, 180), (380, 120))
LINES = (
    ((135, 180), (160, 240), (230, 265), (285, 250)),
    ((150, 200), (215, 225), (270, 220)),
    ((262, 345), (265, 500)),
    ((150, 490), (180, 500)),
)


def masks() -> Iterator[Row]:
    """A disc and a box on grain, and a person in a photograph."""
    disc = np.asarray(cv2.circle(np.zeros((HIGH, WIDE), np.uint8), (90, 90), 40, 1, -1) > 0)
    box = np.zeros((HIGH, WIDE), bool)
    box[40:140, 200:280] = True
    by_point, by_box = Prompt(points=(Point(90 / WIDE, 0.5, wanted=True),)), Prompt(box=Box(0.55, 0.1, 0.4, 0.8))
    for name, truth, prompt in (("disc by a point", disc, by_point), ("rectangle by a box", box, by_box)):
        yield Row("masks", f"IoU, {name}", _overlap(_selected(_on_grain(truth), prompt), truth), "", 0.9, LEAST)
    picture = photo("astronaut.png")
    person = np.asarray(cv2.fillPoly(np.zeros(picture.shape[:2], np.uint8), [np.array(ASTRONAUT)], 1) > 0)
    box_alone = _around(person)
    with_points = replace(box_alone, points=tuple(_point(one, picture) for one in (*WANTED, *OTHERS)))
    with_lines = replace(box_alone, strokes=tuple(_stroke(one, picture) for one in LINES))
    yield Row("masks", "IoU, astronaut by a box", _overlap(_selected(picture, box_alone), person))
    yield Row("masks", "IoU, astronaut by a box and 8 points", _overlap(_selected(picture, with_points), person))
    by_lines = _overlap(_selected(picture, with_lines), person)
    yield Row("masks", "IoU, astronaut by a box and 4 lines", by_lines, "", 0.8, LEAST)


def _on_grain(truth: NDArray[np.bool_]) -> Picture:
    grain = cv2.GaussianBlur(np.random.default_rng(7).normal(0, 40, (HIGH, WIDE, 3)), (0, 0), 1)
    return np.asarray(np.clip(np.where(truth[..., None], (60, 70, 190), (60, 120, 70)) + grain, 0, 255), np.uint8)


def _point(place: tuple[int, int], picture: Picture) -> Point:
    return Point(place[0] / picture.shape[1], place[1] / picture.shape[0], wanted=place in WANTED)


def _stroke(places: Sequence[tuple[int, int]], picture: Picture) -> Stroke:
    return Stroke(tuple((x / picture.shape[1], y / picture.shape[0]) for x, y in places), wanted=True)


def _around(truth: NDArray[np.bool_]) -> Prompt:
    rows, columns = np.flatnonzero(truth.any(1)), np.flatnonzero(truth.any(0))
    high, wide = truth.shape
    return Prompt(box=Box(columns[0] / wide, rows[0] / high, np.ptp(columns) / wide, np.ptp(rows) / high))


def _selected(picture: Picture, prompt: Prompt) -> NDArray[np.bool_]:
    small = grabcut.small_of(picture)
    return np.asarray(grabcut.on_full(grabcut.cut(small, prompt, grabcut.FIRST), small, picture) > 0.5)


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))
