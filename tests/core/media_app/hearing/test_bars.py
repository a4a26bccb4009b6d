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


def test_a_bar_ends_where_the_music_pauses_and_what_is_said_there_is_outside():
    """Four seconds of music, 72 s of talk, four seconds of music."""
    music = [*(500 * beat for beat in range(8)), *(76_000 + 500 * beat for beat in range(8))]
    words = said(100, 3700, 3900, 4100, 40_000, 75_900, 76_000, 78_100, 80_100)
    bars, outside = align(words, beats_of(music))
    assert [(bar["bar_index"], bar["start_ms"], bar["end_ms"], bar["text"]) for bar in bars] == [
        (0, 0, 2000, "w0"), (1, 2000, 4000, "w1 w2"), (2, 76_000, 78_000, "w6"), (3, 78_000, 80_000, "w7"),
    ]  # fmt: skip
    assert [word["start_ms"] for word in outside] == [4100, 40_000, 75_900, 80_100]
    [late] = [word for word in bars[1]["words"] if word["start_ms"] == 3900]
    assert (late["beat_index"], late["residual_ms"]) == (3, -100), (
        "to where the next beat would be, not the one of 76 s"
    )


def test_a_stretch_that_ends_within_a_bar_begins_a_new_bar_after_the_pause():
    music = [*(500 * beat for beat in range(6)), *(60_000 + 400 * beat for beat in range(5))]
    bars, outside = align(said(2600, 3100, 60_100), beats_of(music))
    assert [(bar["start_ms"], bar["end_ms"]) for bar in bars] == [
        (0, 2000), (2000, 3000), (60_000, 61_600), (61_600, 62_000),
    ]  # fmt: skip
    assert [word["start_ms"] for word in outside] == [3100]


def test_bars_that_are_given_on_both_sides_of_a_pause_are_two():
    beats = beats_of([0, 500, 1000, 60_000, 60_500, 61_000], [3, 3, 3, 3, 3, 3])
    bars, outside = align(said(600, 30_000, 60_100), beats)
    assert [(bar["bar_index"], bar["start_ms"], bar["end_ms"], bar["text"]) for bar in bars] == [
        (3, 0, 1500, "w0"), (3, 60_000, 61_500, "w2"),
    ]  # fmt: skip
    assert len(outside) == 1


def test_a_beat_that_is_missing_and_a_slower_tempo_are_no_pause():
    missing = [500 * beat for beat in range(12) if beat != 6]
    assert [bar["end_ms"] for bar in align([], beats_of(missing))[0]] == [2000, 4500, 6000]
    slower = [*(333 * beat for beat in range(5)), *(1332 + 1000 * beat for beat in range(1, 4))]
    assert len(align(said(1400, 2000), beats_of(slower))[1]) == 0


def test_without_beats_there_are_no_bars():
    assert align(said(0), beats_of([])) == ([], [{"text": "w0", "start_ms": 0, "end_ms": 200}])
    assert align(said(0), beats_of([500]))[0] == []


def test_bars_that_are_known_are_kept():
    beats = beats_of([0, 500, 1000, 1500, 2000, 2500], [7, 7, 7, 8, 8, 8])
    assert [(beat.bar_index, beat.beat_index) for beat in beats] == [(7, 0), (7, 1), (7, 2), (8, 0), (8, 1), (8, 2)]
    assert [bar["bar_index"] for bar in align(said(0), beats)[0]] == [7, 8]
