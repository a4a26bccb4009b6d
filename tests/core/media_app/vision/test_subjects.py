"""The main subject: the one who is there longest and largest, and no other at once."""

from media_app.core.vision.boxes import Box, Found
from media_app.core.vision.subjects import named, primaries, shot_at
from media_app.core.vision.tracks import Seen, Track


def track(x: float, times: list[float], size: float = 0.1) -> Track:
    return Track([Seen(time, Found(Box(x, 0.4, size, size), 0.9)) for time in times])


def every(start: float, end: float) -> list[float]:
    return [number / 2 for number in range(round(2 * start), round(2 * end))]


def mains(subjects, end: float, cuts=()) -> list[str | None]:
    return [one.id if one else None for one in primaries(every(0, end), subjects, cuts)]


def test_a_larger_face_takes_over_only_after_a_second():
    found = named("face", [track(0.1, every(0, 6)), track(0.7, every(2, 6), 0.3)])

    assert mains(found, 6) == ["face-1"] * 6 + ["face-2"] * 6


def test_who_looks_in_for_a_moment_changes_nothing():
    found = named("face", [track(0.1, every(0, 6)), track(0.7, every(2, 2.5), 0.6)])

    assert mains(found, 6) == ["face-1"] * 12


def test_who_is_away_for_a_moment_stays_where_they_were_and_then_is_nobody():
    found = named("face", [track(0.1, [0.0, 0.5, 1.0, 2.0])])

    chosen = list(primaries(every(0, 4), found, ()))

    assert [one is not None for one in chosen] == [True] * 7 + [False]
    assert {one.box.x for one in chosen if one} == {0.1}


def test_a_cut_begins_anew_at_once():
    found = named("face", [track(0.1, every(0, 2)), track(0.7, every(2, 4), 0.05)])

    assert mains(found, 4, cuts=(1.9,)) == ["face-1"] * 4 + ["face-2"] * 4
    assert mains(found, 4, cuts=(1.4,))[3:4] == ["face-1"]


def test_a_face_comes_before_what_moves_and_nobody_is_nobody():
    found = named("motion", [track(0.5, every(0, 3), 0.5)]) + named("face", [track(0.1, every(1, 3))])

    assert mains(found, 3) == ["motion-1"] * 4 + ["face-1"] * 2
    assert mains([], 2) == [None] * 4


def test_a_cut_belongs_to_the_shot_that_it_begins():
    assert [shot_at(time, (1.0, 2.0)) for time in (0.0, 0.99, 1.0, 2.5)] == [0, 0, 1, 2]
