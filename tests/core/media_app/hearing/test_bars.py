"""Words laid against bars."""

from media_app.core.hearing.bars import align, beats_of
from media_app.core.hearing.transcript import Word


def said(*starts: int) -> list[Word]:
    return [Word(f"w{place}", start, start + 200, 0.9) for place, start in enumerate(starts)]


def test_each_word_is_in_the_bar_in_which_it_starts_and_keeps_its_time():
    bars, outside = align(said(0, 1990, 2010, 3900), beats_of([500 * beat for beat in range(8)]))
    assert [(bar["bar_index"], bar["start_ms"], bar["end_ms"], bar["text"]) for bar in bars] == [
        (0, 0.0, 2000.0, "w0 w1"),
        (1, 2000.0, 4000.0, "w2 w3"),
    ]
    assert [word["start_ms"] for word in bars[0]["words"]] == [0, 1990]
    assert outside == []


def test_a_word_says_its_beat_and_how_far_off_it_is():
    [bar], _ = align(said(510, 1490), beats_of([0, 500, 1000, 1500]))
    assert [(word["beat_index"], word["after_beat_ms"], word["residual_ms"]) for word in bar["words"]] == [
        (1, 10.0, 10.0),
        (2, 490.0, -10.0),
    ]


def test_words_before_the_first_beat_and_after_the_last_bar_are_outside():
    bars, outside = align(said(100, 1100, 3100), beats_of([1000, 1500, 2000, 2500]))
    assert [word["start_ms"] for word in outside] == [100, 3100]
    assert len(bars) == 1


def test_without_beats_there_are_no_bars():
    assert align(said(0), beats_of([])) == ([], [{"text": "w0", "start_ms": 0, "end_ms": 200}])
    assert align(said(0), beats_of([500]))[0] == []


def test_bars_that_are_known_are_kept():
    beats = beats_of([0, 500, 1000, 1500, 2000, 2500], [7, 7, 7, 8, 8, 8])
    assert [(beat.bar_index, beat.beat_index) for beat in beats] == [(7, 0), (7, 1), (7, 2), (8, 0), (8, 1), (8, 2)]
    assert [bar["bar_index"] for bar in align(said(0), beats)[0]] == [7, 8]
