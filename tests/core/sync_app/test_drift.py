import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_app.core.drift import robust_line


@given(offset=st.floats(-1000, 1000), ppm=st.floats(-500, 500))
def test_an_exact_line_is_found_exactly(offset, ppm):
    times = np.linspace(10, 600, 20)

    found = robust_line(times, offset + times * ppm * 1e-6, np.full(20, 10.0))

    assert found.line.offset_s == pytest.approx(offset, abs=1e-6)
    assert found.line.ppm == pytest.approx(ppm, abs=1e-3)


def test_a_third_of_the_windows_may_be_wrong():
    rng = np.random.default_rng(1)
    times = np.linspace(0, 600, 30)
    lags = 3 + times * 40e-6 + rng.normal(0, 2e-5, 30)
    lags[::3] += rng.uniform(0.002, 0.02, 10)

    found = robust_line(times, lags, np.full(30, 10.0))

    assert found.line.offset_s == pytest.approx(3, abs=1e-4)
    assert found.line.ppm == pytest.approx(40, abs=0.5)
    assert abs(found.line.ppm - 40) < 4 * found.ppm_error


def test_windows_too_close_together_say_nothing_of_drift():
    found = robust_line(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.5001, 0.5]), np.full(3, 10.0))

    assert found.line.ppm == 0
    assert found.line.offset_s == pytest.approx(0.5)
    assert found.ppm_error > 100
