"""Captions as files that other programs read back."""

import json

import pysubs2
import pytest

from media_app.core.hearing.captions import Cue
from media_app.core.hearing.subtitles import FORMATS, ass, plain_lines, srt, vtt

CUES = (
    Cue(0, 1234, ("Good morning,", "everybody.")),
    Cue(3_661_007, 3_662_999, ("Later.",)),
)
HOSTILE = "a --> b & <i>c</i> {\\b1} d\\Ne"


@pytest.mark.parametrize(("name", "slack"), [("srt", 0), ("vtt", 0), ("ass", 10)])
def test_another_program_reads_the_same_times_and_texts(name, slack):
    back = pysubs2.SSAFile.from_string(FORMATS[name].write(CUES))
    assert [(event.start, event.end) for event in back] == [
        (pytest.approx(cue.start_ms, abs=slack), pytest.approx(cue.end_ms, abs=slack)) for cue in CUES
    ]
    assert [event.plaintext for event in back] == ["Good morning,\neverybody.", "Later."]


def test_srt_to_the_letter():
    assert srt(CUES[:1]) == "1\n00:00:00,000 --> 00:00:01,234\nGood morning,\neverybody.\n"


def test_vtt_to_the_letter():
    assert vtt(CUES[1:]) == "WEBVTT\n\n1\n01:01:01.007 --> 01:01:02.999\nLater.\n"


def test_what_a_format_reads_as_its_own_marks_stays_text():
    cue = (Cue(0, 1000, (HOSTILE,)),)
    assert srt(cue).count("-->") == 1
    assert "<i>" not in srt(cue)
    assert "a --&gt; b &amp; &lt;i&gt;c&lt;/i&gt; {\\b1} d\\Ne" in vtt(cue)
    [row] = [line for line in ass(cue).splitlines() if line.startswith("Dialogue")]
    assert "\\{" in row
    assert "\\N" not in row
    assert "{\\b1}" not in row


def test_an_empty_line_and_a_control_character_end_nothing():
    assert plain_lines("one\n\n  two\x00\x1bthree \r\nfour") == ("one", "two three", "four")
    assert srt((Cue(0, 1000, ("one\n\n2\n00:00:05,000 --> 00:00:06,000\nfake",)),)).count("\n\n") == 0


def test_hundredths_never_bring_two_captions_together():
    rows = [line for line in ass((Cue(0, 1009, ("a",)), Cue(1011, 2000, ("b",)))).splitlines() if "Dialogue" in line]
    assert ",0:00:01.00," in rows[0]
    assert rows[1].startswith("Dialogue: 0,0:00:01.01,")


def test_json_has_what_the_page_shows():
    read = json.loads(FORMATS["json"].write(CUES))["cues"]
    assert read[0] == {
        "index": 0,
        "start_ms": 0,
        "end_ms": 1234,
        "text": "Good morning,\neverybody.",
        "doubtful": False,
        "too_fast": False,
        "speaker": None,
    }


def test_no_captions_are_still_a_file():
    assert srt(()) == ""
    assert vtt(()).startswith("WEBVTT\n")
