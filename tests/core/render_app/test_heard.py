"""Events of one recording on the clock of a clip."""

import pytest

from render_app.core.edit.angle import Angle, AngleSegment, MediaFile
from render_app.core.heard import Stretch, Window, between, cleaned, in_clip, to_master, words_of

SUMMARY = {
    "events": [
        {"kind": "speech", "start_ms": 1000, "end_ms": 3000, "transcription": None},
        {"kind": "silence", "start_ms": 3000, "end_ms": 4000},
    ],
    "beats": [{"time_ms": 500, "bar_index": 0}, {"time_ms": 2500, "bar_index": 1}],
}
WORDS = [{"text": "Good", "start_ms": 1100}, {"text": "morning", "start_ms": 2100}, {"text": "all", "start_ms": 5000}]


def an_angle(offset_ms: float, duration_ms: float = 10_000, **fields) -> Angle:
    return Angle("A", "video", offset_ms, duration_ms, "a.mp4", MediaFile(""), **fields)


def rows_of(events):
    return [(event["kind"], event["start_ms"], event["end_ms"]) for event in events]


def test_events_are_cut_to_the_clip_and_count_from_its_beginning():
    events, beats = in_clip(SUMMARY, [Stretch(0, float("inf"))], Window(2000, 3500))
    assert rows_of(events) == [("speech", 0, 1000), ("silence", 1000, 1500)]
    assert beats == [{"time_ms": 500, "bar_index": 1}]


def test_a_clip_at_double_speed_is_heard_in_half_the_time():
    events, _ = in_clip(SUMMARY, [Stretch(0, float("inf"))], Window(1000, 4000, 2.0))
    assert rows_of(events) == [("speech", 0, 1000), ("silence", 1000, 1500)]


def test_speech_says_what_was_said_within_the_clip():
    events, _ = in_clip(SUMMARY, [Stretch(0, float("inf"))], Window(2000, 4000), WORDS)
    assert events[0]["transcription"] == "morning"
    assert "transcription" not in events[1]


def test_a_cameras_clock_leads_to_the_masters_with_its_drift():
    [stretch] = to_master(an_angle(2000, drift_ppm=100.0))
    assert stretch.at(10_000) == pytest.approx(12_001)
    events, _ = in_clip(SUMMARY, [stretch], Window(3000, 5000))
    assert rows_of(events)[0] == ("speech", pytest.approx(0.1), 2000)


def test_after_a_pause_another_offset_holds():
    pieces = (AngleSegment(0, 2000, 0), AngleSegment(2000, 10_000, 5000))
    events, _ = in_clip(SUMMARY, to_master(an_angle(0, segments=pieces)), Window(0, 20_000))
    assert rows_of(events) == [("speech", 1000, 2000), ("speech", 7000, 8000), ("silence", 8000, 9000)]


def test_one_camera_hears_for_another_that_started_later():
    stretches = between(to_master(an_angle(0)), to_master(an_angle(1500)))
    events, _ = in_clip(SUMMARY, stretches, Window(0, 8000))
    assert rows_of(events) == [("speech", 0, 1500), ("silence", 1500, 2500)]
    assert between(to_master(an_angle(0, 1000)), to_master(an_angle(1500))) == ()


def test_a_registered_document_may_say_anything_and_only_what_is_right_is_heard():
    assert cleaned(SUMMARY) == SUMMARY
    wrong = [
        3,
        {"kind": "speech"},
        {"kind": [], "start_ms": 0, "end_ms": 1},
        {"kind": "speech", "start_ms": "0", "end_ms": 1},
    ]
    assert cleaned({"events": wrong, "beats": [{"time_ms": None}]}) == cleaned({}) == {"events": [], "beats": []}
    assert words_of({"segments": [{"words": WORDS}]}) == WORDS
    assert words_of({"segments": [{"words": [{"text": 1, "start_ms": 0}, {"text": "a"}]}, {}, 4]}) == words_of({}) == []
