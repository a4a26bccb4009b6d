"""Lineage as a picture: columns, lines, and names that fit."""

from media_app.core.lineage import BOX_HEIGHT, BOX_WIDTH, GAP_X, MARGIN, Node, draw, shortened

NODES = [
    Node("film", 0, "film.mp4"),
    Node("frame", 1, "Frame", "3 files"),
    Node("mask", 1, "Mask"),
    Node("cut", 2, "Cut"),
]


def test_files_stand_in_columns_and_no_two_boxes_touch():
    picture = draw(NODES, [("film", "frame"), ("frame", "cut")])

    places = {box.node.key: (box.x, box.y) for box in picture.boxes}
    assert [places[key][0] for key in ("film", "frame", "mask", "cut")] == [
        MARGIN, MARGIN + BOX_WIDTH + GAP_X, MARGIN + BOX_WIDTH + GAP_X, MARGIN + 2 * (BOX_WIDTH + GAP_X),
    ]  # fmt: skip
    assert places["mask"][1] - places["frame"][1] > BOX_HEIGHT
    assert all(box.x >= 0 and box.x + box.width <= picture.width for box in picture.boxes)
    assert all(box.y >= 0 and box.y + box.height <= picture.height for box in picture.boxes)
    assert len(picture.paths) == 2


def test_a_line_that_goes_further_runs_below_the_boxes():
    near, far = draw(NODES, [("film", "frame")]), draw(NODES, [("film", "cut")])

    assert far.height > near.height
    assert "H" in far.paths[0]
    assert "H" not in near.paths[0]


def test_text_is_inside_its_box_with_a_note_and_without():
    for box in draw(NODES, []).boxes:
        assert box.x < box.text_x < box.x + box.width
        assert box.y < box.title_y < box.note_y < box.y + box.height


def test_edges_to_nowhere_and_no_files_at_all_draw_nothing():
    assert draw(NODES, [("film", "gone")]).paths == ()
    assert draw([], []).boxes == ()


def test_a_long_name_keeps_its_end():
    assert shortened("short.mp4") == "short.mp4"
    assert shortened("a" * 40 + "_take_7.mp4") == "a" * 15 + "…take_7.mp4"
