"""Who speaks when, as turns, held against conversations whose words and speakers are known."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bench.autocut.scene import Scene, scene
from media_app.core.hearing.speakers import Speakers, Turn
from render_app.core.autocut.hearing import listen
from render_app.core.autocut.speakers import nobody, who_speaks
from render_app.core.autocut.turns import on_clock_of, turns_in
from render_app.core.autocut.values import CROSSTALK, HOP_S, NOBODY, Conversation, Span
from render_app.core.edit.angle import Angle, MediaFile


def talk(script: str) -> Conversation:
    """A letter each second: A, B, x both, . nobody."""
    codes = {"A": 0, "B": 1, ".": NOBODY, "x": CROSSTALK}
    labels = np.repeat([codes[one] for one in script], round(1 / HOP_S)).astype(np.int16)
    return Conversation(0.0, ("A", "B"), labels, ())


def rounded(turns: tuple[Turn, ...]) -> list[tuple[int, int, str | None]]:
    return [(round(one.start_ms), round(one.end_ms), one.speaker) for one in turns]


def test_turns_follow_the_speakers_and_crosstalk_is_nobodys():
    assert rounded(turns_in(talk("AAxB.B"))) == [
        (0, 2000, "A"),
        (2000, 3000, None),
        (3000, 4000, "B"),
        (5000, 6000, "B"),
    ]


def test_a_breath_does_not_end_a_turn():
    conversation = talk("AAA")
    conversation.labels[50:70] = NOBODY

    assert rounded(turns_in(conversation)) == [(0, 3000, "A")]


def test_what_is_not_sure_names_nobody():
    conversation = talk("AABB")
    sure = np.arange(len(conversation.labels)) < 2 / HOP_S

    assert rounded(turns_in(replace(conversation, sure=sure))) == [(0, 2000, "A"), (2000, 4000, None)]


def test_a_microphone_that_is_nobodys_names_nobody():
    assert {one.speaker for one in turns_in(talk("A" * 99 + "B"))} == {"A", None}


def test_one_microphone_does_not_say_who_speaks():
    assert turns_in(replace(talk("AA"), microphones=("A",))) == ()
    assert turns_in(nobody(0.0, 3.0)) == ()


def test_turns_lie_on_the_clock_of_a_recording_that_joined_later_and_runs_slow():
    angle = Angle("B", "video", 1000.0, 60_000.0, "b.mp4", MediaFile(""), drift_ppm=1000.0)

    early, late = on_clock_of(angle, (Turn(0, 2000, "A"), Turn(31_000, 41_000, "B")))

    assert (early.start_ms, early.end_ms) == pytest.approx((0, 1000 / 1.001))
    assert (late.start_ms, late.end_ms) == pytest.approx((30_000 / 1.001, 40_000 / 1.001))
    assert on_clock_of(angle, (Turn(-500, 900, "A"),)) == ()


@pytest.mark.parametrize("seed", [2, 5])
def test_the_words_of_a_drawn_conversation_are_their_speakers_or_nobodys(seed):
    script = scene(seed, 20.0)
    known = Speakers(turns_in(who_speaks(listen(script.microphones, 0.0, script.seconds))))

    alone = [(who, known.between(1000 * one.start, 1000 * one.end)) for who, one in said_alone(script)]

    named = [(who, found) for who, found in alone if found]
    assert len(named) >= 0.85 * len(alone) > 10
    assert all(who == found for who, found in named)


def said_alone(script: Scene) -> Iterator[tuple[str, Span]]:
    """The words over which nobody else speaks."""
    everything = [(who, one) for who, words in script.words.items() for one in words]
    for who, one in everything:
        if not any(other != who and two.start < one.end and one.start < two.end for other, two in everything):
            yield who, one
