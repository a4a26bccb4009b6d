"""What is still to come, from what like work took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.forecast import Pace, Task, seconds_left, seconds_per_unit, sync_work


def seen(*sights: tuple[float, float]) -> Pace:
    pace = Pace(0.0)
    for at, percent in sights:
        pace.see(at, percent)
    return pace


def test_a_job_that_has_hardly_moved_does_not_say_when_it_ends():
    """As one that fetched files for 16 s and has made the first of 600 frames."""
    pace = seen((0, 0), (16, 0), (17, 1.2))
    assert pace.seconds_left(17, 1.2) is None


def test_the_time_left_follows_from_how_fast_a_job_moves_of_late():
    slow, fast = [(10.0 * n, 1.0 * n) for n in range(11)], [(100 + n, 10.0 + n) for n in range(1, 61)]
    pace = seen(*slow, *fast)
    # The last third of 160 s: one percent a second.
    assert pace.seconds_left(160, 70) == pytest.approx(30, rel=0.01)


def test_a_job_that_stands_still_takes_ever_longer():
    pace = seen((0, 0), (10, 10), (20, 20))
    assert pace.seconds_left(20, 20) == pytest.approx(80)
    assert pace.seconds_left(35, 20) > 100
    assert pace.seconds_left(200, 20) is None


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 100)), max_size=20), st.floats(0, 1e4), st.floats(0, 100))
def test_a_time_left_is_never_negative_however_a_job_jumps(sights, now, percent):
    left = seen(*sorted(sights)).seconds_left(now, percent)
    assert left is None or left >= 0


def test_nothing_to_come_takes_no_time_and_nothing_measured_is_no_forecast():
    assert seconds_left([], None) == 0.0
    assert seconds_left([Task(100)], None) is None
    assert seconds_per_unit([Task(100)], []) is None


def test_a_job_under_way_says_how_long_it_takes_itself():
    half = Task(100, share=0.5, spent=30)
    assert seconds_left([half], seconds_per_unit([half], [])) == 30


def test_one_that_waits_takes_as_long_a_unit_as_those_under_way_and_comes_after_them():
    running, waiting = Task(100, share=0.5, spent=30), Task(200)
    assert seconds_left([running, waiting], seconds_per_unit([running, waiting], [])) == 30 + 120


def test_jobs_side_by_side_end_with_the_last_of_them():
    first, second = Task(100, share=0.5, spent=30), Task(300, share=0.5, spent=90)
    assert seconds_left([first, second], 0.6) == 90


def test_a_job_that_has_hardly_begun_is_foreseen_by_those_that_ended():
    begun, ended = Task(100, share=0.01, spent=30), [Task(100, 1.0, 50), Task(100, 1.0, 60), Task(100, 1.0, 55)]
    assert seconds_per_unit([begun], ended) == 0.55
    assert round(seconds_left([begun], 0.55), 3) == 27.5, "half of it at least"
    assert round(seconds_left([Task(100, share=0.01, spent=10)], 0.55), 3) == 45


@pytest.mark.parametrize("usual", [0.85, 1.0, 1.15])
@pytest.mark.parametrize("silent", [0.05, 0.25, 0.4])
def test_the_forecast_of_three_files_and_their_sync_is_right_within_30_percent(usual, silent):
    """Played through on a machine of even pace, from what like jobs took up to 15 % faster or slower: each file says nothing while its
    packets are listed, then how far it is."""
    seconds, compared = [13.0, 9.0, 16.0], 8.0
    ended = [Task(10, 1.0, 10 * usual), Task(20, 1.0, 20 * usual), Task(5, 1.0, 5 * usual)]

    def at(now: float) -> float:
        tasks, begun = [], 0.0
        for whole in seconds:
            spent = now - begun
            if 0 <= spent < whole:
                tasks.append(Task(whole, 0.01 if spent < silent * whole else spent / whole, spent))
            elif spent < 0:
                tasks.append(Task(whole))
            begun += whole
        sync = Task(compared, min(1.0, max(0.0, (now - begun) / compared)), now - begun if now >= begun else None)
        return sum(seconds_left(row, seconds_per_unit(row, ended)) for row in (tasks, [sync]))

    total = sum(seconds) + compared
    for tenth in range(int(10 * total)):
        left = total - tenth / 10
        assert abs(at(tenth / 10) - left) <= 0.3 * left + 0.5, f"{tenth / 10} s"


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0, 1), st.floats(0.1, 1e4)), min_size=1, max_size=6))
def test_what_is_left_is_never_negative_and_never_more_than_one_after_the_other(rows):
    tasks = [Task(size, share, spent) for size, share, spent in rows]
    left = seconds_left(tasks, 0.01)
    assert left >= 0
    alone = [seconds_left([task], 0.01) for task in tasks]
    assert left <= sum(alone) * (1 + 1e-9)
    assert left >= max(alone) * (1 - 1e-9)


def test_the_work_of_a_sync_grows_with_its_pairs_and_clips_of_one_camera_are_none():
    three, clips = [("A", 600.0), ("B", 600.0), ("C", 600.0)], [("A", 600.0), ("B", 600.0), ("B", 600.0)]

    assert sync_work(three)[1] == pytest.approx(3 * (0.7 + 0.3))
    assert sync_work(clips)[1] == pytest.approx(2 * (0.7 + 0.3))
    assert sync_work(three)[0] == pytest.approx(1.62)


def test_of_a_day_each_clip_is_compared_with_the_two_longest_recordings():
    day = [("R", 9000.0), ("S", 8000.0), *(("ABC"[n % 3], 60.0) for n in range(30))]

    assert sync_work(day)[1] == pytest.approx(0.7 + 0.0005 * 8000 + 60 * (0.7 + 0.03))
