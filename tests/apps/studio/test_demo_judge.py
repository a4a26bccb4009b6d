"""The demo's judge: it finds what is wrong, and nothing in what is right."""

import io
import zipfile
from fractions import Fraction

import numpy as np
import pytest

from studio.demo import cards, judge
from studio.demo.cards import Shoot
from studio.demo.judge import Film, Seen, Shot
from studio.demo.spoken import RATE, Conversation, Line

LINES = (Line("A", "Good morning, everybody.", 2.0, 4.0), Line("B", "It's late.", 5.0, 6.0))


def shoot_of(tmp_path) -> Shoot:
    voices = {person: np.zeros(8 * RATE) for person in "AB"}
    for line in LINES:
        voices[line.person][round(line.start * RATE) : round(line.end * RATE)] = 0.3
    return Shoot(tmp_path, cards.files_of(40.0), Conversation(LINES, voices))


def film(*shots: tuple[str, int, int]) -> Film:
    return Film(tuple(Shot(*one) for one in shots), Fraction(25), 1.0)


def test_wrong_missing_and_invented_words_are_counted():
    truth = judge.plain("Good morning, everybody. It's late.")
    assert judge.word_errors(truth, truth) == 0
    assert judge.word_errors(truth, ["good", "mourning", "everybody", "late"]) == 2
    assert judge.word_errors(truth, []) == 5


def test_sentences_that_begin_or_end_late_are_measured_and_misheard_ones_are_not():
    words = [
        ("Good", 2.03, 2.2),
        ("morning,", 2.3, 2.6),
        ("everybody.", 2.7, 3.95),
        ("Hits", 5.4, 5.5),
        ("late.", 5.6, 6.0),
    ]
    assert judge.edge_errors_ms(LINES, words) == pytest.approx([30, 50, 0])
    assert judge.at_share([], 0.95) == 0


def test_a_cut_is_read_with_the_angle_that_holds_at_its_beginning():
    cut = {
        "rate": "25/1", "range": {"startMs": 1000, "endMs": 3000},
        "switchPoints": [{"atMs": 0, "angle": "A"}, {"atMs": 2000, "angle": "B"}],
    }  # fmt: skip
    assert judge.film_of(cut, 2.0) == Film((Shot("A", 0, 25), Shot("B", 25, 50)), Fraction(25), 3.0)


def test_time_on_the_silent_person_and_cuts_into_words_are_found(tmp_path):
    shoot = shoot_of(tmp_path)
    # Frame 0 is second 1 of the event.
    assert judge.shown_well(shoot, film(("A", 0, 90), ("B", 90, 150))) == (1, 0)
    well, wide = judge.shown_well(shoot, film(("A", 0, 50), ("C", 50, 75), ("A", 75, 150)))
    assert (well, wide) == pytest.approx((2 / 3, 1 / 3), abs=0.02)
    assert judge.cuts_in_words(shoot, film(("A", 0, 90), ("B", 90, 150))) == 0
    assert judge.cuts_in_words(shoot, film(("A", 0, 50), ("B", 50, 150))) == 1


def test_frames_of_another_camera_at_another_moment_or_without_their_caption_are_counted(tmp_path):
    shoot, cut = shoot_of(tmp_path), film(("A", 0, 30), ("C", 30, 60))
    seen = [Seen("A" if n < 30 else "C", n in (1, 2, 26, 27, 50, 51), 10 <= n < 20) for n in range(60)]
    assert judge.wrong_cameras(cut, seen) == 0
    assert judge.wrong_cameras(cut, seen[1:]) == 2
    assert judge.wrong_moments(shoot, cut, seen) == 0
    late = [seen[0]] * 5 + seen[:-5]
    assert judge.wrong_moments(shoot, cut, late) > 8
    assert judge.wrong_captions(Fraction(25), [(400, 800)], seen) == 0
    assert judge.wrong_captions(Fraction(25), [(440, 800)], seen) == 1


def test_caption_files_are_read_and_what_cannot_be_read_in_time_is_counted():
    srt = "1\n00:00:01,000 --> 00:00:03,500\nGood morning,\neverybody.\n\n2\n01:00:00,000 --> 01:00:00,500\nMuch too fast to be read.\n"
    cues = judge.cues_of(srt)
    assert cues == [(1000, 3500, "Good morning,\neverybody."), (3_600_000, 3_600_500, "Much too fast to be read.")]
    assert judge.unreadable(cues) == 1
    assert judge.cues_of("\n") == []


def test_cuts_are_found_in_every_format():
    otio = b"""{"tracks": {"children": [{"kind": "Audio", "children": []}, {"kind": "Video", "children": [
        {"OTIO_SCHEMA": "Clip.2", "source_range": {"duration": {"value": 30.0}}}, {"OTIO_SCHEMA": "Transition.1"},
        {"OTIO_SCHEMA": "Clip.2", "source_range": {"duration": {"value": 20.0}}}]}]}}"""
    edl = b"TITLE: X\r\n001  CAM_A    V     C        00:00:01:00 00:00:02:05 01:00:00:00 01:00:01:05\r\n* REMARK\r\n"
    edl += b"002  CAM_B    V     C        00:00:01:00 00:00:01:20 01:00:01:05 01:00:02:00\r\n"
    xml = b'<spine><mc-clip name="a" offset="0s"/><mc-clip ref="r" offset="30/25s" name="b"/><mc-clip lane="-1" offset="7/25s"/></spine>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x_track-V1.edl", edl)
        archive.writestr("x_track-A1.edl", b"TITLE: X\r\n")
    assert judge.picture_list(packed.getvalue()) == judge.picture_list(edl) == edl
    for form, data in (("otio", otio), ("edl", edl), ("fcpxml", xml)):
        assert judge.edges_in(form, data, Fraction(25)) == {0, 30}, form


def test_a_frame_says_its_camera_its_flash_and_its_words():
    luma = np.full((36, 64), 50, np.uint8)
    chroma = np.stack([np.full((18, 32), 128, np.uint8)] * 2)
    assert judge._seen(luma, chroma) == Seen("C", False, False)
    luma[:8], luma[31, 20:30] = 235, 235
    chroma[1] += 30
    assert judge._seen(luma, chroma) == Seen("B", True, True)
