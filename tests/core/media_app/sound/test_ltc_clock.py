"""A recording's start and clock from its LTC."""

from fractions import Fraction

import numpy as np
import pytest

from media_app.core.sound.ltc import decode
from media_app.core.sound.ltc_clock import read
from tests.support.linear_timecode import linear_timecode

RATE = 48_000


def reading(*tapes):
    return read(decode(np.concatenate(tapes), RATE), RATE)


@pytest.mark.parametrize("ppm", [-80, 0, 35])
def test_start_and_pace_of_the_clock_are_read(ppm):
    found = reading(linear_timecode("10:00:00:00", seconds=8, fps=Fraction(25), lead_s=-0.003, ppm=ppm))

    first = (
        found.at
        - found.label.frame / Fraction(25) / (1 + Fraction(ppm, 1_000_000))
        + 36_000 / (1 + Fraction(ppm, 1_000_000))
    )
    assert float(first) == pytest.approx(-0.003, abs=1e-5)
    assert found.clock_ppm == pytest.approx(ppm, abs=2)
    assert (found.label.rate, found.label.drop, found.jumps) == (25, False, 0)


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(30)])
def test_drop_frame_is_counted_at_the_rate_that_was_measured(rate):
    found = reading(linear_timecode("10:00:58;10", seconds=6, fps=rate))
    assert (found.label.rate, found.label.drop, found.jumps) == (rate, True, 0)
    assert abs(found.clock_ppm) < 2


def test_midnight_is_no_jump():
    assert reading(linear_timecode("23:59:58:00", seconds=5, fps=Fraction(25))).jumps == 0


def test_timecode_that_jumps_is_read_where_it_is_even_for_longest():
    first = linear_timecode("10:00:00:00", seconds=3, fps=Fraction(25))
    found = reading(first, linear_timecode("11:00:00:00", seconds=6, fps=Fraction(25)))
    assert str(found.label).startswith("11:00:00")
    assert found.jumps == 1


def test_too_few_frames_say_nothing():
    assert read(decode(linear_timecode("10:00:00:00", seconds=0.15, fps=Fraction(25)), RATE), RATE) is None
    assert read((), RATE) is None
