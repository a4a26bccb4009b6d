from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_app.core.time.frames import STANDARD_RATES, FrameScan, nearest_rate

NTSC = Fraction(30000, 1001)
MILLISECOND = Fraction(1, 1000)


def scan(times, base, *, block=500, declared=None, duration=0):
    stamps = [round(Fraction(time) / base) for time in times]
    scanned = FrameScan(base, [declared] if declared else [], Fraction(3600))
    for start in range(0, len(stamps), block):
        piece = stamps[start : start + block]
        scanned.feed(piece, [duration] * len(piece))
    return scanned.result(declared)


def even(rate, count, start=Fraction(0)):
    return [start + n / rate for n in range(count)]


@pytest.mark.parametrize("rate", [r for r in STANDARD_RATES if r <= 120])
@pytest.mark.parametrize("base", [Fraction(1, 90_000), MILLISECOND])
def test_an_even_file_is_constant_at_its_rate_in_any_container(rate, base):
    timing = scan(even(rate, 2000), base)
    assert timing.rate == rate
    assert not timing.variable
    assert timing.frames == 2000


def test_matroskas_rounding_to_a_millisecond_does_not_make_29_97_variable():
    timing = scan(even(NTSC, 300), MILLISECOND, declared=NTSC)
    assert (timing.rate, timing.variable) == (NTSC, False)


def test_a_short_file_on_a_coarse_clock_believes_the_declared_rate():
    times = even(NTSC, 20)
    assert scan(times, MILLISECOND, declared=NTSC).rate == NTSC
    assert scan(times, MILLISECOND, declared=Fraction(30)).rate == 30


def test_a_long_file_does_not_believe_a_wrong_declaration():
    assert scan(even(NTSC, 20_000), MILLISECOND, declared=Fraction(30)).rate == NTSC


def test_ten_slow_seconds_after_fifty_even_ones_are_variable():
    times = [*even(Fraction(30), 1500), *even(Fraction(10), 100, Fraction(50))]
    timing = scan(times, Fraction(1, 15360))
    assert timing.variable
    assert timing.rate == 30


def test_a_few_lost_frames_are_variable_because_the_rest_comes_late():
    times = [t for n, t in enumerate(even(Fraction(30), 3000)) if n not in (900, 901, 2000)]
    timing = scan(times, Fraction(1, 90_000))
    assert timing.irregular_share < 0.005
    assert timing.variable


def test_a_phones_jitter_is_variable_at_its_usual_rate():
    rng = np.random.default_rng(2)
    times = [t + Fraction(int(rng.integers(-300, 300)), 90_000) for t in even(Fraction(30), 2000)]
    timing = scan(times, Fraction(1, 90_000))
    assert timing.variable
    assert timing.rate == 30


@given(st.integers(0, 2**31), st.integers(2, 16), st.integers(3, 900))
@settings(max_examples=50)
def test_the_order_in_which_packets_lie_changes_nothing(seed, depth, block):
    ordered = even(Fraction(25), 700)
    rng = np.random.default_rng(seed)
    mixed = [t for start in range(0, 700, depth) for t in rng.permutation(ordered[start : start + depth])]
    one, other = scan(ordered, Fraction(1, 12_800)), scan(mixed, Fraction(1, 12_800), block=block)
    assert one == other


@given(st.sampled_from([Fraction(24), Fraction(25), NTSC, Fraction(50)]), st.fractions(0, 2))
@settings(max_examples=60)
def test_the_phase_lays_every_frame_of_an_even_file_on_the_grid(rate, start):
    timing = scan(even(rate, 400, start), MILLISECOND, declared=rate)
    phase = timing.phase(Fraction(0))
    assert abs(phase) <= 1 / rate / 2 + Fraction(1, 1000)
    for time in even(rate, 400, start):
        place = (round(time / MILLISECOND) * MILLISECOND - phase) * rate
        assert abs(place - round(place)) < 0.2


def test_pieces_joined_end_to_end_are_counted_one_after_the_other():
    piece = even(Fraction(25), 100)
    timing = scan([*piece, *piece], Fraction(1, 90_000), duration=3600)
    assert timing.restarts == 1
    assert timing.frames == 200
    assert not timing.variable
    assert timing.end == 8


def test_one_frame_has_a_rate_and_an_end():
    timing = scan([Fraction(1, 2)], Fraction(1, 90_000), declared=Fraction(24))
    assert (timing.rate, timing.first, timing.end) == (24, Fraction(1, 2), Fraction(1, 2) + Fraction(1, 24))


def test_no_frame_has_no_timing():
    assert FrameScan(MILLISECOND).result() is None


def test_the_nearest_standard_rate_is_nearest_by_ratio():
    assert nearest_rate(29.98) == NTSC
    assert nearest_rate(1000) == 240
    assert nearest_rate(0.1) == 5


@pytest.mark.parametrize(
    "rate", [Fraction(1000), Fraction(480_000, 1001), Fraction(400, 3), Fraction(26), Fraction(23)]
)
def test_a_rate_of_its_own_is_kept_where_the_file_names_it_and_keeps_to_it(rate):
    times = even(rate, 2000)
    kept = scan(times, Fraction(1, 120_000), declared=rate)
    assert (kept.rate, kept.variable, scan(times, Fraction(1, 120_000)).variable) == (rate, False, True)
    jittered = [time + Fraction(n % 3, 3) / rate for n, time in enumerate(times)]
    timing = scan(jittered, Fraction(1, 120_000), declared=rate)
    assert timing.variable
    assert timing.rate in STANDARD_RATES


@pytest.mark.parametrize("declared", [Fraction(2998, 100), Fraction(90_000), Fraction(1)])
def test_a_rate_that_is_written_roughly_or_nonsense_is_none_of_its_own(declared):
    assert scan(even(NTSC, 2000), Fraction(1, 90_000), declared=declared).rate == NTSC


@pytest.mark.parametrize("jump", [-5000, 5000, 2**33 // 90_000])
def test_a_clock_that_begins_anew_far_ahead_or_before_is_joined_and_a_gap_stays(jump):
    piece, after = even(Fraction(25), 100, Fraction(6000)), even(Fraction(25), 100, Fraction(6000 + jump))
    timing = scan([*piece, *after], Fraction(1, 90_000), duration=3600)
    assert (timing.restarts, timing.end - timing.first, timing.variable) == (1, 8, False)
    gap = scan([*piece, *even(Fraction(25), 100, Fraction(9000))], Fraction(1, 90_000), duration=3600)
    assert (gap.restarts, gap.end - gap.first) == (0, 3004)


def test_a_day_of_frames_needs_no_more_memory_than_a_minute():
    scanned = FrameScan(Fraction(1, 90_000))
    for start in range(0, 200_000, 5000):
        scanned.feed([3000 * n + n % 7 for n in range(start, start + 5000)], [3000] * 5000)
    assert len(scanned._gaps) < 20
    assert len(scanned._waiting) <= 64
