import numpy as np
import pytest
from scipy import signal

from sync_app.core import direct
from sync_app.core.engine import align
from sync_app.core.refine import Line
from tests.core.sync_app.signals import RATE, chatter, filmed, track

WINDOWS = np.arange(4.0, 28.0, 4.0)


def drowned(sound: np.ndarray, seed: int, direct_db: float) -> np.ndarray:
    """The sound in a room whose echoes, from 2 ms on and for 0.6 s, are louder than the direct sound."""
    rng = np.random.default_rng(seed)
    count = int(0.6 * RATE)
    echoes = rng.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    echoes[: int(0.002 * RATE)] = 0
    echoes *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(np.square(echoes)))
    echoes[0] = 1.0
    return signal.oaconvolve(sound, echoes)[: sound.size].astype(np.float32)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_offset_is_that_of_the_direct_sound_where_echoes_are_louder(seed):
    sound = chatter(300 + seed, 60)
    one = filmed(drowned(sound, 10 * seed, -6.0), 0.0, 45.0, 1)
    two = filmed(drowned(sound, 10 * seed + 1, -6.0), 7.25, 60.0, 2)

    found = align([track("A", one), track("B", two)]).cameras["B"]

    assert found.offset_ms == pytest.approx(7250.0, abs=0.2)


@pytest.mark.parametrize(("rate", "ppm"), [(16_000, 0.0), (44_100, 90.0), (48_000, -40.0)])
def test_a_line_that_is_off_is_moved_to_the_sample(rate, ppm):
    sound = chatter(310, 40)
    one, two = filmed(sound, 0.0, 40.0, 1), filmed(sound, 2.0, 38.0, 2, ppm=ppm)
    second = track("B", signal.resample_poly(two, rate // 100, RATE // 100), rate)

    found = direct.place(track("A", one), second, Line(2.0 + 0.0137, ppm), WINDOWS, 4.0)

    assert found.shift_s == pytest.approx(-0.0137, abs=3e-5)
    assert found.converged


def test_a_direct_sound_45_ms_before_the_line_is_found_where_every_half_of_the_windows_says_so():
    sound = chatter(312, 40)
    one, two = filmed(sound, 0.0, 40.0, 1), filmed(sound, 2.0, 38.0, 2)

    found = direct.place(track("A", one), track("B", two), Line(2.0 + 0.045, 0.0), WINDOWS, 4.0)

    assert found.shift_s == pytest.approx(-0.045, abs=3e-5)
    assert found.converged


def test_windows_of_different_sound_do_not_converge():
    one, two = (0.1 * np.random.default_rng(seed).standard_normal(40 * RATE).astype(np.float32) for seed in (1, 2))

    found = direct.place(track("A", one), track("B", two), Line(0.0, 0.0), WINDOWS, 4.0)

    assert not found.converged


def test_silence_moves_nothing_and_is_no_number_gone_wrong():
    nothing = track("B", np.zeros(30 * RATE, np.float32))

    found = direct.place(track("A", chatter(311, 30)), nothing, Line(0.0, 0.0), WINDOWS, 4.0)

    assert found.shift_s == 0
