from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.time.timebase import (
    NTSC_24,
    NTSC_30,
    NTSC_60,
    Timecode,
    clock,
    format_rate,
    frame_to_time,
    frames_per_day,
    milliseconds,
    nearest_frame,
    nominal_rate,
    parse_rate,
    parse_timecode,
    seconds_text,
    time_to_frame,
    time_to_sample,
)

rates = st.sampled_from(
    [NTSC_24, Fraction(24), Fraction(25), NTSC_30, Fraction(30), Fraction(50), NTSC_60, Fraction(60)]
)
frames = st.integers(0, 10_000_000)


@given(frames, rates)
def test_a_frame_survives_the_way_to_time_and_back(frame, rate):
    assert time_to_frame(frame_to_time(frame, rate), rate) == frame
    assert nearest_frame(frame_to_time(frame, rate), rate) == frame


@given(st.fractions(0, 100_000), rates)
def test_the_nearest_frame_is_at_most_half_a_frame_away(seconds, rate):
    assert abs(frame_to_time(nearest_frame(seconds, rate), rate) - seconds) <= 1 / rate / 2


@given(st.fractions(0, 100_000))
def test_the_nearest_sample_is_at_most_half_a_sample_away(seconds):
    assert abs(Fraction(time_to_sample(seconds, 48_000), 48_000) - seconds) <= Fraction(1, 96_000)


@given(rates)
def test_a_rate_survives_being_written(rate):
    assert parse_rate(format_rate(rate)) == rate


@pytest.mark.parametrize("text", ["29.97", "", "30/0", "0/1", "-25", "1e3", "30000/1001/1", "∞"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError, match="is not a frame rate"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("label", "following"),
    [
        ("00:00:59;29", "00:01:00;02"),
        ("00:09:59;29", "00:10:00;00"),
        ("00:01:59;29", "00:02:00;02"),
        ("23:59:59;29", "00:00:00;00"),
    ],
)
def test_drop_frame_skips_two_labels_each_minute_but_the_tenth(label, following):
    assert str(parse_timecode(label, NTSC_30) + 1) == following


def test_drop_frame_at_59_94_skips_four_labels():
    assert str(parse_timecode("00:00:59;59", NTSC_60) + 1) == "00:01:00;04"


def test_drop_frame_keeps_with_the_clock_over_a_day():
    assert frames_per_day(NTSC_30, drop=True) == 2_589_408
    assert abs(parse_timecode("12:00:00;00", NTSC_30).seconds - 12 * 3600) < Fraction(1, 10)


@given(st.integers(0, 2_589_407))
def test_every_frame_of_a_day_has_its_own_drop_frame_label(frame):
    label = str(Timecode(frame, NTSC_30, drop=True))
    assert parse_timecode(label, NTSC_30).frame == frame
    assert not (label[6:8] == "00" and label[4] != "0" and label[9:] in ("00", "01"))


@given(frames, rates)
def test_a_timecode_without_drop_survives_being_written(frame, rate):
    timecode = Timecode(frame, rate)
    assert parse_timecode(str(timecode), rate) == timecode


@pytest.mark.parametrize(
    "label", ["00:01:00;00", "00:01:00;01", "24:00:00:00", "00:60:00:00", "00:00:00:30", "1:2:3:4", "noon"]
)
def test_labels_that_do_not_exist_are_refused(label):
    with pytest.raises(ValueError, match=r"timecode|drop-frame"):
        parse_timecode(label, NTSC_30)


@pytest.mark.parametrize("rate", [NTSC_24, Fraction(24), Fraction(25), Fraction(50)])
def test_rates_that_do_not_count_to_thirty_have_no_drop_frame(rate):
    with pytest.raises(ValueError, match="no drop-frame"):
        Timecode(0, rate, drop=True)
    with pytest.raises(ValueError, match="no drop-frame"):
        parse_timecode("00:00:01;00", rate)


@pytest.mark.parametrize("rate", [Fraction(30), Fraction(60), Fraction(120000, 1001)])
def test_drop_frame_labels_of_recorders_that_run_at_other_rates_are_counted_alike(rate):
    skipped = nominal_rate(rate) // 15
    last = parse_timecode(f"00:00:59;{nominal_rate(rate) - 1:02d}", rate)
    assert str(last + 1) == f"00:01:00;{skipped:0{len(str(nominal_rate(rate) - 1))}d}"
    assert parse_timecode(str(last + 1), rate) == last + 1


def test_three_digit_frames_are_read_and_written():
    label = parse_timecode("01:00:00:110", Fraction(120))
    assert label.frame == 3600 * 120 + 110
    assert str(label + 10) == "01:00:01:000"


def test_times_are_written_exactly_and_without_minus_zero():
    assert seconds_text(Fraction(1001, 30000), 9) == "0.033366667"
    assert seconds_text(Fraction(-1, 3)) == "-0.333333"
    assert seconds_text(Fraction(-1, 10**9)) == "0.000000"
    assert milliseconds(Fraction(4994, 10000)) == "+499.4 ms"
    assert milliseconds(Fraction(-1, 3)) == "-333.3 ms"
    assert milliseconds(Fraction(0)) == "0.0 ms"
    assert clock(Fraction(3661) + Fraction(1, 2)) == "01:01:01.500"
    assert clock(Fraction(-5, 2)) == "-00:00:02.500"


@given(st.fractions(-100_000, 100_000))
def test_decimal_text_is_within_half_a_unit_of_the_last_place(seconds):
    assert abs(Fraction(seconds_text(seconds, 6)) - seconds) <= Fraction(1, 2_000_000)
