from media_app.core.time.axis import axis


def test_time_runs_evenly_where_something_happens():
    whole = axis([(100.0, 200.0)])
    assert [whole.place(at) for at in (100, 150, 200)] == [0.0, 500.0, 1000.0]


def test_three_days_of_nothing_take_less_memory_than_a_minute_of_work():
    days = 3 * 86_400
    drawn = axis([(0.0, 60.0), (days, days + 60.0)])
    assert drawn.place(60) > 450
    assert drawn.place(days) - drawn.place(60) < drawn.place(60)
    assert drawn.place(days + 60) == 1000.0


def test_what_overlaps_is_one_stretch_and_order_does_not_matter():
    assert axis([(5.0, 10.0), (0.0, 6.0)]) == axis([(0.0, 10.0)])


def test_a_moment_alone_and_nothing_at_all_have_a_place():
    assert 0 <= axis([(7.0, 7.0)]).place(7.0) <= 1000
    assert 0 <= axis([]).place(123.0) <= 1000
