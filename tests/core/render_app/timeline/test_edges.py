"""Milliseconds on frames and samples."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media_app.core.time.timebase import parse_rate
from render_app.core.timeline.edges import (
    edge_ms,
    exact,
    frame_edge,
    frames_between,
    plain_number,
    sample_edge,
    source_frame,
)
from tests.core.render_app.timeline.strategies import RATES

rates = st.sampled_from([parse_rate(rate) for rate in RATES])
times = st.fractions(0, 10**8, max_denominator=1000)


def test_a_time_halfway_between_two_frames_falls_on_the_later_one():
    assert [frame_edge(exact(ms), Fraction(25)) for ms in (19.999, 20, 59.999, 60)] == [0, 1, 1, 2]


@given(times, rates)
def test_an_edge_is_half_a_frame_from_its_time_at_most(ms, rate):
    frame = frame_edge(ms, rate)

    assert -500 / rate < edge_ms(frame, rate) - ms <= 500 / rate
    assert frame_edge(edge_ms(frame, rate), rate) == frame


@given(st.lists(times, min_size=2, max_size=9).map(sorted), rates)
def test_lengths_between_edges_add_up_however_a_stretch_is_cut(cuts, rate):
    lengths = [frames_between(a, b, rate) for a, b in pairwise(cuts)]

    assert sum(lengths) == frames_between(cuts[0], cuts[-1], rate)
    assert min(lengths) >= 0


@given(st.integers(0, 10**7), rates)
def test_a_source_frame_is_found_at_its_time_however_the_container_rounds_it(frame, rate):
    exactly = edge_ms(frame, rate)

    assert source_frame(exactly, rate) == frame
    assert source_frame(exact(round(float(exactly))), rate) == frame, "as Matroska keeps it"


def test_a_faster_source_shows_the_frame_at_the_start_of_the_output_s():
    """60 → 29.97 begins 0, 2, 4: not 1, 3, 5."""
    output = Fraction(30000, 1001)

    assert [source_frame(edge_ms(n, output), Fraction(60)) for n in range(4)] == [0, 2, 4, 6]


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_a_number_of_json_comes_back_as_it_was(value):
    assert plain_number(exact(value)) == value


def test_samples_are_counted_as_frames_are():
    assert sample_edge(exact(1.5), 48_000) == 72
    assert sample_edge(Fraction(1001, 30), 48_000) == 1602
