"""A recorder's clock is what the judge believes: each form is recorded and measured back by correlation."""

import numpy as np
import pytest
from scipy import signal

from bench.sync.clocks import curved, jumping, merged, overlapping, recorded_through, straight, without
from bench.sync.sources import RATE


def noise(seconds: float) -> np.ndarray:
    band = signal.butter(4, [200, 6000], "bandpass", fs=RATE, output="sos")
    sound = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    return signal.sosfilt(band, sound).astype(np.float32)


def measured_offset(world: np.ndarray, written: np.ndarray, at_s: float, length_s: float = 0.2) -> float:
    """When the world made the sound that stands at `at_s` of the recording, less `at_s`."""
    first = round(at_s * RATE)
    part = written[first : first + round(length_s * RATE)]
    found = int(np.argmax(signal.correlate(world, part, "valid", "fft")))
    return (found - first) / RATE


def test_a_straight_clock_starts_where_it_says_and_drifts_as_it_says():
    world, clock = noise(21), straight(1.5, 18.0, 300.0)

    written = recorded_through(world, clock)

    assert measured_offset(world, written, 0.0) == pytest.approx(1.5, abs=0.0001)
    assert measured_offset(world, written, 16.0) == pytest.approx(1.5 + 16.1 * 300e-6, abs=0.0001)


def test_a_clock_that_jumps_is_written_with_the_jump_and_reported_as_two_runs():
    world, clock = noise(20), jumping(1.0, 10.0, [(4.0, 5.0)])

    written = recorded_through(world, clock)

    assert measured_offset(world, written, 3.5) == pytest.approx(1.0, abs=1e-4)
    assert measured_offset(world, written, 4.1) == pytest.approx(6.0, abs=1e-4)
    assert [(run[0].start_s, run[-1].end_s) for run in merged(clock)] == [(0.0, 4.0), (4.0, 10.0)]


def test_a_bent_clock_follows_its_curve_and_stays_one_run():
    world = noise(20)
    clock = curved(1.0, 15.0, lambda t: 0.040 * np.sin(2 * np.pi * t / 15))

    written = recorded_through(world, clock)

    assert measured_offset(world, written, 3.65) == pytest.approx(1.040, abs=0.001)
    assert measured_offset(world, written, 11.15) == pytest.approx(0.960, abs=0.001)
    assert len(merged(clock)) == 1


def test_many_small_losses_stay_one_run_whose_end_is_late_by_their_sum():
    clock = jumping(0.0, 100.0, [(60.0 + k, 0.002) for k in range(30)])

    assert len(merged(clock)) == 1
    assert clock[-1].offset_s == pytest.approx(0.060)


def test_truth_ends_where_the_other_camera_ends_and_has_a_hole_where_foreign_sound_was_cut_in():
    clock = overlapping(straight(5.0, 60.0), shift_s=-8.0, length_a_s=40.0)

    assert (clock[0].start_s, clock[0].end_s) == pytest.approx((3.0, 43.0))
    assert [(p.start_s, p.end_s) for p in without(clock, 10.0, 20.0)] == [(3.0, 10.0), (20.0, 43.0)]
