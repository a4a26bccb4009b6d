"""Captions that can be read."""

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


def test_the_gap_is_two_frames():
    assert [gap_for(fps) for fps in (25, 30000 / 1001, 50, 0)] == [80, 67, 40, 80]


def test_no_words_give_no_captions():
    assert build([], 1000) == ()
