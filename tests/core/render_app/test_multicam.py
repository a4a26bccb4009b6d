from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_app.core.time.timebase import NTSC_30, NTSC_60, Timecode, parse_timecode
from render_app.core.edit import placement
from render_app.core.edit.angle import Angle, AngleSegment, CannotExport, MediaFile
from render_app.core.edit.placement import AngleClip, Grid, lay_camera
from render_app.core.edit.rates import DEFAULT_RATE, EDITING_RATES, editing_rate

RATES = sorted(EDITING_RATES)
NO_FILE = MediaFile("https://store.example/x")


def plain(offset_ms, **fields):
    return Angle("B", "video", offset_ms, fields.pop("duration_ms", 60_000), "b.mov", NO_FILE, **fields)


def lay(angle, origin: Fraction, *, unit: Fraction, grid: Fraction, trim: bool = False) -> tuple[AngleClip, ...]:
    return placement.lay(angle, Grid(origin, grid, unit, trim))


def test_a_camera_that_started_later_lies_later_on_the_timeline(angle, edit):
    shoot = edit(angle("A"), angle("B", offset_ms=2000.0))

    (a,), (b,) = (lay(each, shoot.origin, unit=each.rate, grid=shoot.rate) for each in shoot.angles)

    assert (a.at, a.length, b.at, b.length) == (0, 250, 50, 250)


def test_the_timeline_begins_at_the_earliest_camera_even_when_that_is_before_the_master(angle, edit):
    shoot = edit(angle("A"), angle("B", offset_ms=-4000.0))

    assert shoot.origin == -4
    assert lay(shoot.angles[0], shoot.origin, unit=Fraction(25), grid=Fraction(25))[0].at == 100
    assert lay(shoot.angles[1], shoot.origin, unit=Fraction(25), grid=Fraction(25))[0].at == 0


def test_a_first_frame_that_comes_after_time_zero_is_placed_when_it_comes(angle, edit):
    shoot = edit(angle("A"), angle("B", offset_ms=1000.0, video_start_ms=500.0))

    (clip,) = lay(shoot.angles[1], shoot.origin, unit=Fraction(25), grid=Fraction(25))

    assert (clip.at, clip.late) == (38, Fraction(1, 50))
    assert clip.units == int(9.5 * 25)


def test_what_is_left_below_a_frame_is_said(angle, edit):
    shoot = edit(angle("A"), angle("B", offset_ms=1013.0))

    (clip,) = lay(shoot.angles[1], shoot.origin, unit=Fraction(25), grid=Fraction(25))

    assert clip.at == 25
    assert clip.late_ms == -13.0


def test_the_count_of_frames_is_believed_before_the_length_of_the_file(angle):
    sound_is_longer = angle(duration_ms=10_021, frames=250)

    (clip,) = lay(sound_is_longer, Fraction(0), unit=Fraction(25), grid=Fraction(25))

    assert clip.units == clip.length == 250


def test_sound_alone_is_trimmed_to_the_frame_and_true_to_half_a_sample(recorder):
    (clip,) = lay(recorder(offset_ms=1013.3), Fraction(0), unit=Fraction(48_000), grid=NTSC_30, trim=True)

    assert clip.at == 31
    assert clip.source / Fraction(48_000) == pytest.approx(31 * 1001 / 30000 - 1.0133, abs=1 / 96_000)
    assert abs(clip.late) <= Fraction(1, 96_000)


def test_a_paused_camera_becomes_a_clip_for_each_stretch(angle):
    paused = angle(segments=(AngleSegment(0, 4000, 100.0), AngleSegment(4000, 10_000, 3100.0)), offset_ms=100.0)

    first, second = lay(paused, Fraction(1, 10), unit=Fraction(25), grid=Fraction(25))

    assert (first.source, first.units, first.at, first.length) == (0, 100, 0, 100)
    assert (second.source, second.units, second.at, second.length) == (100, 150, 175, 150)


def test_a_stretch_that_would_lie_on_the_next_one_gives_way(angle):
    doubled = angle(segments=(AngleSegment(0, 4000, 0.0), AngleSegment(4000, 10_000, -1000.0)))

    first, second = lay(doubled, Fraction(0), unit=Fraction(25), grid=Fraction(25))

    assert first.at + first.length == second.at == 75
    assert second.source == 100


def test_union_and_overlap_are_on_the_masters_clock(angle, edit):
    shoot = edit(angle("A"), angle("B", offset_ms=-1500.0), angle("C", offset_ms=4000.0, drift_ppm=100.0))

    assert shoot.union == (-1500.0, 14_001.0)
    assert shoot.overlap == (4000.0, 8500.0)


def test_cameras_that_never_ran_together_have_no_overlap(angle, edit):
    assert edit(angle("A"), angle("B", offset_ms=20_000.0)).overlap is None


def test_an_edit_without_cameras_has_no_ranges(edit):
    assert (edit().union, edit().overlap, edit().rate) == (None, None, DEFAULT_RATE)


def test_drift_moves_the_end_and_is_reported_in_ms(angle):
    assert angle(duration_ms=2_640_000, drift_ppm=145.0).drift_at_end_ms == 382.8


@pytest.mark.parametrize(
    ("rate", "timeline"),
    [
        (NTSC_30, NTSC_30),
        (Fraction(15), Fraction(30)),
        (Fraction(25, 2), Fraction(25)),
        (Fraction(120), Fraction(60)),
        (Fraction(240_000, 1001), NTSC_60),
        (Fraction(100), Fraction(50)),
        (Fraction(48), Fraction(24)),
        (Fraction(17), DEFAULT_RATE),
    ],
)
def test_an_editing_rate_shows_every_frame_or_every_nth(rate, timeline):
    assert editing_rate(rate) == timeline


def test_the_timeline_has_the_masters_rate_or_that_of_the_first_picture(angle, recorder, edit):
    mixed = [angle("A"), angle("B", fps="30000/1001"), recorder("R")]

    assert edit(*mixed, master="B").rate == NTSC_30
    assert edit(*mixed, master="R").rate == 25


def test_a_camera_without_a_frame_rate_is_named(angle):
    with pytest.raises(CannotExport, match="Camera B has no frame rate"):
        _ = angle("B", fps="").rate


def test_the_first_timecode_is_the_cameras_own_else_the_recorders_time_of_day_else_midnight(angle, recorder):
    assert str(angle(timecode="10:00:00:12").first_timecode(Fraction(25))) == "10:00:00:12"
    assert str(recorder(seconds_of_day=3600.5).first_timecode(Fraction(30))) == "01:00:00:15"
    assert str(angle().first_timecode(NTSC_30, drop=True)) == "00:00:00;00"
    assert str(angle(timecode="99:00:00:00").first_timecode(Fraction(25))) == "00:00:00:00"


offsets = st.integers(-86_400_0000, 86_400_0000).map(lambda tenths: tenths / 10)
rates = st.sampled_from(RATES)


@settings(max_examples=200, deadline=None)
@given(offset=offsets, origin=st.integers(-90_000, 0), rate=rates, grid=rates, ppm=st.floats(-500, 500))
def test_every_camera_lies_within_half_a_frame_of_the_truth(offset, origin, rate, grid, ppm):
    each = plain(offset, fps=f"{rate.numerator}/{rate.denominator}", drift_ppm=round(ppm, 3))

    (clip,) = lay(each, Fraction(origin), unit=rate, grid=grid)

    true = Fraction(str(offset)) / 1000 - origin
    assert abs(clip.at / grid - true) <= 1 / (2 * grid)
    assert clip.late == clip.at / grid - true
    assert Fraction(0) <= clip.units / rate - clip.length / grid < 1 / grid


@settings(max_examples=200, deadline=None)
@given(earlier=offsets, gap=st.integers(0, 10_000_000), grid=rates)
def test_a_later_camera_never_lies_before_an_earlier_one(earlier, gap, grid):
    later = earlier + gap / 10

    placed = [
        lay(plain(each, fps="25/1"), Fraction(-86_400), unit=Fraction(25), grid=grid) for each in (earlier, later)
    ]

    assert placed[0][0].at <= placed[1][0].at


@settings(max_examples=200, deadline=None)
@given(offset=offsets, grid=rates, sampling=st.sampled_from([44_100, 48_000, 96_000]))
def test_trimmed_sound_begins_on_a_frame_true_to_half_a_sample(offset, grid, sampling):
    sound = Angle("R", "audio", offset, 60_000, "r.wav", NO_FILE, sample_rate=sampling)

    (clip,) = lay(sound, Fraction(-86_400), unit=Fraction(sampling), grid=grid, trim=True)

    assert 0 <= clip.source <= sampling / grid + 1
    assert abs(clip.late) <= Fraction(1, 2 * sampling)


@settings(max_examples=200, deadline=None)
@given(start=st.integers(0, 30 * 86_000), length=st.integers(0, 100_000), rate=st.sampled_from([NTSC_30, NTSC_60]))
def test_labels_of_a_clip_name_its_frames_and_never_one_that_drop_frame_skips(start, length, rate):
    first, last = Timecode(start, rate, drop=True), Timecode(start, rate, drop=True) + length

    assert (parse_timecode(str(last), rate) + -length) == parse_timecode(str(first), rate)


@settings(max_examples=100, deadline=None)
@given(
    pauses=st.lists(st.tuples(st.integers(100, 5000), st.integers(-3000, 9000)), min_size=1, max_size=5),
    rate=rates,
    grid=rates,
)
def test_the_stretches_of_a_paused_camera_never_lie_on_each_other(pauses, rate, grid):
    begin, offset, segments = 0, 0, []
    for length, pause in pauses:
        segments.append(AngleSegment(begin, begin + length, offset))
        begin, offset = begin + length, offset + pause
    each = plain(0.0, fps=f"{rate.numerator}/{rate.denominator}", duration_ms=begin, segments=tuple(segments))

    clips = lay(each, Fraction(-100), unit=rate, grid=grid)

    for first, second in pairwise(clips):
        assert first.at + first.length <= second.at
        assert first.source + first.units <= second.source


@pytest.mark.parametrize(
    ("label", "own", "rate", "written"),
    [
        ("01:00:00;22", "30000/1001", NTSC_60, "01:00:00;44"),
        ("01:00:00:20", "25/1", Fraction(50), "01:00:00:40"),
        ("01:00:00:20", "", Fraction(25), "01:00:00:20"),
    ],
)
def test_a_timecode_that_counts_slower_than_the_picture_keeps_its_time(angle, label, own, rate, written):
    camera = angle("A", fps=f"{rate.numerator}/{rate.denominator}", timecode=label, timecode_fps=own)
    assert str(camera.first_timecode(rate)) == written


def test_the_clips_of_a_camera_lie_on_one_track_in_order_of_time_and_never_on_each_other():
    first = plain(5_000.0, duration_ms=15_040, frames=376, fps="25/1")
    later = replace(plain(20_000.0, duration_ms=10_000, frames=250, fps="25/1"), camera="B.2")

    placed = lay_camera([later, first], lambda each: Grid(Fraction(0), Fraction(25), each.rate))

    assert [(one.angle.camera, one.clip.at, one.clip.length) for one in placed] == [("B", 125, 375), ("B.2", 500, 250)]
