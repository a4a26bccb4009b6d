"""What each filter does to the samples of a picture, and that it does nothing outside its mask."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from media_app.core.vision.boxes import Box
from media_app.making.veil import write_veil
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, FilterStack, MediaReference, Target
from tests.support.pictures import Bench, footage, png, with_defaults

WIDTH, HEIGHT = SIZE = (160, 90)
GREY = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
INSIDE = np.zeros((HEIGHT, WIDTH), bool)
INSIDE[21:67, 33:121] = True


def skin() -> np.ndarray:
    """Reddish noise with an edge down the middle."""
    noise = np.random.default_rng(1).normal(0, 12, (HEIGHT, WIDTH, 3))
    picture = np.array([170, 125, 120]) + noise
    picture[:, WIDTH // 2 :] += 60
    return np.clip(picture, 0, 255).astype(np.uint8)


def table(path, color, nodes=9):
    grid = np.linspace(0, 1, nodes)
    rows = (color(np.array([red, green, blue])) for blue in grid for green in grid for red in grid)
    path.write_text(f"LUT_3D_SIZE {nodes}\n" + "".join("{:f} {:f} {:f}\n".format(*row) for row in rows))
    return path


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("looks")
    files = {
        "mask": png(folder / "mask.png", INSIDE.astype(np.uint8) * 255),
        "same": table(folder / "same.cube", lambda color: color),
        "inverse": table(folder / "inverse.cube", lambda color: 1 - color),
    }
    (folder / "films").mkdir()
    return Bench(folder / "films", SIZE, files)


@pytest.fixture(scope="module")
def plain(bench):
    return bench.look(footage(skin()))


def test_a_vignette_darkens_the_corners_by_its_angle_and_its_strength_and_leaves_the_middle(bench):
    source = footage(GREY)
    middle = bench.look(source).level[0, 45, 80]
    corners = {}
    for angle, strength in ((0.3, 1.0), (1.0, 1.0), (1.0, 0.5)):
        seen = bench.look(source, with_defaults("vignette", angle=angle, strength=strength)).level[0]
        assert abs(seen[45, 80] - middle) <= 1
        corners[angle, strength] = seen[0, 0] / middle
    assert corners[0.3, 1.0] == pytest.approx(np.cos(0.3) ** 4, abs=0.02)
    assert corners[1.0, 1.0] == pytest.approx(np.cos(1.0) ** 4, abs=0.02)
    assert corners[1.0, 0.5] == pytest.approx((1 + np.cos(1.0) ** 4) / 2, abs=0.02)


def test_a_hard_vignette_begins_near_the_corner_and_a_soft_one_at_the_middle(bench):
    source = footage(GREY)
    hard, soft = (bench.look(source, with_defaults("vignette", softness=one, angle=1.0)).level[0] for one in (0.1, 1))
    assert hard[45, 20] == hard[45, 80]
    assert soft[45, 20] < 0.9 * soft[45, 80]


def test_grain_has_its_deviation_changes_with_every_frame_and_leaves_color_alone(bench):
    seen = bench.look(footage(GREY), with_defaults("film_grain", strength=10), ms=400)
    assert seen.luma.std() * 255 / 219 == pytest.approx(6.5, abs=0.5)
    assert abs(seen.luma.mean() - 126) < 1
    assert (seen.chroma == seen.chroma[0, 0, 0, 0]).all()
    assert all((seen.luma[0] == frame).mean() < 0.2 for frame in seen.luma[1:])


def test_grain_is_the_same_in_a_part_of_a_film_as_in_the_whole(bench):
    clip = Clip("c", MediaReference("source"), Fraction(400), Fraction(0), Fraction(2400))
    stack = FilterStack("f", Target("clip", "c"), (with_defaults("film_grain"),))
    films = [
        bench.film({"source": footage(GREY)}, [[clip]], filter_stacks=(stack,), wish=wish).luma
        for wish in (RenderWish(bench.profile), RenderWish(bench.profile, start_ms=Fraction(2520)))
    ]
    assert (films[0][63:] == films[1]).all()


def test_bloom_glows_around_what_is_bright_and_grey_stays_grey(bench):
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[35:55, 70:90] = 255
    seen = bench.look(footage(picture), with_defaults("bloom", intensity=0.5, radius=60))
    assert seen.level[0, 45, 67] > 5
    assert seen.level[0, 2, 2] == 0
    assert (np.abs(seen.chroma - 128) <= 1).all()


def test_a_tint_moves_green_in_the_middle_tones_and_leaves_black_and_white(bench):
    ramp = np.repeat(np.broadcast_to(np.linspace(0, 255, WIDTH)[None, :, None], (HEIGHT, WIDTH, 1)), 3, 2).astype(
        np.uint8
    )
    for tint in (-0.5, 0.5):
        cast = bench.look(footage(ramp), with_defaults("tint", tint=tint)).chroma[0, :, 22].sum(0) - 256
        assert -tint * cast[40] > 5, "green takes from both planes of color"
        assert np.abs(cast[[0, -1]]).max() <= 2


def test_a_table_is_looked_up_and_one_of_the_same_colors_changes_nothing(bench, plain):
    same, inverse = (
        bench.look(footage(skin()), with_defaults("lut", lut_artifact_id=one)) for one in ("same", "inverse")
    )
    assert np.abs(same.luma - plain.luma).max() <= 1
    assert np.abs(inverse.luma + plain.luma - (16 + 235)).mean() < 1


MASKED = {
    "teeth_whiten": lambda new, old: level(new) > level(old) + 5 and color(new) < 0.7 * color(old),
    "skin_smooth": lambda new, old: spread(new) < 0.7 * spread(old) and edge(new) > 0.8 * edge(old),
    "eye_enhance": lambda new, old: steps(new) > 1.3 * steps(old),
    "face_blur": lambda new, old: steps(new) < 0.1 * steps(old),
    "lut": lambda new, old: edge(new) < -0.5 * edge(old),
}


def level(seen) -> float:
    return float(seen.luma[0, INSIDE].mean())


def color(seen) -> float:
    return float(np.abs(seen.chroma[0, :, 15:30, 20:35] - 128).mean())


def spread(seen) -> float:
    return float(seen.luma[0, 24:64, 36:72].var())


def steps(seen) -> float:
    return float(np.abs(np.diff(seen.luma[0, 24:64, 36:72])).mean())


def edge(seen) -> float:
    return float(seen.luma[0, 30:60, 84:110].mean() - seen.luma[0, 30:60, 50:76].mean())


@pytest.mark.parametrize("name", MASKED)
def test_a_filter_of_faces_works_within_its_mask_and_changes_nothing_outside(name, bench, plain):
    ids = {"lut_artifact_id": "inverse"} if name == "lut" else {}
    seen = bench.look(footage(skin()), with_defaults(name, mask_artifact_id="mask", **ids))
    assert MASKED[name](seen, plain)
    assert (seen.luma == plain.luma)[:, ~INSIDE].all()
    touched = INSIDE.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).any((1, 3))
    assert (seen.chroma == plain.chroma)[:, :, ~touched].all()


def test_a_film_of_masks_runs_with_its_clip_on_the_clock_of_the_file(bench, tmp_path):
    boxes = [[Box(number / 16, 0.2, 0.25, 0.6)] for number in range(12)]
    veil = write_veil(tmp_path / "faces.mkv", SIZE, Fraction(25), boxes)
    moving, source = replace(bench, files={**bench.files, "faces": veil}), footage(skin())
    clip = Clip("c", MediaReference("source"), Fraction(400), Fraction(80), Fraction(0))
    stack = FilterStack("f", Target("clip", "c"), (with_defaults("face_blur", mask_artifact_id="faces"),))
    blurred = moving.film({"source": source}, [[clip]], filter_stacks=(stack,)).luma
    plain = moving.film({"source": source}, [[clip]]).luma
    assert len(blurred) == 8
    for number in range(8):
        left = 10 * (number + 2)
        inside = np.zeros((HEIGHT, WIDTH), bool)
        inside[18:72, left : left + 40] = True
        assert (blurred[number] == plain[number])[~inside].all(), number
        assert (blurred[number] != plain[number])[inside].mean() > 0.8, number


def test_a_blurred_face_keeps_less_than_a_twentieth_of_its_contrast_at_every_strength(bench):
    board = np.kron(np.indices((15, 27)).sum(0) % 2, np.ones((6, 6)))[:HEIGHT, :WIDTH, None] * 200 + 20
    source = footage(np.repeat(board, 3, 2).astype(np.uint8))
    before = spread(bench.look(source))
    for strength in (0.1, 1.0):
        blurred = bench.look(source, with_defaults("face_blur", mask_artifact_id="mask", strength=strength))
        assert spread(blurred) < before / 20


def test_a_filter_without_a_mask_of_its_own_takes_its_clip_s_and_one_of_the_sequence_its_own(bench, plain):
    blur = with_defaults("face_blur", mask_artifact_id="mask")
    whole = bench.look(footage(skin()), blur, level="sequence")
    assert (whole.luma == plain.luma)[:, ~INSIDE].all()
    assert steps(whole) < 0.1 * steps(plain)
    cut = bench.look(footage(skin()), with_defaults("face_blur"), level="track", mask_artifact_id="mask")
    assert (cut.luma[:, ~INSIDE] == 16).all(), "the clip is seen within its mask, and black around it"
    assert steps(cut) < 0.1 * steps(plain)
