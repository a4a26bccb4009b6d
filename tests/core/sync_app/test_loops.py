import numpy as np
import pytest

from sync_app.core import loops
from sync_app.core.engine import align
from sync_app.core.features import measure
from tests.core.sync_app.signals import RATE, Signal, chatter, filmed, track

BARS_S = 3.0


def bars(seconds: float) -> Signal:
    """Three seconds of sound again and again."""
    return np.tile(chatter(5, BARS_S), int(np.ceil(seconds / BARS_S)))[: int(seconds * RATE)]


@pytest.fixture(scope="module")
def answer():
    event = bars(66) + 0.15 * chatter(6, 66)
    return align([track("A", filmed(event, 0, 60, 7)), track("B", filmed(event, 17.25, 57, 8))], master="A").cameras[
        "B"
    ]


def test_talk_over_bars_that_repeat_says_where_a_camera_lies(answer):
    assert answer.offset_ms == pytest.approx(17_250, abs=0.5)


def test_an_answer_among_bars_that_repeat_is_for_a_person_to_check(answer):
    assert answer.classification == "review-suggested"
    assert (
        "The sound repeats itself every 3.0 s: the offset is that of what does not repeat. Check it." in answer.warnings
    )


def test_bars_alone_are_refused():
    sound = bars(40)
    found = align([track("A", filmed(sound, 0, 40, 7)), track("B", filmed(sound, 7, 36, 8))], master="A").cameras["B"]

    assert found.offset_ms is None
    assert found.warnings[0].startswith("The sound repeats itself: two offsets")


def test_the_same_bars_at_two_events_are_refused():
    one, two = bars(40) + 0.4 * chatter(6, 40), bars(40) + 0.4 * chatter(9, 40)
    found = align([track("A", filmed(one, 0, 40, 7)), track("B", filmed(two, 4, 36, 8))], master="A").cameras["B"]

    assert found.offset_ms is None


def test_a_period_is_that_of_both_tracks():
    repeating, other = bars(30), chatter(9, 30)

    tracks = [measure(track("A", sound)) for sound in (repeating, repeating[RATE:], other)]

    assert loops.period_of(tracks[0], tracks[1]) == pytest.approx(BARS_S, abs=0.0002)
    assert loops.period_of(tracks[0], tracks[2]) is None


def test_what_repeats_is_taken_out_from_the_first_second_on():
    talk = chatter(6, 30)
    without = loops.unlooped(track("A", bars(30) + 0.1 * talk), BARS_S)

    left = without.read(0, without.frames)

    # Each word stays, and comes again upside down a period later.
    said = 0.1 * talk
    ghost = np.concatenate([said[48_000:96_000], said])[: said.size]
    assert np.std(left - (said - ghost)) < 0.35 * np.std(said)
    assert np.allclose(without.read(40_000, 20_000), left[40_000:60_000], atol=1e-6)
