from dataclasses import replace

import pytest

from sync_app.core.confidence import Measures, believable, classify, judge, probability

SURE = Measures(
    score=40, fine=30, repeat=0.2, hum=0.2, agreeing=20, windows=20, overlap_s=90, jump_ms=0, residual_ms=0.1, margin=5
)  # fmt: skip


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (10, "looks-good"),
        (9.99, "review-suggested"),
        (5, "review-suggested"),
        (4.99, "needs-manual-nudge"),
        (None, "needs-manual-nudge"),
        (float("nan"), "needs-manual-nudge"),
        (float("inf"), "looks-good"),
    ],
)
def test_a_score_is_classified_as_the_contract_says(score, word):
    assert classify(score) == word


def test_everything_agreeing_looks_good():
    assert judge(SURE) == "looks-good"


@pytest.mark.parametrize(
    "doubt",
    [
        {"score": 9.0},
        {"jump_ms": 21.0},
        {"residual_ms": 9.0},
        {"agreeing": 1},
        {"repeat": 0.88, "fine": 30.0},
        {"hum": 0.9, "margin": 1.4},
        {"moved_ms": 25.0, "spread_ms": 3.0},
        {"spread_ms": 25.0},
    ],
)
def test_one_doubt_is_enough_to_ask_for_a_look(doubt):
    assert judge(replace(SURE, **doubt)) == "review-suggested"


def test_echoes_are_no_hum_where_the_detector_knows_no_other_answer():
    assert judge(replace(SURE, hum=0.95, margin=2.0)) == "looks-good"


def test_a_direct_sound_far_from_the_strongest_echo_looks_good_where_all_windows_hear_it():
    assert judge(replace(SURE, moved_ms=25.0, spread_ms=0.1)) == "looks-good"


def test_pairs_that_do_not_close_ask_for_a_look():
    assert judge(SURE, closure_ms=40) == "review-suggested"


@pytest.mark.parametrize(
    "flaw", [{"repeat": 1.0}, {"hum": 0.95, "fine": 8.0, "margin": 1.0}, {"fine": 5.2, "score": 5.0}]
)
def test_what_fits_elsewhere_as_well_is_not_believed(flaw):
    assert not believable(replace(SURE, **flaw))
    assert judge(replace(SURE, **flaw)) == "needs-manual-nudge"


def test_probability_grows_with_evidence_and_stays_within_bounds():
    chances = [probability(replace(SURE, fine=fine)) for fine in (0, 5, 9, 12, 20, 100)]

    assert chances == sorted(chances)
    assert 0 <= chances[0] < 0.5 < chances[-1] <= 1


def test_much_sound_of_its_own_in_each_refuses_only_a_match_that_is_heard_clearly():
    assert judge(replace(SURE, own_sound=0.02)) == "needs-manual-nudge"
    assert judge(replace(SURE, own_sound=0.02, fine=15)) == "review-suggested"
    assert judge(replace(SURE, own_sound=0.005, fine=15)) == "looks-good"


@pytest.mark.parametrize(
    ("beside", "own_sound", "word"),
    [(0.005, 0.003, "review-suggested"), (0.0004, 0.003, "looks-good"), (0.015, 0.0007, "looks-good")],
    ids=["talk beside a program", "echoes", "a desk's feed"],
)
def test_less_sound_of_its_own_is_a_doubt_where_much_lies_beside_the_match(beside, own_sound, word):
    assert judge(replace(SURE, fine=60, beside=beside, own_sound=own_sound)) == word


@pytest.mark.parametrize(
    ("doubt", "most"),
    [
        ({"jump_ms": 500.0}, 0.93),
        ({"bend_ms": 40.0}, 0.89),
        ({"shift_ms": 40.0}, 0.89),
        ({"moved_ms": 25.0, "spread_ms": 7.0}, 0.78),
        ({"own_sound": 0.005}, 0.55),
        ({"open_end_s": 60.0}, 0.6),
    ],
)
def test_what_is_known_of_an_answer_bounds_its_probability_and_takes_looks_good_away(doubt, most):
    doubted = replace(SURE, **doubt)

    assert probability(doubted) == most
    assert judge(doubted) == "review-suggested"
