"""Whose voice a word, a stretch of speech and a caption is."""

import pytest

from media_app.core.hearing import captions
from media_app.core.hearing.speakers import UNKNOWN, Speakers, Turn, in_document, lines_of, turns_of
from media_app.core.hearing.transcript import Word

#: A speaks for four seconds, then B, then both at once, then A again.
TURNS = (Turn(0, 4000, "A"), Turn(4500, 8000, "B"), Turn(8000, 9000, None), Turn(9200, 12_000, "A"))
KNOWN = Speakers(TURNS, {"A": "Anna"})


def words(*said: tuple[str, int, int]) -> list[Word]:
    return [Word(text, start, end, 0.9) for text, start, end in said]


@pytest.mark.parametrize(
    ("start", "end", "speaker"),
    [
        (500, 900, "A"),
        (5000, 5400, "B"),
        (8200, 8600, None),
        (3700, 4900, None),
        (4100, 4400, None),
        (20_000, 20_500, None),
    ],
    ids=["A's", "B's", "of both", "of one, then the other", "in a pause", "after all turns"],
)
def test_a_stretch_is_one_persons_or_nobodys(start, end, speaker):
    assert KNOWN.between(start, end) == speaker


def a_segment(*said: tuple[str, int]) -> dict:
    return {"words": [{"text": text, "start_ms": at, "end_ms": at + 300} for text, at in said]}


def lines(*segments, speakers: Speakers = KNOWN) -> list[tuple[float, str, str]]:
    found = lines_of(segments, speakers)
    return [(one.start_ms, one.speaker, " ".join(word["text"] for word in one.words)) for one in found]


def test_a_transcript_to_read_has_a_line_for_each_who_speaks():
    first = a_segment(("Good", 500), ("day.", 3000), ("Thank", 5000), ("you.", 5500))
    both, last = a_segment(("Hm.", 8200)), a_segment(("Well", 9300), ("then.", 30_000), ("Bye.", 9800))
    assert lines(first, both, last) == [
        (500, "Anna", "Good day."), (5000, "Speaker B", "Thank you."), (8200, UNKNOWN, "Hm."), (9300, "Anna", "Well then. Bye."),
    ]  # fmt: skip


def test_one_person_needs_no_name_and_what_cannot_be_read_is_left_out():
    assert lines(a_segment(("Good", 500), ("Hm.", 8200), ("day.", 3000))) == [(500, "", "Good Hm. day.")]
    assert lines(a_segment(("Good", 500), ("Thanks", 5000)), speakers=Speakers()) == [(500, "", "Good Thanks")]
    assert lines({}, None, {"words": "soon"}, {"words": [{"text": "x"}, 3]}, {"words": []}) == []


def test_people_are_called_as_their_microphone_is():
    assert [KNOWN.name(one) for one in ("A", "B", None)] == ["Anna", "Speaker B", ""]
    assert Speakers().between(0, 1000) is None


def test_words_and_speech_say_who_speaks_and_music_does_not():
    shown = in_document(
        {
            "events": [
                {"kind": "speech", "start_ms": 0, "end_ms": 4000, "meta": {"also": []}},
                {"kind": "speech", "start_ms": 3000, "end_ms": 8000},
                {"kind": "music", "start_ms": 0, "end_ms": 4000},
            ],
            "segments": [{"start_ms": 0, "end_ms": 400, "words": [{"text": "Hi", "start_ms": 0, "end_ms": 400}]}],
        },
        KNOWN,
    )

    first, both, music = shown["events"]
    assert (first["speaker_id"], first["meta"]["also"]) == ("A", [])
    assert both["speaker_id"] is None
    assert [(one["speaker_id"], one["start_ms"], one["end_ms"]) for one in both["meta"]["speakers"]] == [
        ("A", 3000, 4000),
        ("B", 4500, 8000),
    ]
    assert "speaker_id" not in music
    assert shown["segments"][0]["words"][0]["speaker_id"] == "A"
    assert shown["segments"][0]["speaker_id"] == "A"


def test_what_is_no_document_of_ours_stays_as_it_is():
    odd = {
        "events": [3, {"kind": "speech", "start_ms": "x", "end_ms": 2}],
        "segments": [None, {"words": 4}, {"start_ms": 0, "end_ms": None, "words": [7]}],
    }

    assert in_document(odd, KNOWN) == odd
    assert in_document({"events": 1, "segments": 2}, KNOWN) == {"events": 1, "segments": 2}


def test_of_stored_turns_those_that_can_be_read_count():
    stored = [
        {"start_ms": 0, "end_ms": 4000, "speaker_id": "A"},
        {"start_ms": 1, "end_ms": 2, "speaker_id": None},
        {"start_ms": float("nan"), "end_ms": 2},
        {"start_ms": 0, "end_ms": 2, "speaker_id": 7},
        9,
    ]

    assert turns_of({"turns": stored}) == (Turn(0, 4000, "A"), Turn(1, 2, None))
    assert turns_of({"turns": 3}) == ()
    assert turns_of({"turns": [one.as_json() for one in TURNS]}) == TURNS


def test_captions_begin_anew_with_each_speakers_name():
    said = KNOWN.of_words(
        words(("Good", 200, 500), ("day.", 500, 900), ("Thank", 4600, 4900), ("you.", 4900, 5200), ("So.", 9300, 9700))
    )

    made = captions.build(said, 12_000)

    assert [one.lines for one in made] == [("Anna: Good day.",), ("Speaker B: Thank you.",), ("Anna: So.",)]
    assert [one.speaker for one in made] == ["Anna", "Speaker B", "Anna"]
    assert made[0].as_json()["speaker"] == "Anna"


def test_a_speaker_who_is_not_known_has_a_dash_and_no_name():
    said = KNOWN.of_words(words(("Hello.", 200, 700), ("Yes.", 5000, 5300), ("No", 8200, 8400), ("no.", 8400, 8800)))

    made = captions.build(said, 12_000)

    assert [one.lines for one in made] == [("Anna: Hello.",), ("Speaker B: Yes.",), ("– No no.",)]
    assert made[2].as_json()["speaker"] is None


def test_a_change_of_the_speaker_is_never_inside_a_caption():
    said = [Word(f"w{n}", 300 * n, 300 * n + 300, 0.9, speaker="Anna" if n < 30 else "Ben") for n in range(60)]

    made = captions.build(said, 20_000)

    assert [one.speaker for one in made] == sorted(one.speaker for one in made)
    assert [one.lines[0].startswith("Ben: ") for one in made].count(True) == 1
    assert " ".join(" ".join(one.lines) for one in made).replace("Anna: ", "").replace("Ben: ", "").split() == [
        f"w{n}" for n in range(60)
    ]


def test_a_doubtful_word_between_two_of_one_speaker_does_not_part_them():
    said = [
        Word("one", 0, 300, 0.9, speaker="Anna"),
        Word("two", 300, 600, 0.9),
        Word("three", 600, 900, 0.9, speaker="Anna"),
    ]

    assert [one.lines for one in captions.build(said, 5000)] == [("Anna: one two three",)]


def test_one_person_alone_needs_no_name():
    said = KNOWN.of_words(words(("Good", 200, 500), ("morning.", 500, 900)))

    assert captions.build(said, 12_000)[0].lines == ("Good morning.",)
