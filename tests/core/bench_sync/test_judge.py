"""The judge looks at the whole overlap, at each segment and at the name of what was heard."""

import pytest

from bench.sync.clocks import jumping, straight
from bench.sync.field_files import Heard
from bench.sync.judge import Answer, Segment, judged, names_channel
from bench.sync.reliability import bins


def said(offset_s, *segments, ppm=0.0, word="looks-good"):
    return Answer(offset_s, ppm, tuple(segments), word, 0.99, 40.0)


def test_one_line_over_a_pause_is_sure_and_wrong_though_it_is_right_for_most_of_the_file():
    row = judged(said(2.0), jumping(2.0, 600.0, [(575.0, 30.0)]), "segments")

    assert row["sure_and_wrong"]
    assert row["worst_ms"] == pytest.approx(30_000)
    assert [s["error_ms"] for s in row["segment_errors"]] == pytest.approx([0.0, 30_000.0])


def test_both_segments_reported_are_found_and_the_border_is_measured():
    answer = said(2.0, Segment(0, 575.04, 2.0, 0.0), Segment(575.04, 600, 32.001, 0.0), word="review-suggested")

    row = judged(answer, jumping(2.0, 600.0, [(575.0, 30.0)]), "segments")

    assert row["segments_found"]
    assert row["right"]
    assert row["worst_ms"] == pytest.approx(1.0)
    assert row["border_ms"] == pytest.approx(40.0)


def test_drift_that_is_left_out_is_wrong_at_the_end_alone_and_still_wrong():
    row = judged(said(1.0), straight(1.0, 600.0, 100.0), "line")

    assert row["worst_ms"] == pytest.approx(60.0, abs=0.01)
    assert not row["right"]


def test_an_offset_is_an_error_where_there_is_nothing_to_find_and_a_refusal_is_none():
    assert judged(said(1.0, word="review-suggested"), (), "nothing")["accepted"]
    assert not judged(said(1.0, word="review-suggested"), (), "nothing")["sure_and_wrong"]
    assert judged(said(1.0), (), "nothing")["sure_and_wrong"]
    assert not judged(said(None, word="needs-manual-nudge"), (), "nothing")["accepted"]


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ({"stream": 1, "channels": [3], "how": "channel"}, True),
        ({"stream": 1, "channels": [1, 2, 3, 4], "how": "mix"}, False),
        ({"stream": 2, "channels": [3], "how": "channel"}, False),
        (None, False),
    ],
)
def test_the_channel_that_carries_the_voice_must_be_named_alone(answer, right):
    assert names_channel(answer, Heard(1, (3,), "channel")) is right


def test_reliability_puts_answers_in_tenths_and_counts_the_right_ones():
    rows = [
        {"accepted": True, "probability": p, "right": right} for p, right in [(0.95, True), (1.0, False), (0.5, True)]
    ]
    rows.append({"accepted": False, "probability": 0.2, "right": False})

    assert [(low, count, share) for low, _, count, _, share in bins(rows)] == [(0.5, 1, 1.0), (0.9, 2, 0.5)]
