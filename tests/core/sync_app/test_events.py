from dataclasses import replace

import numpy as np
import pytest

from sync_app.core import confidence, events, refine
from sync_app.core.confidence import probability
from sync_app.core.features import RATE
from sync_app.core.playback import Unexplained
from sync_app.core.refine import Line
from tests.core.sync_app.signals import noise
from tests.core.sync_app.test_confidence import SURE


def claps(times: list[float], seconds: float, rate: int, hiss: int) -> np.ndarray:
    """A clap of 30 ms at each time, in hiss."""
    sound = noise(hiss, seconds, 0.008, rate)
    shape = np.exp(-np.arange(int(0.03 * rate)) / (0.004 * rate))
    for index, at in enumerate(times):
        burst = shape * np.random.default_rng(index).standard_normal(shape.size)
        sound[int(at * rate) : int(at * rate) + burst.size] += (0.4 * burst).astype(np.float32)
    return sound


def as_int16(sound: np.ndarray) -> np.ndarray:
    return np.rint(sound * 32767).astype(np.int16)


def test_short_loud_moments_are_found_where_both_tracks_have_them():
    first = as_int16(claps([3.0, 7.3, 12.1], 16, RATE, 1))
    second = as_int16(claps([1.0, 5.3, 10.1, 13.0], 16, RATE, 5))

    found = events.middles(first, second, Line(2.0, 0.0), (0.0, 14.0))

    assert found == pytest.approx([1.0, 5.3, 10.1], abs=0.05)


def test_hiss_has_no_moments():
    hiss = as_int16(noise(2, 20, 0.02, RATE))

    assert events.middles(hiss, as_int16(noise(3, 20, 0.02, RATE)), Line(0.0, 0.0), (0.0, 20.0)).size == 0


def test_a_few_claps_in_hiss_place_a_track_to_the_millisecond():
    times = [3.0, 7.7, 10.2, 13.9, 15.4, 18.3]
    first, second = as_int16(claps(times, 20, RATE, 1)), as_int16(claps([t - 2.0 for t in times], 18, RATE, 4))
    guess = Line(2.012, 0.0)

    moments = events.middles(first, second, guess, (0.0, 18.0))
    found = refine.fit(refine.compare(first, second, guess, moments, events.LENGTH_S), 20.0, 0.045)

    assert moments.size == 6
    assert found.line.lag(9.0) == pytest.approx(2.0, abs=0.001)
    assert found.score > 7.5


@pytest.mark.parametrize(("first", "second", "both"), [(0.05, 0.04, 0.04), (0.3, 0.001, 0.001), (0.026, 0.013, 0.0)])
def test_strange_sound_counts_where_both_tracks_have_it_and_one_has_much(first, second, both):
    assert Unexplained(first, second).both == both


def test_the_chance_falls_with_what_the_match_leaves_unexplained():
    chances = [probability(replace(SURE, unexplained=share)) for share in (0.0, 0.01, 0.02, 0.05)]

    assert chances == sorted(chances, reverse=True)
    assert chances[-1] <= confidence.REFUSED_CHANCE


def test_noise_in_both_tracks_is_a_doubt_and_no_refusal():
    assert confidence.UNEXPLAINED < Unexplained(0.0, 0.0, noise=0.5).both < confidence.TWO_EVENTS
