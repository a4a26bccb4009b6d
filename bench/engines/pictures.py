"""Faces, shots, reframes and masks against truth that is made here, of photographs that packages carry (scikit-image)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.engines import hidden_faces
from bench.engines.hidden_faces import HIGH, WIDE, Picture, photo
from bench.engines.scores import LEAST, Row
from media_app.backends import grabcut
from media_app.core.vision import cuts
from media_app.core.vision.boxes import Box
from media_app.core.vision.prompts import Point, Prompt, Stroke
from media_app.core.vision.transitions import transitions
from render_app.core import reframe
from render_app.core.plan.placing import Canvas, place
from render_app.core.reframe import Framing, Look, Shot, suggest
from render_app.core.timeline.curves import value_at
from render_app.core.timeline.nouns import Automation, Clip, Keyframe, MediaReference, Position, Target
from tests.support.faces import RATE


def rows() -> Iterator[Row]:
    """All goals."""
    yield from hidden_faces.rows()
    yield from shots()
    yield from reframes()
    yield from masks()


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
    """Cuts, dissolves, fades, and what is none of them."""
    rng = np.random.default_rng(3)
    for name, light in (("", 1.0), (" at 12 % light", 0.12), (" at 8 % light", 0.08)):
        truth, frames = _cut_film(rng, light)
        found = [one.middle for one in transitions(frames, RATE)]
        yield Row("shots", f"F1 of {len(truth)} hard cuts{name}", _f1(truth, found, 0), "", 0.98, LEAST)
    for name, shake in (("on a tripod", 0), ("held by hand", SHAKE)):
        for kind, make, lengths in (
            ("dissolves", _dissolving, (0.4, 1.0, 2.0, 3.0)),
            ("fades", _fading, (0.5, 1.0, 2.0)),
        ):
            what = f"F1 of {7 * len(lengths)} {kind}, ±2 frames, {name}"
            yield Row("shots", what, _slow_f1(make, lengths, shake, rng), "", 0.9, LEAST)
    films = {
        "4 flashes": [_flash(one, rng) for one in SCENES[:4]],
        "8 pans": [_pan(one) for one in SCENES],
        "24 changes of light": [_lit(one, how, rng) for one in SCENES for how in LIGHTS],
        "4 black films with noise": [_black(sigma, rng) for sigma in (1, 3, 6, 12)],
    }
    for name, quiet in films.items():
        yield Row("shots", f"found in {name}", sum(len(transitions(one, RATE)) for one in quiet), "", 0)


def _slow_f1(
    make: Callable[..., tuple[list[Picture], int]], lengths: Sequence[float], shake: int, rng: np.random.Generator
) -> float:
    """Of each length between each two scenes; one whose middle is found more than 2 frames away is missed, and found in vain."""
    right, wrong, pairs = 0, 0, [(*two, seconds) for two in pairwise(SCENES) for seconds in lengths]
    for one, other, seconds in pairs:
        made, middle = make((one, other), seconds, shake, rng)
        hits = [found.begins_shot and abs(found.middle - middle) <= 2 for found in transitions(made, RATE)]
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


def _cut_film(rng: np.random.Generator, light: float) -> tuple[list[int], list[Picture]]:
    order = [name for turn in range(3) for name in SCENES[turn:] + SCENES[:turn]]
    order = [name for number, name in enumerate(order) if number == 0 or name != order[number - 1]]
    frames = [_lighter(one, light) for name in order for one in _alive(name, PER_SCENE, rng)]
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


def _fading(names: tuple[str, str], seconds: float, shake: int, rng: np.random.Generator) -> tuple[list[Picture], int]:
    """One scene fades to black and another out of it, and the frame in the middle."""
    half, before = round(seconds * RATE / 2), 50
    first, second = (_alive(name, before + half, rng, shake) for name in names)
    out = [_lighter(one, min(1.0, 1 - (number - before) / half)) for number, one in enumerate(first)]
    into = [_lighter(one, min(1.0, number / half)) for number, one in enumerate(second)]
    return [*out, *into], before + half


def _lighter(picture: Picture, share: float, more: float | NDArray[np.float64] = 0.0) -> Picture:
    """A small copy in another light."""
    return cuts.small(np.asarray(np.clip(picture * share + more, 0, 255), np.uint8))


#: Light that is switched on, that dims within a quarter of a second, and lightning: the share of the light in a frame.
LIGHTS: dict[str, Callable[[int], float]] = {
    "switched": lambda n: 0.25 if n < 40 else 0.9,
    "dimmed": lambda n: 1 - 0.75 * min(1, max(0, n - 20) / 6),
    "lightning": lambda n: 0.3 + (0.6 * abs(np.sin(n)) if n in (20, 21, 24, 25, 26, 31, 32, 33) else 0),
}


def _lit(name: str, how: str, rng: np.random.Generator) -> list[Picture]:
    return [_lighter(one, LIGHTS[how](number)) for number, one in enumerate(_alive(name, 80, rng))]


def _black(sigma: float, rng: np.random.Generator) -> list[Picture]:
    return [_lighter(np.zeros((HIGH, WIDE, 3), np.uint8), 1, rng.normal(2, sigma, (HIGH, WIDE, 3))) for _ in range(100)]


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
    inside, fastest, quickest, framing = [], 0.0, 0.0, Framing(16 / 9, 9 / 16)
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
        ways = [_at(found.position_x, time + 100) - _at(found.position_x, time) for time in range(0, 5900, 100)]
        quickest = max([quickest, *(abs(later - earlier) * 100 for earlier, later in pairwise(ways))])
    yield Row("reframe", "looks with all of the subject inside", float(np.mean(inside)), "", 1.0, LEAST)
    yield Row("reframe", "fastest", fastest, "widths/s", 0.25 + 1e-6)
    yield Row("reframe", "quickest change of speed", quickest, "widths/s²", 0.6 * 1.02)
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
    yield Row("masks", "IoU, astronaut by a box", _overlap(_selected(picture, box_alone), person), "", 0.8, LEAST)
    yield Row(
        "masks",
        "IoU, astronaut by a box and 8 points",
        _overlap(_selected(picture, with_points), person),
        "",
        0.8,
        LEAST,
    )
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
