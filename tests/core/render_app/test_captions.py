"""Captions of a program: words where they are heard, and captions on whole frames."""

from dataclasses import replace
from fractions import Fraction

import pytest

from media_app.core.hearing.captions import Cue
from media_app.core.hearing.transcript import Word
from render_app.core import catalogue
from render_app.core.captions.heard import Said, Stretch, captions_in, voices_in
from render_app.core.captions.shown import burnt_in, on_frames, side_file, timed
from render_app.core.plan.reels import Medium, Segment
from render_app.core.timeline.edges import frame_edge
from render_app.core.timeline.nouns import CameraReference, Clip, MediaReference, Sequence, Text, Track

RATES = [Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001), Fraction(1)]


def sound(id: str) -> Medium:
    return Medium(id, id, f"{id}.wav", "", sound=0)


def said(*times: int, text: str = "word") -> Said:
    """A word of 200 ms at each time."""
    return Said(tuple(Word(f"{text}{at}", at, at + 200, 0.9) for at in times))


def clip(id: str, of, start: int, begin: int, end: int, **more) -> Clip:
    return Clip(id, of, Fraction(end), Fraction(begin), Fraction(start), **more)


def program(*tracks: Track, end: int = 60_000) -> Sequence:
    return Sequence("s", Fraction(25), duration_ms=Fraction(end), tracks=tracks)


def words_in(timeline, reels, said, start=0, end=60_000) -> list[tuple[str, int]]:
    """Each word of the captions, and when the caption begins."""
    cues = captions_in(voices_in(timeline, (), reels), said, Stretch(Fraction(start), Fraction(end)), 80)
    return [(" ".join(cue.lines), cue.start_ms) for cue in cues]


A, B = MediaReference("a"), MediaReference("b")
REELS = {A: (Segment(None, sound("a")),), B: (Segment(None, sound("b")),)}


def test_words_come_when_they_are_heard_also_from_the_middle_of_a_recording_and_faster():
    track = Track(
        "t", "audio", (clip("x", A, 1_000, 5_000, 9_000), clip("y", A, 6_000, 20_000, 30_000, speed=Fraction(2)))
    )
    found = words_in(program(track), REELS, {"a": said(4_000, 6_000, 9_100, 22_000)})
    assert found == [("word6000", 2_000), ("word22000", 7_000)]


def test_a_word_that_is_half_heard_is_there_where_its_middle_is():
    track = Track("t", "audio", (clip("x", A, 0, 1_150, 3_150),))
    found = words_in(program(track), REELS, {"a": said(1_000, 1_100, 3_040, 3_100)})
    assert " ".join(text for text, _ in found).split() == ["word1100", "word3040"]


def test_a_camera_is_heard_by_its_offset_and_its_drift():
    camera = CameraReference("s", "B")
    segment = Segment(None, sound("b"), Fraction(500), Fraction(90_000), Fraction(500), 1 + Fraction(1, 100))
    track = Track("t", "audio", (clip("x", camera, 0, 2_000, 60_000),))
    assert words_in(program(track), {camera: (segment,)}, {"b": said(10_000)}) == [("word10000", 500 + 10_100 - 2_000)]


def test_two_microphones_that_hear_the_same_word_caption_it_once_and_each_what_it_alone_hears():
    tracks = (
        Track("one", "audio", (clip("x", A, 0, 0, 20_000),)),
        Track("two", "audio", (clip("y", B, 0, 0, 20_000),), order=1),
    )
    heard = {"a": said(1_000), "b": said(1_040, 8_000, text="other")}
    assert words_in(program(*tracks), REELS, heard) == [("word1000", 1_000), ("other8000", 8_000)]


@pytest.mark.parametrize("quiet", [{"muted": True}, {"audio_role": "music"}])
def test_what_is_silent_or_music_is_not_captioned(quiet):
    track = Track("t", "audio", (clip("x", A, 0, 0, 9_000),), **quiet)
    assert words_in(program(track), REELS, {"a": said(1_000)}) == []


def test_a_title_is_silent_and_takes_no_word_away():
    titled = (clip("x", A, 0, 0, 9_000), clip("title", Text("Spring recital"), 9_000, 0, 2_000))
    assert words_in(program(Track("t", "video", titled)), REELS, {"a": said(1_000)}) == [("word1000", 1_000)]


def test_a_stretch_of_a_program_counts_from_its_beginning():
    track = Track("t", "audio", (clip("x", A, 0, 0, 60_000),))
    assert words_in(program(track), REELS, {"a": said(1_000, 5_000, 9_000)}, 4_000, 8_000) == [("word5000", 1_000)]


def test_captions_that_a_person_changed_are_taken_as_they_are_and_end_where_the_sound_does():
    cues = (Cue(1_000, 3_000, ("By hand.",)), Cue(4_000, 8_000, ("Half of it.",)), Cue(8_000, 9_000, ("Gone.",)))
    tracks = (
        Track("one", "audio", (clip("x", A, 0, 0, 6_000),)),
        Track("two", "audio", (clip("y", B, 0, 0, 20_000),), order=1),
    )
    found = captions_in(
        voices_in(program(*tracks), (), REELS),
        {"a": Said(cues=cues), "b": said(1_500, 12_000)},
        Stretch(Fraction(500), Fraction(60_000)),
        80,
    )
    assert [(cue.start_ms, cue.end_ms, cue.lines[0]) for cue in found[:2]] == [
        (500, 2_500, "By hand."),
        (3_500, 5_500, "Half of it."),
    ]
    assert [cue.lines for cue in found[2:]] == [("word12000",)]


def test_no_two_captions_are_seen_at_once():
    cues = (Cue(1_000, 5_000, ("One",)),)
    tracks = (
        Track("one", "audio", (clip("x", A, 0, 0, 20_000),)),
        Track("two", "audio", (clip("y", B, 0, 0, 20_000),), order=1),
    )
    heard = {"a": said(4_900), "b": Said(cues=cues)}
    found = captions_in(voices_in(program(*tracks), (), REELS), heard, Stretch(Fraction(0), Fraction(20_000)), 80)
    assert [(one.lines, one.end_ms) for one in found] == [
        (("One",), found[1].start_ms),
        (("word4900",), found[1].end_ms),
    ]


@pytest.mark.parametrize("rate", RATES)
def test_a_players_times_show_a_caption_on_just_its_frames(rate):
    cues = tuple(Cue(at, at + 1_377, ("x",)) for at in range(0, 100_000, 1_713))
    shown = on_frames(cues, rate, 10**6)
    for one, file in zip(shown, timed(shown, rate), strict=True):
        frames = range(max(0, one.start - 2), one.end + 3)
        seen = [n for n in frames if file.start_ms <= n * 1000 / rate < file.end_ms]
        assert seen == list(range(one.start, one.end))
        # And one that rounds each time to the nearest frame.
        assert [round(Fraction(ms, 1000) * rate) for ms in (file.start_ms, file.end_ms)] == [one.start, one.end]


def test_a_caption_without_a_frame_of_its_own_is_left_out_and_none_outlasts_the_film():
    cues = (Cue(0, 15, ("Too short",)), Cue(900, 5_000, ("Long",)), Cue(6_000, 7_000, ("Late",)))
    assert [(one.start, one.end) for one in on_frames(cues, Fraction(25), 30)] == [(23, 30)]


@pytest.mark.parametrize("origin", [Fraction(0), Fraction(2500), Fraction("1234.567"), Fraction(20)])
def test_in_a_film_that_begins_between_two_frames_captions_stay_on_the_frames_of_their_sequence(origin):
    for rate in RATES:
        for frame in range(200, 400, 7):
            placed = frame * 1000 // rate
            cue = Cue(round(placed - origin), round(placed - origin) + 3_000, ("One",))
            [one] = on_frames((cue,), rate, 10**6, origin) if placed >= origin else [None]
            assert one is None or one.start == frame - frame_edge(origin, rate), (rate, frame)


def test_captions_are_drawn_nearest_of_all_on_their_frames():
    profile = replace(catalogue.profiles()["social_1080p_h264"], fps=Fraction(30000, 1001))
    shown = on_frames((Cue(1_000, 2_000, ("One", "two")),), profile.fps, 300)
    made = burnt_in(program(Track("t", "video", order=7)), shown, profile, first=10)
    [text] = made.stacked[-1].clips
    assert (text.content.text, text.content.size, text.start_ms) == ("One\ntwo", 48, Fraction(40 * 1001, 30))
    assert text.duration_ms == Fraction(30 * 1001, 30)
    assert burnt_in(program(), (), profile, 0) == program()


def test_in_an_upright_frame_a_whole_line_is_as_wide_as_its_box_at_most():
    upright = replace(catalogue.profiles()["social_1080p_h264"], width=1080, height=1920)
    [text] = burnt_in(program(), on_frames((Cue(0, 2_000, ("x",)),), Fraction(25), 99), upright, 0).clips
    assert isinstance(text.content, Text)
    assert 0.5 * 42 * text.content.size * 1920 / 1080 <= 0.8 * 1080


def test_a_file_without_a_caption_is_not_empty():
    assert side_file("main", "srt", ()) == {
        "name": "main.srt", "output": "main", "content_type": "application/x-subrip", "text": "\n",
    }  # fmt: skip
    assert side_file("main", "vtt", ())["text"].startswith("WEBVTT")
