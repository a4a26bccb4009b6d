"""What is still to come, from what like work took."""

from hypothesis import given
from hypothesis import strategies as st

from media_app.core.forecast import Task, seconds_left, seconds_per_unit


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
    assert round(seconds_left([begun], 0.55), 3) == 54.45


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0, 1), st.floats(0.1, 1e4)), min_size=1, max_size=6))
def test_what_is_left_is_never_negative_and_never_more_than_one_after_the_other(rows):
    tasks = [Task(size, share, spent) for size, share, spent in rows]
    left = seconds_left(tasks, 0.01)
    assert left >= 0
    alone = [seconds_left([task], 0.01) for task in tasks]
    assert left <= sum(alone) * (1 + 1e-9)
    assert left >= max(alone) * (1 - 1e-9)
