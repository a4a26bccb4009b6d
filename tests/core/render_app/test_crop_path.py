"""What a frame of another shape shows of a picture: the rectangle of a suggestion."""

import pytest

from media_app.core.vision.boxes import Box
from render_app.core.crop_path import crop_at, path_of, thinned, value_at
from render_app.core.reframe import Framing, Key, Look, Shot, suggest

WIDE = Framing(16 / 9, 9 / 16)
SHOTS = [Shot(0, 4000), Shot(4000, 8000)]


def looks(left: float, right: float) -> list[Look]:
    """Someone who stands at one place in the first shot and at another in the second."""
    return [Look(500.0 * n, Box((left if n < 8 else right) - 0.05, 0.4, 0.1, 0.2)) for n in range(16)]


def test_the_rectangle_has_the_frames_shape_and_the_subject_in_it():
    found = suggest(looks(0.3, 0.7), SHOTS, WIDE)

    for time, middle in ((2000, 300), (6000, 700)):
        place = crop_at(found, WIDE, time)
        assert place.width * 16 / (place.height * 9) == pytest.approx(9 / 16, abs=1e-3)
        assert place.x < middle - 50 < middle + 50 < place.x + place.width
        assert 0 <= place.x < place.x + place.width <= 1000


def test_the_band_jumps_at_the_cut_and_covers_the_recording():
    path = path_of(suggest(looks(0.3, 0.7), SHOTS, WIDE), SHOTS, WIDE)

    points = [tuple(map(float, point.split(","))) for point in path.band.split()]
    edges = points[: len(points) // 2]
    assert (path.axis, edges[0][0], edges[-1][0]) == ("across", 0, 1000)
    jump = [y for x, y in edges if x == 500]
    assert jump[-1] - jump[0] > 200
    assert {round(low[1] - high[1]) for high, low in zip(edges, reversed(points[len(edges) :]), strict=True)} == {316}
    assert path.without == ()


def test_shots_without_anybody_are_counted_by_their_reason():
    nobody = [Look(500.0 * n, None) for n in range(16)]

    assert path_of(suggest(nobody, SHOTS, WIDE), SHOTS, WIDE).without == (("no_subject", 2),)


def test_a_curve_of_hours_is_drawn_by_its_extremes():
    points = [(number / 100, float(number % 7 == 3) - float(number == 5000)) for number in range(100_000)]

    drawn = thinned(points)

    assert len(drawn) <= 4 * 400
    assert drawn == sorted(drawn, key=lambda point: point[0])
    assert {value for _, value in drawn} >= {0, 1, -1}
    assert (drawn[0], drawn[-1]) == (points[0], points[-1])


def test_a_value_between_two_keyframes_is_on_the_line_unless_the_earlier_one_holds():
    keys = [Key(0, 0.0), Key(1000, 1.0, holds=True), Key(2000, 5.0)]

    assert [value_at(keys, time) for time in (-5, 0, 500, 1000, 1999, 2000, 9000)] == [0, 0, 0.5, 1, 1, 5, 5]
