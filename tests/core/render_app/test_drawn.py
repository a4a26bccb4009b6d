"""Words and shapes worked out before they are drawn: order, glyphs, places, axes, outlines."""

import pytest

from render_app.core import catalogue
from render_app.core.drawn.bidi import runs_of
from render_app.core.drawn.figures import BadPath, drawing_of, ops_of
from render_app.core.drawn.lettering import BadFont, MissingGlyph, layout_hash, lettered
from render_app.core.drawn.styles import styled
from render_app.core.plan.commands import Files
from render_app.core.plan.overlays import text_segment, vector_segment
from render_app.core.plan.reels import Medium
from render_app.core.timeline.nouns import BooleanOp, Box, Shape, Text, Vector
from tests.support.fonts import ADVANCES, boxes

FRAME = (1920, 1080)


def seen(line: str) -> list[tuple[str, bool]]:
    return [(run.text, run.rightward) for run in runs_of(line)]


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("", []),
        ("abc 12", [("abc 12", True)]),
        ("שלום", [("שלום", False)]),
        ("ab שלום, cd", [("ab ", True), ("שלום", False), (", cd", True)]),
        ("שלום ab 12 עולם", [(" עולם", False), ("ab 12", True), ("שלום ", False)]),
        ("שלום 12", [("12", True), ("שלום ", False)]),
        ("ab שלום 12", [("ab ", True), ("12", True), ("שלום ", False)]),
        ("abя", [("ab", True), ("я", True)]),
        ("e\u0301א\u05b7", [("e\u0301", True), ("א\u05b7", False)]),
    ],
)
def test_a_line_is_shown_in_the_order_in_which_its_scripts_are_read(line, runs):
    assert seen(line) == runs


def test_glyphs_stand_where_their_widths_align_and_box_say():
    box = Box(x=0.25, y=0.5, width=0.5, height=0.25)
    places = {}
    for align in ("left", "center", "right"):
        set_ = lettered(Text("a a", size=100, align=align, box=box), boxes(), FRAME)
        places[align] = [x for _, x, _ in set_.glyphs]
        # One line, as high as an em, in the middle of its box: the baseline is 0.8 em below its top.
        assert {y for *_, y in set_.glyphs} == {540 + (270 - 100) / 2 + 80}
    width = (2 * ADVANCES["a"] + ADVANCES["space"]) / 10
    assert places["left"] == [480, 540, 570]
    assert places["center"][0] == 960 - width / 2
    assert places["right"][0] == 1440 - width


def test_lines_end_at_a_line_feed_and_where_the_box_does():
    box = Box(width=150 / 1920)
    set_ = lettered(Text("a a a\nb", size=100, box=box, align="left"), boxes(), FRAME)
    assert [y - set_.glyphs[0][2] for *_, y in set_.glyphs] == [0, 0, 0, 100, 200]


def test_tracking_spreads_letters_and_parts_a_ligature():
    tight = lettered(Text("ab", size=100, align="left"), boxes(), FRAME)
    apart = lettered(Text("ab", size=100, align="left", tracking=500), boxes(), FRAME)
    assert len(tight.glyphs) == 1
    assert [x for _, x, _ in apart.glyphs] == [0, ADVANCES["a"] / 10 + 50]


def test_axes_are_clamped_to_the_font_and_an_unknown_one_is_said():
    set_ = lettered(Text("a", variation={"wght": 2000, "wdth": 50}), boxes(), FRAME)
    assert set_.axes == {"wght": 900}
    assert set_.clamped == {"wght": (2000, 900), "wdth": (50, None)}
    assert lettered(Text("a", variation={"wght": 300}), boxes(), FRAME).clamped == {}


def test_the_same_layout_has_the_same_hash_and_every_change_of_it_another():
    def digest(text: Text, frame=FRAME) -> str:
        return layout_hash(lettered(text, boxes(), frame).as_json)

    plain = digest(Text("a b"))
    assert plain == digest(Text("a b", text_preset="title")), "a preset counts by what it changes"
    changed = [
        digest(Text("b a")), digest(Text("a b", size=71)), digest(Text("a b", fill="#fffffe")), digest(Text("a b"), (1280, 720)),
        digest(Text("a b", variation={"wght": 200})), digest(Text("a b", align="left")),
    ]  # fmt: skip
    assert len({plain, *changed}) == 7


def test_a_character_that_the_font_lacks_is_named_and_a_file_that_is_no_font_refused():
    with pytest.raises(MissingGlyph, match=r"U\+4E2D"):
        lettered(Text("a 中"), boxes(), FRAME)
    with pytest.raises(BadFont):
        lettered(Text("a"), b"no font", FRAME)


def test_a_preset_gives_what_the_text_leaves_at_its_default():
    plain, own = Text("a", text_preset="lower_third"), Text("a", text_preset="lower_third", size=200, box=Box(y=0.5))
    assert (styled(plain).size, styled(plain).align) == (54, "left")
    assert (styled(own).size, styled(own).box, styled(own).font) == (200, Box(y=0.5), "DejaVu Sans Bold")
    assert styled(Text("a")) == Text("a")
    for name, preset in catalogue.text_presets().items():
        assert preset.style.get("font", "DejaVu Sans") in catalogue.fonts(), name


SHAPES = (
    Shape("a", "rect", 0, 0, 100, 100, fill="#ff0000"),
    Shape("b", "ellipse", 50, 50, 100, 100, stroke="#00ff00", stroke_width=2),
    Shape("c", "path", d="M 0 0 L 10 0 Q 10 10 0 10 C 1 1 2 2 3 3 Z"),
    Shape("d", "line", points=((0, 0), (5, 5)), stroke="#0000ff", stroke_width=1),
)


def test_shapes_that_an_operation_takes_are_drawn_as_one_in_the_place_of_the_first():
    ops = (BooleanOp("union", ("a", "b"), "o"), BooleanOp("difference", ("o", "c"), "p"))
    of = drawing_of(Vector(SHAPES, ops), FRAME)
    assert [(one["outline"], one["fill"]) for one in of["drawn"]] == [(5, "#ff0000"), (3, "")], "a line is not filled"
    assert of["ops"] == [{"op": "union", "of": [0, 1]}, {"op": "difference", "of": [4, 2]}]
    assert [one["op"] for one in ops_of(Vector(SHAPES, ops))] == ["union", "difference"]


def test_hundreds_of_operations_on_each_other_are_as_long_as_their_number():
    ops = [BooleanOp("union", ("a", "a"), "o0")]
    ops += [BooleanOp("xor", (f"o{number}", f"o{number}"), f"o{number + 1}") for number in range(499)]
    of = drawing_of(Vector(SHAPES[:1], tuple(ops)), FRAME)
    assert len(layout_hash(of)) == 64
    assert [one["outline"] for one in of["drawn"]] == [500]


def test_a_path_is_read_as_moves_lines_and_curves():
    [path] = drawing_of(Vector((SHAPES[2],)), FRAME)["outlines"]
    assert [step[0] for step in path["steps"]] == [
        "moveTo",
        "lineTo",
        "qCurveTo",
        "curveTo",
        "lineTo",
        "closePath",
    ]


@pytest.mark.parametrize("data", ["M", "L 0 0", "M 0 0 X", "M 0 0 L 1", "M 0 0 L 1e9 0", "hello", "M a b"])
def test_a_path_that_cannot_be_read_is_refused(data):
    with pytest.raises(BadPath) as refused:
        drawing_of(Vector((SHAPES[0], Shape("x", "path", d=data))), FRAME)
    assert refused.value.index == 1


def test_a_drawing_is_a_file_of_the_plan_named_by_its_layout_and_its_font_an_input():
    set_ = lettered(Text("a"), boxes(), FRAME)
    files = Files()
    font = Medium("artifact:f", "x", "boxes.ttf", "1", artifact_id="f")
    names = {
        str(files.placeholder(segment.picture)) for segment in (text_segment(set_, font), text_segment(set_, font))
    }
    [name] = names
    assert files.made[name]["font"] == "{input:0}"
    assert files.as_json[0]["artifact_id"] == "f"
    shipped = text_segment(set_, "DejaVu Sans").picture
    assert str(files.placeholder(shipped)) == name
    assert files.made[name]["font"] == "DejaVu Sans"
    shapes = str(files.placeholder(vector_segment(drawing_of(Vector(SHAPES), FRAME)).picture))
    assert files.made[shapes]["kind"] == "vector"
