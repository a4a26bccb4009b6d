"""Timecodes and times of creation in ffprobe's answers."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from media_app.core.files.timecodes import read_times, standard_rate, witness_as_json, witness_from_json
from media_app.core.time.timebase import NTSC_30, NTSC_60
from media_app.core.time.witness import Source

P50, P60 = Fraction(50), NTSC_60


def times(*streams, picture_rate=Fraction(25), picture=Fraction(0), sound_rate=48_000, **form):
    answer = {"streams": list(streams), "format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", **form}}
    return read_times(answer, picture=picture, picture_rate=picture_rate, sound_rate=sound_rate)


def tmcd(text, rate):
    return {"codec_type": "data", "codec_tag_string": "tmcd", "avg_frame_rate": rate, "tags": {"timecode": text}}


def picture(text):
    return {"codec_type": "video", "tags": {"timecode": text}}


@pytest.mark.parametrize(
    ("text", "rate", "shown", "seconds"),
    [
        ("01:00:00;22", "30000/1001", P60, Fraction(107_892 + 22) / NTSC_30),
        ("01:00:00:20", "25/1", P50, 3600 + Fraction(20, 25)),
        ("01:00:00:20", "12800/512", P50, 3600 + Fraction(20, 25)),
        ("01:00:00;22", "2997/100", P60, Fraction(107_892 + 22) / NTSC_30),
        ("01:00:00:110", "120/1", Fraction(120), 3600 + Fraction(110, 120)),
    ],
    ids=["30 DF on 59.94p", "25 on 50p", "25 unreduced", "29.97 as a decimal", "three digits at 120p"],
)
def test_a_timecode_track_counts_at_its_own_rate(text, rate, shown, seconds):
    found = times(picture(text), tmcd(text, rate), picture_rate=shown)
    (witness,) = found.timecodes
    assert (witness.source, witness.zero, found.warnings) == (Source.TMCD, seconds, ())


@pytest.mark.parametrize("text", ["99:99:99:99", "10:00:00:25", "24:00:00:00", "00:01:00;00"])
def test_a_timecode_that_cannot_be_is_not_used_and_named(text):
    rate = "30000/1001" if ";" in text else "25/1"
    found = times(tmcd(text, rate))
    assert found.timecodes == ()
    assert found.warnings[0].startswith(f"The file's timecode {text} does not exist at ")


@pytest.mark.parametrize("text", ["-01:00:00:00", "ab:cd:ef:gh", "00:00:00:00:00"])
def test_a_timecode_that_is_none_is_not_dropped_without_a_word(text):
    found = times(picture(text))
    assert found.timecodes == ()
    assert found.warnings == (
        f"The file's timecode {text} is written in a way that cannot be read; it is not used, and unless there is another one the "
        "edit counts this file from 0.",
    )


def test_drop_frame_at_30_00_is_counted_and_named():
    found = times(tmcd("00:01:00;02", "30/1"))
    assert found.timecodes[0].label.frame == 1800
    assert "drop-frame at 30 frames per second, which is not standard" in found.warnings[0]


def test_without_a_track_the_picture_counts():
    assert times(picture("10:00:00:00"), picture_rate=P50).timecodes[0].label.rate == 50
    mxf = times({"codec_type": "video"}, format_name="mxf", tags={"timecode": "10:00:00:05"})
    assert mxf.timecodes[0].source == Source.MXF
    assert times({"codec_type": "audio"}, picture_rate=None, tags={"timecode": "10:00:00:05"}).timecodes == ()


def test_the_first_frame_may_be_shown_late():
    assert times(tmcd("10:00:01:00", "25/1"), picture=Fraction(1, 2)).timecodes[0].zero == 36_000 + Fraction(1, 2)


def test_a_recorders_samples_are_a_time_of_day():
    (witness,) = times(picture_rate=None, tags={"time_reference": str(48_000 * 36_000 + 24_000)}).timecodes
    assert (witness.source, witness.zero) == (Source.BEXT, 36_000 + Fraction(1, 2))


def test_of_several_tracks_the_pictures_own_comes_first():
    found = times(tmcd("01:00:00:00", "25/1"), picture("10:00:00:00"), tmcd("10:00:00:00", "25/1"))
    assert [str(witness.label) for witness in found.timecodes] == ["10:00:00:00", "01:00:00:00"]


@pytest.mark.parametrize(
    ("tags", "moment"),
    [
        ({"creation_time": "2026-05-01T10:00:00.000000Z"}, datetime(2026, 5, 1, 10, tzinfo=UTC)),
        (
            {
                "creation_time": "2026-05-01T10:00:09.000000Z",
                "com.apple.quicktime.creationdate": "2026-05-01T12:00:00+0200",
            },
            datetime(2026, 5, 1, 10, tzinfo=UTC),
        ),
        ({"creation_time": "1904-01-01T00:00:00.000000Z"}, None),
        ({"creation_time": "1970-01-01T00:00:00.000000Z"}, None),
        ({"creation_time": "2026-13-01T00:00:00"}, None),
        ({"date": "2026"}, None),
        ({}, None),
    ],
)
def test_the_time_of_creation_is_read_where_the_clock_was_set(tags, moment):
    assert times(tags=tags).created == (moment and moment.timestamp())


def test_rates_that_are_written_roughly_are_the_standard_ones():
    assert standard_rate(Fraction(2997, 100)) == NTSC_30
    assert standard_rate(Fraction(5994, 100)) == NTSC_60
    assert standard_rate(Fraction(30)) == 30
    assert standard_rate(Fraction(25)) == 25


def test_a_witness_survives_its_json():
    for witness in times(tmcd("01:00:00;22", "30000/1001"), tags={"time_reference": "4800"}).timecodes:
        assert witness_from_json(witness_as_json(witness)) == witness


def test_sony_s_data_track_is_read_where_there_is_no_timecode_track_and_said_so():
    rtmd = {
        "codec_type": "data",
        "codec_tag_string": "rtmd",
        "avg_frame_rate": "0/0",
        "tags": {"timecode": "10:11:12:13"},
    }
    found = times(picture("10:11:12:13"), rtmd)
    (witness,) = found.timecodes
    assert (witness.source, str(witness.label)) == (Source.RTMD, "10:11:12:13")
    assert "Sony rtmd" in found.warnings[0]
    assert len(found.warnings) == 1
    assert times(tmcd("01:00:00:00", "25/1"), rtmd).timecodes[0].source == Source.TMCD


def test_a_timecode_track_of_which_no_label_can_be_made_is_named():
    unreadable = {"codec_type": "data", "codec_tag_string": "tmcd", "avg_frame_rate": "24/1", "tags": {}}
    found = times(unreadable)
    assert found.timecodes == ()
    assert "a timecode track that counts in an impossible way" in found.warnings[0]
