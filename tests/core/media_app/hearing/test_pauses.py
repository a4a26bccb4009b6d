"""A long recording is cut where nobody speaks."""

import numpy as np

from media_app.core.hearing.pauses import quietest

RATE = 16_000


def test_the_cut_lies_in_the_middle_of_the_pause():
    sound = np.random.default_rng(1).normal(0, 0.1, 10 * RATE).astype(np.float32)
    sound[round(7.0 * RATE) : round(7.5 * RATE)] = 0.0
    assert 7.1 < quietest(sound, RATE, 5 * RATE) / RATE < 7.4


def test_a_pause_before_the_last_seconds_is_not_used():
    sound = np.random.default_rng(1).normal(0, 0.1, 10 * RATE).astype(np.float32)
    sound[: 2 * RATE] = 0.0
    assert quietest(sound, RATE, 5 * RATE) > 5 * RATE


def test_in_silence_the_window_is_as_long_as_it_can_be():
    assert quietest(np.zeros(10 * RATE, np.float32), RATE, 5 * RATE) > 9.5 * RATE


def test_what_is_too_short_is_not_cut():
    assert quietest(np.zeros(100, np.float32), RATE, 5 * RATE) == 100
