"""A person changes captions."""

import pytest

from media_app.core.hearing.caption_edits import BadEdit, Edit, apply
from media_app.core.hearing.captions import Cue

CUES = (Cue(0, 1000, ("One",), doubtful=True), Cue(2000, 3000, ("Two",)))


def test_a_text_is_changed_and_is_no_longer_doubtful():
    assert apply(CUES, [Edit(0, "Won")], 9000) == (Cue(0, 1000, ("Won",)), CUES[1])


def test_times_are_changed_and_the_text_stays():
    assert apply(CUES, [Edit(0, start_ms=100, end_ms=1900)], 9000)[0] == Cue(100, 1900, ("One",), doubtful=True)


def test_a_caption_is_added_in_its_place_and_another_taken_away():
    made = apply(CUES, [Edit(text="Between", start_ms=1200, end_ms=1900), Edit(1, deleted=True)], 9000)
    assert [cue.lines for cue in made] == [("One",), ("Between",)]


def test_a_speaker_stays_is_changed_or_is_taken_away_and_the_text_stays_doubtful():
    anna = (Cue(0, 1000, ("One",), doubtful=True, speaker="Anna"),)
    assert apply(anna, [Edit(0, "Won")], 9000)[0].speaker == "Anna"
    assert apply(anna, [Edit(0, speaker=" Ben \n")], 9000)[0] == Cue(0, 1000, ("One",), doubtful=True, speaker="Ben")
    assert apply(anna, [Edit(0, speaker="")], 9000)[0].speaker == ""
    added = apply(anna, [Edit(text="Two", start_ms=2000, end_ms=3000, speaker="Ben")], 9000)
    assert [cue.speaker for cue in added] == ["Anna", "Ben"]


def test_line_breaks_are_the_persons_own_as_long_as_they_fit():
    assert apply(CUES, [Edit(0, "One\nmore")], 9000)[0].lines == ("One", "more")
    long = "a word " * 8
    assert [len(line) <= 42 for line in apply(CUES, [Edit(0, long)], 9000)[0].lines] == [True, True]


@pytest.mark.parametrize(
    ("edit", "field", "said"),
    [
        (Edit(7, "x"), "cues[0].index", "no caption 7"),
        (Edit(text="x"), "cues[0]", "start_ms, end_ms and text"),
        (Edit(start_ms=1, end_ms=2), "cues[0]", "start_ms, end_ms and text"),
        (Edit(0, start_ms=1000), "cues[0].end_ms", "ends after that"),
        (Edit(1, end_ms=9001), "cues[0].end_ms", "9000 ms"),
        (Edit(0, " \n "), "cues[0].text", "has text"),
        (Edit(0, "word " * 30), "cues[0].text", "two captions"),
        (Edit(0, end_ms=2001), "cues[0].start_ms", "at once"),
        (Edit(1, start_ms=999), "cues[0].start_ms", "at once"),
    ],
)
def test_what_cannot_be_shown_is_refused_naming_the_change(edit, field, said):
    with pytest.raises(BadEdit, match=said) as refused:
        apply(CUES, [edit], 9000)
    assert refused.value.field == field


def test_a_caption_is_named_once():
    with pytest.raises(BadEdit, match="twice"):
        apply(CUES, [Edit(0, deleted=True), Edit(0, "x")], 9000)
