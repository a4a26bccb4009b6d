"""Which frame is on the screen at a time, from the stamps of all frames."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from media_app.core.time.shown import FrameStamps, even_times, runs_of

MS = Fraction(1, 1000)


def stamps(*times: int, origin: Fraction = Fraction(0)) -> FrameStamps:
    found = FrameStamps(0, MS, origin)
    found.feed(b"".join(b"0|%d|%d|40|K__\n" % (time, time) for time in times))
    return found


def indices(found: FrameStamps, *times: Fraction) -> list[int]:
    return [frame.index for frame in found.shown(times)]


def test_a_frame_is_shown_from_its_stamp_to_the_next():
    assert indices(stamps(0, 40, 80), Fraction(0), 39 * MS, 40 * MS, 79 * MS, Fraction(9)) == [0, 0, 1, 1, 2]


def test_a_time_before_the_first_frame_shows_it_and_late_starts_count_from_time_zero():
    found = stamps(1000, 1040, origin=Fraction(1))

    assert [(f.index, f.at) for f in found.shown([-MS * 10, 40 * MS])] == [(0, 0), (1, 40 * MS)]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=40, unique=True), st.integers(0, 12_000))
def test_every_rate_and_none_is_read_the_same_way(times: list[int], asked: int):
    (frame,) = stamps(*times).shown([asked * MS])

    before = [time for time in times if time <= asked]
    assert frame.stamp == (max(before) if before else min(times))
    assert frame.index == max(0, len(before) - 1)


def test_lines_may_be_cut_and_other_streams_and_discarded_packets_do_not_count():
    found = FrameStamps(0, MS, Fraction(0))
    for part in (b"0|0|0|40|K__\n1|5|5|40|K__\n0|4", b"0|40|40|_D_\n0|80|80|40|___\n", b"0|N/A|120|40|___\nx\n"):
        found.feed(part)

    assert [frame.stamp for frame in found.shown([Fraction(0), 80 * MS])] == [0, 80]
    assert FrameStamps(0, MS, Fraction(0)).shown([Fraction(0)]) == []


def test_a_file_without_times_of_showing_counts_those_of_decoding():
    found = FrameStamps(0, MS, Fraction(0))
    found.feed(b"0|N/A|0|40|K__\n0|N/A|40|40|___\n")

    assert indices(found, 45 * MS) == [1]


def test_near_frames_share_one_pass_of_the_decoder():
    frames = stamps(0, 40, 80, 5000, 5040).shown([Fraction(5), Fraction(0), 41 * MS, 81 * MS, Fraction(0)])

    runs = runs_of(frames, within=Fraction(1), most=2)
    assert [[frame.stamp for frame in run] for run in runs] == [[0, 40], [80], [5000]]


def test_even_times_reach_to_the_end_or_are_too_many():
    assert even_times(1000, 400, most=9) == [0, 400, 800]
    assert even_times(0, 400, most=9) == [0]
    assert even_times(10_000, 1, most=9) is None
