"""Which camera is shown, for who speaks."""

import itertools

import numpy as np
import pytest

from bench.autocut.judge import broken, judged
from bench.autocut.scene import Scene, scene
from render_app.core.autocut import reasons
from render_app.core.autocut.director import direct
from render_app.core.autocut.hearing import listen
from render_app.core.autocut.speakers import who_speaks
from render_app.core.autocut.stage import cut_points
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
)
from render_app.core.catalogue import cut_styles

RULES = Rules(2.0, 12.0, 1.0)
CODES = {"A": 0, "B": 1, ".": NOBODY, "x": CROSSTALK, "!": APPLAUSE}


def talk(script: str, pause: float = 0.3) -> Conversation:
    """A conversation, a letter each second: A, B, x both, ! applause, . nobody. Each second ends with a pause."""
    labels = np.repeat([CODES[one] for one in script], round(1 / HOP_S)).astype(np.int16)
    spans = tuple(Span(second + 1 - pause, second + 1.0) for second in range(len(script) - 1))
    return Conversation(0.0, ("A", "B"), labels, spans)


def cameras(seconds: float, *, wide: bool = True) -> list[Camera]:
    whole = (Span(0.0, seconds),)
    close = [Camera("A", whole, ("A",)), Camera("B", whole, ("B",))]
    return [*close, Camera("W", whole)] if wide else close


def shown(shots: tuple[Shot, ...], at: float) -> Shot:
    return next(one for one in shots if one.start <= at < one.end)


def test_each_speaker_is_shown_and_each_shot_says_why():
    shots = direct(talk("AAAAABBBBBAAAAA"), cameras(15), Wish(RULES))

    assert [one.camera for one in shots] == ["A", "B", "A"]
    assert [round(one.start) for one in shots] == [0, 5, 10]
    assert {one.reason for one in shots} == {"speaker"}
    assert shots[1].speaker == "B"
    assert reasons.sentence(shots[1]) == "The voice is at microphone B: camera B."


def test_shots_leave_no_gap_and_cuts_lie_in_pauses():
    conversation = talk("AABABBBBxxABBBBAAAAAABBAB")

    shots = direct(conversation, cameras(25), Wish(RULES))

    assert shots[0].start == 0.0
    assert shots[-1].end == pytest.approx(25.0)
    for before, after in itertools.pairwise(shots):
        assert before.end == after.start
        assert before.camera != after.camera
        assert any(one.start < before.end < one.end for one in conversation.pauses)
    assert all(one.end - one.start >= 2.0 - 1e-9 for one in shots)


@pytest.mark.parametrize(("script", "reason"), [("AAAAxxxxxBBBB", "crosstalk"), ("AAAA!!!!!BBBB", "applause")])
def test_where_no_one_person_speaks_everybody_is_shown(script, reason):
    middle = shown(direct(talk(script), cameras(13), Wish(RULES)), 6.5)

    assert middle.camera == "W"
    assert middle.reason == reason
    assert middle.speaker == ""


def test_a_long_shot_is_broken_by_the_wide_for_a_moment():
    shots = direct(talk("A" * 30), cameras(30), Wish(RULES))

    assert max(one.end - one.start for one in shots if one.camera == "A") <= 12.001
    wide = [one for one in shots if one.camera == "W"]
    assert wide
    assert {one.reason for one in wide} == {"variety"}
    assert wide[0].speaker == "A"
    assert sum(one.end - one.start for one in wide) <= 0.25 * 30


def test_without_a_wide_a_long_speech_stays_on_its_speaker():
    shots = direct(talk("A" * 30), cameras(30, wide=False), Wish(RULES))

    assert [one.camera for one in shots] == ["A"]


def test_no_camera_is_shown_where_it_did_not_record():
    views = [Camera("A", (Span(0, 6.2),), ("A",)), Camera("B", (Span(0, 20),), ("B",))]

    shots = direct(talk("A" * 20), views, Wish(RULES))

    assert all(one.end <= 6.2 for one in shots if one.camera == "A")
    assert shown(shots, 15).camera == "B"
    assert shown(shots, 15).reason == "only_camera"


def test_where_nothing_was_recorded_there_is_no_shot():
    views = [Camera("A", (Span(0, 5), Span(9, 20)), ("A",))]

    shots = direct(talk("A" * 20), views, Wish(RULES))

    assert [(one.start, one.end) for one in shots] == [(0, 5), (9, 20)]


def test_somebody_without_a_camera_is_in_the_wide():
    whole = (Span(0.0, 15.0),)

    shots = direct(talk("AAAAABBBBBAAAAA"), [Camera("A", whole, ("A",)), Camera("W", whole)], Wish(RULES))

    assert shown(shots, 7.5).camera == "W"
    assert shown(shots, 7.5).reason == "wide"
    assert shown(shots, 7.5).speaker == "B"


def test_somebody_whom_nobody_shows_is_said_to_be_unseen():
    whole = (Span(0.0, 8.0),)
    views = [Camera("A", whole, ("A",)), Camera("C", whole, ("C",))]

    assert {one.reason for one in direct(talk("BBBBBBBB"), views, Wish(RULES))} == {"nearest"}


def test_a_word_in_between_is_no_reason_to_cut():
    labels = talk("AAAAAAAAAA").labels.copy()
    labels[200:220] = 1
    conversation = Conversation(0.0, ("A", "B"), labels, talk("AAAAAAAAAA").pauses)

    assert [one.camera for one in direct(conversation, cameras(10), Wish(RULES))] == ["A"]


def test_silence_needs_no_speaker():
    assert direct(talk("......"), cameras(6), Wish(RULES))[0].reason == "silence"


def test_the_same_seed_gives_the_same_cut_and_another_may_not():
    conversation = talk("AB.xA.B!AxB." * 4)

    first = direct(conversation, cameras(48), Wish(RULES, seed=7))

    assert direct(conversation, cameras(48), Wish(RULES, seed=7)) == first
    assert any(direct(conversation, cameras(48), Wish(RULES, seed=other)) != first for other in range(8, 20))


def test_what_a_person_chose_stays_and_the_rest_is_cut_around_it():
    kept = [Kept(6.3, 9.1, "A")]

    shots = direct(talk("AAAAABBBBBAAAAA"), cameras(15), Wish(RULES, kept=tuple(kept)))

    mine = shown(shots, 7.0)
    assert (mine.start, mine.end, mine.camera, mine.reason) == (6.3, 9.1, "A", "kept")
    assert shown(shots, 2.0).camera == "A"
    assert shots[-1].end == pytest.approx(15.0)
    assert all(abs(before.end - after.start) < 1e-9 for before, after in itertools.pairwise(shots))


def test_a_cut_lies_in_the_middle_of_a_short_pause_and_rather_late_in_a_long_one():
    points = cut_points([Span(1.0, 1.4), Span(2.0, 4.0)])

    free = [at for at, cost in points.items() if cost == 0]
    assert free == pytest.approx([1.2, 3.75])
    assert sorted(points) == pytest.approx([1.14, 1.2, 1.26, 2.14, 2.25, 3.25, 3.75, 3.86])
    assert list(cut_points([Span(1.0, 1.25)])) == pytest.approx([1.125])
    assert sorted(cut_points([Span(1.0, 1.4)], 0.04)) == pytest.approx([1.16, 1.2, 1.24])


def test_a_cut_goes_to_the_edge_of_a_pause_where_the_shot_is_too_short_else():
    # Between the middles B has 1.9 s, and needs two.
    labels = np.repeat([0, 1, 0], [300, 95, 305]).astype(np.int16)
    conversation = Conversation(0.0, ("A", "B"), labels, (Span(5.7, 6.3), Span(7.6, 8.2)))

    shots = direct(conversation, cameras(14, wide=False), Wish(RULES))

    assert [one.camera for one in shots] == ["A", "B", "A"]
    assert 2.0 - 1e-9 <= shots[1].end - shots[1].start < 2.2


def test_each_style_lets_a_speech_run_for_another_time():
    lengths = {}
    for style in cut_styles().values():
        shots = direct(talk("A" * 40), cameras(40), Wish(style.rules))
        lengths[style.name] = max(one.end - one.start for one in shots if one.camera == "A")
        assert {one.camera for one in shots} == {"A", "W"}

    assert lengths["lively"] < 0.6 * lengths["interview"]
    assert lengths["interview"] < 0.8 * lengths["calm"]


def test_the_interview_stays_on_who_speaks_where_calm_rests_in_the_wide():
    script, styles = "AAAABBAAAABBBAAAAAABBAAA" * 2, cut_styles()

    in_wide = {
        key: sum(
            one.end - one.start
            for one in direct(talk(script), cameras(48), Wish(styles[key].rules))
            if one.camera == "W"
        )
        for key in ("calm", "interview")
    }

    assert in_wide["interview"] < 0.5 * in_wide["calm"]


@pytest.mark.parametrize("style", sorted(cut_styles()))
def test_a_drawn_conversation_is_cut_by_the_rules(style):
    script, rules = _with_wide(), cut_styles()[style].rules

    shots = direct(who_speaks(listen(script.microphones, 0.0, script.seconds)), script.cameras, Wish(rules, 1, 0.04))

    verdict = judged(script, shots, rules)
    assert broken(script, shots, rules) == []
    assert verdict.good_s >= 0.95 * verdict.speech_s > 5


def _with_wide() -> Scene:
    return next(script for script in (scene(seed, 20.0) for seed in range(40, 60)) if script.about["wide"])
