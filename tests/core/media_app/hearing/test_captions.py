"""Captions that can be read."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from media_app.core.hearing.captions import MAX_CPS, build, gap_for, wrapped
from media_app.core.hearing.transcript import Word

TEXT = (
    "We started this shoot on a Tuesday, because the hall was free and nobody had told us about the choir. "
    "It was loud! Nobody heard the director, who had left his microphone in the car, which was parked outside. "
    "In the end we kept the take."
)


def said(text: str, at: int = 0, each: int = 330, pauses: dict[str, int] | None = None) -> list[Word]:
    """Words as somebody would say them who pauses after the words given."""
    words, now = [], at
    for token in text.split():
        words.append(Word(token, now, now + each - 30, 0.9))
        now += each + (pauses or {}).get(token, 0)
    return words


def spoken_at_random(seed: int) -> list[Word]:
    rng = np.random.default_rng(seed)
    words, now = [], 0
    for _ in range(200):
        length = int(rng.integers(1, 12))
        text = "".join(rng.choice(list("abcdefghijk"), length)) + str(rng.choice(["", "", "", ",", ".", "?"]))
        lasts = int(rng.integers(60, 90)) * length + 60
        words.append(Word(text, now, now + lasts, float(rng.uniform(0.3, 1))))
        now += lasts + int(rng.choice([0, 20, 60, 400, 1500]))
    return words


def test_captions_break_after_sentences_and_clauses():
    texts = ["\n".join(cue.lines) for cue in build(said(TEXT, pauses={"choir.": 500, "outside.": 500}), 60_000)]
    assert texts == [
        "We started this shoot on a Tuesday,\nbecause the hall was free",
        "and nobody had told us about the choir.",
        "It was loud! Nobody heard the director,\nwho had left his microphone in the car,",
        "which was parked outside.",
        "In the end we kept the take.",
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_caption_fits_and_none_overlaps_and_no_word_is_lost(seed):
    words = spoken_at_random(seed)
    cues = build(words, words[-1].end_ms + 3000, 80)
    assert " ".join(line for cue in cues for line in cue.lines).split() == [word.text for word in words]
    assert max(len(line) for cue in cues for line in cue.lines) <= 42
    assert max(len(cue.lines) for cue in cues) <= 2
    assert all(later.start_ms - earlier.end_ms >= 80 for earlier, later in pairwise(cues))
    assert all(cue.end_ms > cue.start_ms for cue in cues)
    slow = [cue for cue in cues if not cue.as_json()["too_fast"]]
    assert all(cue.cps <= MAX_CPS for cue in slow)
    assert cues == build(words, words[-1].end_ms + 3000, 80)


def test_one_short_word_stays_for_a_second():
    [cue] = build(said("Yes."), 10_000)
    assert (cue.start_ms, cue.end_ms) == (0, 1000)


def test_a_caption_that_needs_time_begins_earlier_where_the_one_before_leaves_it():
    words = [*said("One.", at=0), *said("Something that takes long to read", at=3000, each=150), *said("Next", at=5000)]
    first, second, _ = build(words, 9000)
    assert first.end_ms <= second.start_ms - 80
    assert second.cps <= MAX_CPS


def test_speech_too_fast_to_be_read_says_so():
    fast = [Word("incomprehensibilities", 200 * place, 200 * place + 190, 0.9) for place in range(30)]
    assert any(cue.as_json()["too_fast"] for cue in build(fast, 6000))


def test_a_pause_ends_a_caption():
    assert len(build([*said("One moment"), *said("please", at=2000)], 9000)) == 2


def test_a_caption_says_when_a_word_in_it_is_doubtful():
    assert build([Word("maybe", 0, 400, 0.2)], 5000)[0].as_json()["doubtful"]


def test_a_word_longer_than_a_line_is_cut():
    assert wrapped("x" * 100) == ("x" * 42, "x" * 42, "x" * 16)
    assert wrapped("") == ()
    assert max(map(len, wrapped("y" * 40 + " " + "z" * 30 + " " + "w" * 30))) <= 42


def test_words_longer_than_a_caption_go_on_in_the_next_and_no_letter_is_taken_apart():
    family, flag, accent = "👨\u200d👩\u200d👧", "🇩🇪", "e\u0301"
    long = ["x" * 200, family * 20, flag * 30, "a" + accent * 60]
    words = [Word(text, 1000 * place, 1000 * place + 900, 0.9) for place, text in enumerate(long)]

    cues = build(words, 9000)

    assert max(len(cue.lines) for cue in cues) == 2
    lines = [line for cue in cues for line in cue.lines]
    assert max(map(len, lines)) <= 42
    assert "".join(lines) == "".join(long)
    assert not any(line.startswith(("\u200d", "\u0301", "🇪")) or line.endswith("\u200d") for line in lines)


def test_two_who_speak_at_once_have_a_line_each_and_nobody_flickers():
    anna = "Well I think that we should go on with this now because it is late."
    bob = "No no I do not think so at all it is early."
    both = [
        replace(word, speaker=name)
        for name, text, at in (("Anna", anna, 0), ("Bob", bob, 150))
        for word in said(text, at=at, each=400)
    ]

    first, *others = build(sorted(both, key=lambda word: word.start_ms), 9000)

    assert first.lines == ("Anna: Well I think that we should go on", "Bob: No no I do not think so at")
    assert first.start_ms == 0
    assert all(cue.end_ms - cue.start_ms >= 1000 for cue in (first, *others))
    assert " ".join(line for cue in (first, *others) for line in cue.lines).count("late.") == 1


def test_who_answers_after_another_has_a_caption_of_their_own():
    talk = [replace(one, speaker="Anna") for one in said("Really?")] + [
        replace(one, speaker="Bob") for one in said("Yes.", at=1100)
    ]
    assert [cue.lines for cue in build(talk, 9000)] == [("Anna: Really?",), ("Bob: Yes.",)]


def test_the_gap_is_two_frames():
    assert [gap_for(fps) for fps in (25, 30000 / 1001, 50, 0)] == [80, 67, 40, 80]


def test_no_words_give_no_captions():
    assert build([], 1000) == ()
