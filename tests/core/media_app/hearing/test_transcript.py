"""What is believed of a speech recognizer's answer."""

import pytest

from media_app.core.hearing.transcript import Guess, Word, bare, clean, split, whole_words, words_of


def words(*texts: str, at: int = 0, each: int = 300, confidence: float = 0.9) -> tuple[Word, ...]:
    """Words one after another, without a pause."""
    return tuple(Word(text, at + each * place, at + each * (place + 1), confidence) for place, text in enumerate(texts))


def test_what_is_believed_stays_as_it_was_said():
    made = clean([Guess(words("Good", "morning."))], 10_000)
    assert [segment.text for segment in made.segments] == ["Good morning."]
    assert made.left_out == {}


@pytest.mark.parametrize(
    ("guess", "reason"),
    [
        (Guess(words("la", "la", "la"), compression=2.5), "repeats"),
        (Guess(words(*["at", "the", "end"] * 3, confidence=0.4)), "repeats"),
        (Guess(words("perhaps"), logprob=-1.1), "unlikely"),
        (Guess(words("thank", "you", confidence=0.5), logprob=-0.98), "unlikely"),
        (Guess(words("much", "too", "much", "said", each=100)), "too_fast"),
        (Guess(()), "empty"),
    ],
)
def test_what_a_recognizer_invents_is_left_out_with_its_reason(guess, reason):
    made = clean([guess, Guess(words("True.", at=5000))], 10_000)
    assert made.left_out == {reason: 1}
    assert [segment.text for segment in made.segments] == ["True."]


def test_somebody_who_repeats_himself_clearly_is_believed():
    assert clean([Guess(words("no", "no", "no"))], 9000).segments[0].text == "no no no"


def test_three_quick_words_are_no_machine():
    assert clean([Guess(words("yes", "of", "course", each=100))], 9000).left_out == {}


def test_a_segment_ends_at_a_pause_and_does_not_stretch_over_it():
    said = [*words("One."), *words("Two.", at=1101), *words("Three.", at=2202)]
    made = split(said)
    assert [(part.words[0].start_ms, part.words[-1].end_ms) for part in made] == [(0, 300), (1101, 1401), (2202, 2502)]
    assert len(split([*words("One"), *words("two", at=1100)])) == 1


def test_words_stay_in_order_within_the_recording_and_none_lasts_for_ever():
    guess = Guess((Word("a", 0, 9000, 1), Word("b", 1000, 1400, 1), Word("c", 4900, 5300, 1), Word("d", 5400, 5500, 1)))
    [first, second] = clean([guess], 5000).segments
    assert [(word.start_ms, word.end_ms) for word in (*first.words, *second.words)] == [
        (0, 1500),
        (1500, 1501),
        (4900, 5000),
    ]


def test_a_doubtful_word_says_so():
    [segment] = clean([Guess((Word("sure", 0, 300, 0.5), Word("unsure", 300, 600, 0.49)))], 5000).segments
    assert [word["low_confidence"] for word in segment.as_json()["words"]] == [False, True]


def test_a_stored_transcript_gives_its_words_back():
    said = words("Good", "morning.", confidence=0.5)
    stored = {"segments": [segment.as_json() for segment in split(said)]}
    assert words_of(stored) == said
    assert words_of({"segments": []}) == ()


def test_pieces_of_a_word_are_one_word_as_sure_as_the_least_sure_piece():
    pieces = [Word(" cold", 0, 300, 0.9), Word("-hearted", 300, 700, 0.4), Word(" man.", 700, 900, 0.8)]
    assert whole_words(pieces) == (Word("cold-hearted", 0, 700, 0.4), Word("man.", 700, 900, 0.8))
    assert whole_words([Word("Hello", 0, 1, 1), Word(" ", 1, 2, 1)])[0].text == "Hello"


def test_a_dictionary_has_words_without_marks():
    assert [bare(text) for text in ("“Don’t!”", "'tis", "26", "Café,")] == ["don't", "tis", "", "café"]


def test_unsure_words_of_a_likely_sentence_and_sure_words_of_an_unlikely_one_stay():
    for confidence, logprob in ((0.5, -0.5), (0.9, -0.9)):
        assert clean([Guess(words("thank", "you", confidence=confidence), logprob)], 9000).left_out == {}
