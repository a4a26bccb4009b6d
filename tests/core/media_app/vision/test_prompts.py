"""Marks in a picture: what can be used of them, and what is refused with its field."""

import pytest

from media_app.core.vision.boxes import Box
from media_app.core.vision.prompts import MOST, BadPrompt, prompt_of

POINT = {"x": 0.5, "y": 0.25, "label": 1}
BOX = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}


def test_marks_of_all_kinds_are_read_as_shares_of_the_picture():
    line = {"points": [{"x": 0, "y": 1}, {"x": 1, "y": 1}], "label": 0, "width": 0.02}

    found = prompt_of([POINT, {"x": 0, "y": 0, "label": 0}], BOX, [line, {"points": [POINT]}])

    assert [(one.x, one.y, one.wanted) for one in found.points] == [(0.5, 0.25, True), (0, 0, False)]
    assert found.box == Box(0.1, 0.2, 0.3, 0.4)
    assert (found.strokes[0].places, found.strokes[0].wanted, found.strokes[0].width) == (((0, 1), (1, 1)), False, 0.02)
    assert found.wanted == ((0.5, 0.25), (0.5, 0.25))


def test_marks_are_kept_as_they_were_understood_and_read_back_the_same():
    sent = [POINT | {"z": float("inf")}], BOX, [{"points": [{"x": 0, "y": 1}]}]

    kept = prompt_of(*sent).as_json()

    assert kept["points"] == [POINT]
    assert kept["strokes"] == [{"points": [{"x": 0, "y": 1}], "label": 1, "width": 0.01}]
    assert prompt_of(**kept) == prompt_of(*sent)


@pytest.mark.parametrize(
    ("points", "box", "strokes", "kind"),
    [([POINT], None, [], "points"), ([], BOX, [], "box"), ([POINT], BOX, [{"points": [POINT]}], "box+points+strokes")],
)
def test_a_mask_is_called_by_what_was_marked(points, box, strokes, kind):
    assert prompt_of(points, box, strokes).kind == kind


def test_the_same_marks_have_the_same_hash_and_others_another():
    one = prompt_of([POINT], None, [])

    assert one.digest(feather_radius=2) == prompt_of([dict(POINT)], None, []).digest(feather_radius=2)
    assert len({one.digest(feather_radius=2), one.digest(feather_radius=3), prompt_of([], BOX, []).digest()}) == 3


@pytest.mark.parametrize(
    ("points", "box", "strokes", "field"),
    [
        ([], None, [], "points"),
        ([{"x": 0.5, "y": 0.5, "label": 0}], None, [], "points"),
        (["here"], None, [], "points[0]"),
        ([POINT, {"x": 1.01, "y": 0.5}], None, [], "points[1].x"),
        ([{"x": 0.5}], None, [], "points[0].y"),
        ([{"x": True, "y": 0.5}], None, [], "points[0].x"),
        ([{"x": float("nan"), "y": 0.5}], None, [], "points[0].x"),
        ([{"x": 10**400, "y": 0.5}], None, [], "points[0].x"),
        ([POINT | {"label": 2}], None, [], "points[0].label"),
        ([POINT | {"label": True}], None, [], "points[0].label"),
        ([POINT | {"label": []}], None, [], "points[0].label"),
        ([], "all", [], "box"),
        ([], BOX | {"width": 0}, [], "box.width"),
        ([], BOX | {"height": 0.9}, [], "box.height"),
        ([], None, [{}], "strokes[0].points"),
        ([], None, [{"points": [POINT, {"x": "0", "y": 0}]}], "strokes[0].points[1].x"),
        ([], None, [{"points": [POINT], "width": 2}], "strokes[0].width"),
        ([POINT] * (MOST + 1), None, [], "points"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_field(points, box, strokes, field):
    with pytest.raises(BadPrompt) as refused:
        prompt_of(points, box, strokes)
    assert refused.value.field == field
