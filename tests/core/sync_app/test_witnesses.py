"""Timecodes and dates held against an alignment by sound."""

from fractions import Fraction

import pytest

from media_app.core.time.timebase import parse_timecode
from media_app.core.time.witness import Source, TimecodeWitness, Witnesses
from sync_app.core import messages, witnesses
from sync_app.core.values import Alignment, CameraSync, Evidence


def camera(offset_ms, classification="looks-good", warnings=()):
    found = offset_ms is not None
    return CameraSync(
        offset_ms, 40.0 if found else None, 1.0, classification, 0.0, 0.0, (), tuple(warnings), Evidence("A")
    )


def alignment(offset_ms, classification="looks-good", warnings=()):
    return Alignment("A", {"B": camera(offset_ms, classification, warnings)}, (), {}, {"A": (), "B": tuple(warnings)})


def filmed(label, text):
    return Witnesses(label, (TimecodeWitness(Source.TMCD, Fraction(0), parse_timecode(text, Fraction(25))),))


def considered(found, *files):
    return witnesses.considered(found, witnesses.said_of(found, {file.camera: file for file in files}))


def test_agreement_is_said_and_changes_nothing():
    found = alignment(3240.0)
    files = filmed("A", "10:00:00:05"), filmed("B", "10:00:03:11")
    (said,) = witnesses.said_of(found, {file.camera: file for file in files})["B"]
    assert considered(found, *files) == found
    assert witnesses.as_json(said)["outcome"] == "agrees"
    assert witnesses.as_json(said)["offset_ms"] == 3240


def test_a_contradiction_warns_and_takes_looks_good_away():
    after = considered(alignment(33_000.0), filmed("A", "10:00:00:05"), filmed("B", "10:00:03:11"))
    assert after.cameras["B"].classification == "review-suggested"
    assert after.cameras["B"].warnings == after.warnings["B"]
    assert "+3.240 s, the sound at +33.000 s" in after.warnings["B"][0]


@pytest.mark.parametrize("word", ["review-suggested", "needs-manual-nudge"])
def test_a_contradiction_makes_no_doubtful_answer_better(word):
    after = considered(alignment(33_000.0, word), filmed("A", "10:00:00:05"), filmed("B", "10:00:03:11"))
    assert after.cameras["B"].classification == word


def test_where_the_sound_finds_nothing_the_timecode_is_offered():
    after = considered(
        alignment(None, "needs-manual-nudge", ["nothing"]), filmed("A", "10:00:00:05"), filmed("B", "10:00:03:11")
    )
    assert after.warnings["B"] == (
        "nothing",
        "Timecode (tmcd) puts camera B at +3.240 s; the sound gives no offset.",
    )
    assert after.cameras["B"].offset_ms is None


def test_without_witnesses_nothing_changes():
    assert considered(alignment(1.0)) == alignment(1.0)


def test_a_camera_that_recorded_timecode_alone_is_not_called_silent():
    found = witnesses.with_timecode_only(alignment(None, "needs-manual-nudge", [messages.silent("B")]), {"B"})
    assert found.warnings["B"] == found.cameras["B"].warnings == (messages.timecode_only("B"),)
