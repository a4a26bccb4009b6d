"""Whether a file goes on where another ends, by clocks, timecode, streams and device."""

from fractions import Fraction

import pytest

from media_app.core.cards.seams import Recorded, contradiction
from media_app.core.time.timebase import parse_timecode
from media_app.core.time.witness import Source, TimecodeWitness, Witnesses

HOUR = 3600
HEVC, H264 = {"picture": "3840 x 2160 hevc"}, {"picture": "3840 x 2160 h264"}


def recorded(name="GX010012.MP4", created=None, timecode="", seconds=530, **more) -> Recorded:
    codes = (TimecodeWitness(Source.TMCD, Fraction(0), parse_timecode(timecode, Fraction(25))),) if timecode else ()
    times = Witnesses("B", codes, None if created is None else Fraction(created), Fraction(seconds))
    return Recorded(name, times, **more)


def why(before: Recorded, **after) -> str:
    return contradiction(before, recorded("GX020012.MP4", **after))


@pytest.mark.parametrize("created", [1000, 1002, 1530, 1533, 1590])
def test_a_time_of_creation_may_be_that_of_the_start_of_the_end_or_of_the_whole_recording(created):
    assert why(recorded(created=1000), created=created) == ""


def test_nothing_is_said_where_nothing_is_known():
    assert why(recorded()) == ""
    assert why(recorded(created=1000, timecode="10:00:00:00", serial="1", streams=HEVC)) == ""


def test_a_chapter_that_was_recorded_days_later_is_another_recording():
    said = why(recorded(created=1000), created=1000 + 55 * HOUR)

    assert said == (
        "GX020012.MP4 is named as the continuation of GX010012.MP4, but by its time of creation it was recorded 55:00:00.000 after that one, which "
        "lasts 00:08:50.000. It is synced as a separate recording."
    )


def test_a_chapter_that_was_recorded_before_the_one_in_front_of_it_is_another_recording():
    assert "by its time of creation it was recorded 01:00:00.000 before that one" in why(
        recorded(created=5000), created=1400
    )


@pytest.mark.parametrize(
    ("timecode", "says"),
    [
        ("10:08:50:00", ""),
        ("10:08:50:20", ""),
        ("10:00:00:00", ""),
        ("00:00:00:00", ""),
        ("10:20:00:00", "by its timecode it begins 00:11:10.000 after the end of that one"),
        ("09:00:00:00", ""),
        ("09:00:07:00", "by its timecode it begins 01:08:43.000 before the end of that one"),
    ],
)
def test_a_timecode_goes_on_or_starts_anew_or_contradicts(timecode, says):
    said = why(recorded(timecode="10:00:00:00"), timecode=timecode)

    assert (says in said) if says else said == ""


def test_a_timecode_goes_on_over_midnight():
    assert why(recorded(timecode="23:58:00:00"), timecode="00:06:50:00") == ""


def test_a_clock_that_agrees_outweighs_one_that_does_not():
    assert why(recorded(created=1000, timecode="10:00:00:00"), created=1530, timecode="12:11:07:00") == ""
    assert why(recorded(created=1000, timecode="10:00:00:00"), created=99_999, timecode="10:08:50:00") == ""


def test_other_streams_and_another_device_are_another_recording_whatever_the_clocks_say():
    assert "its picture is 3840 x 2160 h264, and there it is 3840 x 2160 hevc" in why(
        recorded(created=1000, streams=HEVC), created=1530, streams=H264
    )
    assert "another device recorded it (serial number C3, not C2)" in why(
        recorded(created=1000, serial="C2"), created=1530, serial="C3"
    )
