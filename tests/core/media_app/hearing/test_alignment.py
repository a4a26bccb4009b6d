"""Word times from two sources, each word from the better one."""

from media_app.core.hearing.alignment import Spoken, dictionary_words, merge, window
from media_app.core.hearing.transcript import Segment, Word


def phrase(*times: tuple[int, int]) -> Segment:
    return Segment(tuple(Word(f"w{place}", start, end, 0.9) for place, (start, end) in enumerate(times)))


def times(segment: Segment) -> list[tuple[int, int, str]]:
    return [(word.start_ms, word.end_ms, word.time_source) for word in segment.words]


def test_an_aligned_word_says_when_and_from_whom():
    made = merge(phrase((500, 800), (800, 1100)), [Spoken(390, 700), Spoken(700, 990)])
    assert times(made) == [(390, 700, "pocketsphinx"), (700, 990, "pocketsphinx")]


def test_a_word_that_no_dictionary_has_keeps_its_time_as_far_as_its_neighbors_leave_room():
    made = merge(phrase((500, 800), (800, 1100), (1100, 1400)), [Spoken(390, 700), None, Spoken(980, 1290)])
    assert times(made) == [(390, 700, "pocketsphinx"), (800, 980, "whisper"), (980, 1290, "pocketsphinx")]


def test_a_word_without_room_lasts_a_millisecond_and_the_order_stays():
    made = merge(phrase((500, 800), (1300, 1500), (900, 1400)), [Spoken(390, 900), None, Spoken(900, 1290)])
    starts = [word.start_ms for word in made.words]
    assert starts == sorted(starts)


def test_an_alignment_that_slipped_is_not_believed():
    assert times(merge(phrase((5000, 5300)), [Spoken(4200, 4600)])) == [(5000, 5300, "whisper")]
    assert times(merge(phrase((5000, 5300)), [Spoken(5000, 5000)])) == [(5000, 5300, "whisper")]


def test_the_aligner_hears_a_little_more_than_the_phrase_and_never_beyond_the_recording():
    assert window(phrase((100, 800)), 900) == (0, 900)
    assert window(phrase((1000, 1800)), 9000) == (700, 2100)


def test_a_number_has_no_dictionary_form():
    said = Segment((Word("Room", 0, 1, 1), Word("26,", 1, 2, 1), Word("cold-hearted—", 2, 3, 1)))
    assert dictionary_words(said) == (("room",), ("",), ("cold", "hearted"))
