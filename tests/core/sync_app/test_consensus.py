import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_app.core.consensus import Edge, place, through
from sync_app.core.refine import Line

offsets = st.floats(-1200, 1200)
drifts = st.floats(-300, 300)
lines = st.builds(Line, offsets, drifts)


@given(outer=lines, inner=lines, time=st.floats(0, 3600))
def test_going_through_a_camera_is_one_line_after_the_other(outer, inner, time):
    assert through(outer, inner).at(time) == pytest.approx(outer.at(inner.at(time)), abs=1e-6)


@given(line=lines, time=st.floats(0, 3600))
def test_a_line_and_its_inverse_undo_each_other(line, time):
    assert line.inverse().at(line.at(time)) == pytest.approx(time, abs=1e-6)


@given(b=lines, c=lines)
def test_pairs_that_agree_close_exactly(b, c):
    edges = [
        Edge("A", "B", b, 10, 0, 600),
        Edge("A", "C", c, 9, 0, 600),
        Edge("B", "C", through(b.inverse(), c), 8, 0, 600),
    ]

    found = place("A", edges)

    assert found.lines["B"].offset_s == pytest.approx(b.offset_s, abs=1e-6)
    assert found.lines["C"].ppm == pytest.approx(c.ppm, abs=1e-3)
    assert max(found.closure_s) < 1e-6


def test_a_camera_is_placed_through_another_with_exact_drift():
    found = place("A", [Edge("A", "B", Line(1000, 150), 5, 0, 10), Edge("C", "B", Line(-500, -80), 5, 0, 10)])

    assert found.lines["C"].at(found.lines["C"].inverse().at(7.0)) == pytest.approx(7.0)
    assert found.lines["C"].at(Line(-500, -80).at(3.0)) == pytest.approx(Line(1000, 150).at(3.0), abs=1e-9)
    assert found.closure_s == (None, None)


def test_one_wrong_pair_is_outvoted_and_named_by_its_closure():
    edges = [
        Edge("A", "B", Line(10, 0), 50, 0, 100),
        Edge("A", "C", Line(20, 0), 40, 0, 100),
        Edge("B", "C", Line(10.5, 0), 5, 0, 100),
    ]

    found = place("A", edges)

    assert found.lines["C"].offset_s == pytest.approx(20)
    assert found.closure_s[2] == pytest.approx(0.5)


def test_small_disagreement_is_shared_out():
    edges = [
        Edge("A", "B", Line(10, 0), 50, 0, 100),
        Edge("A", "C", Line(20, 0), 40, 0, 100),
        Edge("B", "C", Line(10.0009, 0), 30, 0, 100),
    ]

    found = place("A", edges)

    assert found.lines["B"].offset_s == pytest.approx(9.9997, abs=1e-4)
    assert found.lines["C"].offset_s == pytest.approx(20.0003, abs=1e-4)


def test_a_camera_that_no_pair_reaches_has_no_line():
    found = place("A", [Edge("B", "C", Line(1, 0), 5, 0, 10)])

    assert set(found.lines) == {"A"}
