"""Words and shapes as they are seen: ink counted in the drawings, and drawings found in the frames of a film."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from render_app.core.drawn.figures import drawing_of
from render_app.core.drawn.lettering import MissingGlyph, lettered
from render_app.core.timeline.nouns import (
    BooleanOp,
    Box,
    Clip,
    Filter,
    FilterStack,
    MediaReference,
    Shape,
    Target,
    Text,
    Vector,
)
from render_app.making.drawn import text_png, vector_png
from render_app.making.fonts import fallbacks_of, shipped_font
from tests.support.fonts import HEAVY, THIN, boxes
from tests.support.pictures import Bench, footage

FRAME = (640, 360)
WIDTH, HEIGHT = SIZE = (160, 90)


def drawn(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGBA")).astype(float)


def words(text: Text, font: bytes, size=FRAME) -> np.ndarray:
    of = lettered(text, font, size).as_json
    png = text_png(of, font)
    assert png == text_png(of, font), "the same bytes each time"
    return drawn(png)


def ink(picture: np.ndarray) -> float:
    """Pixels that are covered."""
    return float(picture[..., 3].sum() / 255)


@pytest.mark.parametrize(("weight", "stem"), [(100, THIN), (500, (THIN + HEAVY) / 2), (900, HEAVY), (2000, HEAVY)])
def test_a_variable_font_is_as_heavy_as_its_axis_says(weight, stem):
    text = Text("a", size=300, variation={"wght": weight})
    em = 300 * FRAME[1] / 1080
    assert ink(words(text, boxes())) == pytest.approx(0.7 * em * stem * em / 1000, rel=0.02)


def test_words_have_their_color_their_alpha_and_their_box():
    text = Text("aa", size=200, fill="#ff880080", align="left", box=Box(0.5, 0.5, 0.5, 0.5))
    picture = words(text, boxes())
    assert picture[:180].sum() == picture[:, :320].sum() == 0
    solid = picture[picture[..., 3] == picture[..., 3].max()]
    assert solid[0] == pytest.approx([255, 136, 0, 128], abs=1.5)


def test_an_outline_lies_around_the_letters_and_leaves_them_as_they_are():
    plain = Text("a", size=300)
    bare, lined = (words(one, boxes()) for one in (plain, replace(plain, outline="#102030", outline_width=24)))
    width = 24 * FRAME[1] / 1080
    letters = bare[..., 3] == 255
    assert (lined[letters] == bare[letters]).all()
    ring = (lined[..., 3] > 128) & (bare[..., 3] < 128)
    assert lined[ring & (lined[..., 3] == 255)].mean(axis=0)[:3] == pytest.approx([16, 32, 48], abs=1)
    rows, columns = (np.flatnonzero(ring.any(axis=axis)) for axis in (1, 0))
    tops, lefts = (np.flatnonzero(letters.any(axis=axis)) for axis in (1, 0))
    assert (tops[0] - rows[0], lefts[0] - columns[0]) == pytest.approx((width, width), abs=1)


def test_letters_join_from_right_to_left_and_an_emoji_is_drawn():
    font = shipped_font("DejaVu Sans")
    joined, apart = (lettered(Text(text), font, FRAME).glyphs for text in ("\u0645\u062d", "\u0645\u200c\u062d"))
    assert joined[0][0] != apart[0][0], "a letter within a word is not the letter alone"
    left, right = (words(Text(text, size=120, align="left"), font) for text in ("a\u05d0", "\u05d0a"))
    assert (left == right).all(), "the one is read to the right, the other to the left: both stand alike"
    assert ink(words(Text("\U0001f600", size=120), font)) > 50


AREAS = {"union": 17_500, "difference": 7_500, "intersection": 2_500, "xor": 15_000}


@pytest.mark.parametrize("op", AREAS)
def test_a_boolean_operation_has_the_area_that_it_must(op):
    pair = (Shape("a", "rect", 20, 20, 100, 100), Shape("b", "rect", 70, 70, 100, 100, fill="#00ff00"))
    of = drawing_of(Vector(pair, (BooleanOp(op, ("a", "b"), "o"),)), (1920, 1080))
    picture = drawn(vector_png(of))
    assert ink(picture) == pytest.approx(AREAS[op], rel=0.002)
    assert picture[..., 1][picture[..., 3] == 255].min() == 255, "in the color of the first"


def test_every_shape_is_drawn_where_it_is():
    shapes = (
        Shape("r", "rect", 0, 0, 200, 100, radius=50, fill="#ff0000"),
        Shape("e", "ellipse", 300, 0, 200, 100, fill="#ff0000", opacity=0.5),
        Shape("t", "polygon", x=100, y=300, points=((0, 0), (100, 0), (0, 100))),
        Shape("l", "line", points=((0, 600), (100, 600)), stroke="#ffffff", stroke_width=10),
        Shape("p", "path", d="M 900 900 h 100 v 100 h -100 z", rotation=90),
    )
    areas = [20_000 - 2_500 * (4 - np.pi), 0.5 * np.pi * 5_000, 5_000, 1_000, 10_000]
    for shape, area in zip(shapes, areas, strict=True):
        assert ink(drawn(vector_png(drawing_of(Vector((shape,)), (1920, 1080))))) == pytest.approx(area, rel=0.01), (
            shape.id
        )
    [row, column] = np.argwhere(drawn(vector_png(drawing_of(Vector(shapes[2:3]), (1920, 1080))))[..., 3])[0]
    assert (row, column) == (300, 100)


def test_words_and_shapes_lie_over_a_film_and_are_moved_and_filtered_as_any_picture(tmp_path):
    ground = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    bar = Vector((Shape("r", "rect", 0, 540, 1920, 540, fill="#ff0000"),))
    clips = [
        Clip("title", Text("IIII", size=500, font="DejaVu Sans Bold"), Fraction(160)),
        Clip("bar", bar, Fraction(320), start_ms=Fraction(160), in_ms=Fraction(160), opacity=0.5),
    ]
    grey = FilterStack("f", Target("clip", "bar"), (Filter("saturation", {"saturation": 0.0}),))
    below = [Clip("g", MediaReference("g"), Fraction(320), Fraction(0), Fraction(0))]
    seen = Bench(tmp_path, SIZE).film({"g": footage(ground)}, [below, clips], filter_stacks=(grey,))
    assert len(seen.luma) == 8
    # Four white letters in the middle row of the first half, nothing at the edges.
    row = seen.luma[0, 45]
    assert (np.diff((row > 180).astype(int)) == 1).sum() == 4
    assert row[2] == row[-3] == seen.luma[0, 2, 2]
    # Then a bar over the lower half, its red gone, half of it over the ground.
    assert (np.abs(seen.chroma[5] - 128) <= 1).all()
    assert seen.luma[5, 20, 80] == seen.luma[0, 2, 2]
    assert seen.level[5, 70, 80] == pytest.approx((seen.level[0, 2, 2] + 0.2126 * 219) / 2, abs=2)


def shipped(text: Text) -> np.ndarray:
    """A text in a font that ships, with those that it falls back to."""
    font, fallbacks = shipped_font(text.font), {one.name: one for one in fallbacks_of(text.font)}
    of = lettered(text, font, FRAME, list(fallbacks.values())).as_json
    others = [fallbacks[one["font"]].load() for one in of.get("fallbacks", ())]
    png = text_png(of, font, others)
    assert png == text_png(of, font, others), "the same bytes each time"
    return drawn(png)


def colors(picture: np.ndarray) -> int:
    """How many clearly different colors solid pixels have."""
    solid = picture[picture[..., 3] > 200][:, :3]
    return len(np.unique(solid // 32, axis=0))


def test_a_shipped_variable_font_is_heavier_and_wider_the_more_its_axis_says():
    seen = [
        shipped(Text("Handgloves", size=120, font="Noto Sans", variation={"wght": weight}))
        for weight in (100, 400, 650, 900)
    ]
    inks = [ink(one) for one in seen]
    assert inks[1] > 1.4 * inks[0]
    assert inks[2] > 1.2 * inks[1]
    assert inks[3] > 1.15 * inks[2]
    spans = [np.ptp(np.flatnonzero(one[..., 3].any(axis=0))) for one in seen]
    assert spans == sorted(spans)


@pytest.mark.parametrize("font", ["DejaVu Sans", "DejaVu Serif", "Noto Sans"])
@pytest.mark.parametrize("emoji", ["👍", "🎉", "👍🏽", "👩\u200d🚀", "🇩🇪", "❤\ufe0f", "1\ufe0f\u20e3"])
def test_an_emoji_is_one_picture_in_its_own_colors_in_any_font(font, emoji):
    picture = shipped(Text(emoji, size=300, font=font, fill="#ffffff"))
    assert colors(picture) >= 3
    columns = np.flatnonzero(picture[..., 3].any(axis=0))
    assert np.ptp(columns) < 1.4 * 300 * FRAME[1] / 1080, "one picture, not its parts side by side"


def test_words_beside_an_emoji_stay_in_their_font_and_color():
    alone, thanked = (
        shipped(Text(text, size=150, font="Noto Sans", align="left", fill="#00ff00"))
        for text in ("Thanks", "Thanks 🎉")
    )
    width = np.flatnonzero(alone[..., 3].any(axis=0))[-1] + 1
    assert (thanked[:, :width] == alone[:, :width]).all()
    assert colors(alone) == 1
    assert colors(thanked[:, width:]) > 8


def test_a_character_that_may_be_a_picture_is_one_only_where_the_text_says_so():
    plain, picture = (shipped(Text(text, size=300, font="DejaVu Sans")) for text in ("❤\ufe0e", "❤\ufe0f"))
    assert (colors(plain), colors(picture) > 1) == (1, True)
    assert colors(shipped(Text("3 ©", size=300, font="DejaVu Sans"))) == 1


def test_a_script_that_a_font_lacks_is_drawn_in_one_that_has_it():
    texts = {"Arabic": "مرحبا", "Hebrew": "שלום", "Devanagari": "नमस्ते", "Greek": "Ωμέγα", "Cyrillic": "Привет"}
    for font in ("DejaVu Serif", "Noto Sans", "DejaVu Sans Mono"):
        for script, text in texts.items():
            assert ink(shipped(Text(text, size=200, font=font))) > 300, (font, script)
    # Arabic in the fallback reads from right to left, and joins: the same ink as in the font itself.
    own, lent = (shipped(Text("مرحبا", size=200, font=font)) for font in ("Noto Sans Arabic", "DejaVu Serif"))
    assert ink(lent) == pytest.approx(ink(own), rel=0.01)
    thin, heavy = (
        shipped(Text("مرحبا", size=200, font="Noto Sans", variation={"wght": weight})) for weight in (100, 900)
    )
    assert ink(heavy) > 2 * ink(thin), "at the same axes as the font that lends it"
    mixed = [
        one["font"]
        for one in lettered(
            Text("Hi नमस्ते"), shipped_font("DejaVu Serif"), FRAME, fallbacks_of("DejaVu Serif")
        ).fallbacks
    ]
    assert mixed == ["Noto Sans/7"]


def test_what_no_font_has_is_said_by_its_number():
    with pytest.raises(MissingGlyph, match=r"U\+4E2D"):
        shipped(Text("a 中", font="Noto Sans"))
