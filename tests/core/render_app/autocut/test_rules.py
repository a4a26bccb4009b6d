"""The rules of a cut hold whatever is recorded, said and asked for; what cannot hold is said."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bench.autocut import judge, levels
from render_app.core.autocut.director import direct
from render_app.core.autocut.speakers import who_speaks
from render_app.core.autocut.values import (
    APPLAUSE,
    CROSSTALK,
    HOP_S,
    NOBODY,
    Camera,
    Conversation,
    Kept,
    Rules,
    Shot,
    Span,
    Wish,
    inside,
)
from render_app.core.catalogue import cut_styles

END = 24.0
#: A quarter of a second: everything here lies on it, so that edges meet.
STEP = 0.25
SAID_OUTSIDE, SAID_SHORT, SAID_LONG = "begins_in_speech", "short_", "long_"


@dataclass(frozen=True)
class Asked:
    """A conversation, the cameras that recorded it, and the wish."""

    talk: Conversation
    cameras: tuple[Camera, ...]
    wish: Wish

    @property
    def pauses(self) -> list[float]:
        """The middles of its pauses."""
        return [(one.start + one.end) / 2 for one in self.talk.pauses]


moments = some.integers(0, round(END / STEP)).map(lambda one: one * STEP)


@some.composite
def spans(draw, most: int = 2) -> tuple[Span, ...]:
    edges = sorted(draw(some.sets(moments, min_size=2, max_size=2 * most)))
    return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


@some.composite
def asked(draw) -> Asked:
    """Two or three people, cameras with holes, with or without a wide, any rules, sometimes a person's own shots."""
    people = "ABC"[: draw(some.integers(2, 3))]
    labels = draw(
        some.lists(some.sampled_from([*range(len(people)), NOBODY, CROSSTALK, APPLAUSE]), min_size=24, max_size=24)
    )
    middles = sorted(draw(some.sets(some.integers(2, 93).map(lambda one: one * STEP + 0.125), max_size=14)))
    pauses = tuple(Span(one - 0.1, one + 0.1) for one in middles)
    talk = Conversation(0.0, tuple(people), np.repeat(labels, round(1 / HOP_S)).astype(np.int16), pauses)
    whole = some.just((Span(0.0, END),))
    views = [Camera(one, draw(some.one_of(whole, spans())), (one,)) for one in people]
    views += [Camera("W", draw(some.one_of(whole, spans())))] if draw(some.booleans()) else []
    shortest = draw(some.sampled_from([0.5, 1.5, 3.0]))
    rules = Rules(
        shortest, draw(some.sampled_from([2.0, 3.0, 6.0])) * shortest, draw(some.sampled_from([0.0, 1.0, 3.0]))
    )
    mine = draw(some.one_of(some.just(()), spans(1)))
    kept = tuple(Kept(one.start, one.end, draw(some.sampled_from(people))) for one in mine)
    return Asked(talk, tuple(views), Wish(rules, draw(some.integers(0, 5)), 0.0, kept))


def recorded(wanted: Asked, at: float) -> bool:
    return any(s.start <= at < s.end for one in wanted.cameras for s in one.spans)


def by_hand(wanted: Asked, at: float) -> bool:
    return any(one.start <= at < one.end for one in wanted.wish.kept)


def free_stretches(wanted: Asked) -> list[Span]:
    """What is left to be cut, in steps that are recorded and nobody's own."""
    ticks = np.arange(0, END, STEP).tolist()
    free = [recorded(wanted, at) and not by_hand(wanted, at) for at in ticks]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(int)))
    return [Span(a * STEP, b * STEP) for a, b in edges.reshape(-1, 2)]


def automatic(shots: tuple[Shot, ...]) -> list[Shot]:
    return [one for one in shots if one.reason != "kept"]


def said(shot: Shot, what: str) -> bool:
    return any(one.startswith(what) for one in shot.exceptions)


@given(asked())
@settings(max_examples=80, deadline=None)
def test_every_recorded_moment_is_shown_once_by_a_camera_that_recorded_it(wanted):
    shots = direct(wanted.talk, wanted.cameras, wanted.wish)

    spans_of = {one.label: one.spans for one in wanted.cameras}
    assert all(inside(Span(one.start, one.end), spans_of[one.camera]) for one in automatic(shots))
    for at in np.arange(STEP / 2, END, STEP).tolist():
        here = [one for one in shots if one.start <= at < one.end]
        assert len(here) == (1 if recorded(wanted, at) or by_hand(wanted, at) else 0)
    for before, after in itertools.pairwise(shots):
        touching = before.end == after.start and "kept" not in (before.reason, after.reason)
        assert not touching or before.camera != after.camera


@given(asked())
@settings(max_examples=80, deadline=None)
def test_a_cut_outside_a_pause_or_a_shot_out_of_its_lengths_is_said(wanted):
    shots = direct(wanted.talk, wanted.cameras, wanted.wish)
    begins = {one.start for one in free_stretches(wanted)}

    for shot in automatic(shots):
        in_pause = shot.start in begins or any(abs(shot.start - one) < 1e-6 for one in wanted.pauses)
        assert said(shot, SAID_OUTSIDE) == (not in_pause)
        held = seen_beside(wanted, shot)
        seconds = shot.end - shot.start
        assert said(shot, SAID_SHORT) == (seconds < wanted.wish.rules.min_shot_s - 0.001 and not held)
        assert said(shot, SAID_LONG) == (seconds + held > wanted.wish.rules.max_shot_s + 0.001)


def seen_beside(wanted: Asked, shot: Shot) -> float:
    """For how long the same camera is shown right beside a shot by a person's choice."""
    mine = [
        one
        for one in wanted.wish.kept
        if one.camera == shot.camera and (one.end == shot.start or one.start == shot.end)
    ]
    return sum(one.end - one.start for one in mine)


@given(asked())
@settings(max_examples=60, deadline=None)
def test_no_other_cut_breaks_less(wanted):
    shots = automatic(direct(wanted.talk, wanted.cameras, wanted.wish))

    for stretch in free_stretches(wanted):
        mine = [one for one in shots if stretch.start <= one.start < stretch.end]
        assert broken(wanted, stretch, [(one.start, one.end, one.camera) for one in mine]) <= least_broken(
            wanted, stretch
        )


def broken(wanted: Asked, stretch: Span, shots: list[tuple[float, float, str]]) -> tuple[int, int, int]:
    """Cuts outside a pause, hundredths of a second too short, hundredths too long although there was another picture."""
    parts = [broken_by(wanted, stretch, *one) for one in shots]
    return tuple(sum(one) for one in zip(*parts, strict=True))  # type: ignore[return-value]


def broken_by(wanted: Asked, stretch: Span, start: float, end: float, camera: str) -> tuple[int, int, int]:
    rules, held = wanted.wish.rules, seen_beside(wanted, Shot(start, end, camera, ""))
    turn_to = clear_seconds(wanted, start, end) if camera == "W" else wide_seconds(wanted, start, end)
    outside = end != stretch.end and not any(abs(end - one) < 1e-6 for one in wanted.pauses)
    short = 0.0 if held else max(0.0, rules.min_shot_s - (end - start))
    long = max(0.0, turn_to + held - rules.max_shot_s)
    return int(outside), round(100 * short), round(100 * long)


def wide_seconds(wanted: Asked, start: float, end: float) -> float:
    """For how long everybody was recorded."""
    wide = [s for one in wanted.cameras if one.is_wide for s in one.spans]
    return sum(max(0.0, min(end, one.end) - max(start, one.start)) for one in wide)


def clear_seconds(wanted: Asked, start: float, end: float) -> float:
    """For how long one person spoke whom a camera recorded alone."""
    labels = enumerate(wanted.talk.labels[round(start / HOP_S) : round(end / HOP_S)].tolist(), round(start / HOP_S))
    by_label = {wanted.talk.microphones.index(one.label): one for one in wanted.cameras if not one.is_wide}
    seen = [inside(Span(at * HOP_S + 0.009, at * HOP_S + 0.011), by_label[who].spans) for at, who in labels if who >= 0]
    return HOP_S * sum(seen)


def least_broken(wanted: Asked, stretch: Span) -> tuple[int, int, int]:
    """The least of all ways there are through the stretch, by trying them one after the other."""
    edges = {at for one in wanted.cameras for s in one.spans for at in (s.start, s.end)}
    places = sorted(
        {stretch.start, stretch.end} | {at for at in {*wanted.pauses, *edges} if stretch.start < at < stretch.end}
    )
    best: dict[tuple[float, str], tuple[int, int, int]] = {(stretch.start, ""): (0, 0, 0)}
    for end in places[1:]:
        for one in wanted.cameras:
            ways = [
                tuple(a + b for a, b in zip(so_far, broken_by(wanted, stretch, start, end, one.label), strict=True))
                for (start, before), so_far in best.items()
                if start < end and before != one.label and inside(Span(start, end), one.spans)
            ]
            if ways:
                best[end, one.label] = min(ways)  # type: ignore[assignment,type-var]
    return min(value for (at, _), value in best.items() if at == stretch.end)


@pytest.mark.parametrize(
    ("views", "exception"),
    [
        ([Camera("A", (Span(0, END),), ("A",))], "long_no_wide"),
        ([Camera("A", (Span(0, END),), ("A",)), Camera("W", (Span(0, END),))], "long_no_pause"),
        ([Camera("W", (Span(0, END),))], "long_no_better"),
    ],
    ids=["one camera", "no pause", "the wide alone"],
)
def test_a_longest_shot_that_cannot_be_kept_says_what_stood_in_its_way(views, exception):
    talk = Conversation(0.0, ("A",), np.zeros(round(END / HOP_S), np.int16), ())

    only, *more = direct(talk, views, Wish(Rules(2.0, 6.0, 1.0)))

    assert more == []
    assert only.exceptions == (exception,)


def test_a_camera_that_stops_within_a_word_is_left_in_the_pause_before_it():
    labels = np.zeros(round(END / HOP_S), np.int16)
    labels[round(9.0 / HOP_S) : round(9.4 / HOP_S)] = NOBODY
    talk = Conversation(0.0, ("A",), labels, (Span(9.0, 9.4),))
    views = [Camera("A", (Span(0, 12.0),), ("A",)), Camera("B", (Span(0, END),), ("B",))]

    shots = direct(talk, views, Wish(Rules(2.0, 30.0, 1.0)))

    assert [(one.camera, round(one.end, 2)) for one in shots] == [("A", 9.2), ("B", END)]
    assert all(one.exceptions == () for one in shots)


def test_where_no_pause_leads_on_the_cut_lies_where_the_camera_stops_and_says_so():
    talk = Conversation(0.0, ("A",), np.zeros(round(END / HOP_S), np.int16), ())
    views = [Camera("A", (Span(0, 12.0),), ("A",)), Camera("B", (Span(6.0, END),), ("B",))]

    shots = direct(talk, views, Wish(Rules(2.0, 30.0, 1.0)))

    assert [(one.camera, one.end) for one in shots] == [("A", 12.0), ("B", END)]
    assert [one.exceptions for one in shots] == [(), ("begins_in_speech",)]


@pytest.mark.parametrize("seed", range(8))
def test_drawn_scenes_break_no_rule_in_any_style(seed):
    wanted, heard = levels.scene(seed)
    talk = who_speaks(heard)

    for style in cut_styles().values():
        shots = direct(talk, wanted.cameras, Wish(style.rules, seed))
        assert judge.broken(wanted, shots, style.rules) == []
        assert direct(talk, wanted.cameras, Wish(style.rules, seed)) == shots
