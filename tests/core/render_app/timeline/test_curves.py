"""Keyframes."""

from fractions import Fraction

import pytest

from render_app.core.timeline.curves import value_at
from render_app.core.timeline.nouns import Automation, Keyframe, Target


def curve(*keyframes):
    return Automation(
        "k", Target("clip", "c"), "scale", tuple(Keyframe(Fraction(ms), *rest) for ms, *rest in keyframes)
    )


@pytest.mark.parametrize(("ms", "value"), [(-50, 1), (0, 1), (100, 1), (150, 1.5), (200, 2), (999, 2)])
def test_a_value_is_on_the_line_between_two_keyframes_and_stays_beyond_them(ms, value):
    assert value_at(curve((100, 1.0), (200, 2.0)), Fraction(ms)) == value


@pytest.mark.parametrize(("ms", "value"), [(0, 0), (999, 0), (1000, 4), (1500, 4)])
def test_a_held_value_jumps_at_the_next_keyframe(ms, value):
    assert value_at(curve((0, 0.0, "hold"), (1000, 4.0)), Fraction(ms)) == value


def test_an_eased_value_is_slow_at_both_ends():
    eased = curve((0, 0.0, "ease"), (1000, 1.0))

    assert [value_at(eased, Fraction(ms)) for ms in (0, 100, 500, 900, 1000)] == pytest.approx(
        [0, 0.028, 0.5, 0.972, 1]
    )


def test_each_stretch_goes_as_its_first_keyframe_says():
    mixed = curve((0, 0.0, "hold"), (10, 5.0, "linear"), (20, 7.0, "ease"), (30, 9.0))

    assert [value_at(mixed, Fraction(ms)) for ms in (5, 15, 25)] == [0, 6, 8]
