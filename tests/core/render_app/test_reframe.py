"""A picture in a frame of another shape: the subject in sight, calmly, and never a border."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from media_app.core.vision.boxes import Box
from render_app.core import reframe
from render_app.core.plan.placing import Canvas, place
from render_app.core.reframe import Framing, Look, Shot, suggest
from render_app.core.timeline.curves import value_at
from render_app.core.timeline.nouns import Automation, Clip, Keyframe, MediaReference, Position, Target

WIDE, UPRIGHT = 16 / 9, 9 / 16
FRAMES = {"9:16": Canvas(540, 960), "16:9": Canvas(960, 540), "4:5": Canvas(864, 1080), "1:1": Canvas(720, 720)}


def walking(start: float, per_second: float, seconds: float = 6, size: float = 0.1) -> list[Look]:
    """Someone who goes across the picture at one height, looked at twice a second."""
    return [
        Look(500.0 * n, Box(start + per_second * n / 2 - size / 2, 0.3, size, 2 * size))
        for n in range(round(2 * seconds))
    ]


def at(keys, time: float) -> float:
    shown = [Keyframe(Fraction(key.time_ms), key.value, "hold" if key.holds else "linear") for key in keys]
    return value_at(Automation("", Target("clip", "c"), "x", tuple(shown)), Fraction(time))


def seen_at(suggestion, framing: Framing, box: Box, time: float) -> tuple[float, float]:
    """From where to where the box is across the frame."""
    size = framing.size[0]
    left = at(suggestion.position_x, time) + (box.x - 0.5) * size
    return left, left + box.width * size


def speeds(keys) -> list[float]:
    return [
        abs(later.value - earlier.value) / (later.time_ms - earlier.time_ms) * 1000
        for earlier, later in pairwise(keys)
        if not earlier.holds
    ]


@pytest.mark.parametrize("per_second", [0.02, 0.05, 0.075])
def test_someone_who_walks_stays_in_an_upright_frame_and_the_path_is_calm(per_second):
    framing, looks = Framing(WIDE, UPRIGHT), walking(0.25, per_second)

    found = suggest(looks, [Shot(0, 6000)], framing)

    for look in looks:
        left, right = seen_at(found, framing, look.box, look.time_ms)
        assert left >= -1e-3
        assert right <= 1 + 1e-3
    assert max(speeds(found.position_x)) <= 0.25 + 1e-6
    assert [key.value for key in found.position_y] == [0.5]
    assert found.reasons == ("",)


def test_someone_faster_is_followed_as_fast_as_is_allowed():
    found = suggest(walking(0.2, 0.3, 2), [Shot(0, 2000)], Framing(WIDE, UPRIGHT))

    assert max(speeds(found.position_x)) == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize("places", [(0.2, 0.8), (0.2, 0.8, 0.2), (0.8, 0.75, 0.2, 0.6)])
def test_a_path_sets_out_and_comes_to_rest_without_a_jerk(places):
    looks = [Look(500.0 * n, Box(places[n * len(places) // 24] - 0.05, 0.3, 0.1, 0.2)) for n in range(24)]

    found = suggest(looks, [Shot(0, 12_000)], Framing(WIDE, UPRIGHT))

    times = range(0, 12_000, 100)
    ways = [at(found.position_x, time + 100) - at(found.position_x, time) for time in times[:-1]]
    assert max(map(abs, ways)) * 10 <= 0.25 + 1e-3
    assert max(abs(later - earlier) for earlier, later in pairwise(ways)) * 100 <= 0.6 * 1.05
    assert abs(ways[0]) * 100 <= 0.6


def test_someone_who_only_sways_moves_nothing():
    looks = [Look(500.0 * n, Box(0.6 + 0.01 * (-1) ** n, 0.3, 0.1, 0.2)) for n in range(12)]

    found = suggest(looks, [Shot(0, 6000)], Framing(WIDE, UPRIGHT))

    assert len(found.position_x) == 1


def test_a_path_jumps_at_a_cut_and_does_not_move_across_it():
    looks = [look if look.time_ms < 3000 else Look(look.time_ms, Box(0.8, 0.3, 0.1, 0.2)) for look in walking(0.2, 0)]

    found = suggest(looks, [Shot(0, 3000), Shot(3000, 6000)], Framing(WIDE, UPRIGHT))

    one, other = found.position_x
    assert (one.time_ms, one.holds, other.time_ms, other.holds) == (0, True, 3000, False)
    assert at(found.position_x, 2999) == one.value
    assert at(found.position_x, 3000) == other.value
    assert one.value > 0.9
    assert other.value < 0.1


def test_a_shot_without_a_subject_shows_its_middle_and_says_why():
    found = suggest([Look(0, None), Look(500, None)], [Shot(0, 900), Shot(900, 1000)], Framing(WIDE, 1.0))

    assert found.reasons == ("no_subject", "no_subject")
    assert [key.value for key in found.position_x] == [0.5]


def test_on_thirds_the_face_is_on_the_upper_line_and_the_nearer_one():
    framing = Framing(WIDE, WIDE, style=reframe.THIRDS)
    looks = [Look(500.0 * n, Box(0.36, 0.32, 0.06, 0.08)) for n in range(4)]

    found = suggest(looks, [Shot(0, 2000)], framing)

    left, right = seen_at(found, framing, looks[0].box, 500)
    assert (left + right) / 2 == pytest.approx(1 / 3, abs=0.1)
    assert found.scale[0].value == pytest.approx(1.15)


@pytest.mark.parametrize("ratio", reframe.RATIOS)
@pytest.mark.parametrize("style", reframe.STYLES)
@pytest.mark.parametrize("mode", ["fit", "fill", "stretch"])
def test_no_border_shows_wherever_the_subject_goes(ratio, style, mode):
    canvas = FRAMES[ratio]
    for size in ((1920, 1080), (720, 1280), (638, 362)):
        framing = Framing(size[0] / size[1], reframe.RATIOS[ratio], mode, style)
        for looks in (walking(0.0, 0.2), walking(1.0, -0.2), walking(0.5, 0.0)):
            found = suggest(looks, [Shot(0, 6000)], framing)
            clip = Clip("c", MediaReference("a"), Fraction(6000), scale_mode=mode, scale=found.scale[0].value)
            for time in range(0, 6000, 250):
                position = Position(at(found.position_x, time), at(found.position_y, time))
                assert place(replace(clip, position=position), size, canvas).covers(canvas), (size, time)
