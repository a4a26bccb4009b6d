"""Sound in pieces of one length."""

from itertools import pairwise

import pytest

from media_app.core.sound.spans import Span, count, spans


def test_pieces_follow_each_other_without_a_gap_and_the_last_is_what_is_left():
    pieces = list(spans(100, 10, 3))
    assert pieces == [Span(0, 30, 10), Span(30, 60, 10), Span(60, 90, 10), Span(90, 100, 10)]
    assert (pieces[-1].start_ms, pieces[-1].end_ms) == (9000, 10_000)


def test_neighbors_share_the_overlap_and_the_end_is_not_cut_twice():
    assert [(piece.first, piece.end) for piece in spans(100, 10, 4, 1)] == [(0, 40), (30, 70), (60, 100)]


def test_edges_do_not_drift_when_a_length_is_no_whole_number_of_samples():
    pieces = list(spans(44_100 * 600, 44_100, 0.33333))
    assert all(abs(piece.first - number * 0.33333 * 44_100) < 0.501 for number, piece in enumerate(pieces))
    assert all(left.end == right.first for left, right in pairwise(pieces))


def test_no_sound_is_no_piece():
    assert list(spans(0, 48_000, 1)) == []


@pytest.mark.parametrize(("seconds", "overlap"), [(1.0, 0.0), (0.7, 0.3), (5.0, 2.5), (20.0, 0.0)])
def test_the_count_is_known_before(seconds, overlap):
    assert abs(count(12.5, seconds, overlap) - len(list(spans(125_000, 10_000, seconds, overlap)))) <= 1
