"""Sound as lines of SVG."""

import numpy as np
import pytest

from media_app.core.sound import drawing


def test_a_waveform_is_a_closed_outline_from_edge_to_edge():
    low, high = np.array([-64, -128, 0], np.int8), np.array([64, 127, 0], np.int8)
    path = drawing.waveform(low, high, per_second=1, seconds=3, height=80)
    assert path == "M0,20.0 L500,0.3 L1000,40.0 L1000,40.0 L500,80.0 L0,60.0Z"


def test_peaks_that_end_early_leave_silence_and_long_ones_are_thinned():
    flat = drawing.waveform(np.full(2, -10, np.int8), np.full(2, 10, np.int8), 20, 60, 80)
    assert flat.count("L") == 2 * drawing.COLUMNS - 1
    assert "L1000,40.0" in flat


@pytest.mark.parametrize(("lufs", "y"), [(-4, 0), (-48, 150), (-70, 150), (3, 0), (-26, 75)])
def test_loudness_is_drawn_from_top_to_bottom_and_never_outside(lufs, y):
    assert drawing.level(lufs, 150) == y


def test_a_curve_spans_its_seconds():
    assert drawing.curve([(0, -26), (5, -4), (10, -48)], 10, 150) == "0.0,75.0 500.0,0.0 1000.0,150.0"
    assert drawing.across(3, 0) == 0
