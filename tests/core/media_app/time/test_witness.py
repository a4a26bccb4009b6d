"""What timecode and creation times say of an offset, against what the sound says."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.time.timebase import NTSC_24, NTSC_30, NTSC_60, Timecode, parse_timecode
from media_app.core.time.witness import Outcome, Source, TimecodeWitness, Witnesses, statements

AGREES, CONTRADICTS, CANNOT_TELL = Outcome.AGREES, Outcome.CONTRADICTS, Outcome.CANNOT_TELL
#: What recorders are jam-synced to.
RATES = [Fraction(24), Fraction(25), Fraction(30)]


def tmcd(label, rate, at=Fraction(0), source=Source.TMCD):
    return TimecodeWitness(source, at, parse_timecode(label, rate))


def bext(seconds, at=Fraction(0)):
    return TimecodeWitness(Source.BEXT, at, of_day=Fraction(seconds))


def at(text):
    return Fraction(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()))


def only(ours, theirs, sound, **others):
    found = statements(Witnesses("A", (ours,), **others), Witnesses("B", (theirs,), **others), sound)
    assert len(found) == 1
    return found[0]


def test_jam_synced_timecodes_agree_with_the_sound_to_a_frame():
    said = only(tmcd("10:00:00:05", Fraction(25)), tmcd("10:00:03:11", Fraction(25)), Fraction("3.257"))
    assert (said.outcome, said.offset, said.tolerance) == (AGREES, Fraction("3.24"), Fraction(1, 25))
    assert said.message == "Timecode (tmcd) puts camera B at +3.240 s, the sound at +3.257 s: they agree to a frame."


def test_a_second_place_in_a_song_is_contradicted():
    said = only(tmcd("10:00:00:05", Fraction(25)), tmcd("10:00:03:05", Fraction(25)), Fraction(33))
    assert said.outcome == CONTRADICTS
    assert "+3.000 s, the sound at +33.000 s" in said.message


@pytest.mark.parametrize(("rate", "picture"), [(NTSC_30, NTSC_60), (Fraction(25), Fraction(50))])
def test_a_timecode_counts_in_its_own_rate_whatever_the_picture_does(rate, picture):
    mark = ";" if rate == NTSC_30 else ":"
    said = only(tmcd(f"10:00:00{mark}02", rate), tmcd(f"10:00:00{mark}22", rate), 20 / rate)
    assert said.outcome == AGREES
    assert abs(20 / picture - 20 / rate) > Fraction(3, 10), "at the picture's rate it would be 333 or 400 ms off"


def test_timecode_of_30_and_60_drop_frame_labels_can_be_compared():
    said = only(tmcd("10:00:59;29", NTSC_30), tmcd("10:01:00;04", NTSC_60), Fraction(1001, 30000))
    assert said.outcome == AGREES
    assert said.offset == Fraction(1001, 30000)


def test_labels_without_drop_frame_at_29_97_cannot_be_held_against_the_time_of_day():
    said = only(tmcd("10:00:00:00", NTSC_30), tmcd("10:00:05:10", Fraction(25)), Fraction(5))
    assert said.outcome == CANNOT_TELL
    assert "cannot be compared" in said.message


def test_a_recorders_samples_and_a_cameras_timecode_agree():
    assert only(bext(36_000), tmcd("10:00:05:12", Fraction(24)), Fraction("5.5")).outcome == AGREES


def test_timecode_that_starts_at_a_whole_hour_is_silent_where_it_differs():
    said = only(tmcd("01:00:00:00", Fraction(25)), tmcd("01:00:00:00", Fraction(25)), Fraction(12))
    assert said.outcome == CANNOT_TELL
    assert "counts the recording" in said.message


def test_the_first_frame_may_come_later_than_time_zero():
    later = tmcd("10:00:03:00", Fraction(25), at=Fraction(1, 2))
    assert only(tmcd("10:00:00:01", Fraction(25)), later, Fraction("2.46")).outcome == AGREES


def test_midnight_lies_between_two_cameras():
    said = only(tmcd("23:59:58:00", Fraction(25)), tmcd("00:00:01:00", Fraction(25)), Fraction(3))
    assert (said.outcome, said.offset) == (AGREES, 3)


def test_without_an_offset_by_sound_the_timecode_is_offered_as_what_it_is():
    said = only(tmcd("10:00:00:01", Fraction(25)), tmcd("10:00:07:01", Fraction(25)), None)
    assert (said.outcome, said.offset) == (CANNOT_TELL, 7)
    assert said.message == "Timecode (tmcd) puts camera B at +7.000 s; the sound gives no offset."


def test_each_source_that_both_have_speaks_for_itself_and_the_surest_first():
    ours = (tmcd("10:00:00:01", Fraction(25)), tmcd("10:00:00:01", Fraction(25), source=Source.LTC))
    theirs = (tmcd("10:00:09:01", Fraction(25)), tmcd("10:00:03:01", Fraction(25), source=Source.LTC))
    said = statements(Witnesses("A", ours), Witnesses("B", theirs), Fraction(3))
    assert [(one.kind, one.outcome) for one in said] == [("ltc", AGREES), ("tmcd", CONTRADICTS)]


def test_timecode_of_clocks_set_by_hand_cannot_contradict_by_seconds():
    cameras = [
        Witnesses("A", (tmcd("12:00:10:03", Fraction(25)),), created=at("2026-05-01T10:00:10")),
        Witnesses("B", (tmcd("12:00:17:03", Fraction(25)),), created=at("2026-05-01T10:00:17")),
    ]
    said = {one.kind: one for one in statements(*cameras, Fraction(4))}
    assert said["tmcd"].outcome == CANNOT_TELL
    assert "which people set" in said["tmcd"].message


@pytest.mark.parametrize(
    ("theirs", "sound", "outcome"),
    [
        ("2026-05-01T10:00:03", "3.4", AGREES),
        ("2026-05-01T10:04:03", "3.4", CANNOT_TELL),
        ("2026-05-01T12:00:03", "3.4", CANNOT_TELL),
        ("2026-05-01T12:25:03", "3.4", CONTRADICTS),
        ("2026-05-04T10:00:03", "3.4", CONTRADICTS),
    ],
    ids=["to the second", "minutes off", "another time zone", "another event", "another day"],
)
def test_creation_times_are_good_for_as_much_as_clocks_are(theirs, sound, outcome):
    master = Witnesses("A", created=at("2026-05-01T10:00:00"), seconds=Fraction(300))
    other = Witnesses("B", created=at(theirs), seconds=Fraction(300))
    assert [one.outcome for one in statements(master, other, Fraction(sound))] == [outcome]


def test_another_day_is_named_with_its_distance():
    master, other = Witnesses("A", created=at("2026-05-01T10:00:00")), Witnesses("B", created=at("2026-05-04T10:00:00"))
    assert "3.0 days apart" in statements(master, other, Fraction(0))[0].message


def test_a_file_without_witnesses_says_nothing():
    assert statements(Witnesses("A"), Witnesses("B", (bext(1),)), Fraction(0)) == ()


@given(st.sampled_from(RATES), st.integers(0, 2_000_000), st.integers(-80_000, 80_000), st.fractions(0, 2))
def test_whatever_two_timecodes_say_is_their_distance_in_frames(rate, frame, apart, late):
    ours = TimecodeWitness(Source.TMCD, late, Timecode(frame, rate))
    theirs = TimecodeWitness(Source.TMCD, late, Timecode(frame + apart, rate))
    assert only(ours, theirs, None).offset == apart / rate


@given(st.sampled_from([NTSC_24, NTSC_30, *RATES]), st.integers(0, 2_500_000), st.integers(1, 90_000))
def test_both_directions_say_the_same(rate, frame, apart):
    one = TimecodeWitness(Source.LTC, Fraction(0), Timecode(frame, rate))
    other = TimecodeWitness(Source.LTC, Fraction(0), Timecode(frame + apart, rate))
    assert only(one, other, None).offset == -only(other, one, None).offset
