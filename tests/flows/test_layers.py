"""Stills, blend modes and watermarks, measured in samples: what lies over what, and what stays as it was."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from render_app.core.plan.placing import Canvas
from render_app.core.plan.watermark import Watermark
from render_app.core.timeline.nouns import Clip, MediaReference, Transition
from tests.support.films import still
from tests.support.pictures import Bench, footage, png

WIDTH, HEIGHT = SIZE = (160, 90)


def flat(left: int, right: int) -> np.ndarray:
    picture = np.full((HEIGHT, WIDTH, 3), left, np.uint8)
    picture[:, WIDTH // 2 :] = right
    return picture


LOW, HIGH = flat(80, 180), flat(100, 100)
MODES = {
    "normal": lambda below, above: above,
    "add": lambda below, above: np.minimum(255, below + above),
    "screen": lambda below, above: 255 - (255 - below) * (255 - above) / 255,
    "multiply": lambda below, above: below * above / 255,
    "overlay": lambda below, above: np.where(
        below < 128, 2 * below * above / 255, 255 - 2 * (255 - below) * (255 - above) / 255
    ),
}


def clip(asset: str, at: int = 0, ms: int = 160, id: str = "", **fields) -> Clip:
    return Clip(id or asset, MediaReference(asset), Fraction(ms), Fraction(0), Fraction(at), **fields)


def greys(seen) -> np.ndarray:
    """Left and right of the first frame, from black at 0 to white at 255."""
    return seen.level[0, 40, [20, 140]] * 255 / 219


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    (folder / "films").mkdir()
    logo = np.zeros((20, 40, 4), np.uint8)
    logo[:, 20:] = [255, 255, 255, 255]
    return Bench(folder / "films", SIZE, {"logo": png(folder / "logo.png", logo)})


@pytest.mark.parametrize("mode", MODES)
def test_a_blend_mode_mixes_in_rgb_where_grey_stays_grey(mode, bench):
    seen = bench.film({"low": footage(LOW), "high": footage(HIGH)}, [[clip("low")], [clip("high", blend_mode=mode)]])
    assert greys(seen) == pytest.approx(MODES[mode](np.array([80.0, 180]), 100), abs=2.5)
    assert (np.abs(seen.chroma - 128) <= 1).all()


def test_a_blend_mode_works_as_far_as_its_clip_is_seen(bench):
    over = clip("high", blend_mode="screen", opacity=0.5, scale=0.5)
    seen = bench.film({"low": footage(LOW), "high": footage(HIGH)}, [[clip("low")], [over]])
    screened = MODES["screen"](80.0, 100)
    assert seen.level[0, 45, 60] * 255 / 219 == pytest.approx((80 + screened) / 2, abs=2.5)
    assert greys(seen) == pytest.approx([80, 180], abs=1.5), "outside its half of the frame"


def test_a_transition_leads_from_one_blend_mode_to_another(bench):
    files = {"low": footage(LOW), "high": footage(HIGH), "dark": footage(flat(30, 30))}
    above = [clip("high", ms=400, blend_mode="add"), clip("dark", 240, ms=240, blend_mode="screen")]
    fade = Transition("x", "crossfade", Fraction(160), "high", "dark")
    seen = bench.film(files, [[clip("low", ms=480)], above], transitions=(fade,))
    left = seen.level[:, 40, 20] * 255 / 219
    assert len(left) == 12
    added, screened = 180.0, MODES["screen"](80.0, 30)
    shares = np.concatenate([np.zeros(6), np.arange(4) / 4, np.ones(2)])
    assert left == pytest.approx((1 - shares) * added + shares * screened, abs=2.5)


def test_a_still_picture_lasts_as_long_as_its_clip_and_what_is_clear_is_seen_through(bench):
    seen = bench.film(
        {"low": footage(LOW, 30), "logo": bench.files["logo"]}, [[clip("low", ms=400)], [clip("logo", ms=400)]]
    )
    assert len(seen.luma) == 10
    assert (seen.luma == seen.luma[0]).all()
    assert greys(seen) == pytest.approx([80, 255], abs=1.5)
    # Twice its size: nothing of the black under what is clear comes into the edge.
    assert seen.level[0, 45].min() * 255 / 219 >= 78


def test_a_photo_stands_upright_as_its_camera_says(bench, tmp_path):
    stored = np.zeros((80, 80, 3), np.uint8)
    stored[:, :40] = 255
    for orientation, white in ((1, (40, 60)), (6, (20, 80)), (3, (40, 100)), (8, (70, 80))):
        path, exif = tmp_path / f"{orientation}.jpg", Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(stored).save(path, exif=exif, quality=95)
        seen = bench.film({"photo": path}, [[clip("photo", ms=40)]])
        assert seen.luma[0][white] > 230, orientation
        assert seen.luma[0][HEIGHT - white[0] - 1, WIDTH - white[1] - 1] < 20


@pytest.mark.parametrize(("corner", "left", "top"), [("bottom-right", 126, 72), ("top-left", 2, 2)])
def test_a_watermark_lies_in_its_corner_and_elsewhere_not_a_bit_changes(bench, corner, left, top):
    files, tracks = {"low": footage(LOW)}, [[clip("low", ms=200)]]
    plain = bench.film(files, tracks)
    mark = Watermark(still(bench.files["logo"], "logo"), corner, 0.2, 0.5)
    marked = replace(bench, watermark=mark).film(files, tracks)
    wide, high, x, y = mark.box(Canvas(*SIZE))
    assert (x, y) == (left, top)
    changed = np.zeros((HEIGHT, WIDTH), bool)
    changed[y : y + high, x : x + wide] = True
    assert (marked.luma == plain.luma)[:, ~changed].all()
    under = plain.level[0, y + high // 2, x + wide - 4]
    assert marked.level[:, y + high // 2, x + wide - 4] == pytest.approx((under + 219) / 2, abs=2)
    assert marked.luma[:, y + high // 2, x + 4] == pytest.approx(plain.luma[0, y + high // 2, x + 4], abs=1), "clear"
