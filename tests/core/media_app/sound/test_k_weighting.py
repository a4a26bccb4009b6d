"""The K filter, at the rate of the standard and at another."""

import numpy as np
import pytest

from media_app.core.sound.k_weighting import KFilter, lufs_of, power_of, sections

PRINTED = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
]


def test_at_48_khz_it_has_the_coefficients_that_the_standard_prints():
    assert sections(48_000) == pytest.approx(np.array(PRINTED), abs=1e-12)


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_tone_is_as_loud_at_either_rate_on_one_channel_or_two(rate):
    tone = 0.1 * np.sin(2 * np.pi * 997 * np.arange(rate) / rate)
    one, both = KFilter(rate).feed(tone), KFilter(rate, 2).feed(np.stack([tone, tone], axis=1))
    assert lufs_of(float(np.mean(one[rate // 2 :] ** 2))) == pytest.approx(-23.0, abs=0.1)
    assert both[:, 1] == pytest.approx(one)


def test_a_loudness_is_the_power_that_is_so_loud():
    assert lufs_of(power_of(-23.0)) == pytest.approx(-23.0)
