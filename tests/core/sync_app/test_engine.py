import json
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_app.core.engine import CannotAlign, align
from sync_app.core.values import Alignment, CameraSync
from tests.core.sync_app.signals import RATE, at_rate, chatter, filmed, noise, track

SOUND = chatter(20, 105)


def b_of(*recordings: np.ndarray, master: str = "A") -> Alignment:
    return align([track(label, samples) for label, samples in zip("ABCDEF", recordings, strict=False)], master=master)


@dataclass(frozen=True)
class Shoot:
    """What was found about a shoot, and the progress that was reported meanwhile."""

    found: Alignment
    reported: list[tuple[float, str]]


@pytest.fixture(scope="module")
def shoot() -> Shoot:
    """Three cameras at one event, none of them chosen as the master: B started 12.3456 s later than A, and C 3.5 s earlier."""
    reported: list[tuple[float, str]] = []
    recordings = (filmed(SOUND, 6, 32, 1), filmed(SOUND, 18.3456, 44.3456, 2), filmed(SOUND, 2.5, 28.5, 3))
    tracks = [track(label, samples) for label, samples in zip("ABC", recordings, strict=True)]
    return Shoot(align(tracks, on_progress=lambda *step: reported.append(step)), reported)


def test_a_camera_that_started_later_has_a_positive_offset(shoot):
    found = shoot.found.cameras["B"]

    assert found.offset_ms == pytest.approx(12_345.6, abs=0.3)
    assert found.classification == "looks-good"
    assert found.confidence >= 10
    assert found.probability > 0.98


def test_a_camera_that_started_earlier_has_a_negative_offset(shoot):
    assert shoot.found.cameras["C"].offset_ms == pytest.approx(-3500, abs=0.3)


@settings(deadline=None, max_examples=6)
@given(start=st.floats(-5, 5), seed=st.integers(0, 1000))
def test_exchanging_the_cameras_turns_the_sign(start, seed):
    one, two = filmed(SOUND, 30, 41, seed), filmed(SOUND, 30 + start, 43, seed + 1)

    forth = b_of(one, two).cameras["B"].offset_ms
    back = b_of(two, one).cameras["B"].offset_ms

    assert forth == pytest.approx(1000 * start, abs=1)
    assert forth + back == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("ppm", [-150.0, -48.0, 90.0])
def test_drift_is_measured_and_the_offset_holds_at_time_zero(ppm):
    found = b_of(filmed(SOUND, 0, 95, 1), filmed(SOUND, 5, 100, 2, ppm=ppm)).cameras["B"]

    assert found.drift_ppm == pytest.approx(ppm, abs=1)
    assert found.offset_ms == pytest.approx(5000, abs=0.5)


def test_drift_that_matters_is_said_in_frames():
    found = b_of(filmed(SOUND, 0, 95, 1), filmed(SOUND, 2, 97, 2, ppm=450)).cameras["B"]

    assert any("Clock drift 450 ppm" in warning and "frames" in warning for warning in found.warnings)


def test_a_paused_stretch_gives_two_pieces_and_is_not_called_good():
    whole = filmed(SOUND, 5, 65, 2)
    paused = np.concatenate([whole[: 26 * RATE], whole[34 * RATE :]])

    found = b_of(filmed(SOUND, 0, 70, 1), paused).cameras["B"]

    assert [segment.offset_ms for segment in found.segments] == pytest.approx([5000, 13_000], abs=1)
    assert found.segments[0].end_s == pytest.approx(26, abs=5)
    assert found.classification == "review-suggested"
    assert any("missing from camera B" in warning for warning in found.warnings)


@pytest.mark.parametrize("lost_ms", [6.0, 11.0, 26.0])
def test_a_few_lost_milliseconds_give_two_pieces_each_right_to_a_millisecond(lost_ms):
    whole = filmed(SOUND, 5, 60, 2)
    at = 22 * RATE
    torn = np.concatenate([whole[:at], whole[at + int(lost_ms * RATE / 1000) :]])

    found = b_of(filmed(SOUND, 0, 65, 1), torn).cameras["B"]

    assert [segment.offset_ms for segment in found.segments] == pytest.approx([5000, 5000 + lost_ms], abs=1)
    assert any(f"{lost_ms:.0f} ms of time is missing" in warning for warning in found.warnings)


def test_an_echo_that_is_strongest_for_a_while_makes_no_second_piece():
    sound = filmed(SOUND, 5, 65, 2)
    echo = np.zeros_like(sound)
    late = int(0.009 * RATE)
    echo[36 * RATE :] = 1.5 * sound[36 * RATE - late : -late]

    found = b_of(filmed(SOUND, 0, 70, 1), sound + echo).cameras["B"]

    assert [segment.offset_ms for segment in found.segments] == pytest.approx([5000], abs=0.5)
    assert found.classification == "looks-good"


def test_polarity_gain_and_rate_do_not_matter():
    other = at_rate(filmed(SOUND, 7.25, 30, 2), 44_100) * -0.05

    found = align([track("A", filmed(SOUND, 0, 30, 1)), track("B", other, 44_100)], master="A").cameras["B"]

    assert found.offset_ms == pytest.approx(7250, abs=0.3)
    assert found.classification == "looks-good"


def test_three_seconds_of_shared_sound_are_found():
    found = b_of(filmed(SOUND, 0, 45, 1), filmed(SOUND, 30, 33, 2)).cameras["B"]

    assert found.offset_ms == pytest.approx(30_000, abs=1)
    assert any("run together for only 3.0 s" in warning for warning in found.warnings)


def test_noise_louder_than_the_sound_is_borne():
    found = b_of(filmed(SOUND, 0, 45, 1, snr_db=10), filmed(SOUND, 10, 55, 2, snr_db=-5)).cameras["B"]

    assert found.offset_ms == pytest.approx(10_000, abs=1)


def click_track(seconds: float) -> np.ndarray:
    click = np.zeros(RATE // 2, np.float32)
    click[:200] = noise(31, 0.1)[:200]
    return np.tile(click, int(2 * seconds))


def tone() -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 1000 * np.arange(20 * RATE) / RATE).astype(np.float32)


def hum() -> np.ndarray:
    time = np.arange(20 * RATE) / RATE
    return sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 9)).astype(np.float32) * 0.1


#: Pairs that nothing can sync, each made where it is needed.
UNSYNCABLE = {
    "another event": lambda: (chatter(32, 30), chatter(33, 25)),
    "silence": lambda: (chatter(34, 20), np.zeros(20 * RATE, np.float32)),
    "two silences": lambda: (np.zeros(20 * RATE, np.float32), np.zeros(20 * RATE, np.float32)),
    "a tone": lambda: (tone(), tone()[5 * RATE :]),
    "noise": lambda: (noise(35, 20), noise(36, 20)),
    "hum": lambda: (hum() + noise(37, 20, 0.002), hum()[: 15 * RATE] + noise(38, 15, 0.002)),
    "a loop": lambda: (
        np.tile(chatter(30, 2.0), 20) + noise(39, 40, 0.001),
        np.tile(chatter(30, 2.0), 15) + noise(40, 30, 0.001),
    ),
    "a metronome": lambda: (
        click_track(40) + noise(41, 40, 0.0005),
        click_track(30)[3 * RATE :] + noise(42, 27, 0.0005),
    ),
    "no sound": lambda: (chatter(43, 30), np.zeros(0, np.float32)),
    "half a second": lambda: (chatter(44, 30), chatter(44, 30)[: RATE // 2]),
    "three foreign seconds": lambda: (chatter(45, 60), chatter(46, 3)),
}


@cache
def answer_to(case: str) -> CameraSync:
    """What the engine says of a pair that nothing can sync."""
    return b_of(*UNSYNCABLE[case]()).cameras["B"]


@pytest.mark.parametrize("case", UNSYNCABLE)
def test_what_cannot_be_synced_is_refused_with_a_reason(case):
    found = answer_to(case)

    assert found.classification == "needs-manual-nudge"
    assert found.offset_ms is None
    assert found.confidence is None
    assert found.warnings
    assert "NaN" not in found.evidence.as_json()


def test_a_loop_is_named_with_its_two_answers_and_how_far_apart_they_lie():
    warnings = answer_to("a loop").warnings

    assert any("repeats itself: two offsets" in warning for warning in warnings)


def test_the_same_recording_twice_starts_at_the_same_time():
    found = b_of(filmed(SOUND, 0, 16, 1), filmed(SOUND, 0, 16, 1)).cameras["B"]

    assert found.offset_ms == pytest.approx(0, abs=0.05)
    assert found.classification == "looks-good"


def test_a_camera_that_hears_only_another_camera_is_placed_through_it():
    near, far = chatter(50, 30), chatter(51, 30)
    between = near + far
    found = b_of(near[: 25 * RATE], between[4 * RATE :], far[10 * RATE :])

    assert found.cameras["C"].offset_ms == pytest.approx(10_000, abs=1)
    assert any("placed through camera B" in warning for warning in found.cameras["C"].warnings)


def test_three_cameras_close(shoot):
    assert all(pair.closure_ms is not None and pair.closure_ms < 0.5 for pair in shoot.found.pairs)
    assert len(shoot.found.pairs) == 3


def test_cameras_that_match_each_other_but_not_the_master_are_said_so():
    found = b_of(chatter(60, 20), filmed(SOUND, 0, 20, 1), filmed(SOUND, 3, 20, 2))

    assert found.cameras["B"].offset_ms is None
    assert any("none of them matches camera A" in warning for warning in found.cameras["B"].warnings)


def test_the_master_is_the_first_camera_among_equals_and_never_a_silent_one(shoot):
    heard = chatter(61, 16)
    silent = align([track("A", np.zeros(heard.size, np.float32)), track("B", heard), track("C", heard)])

    assert shoot.found.master == "A"
    assert silent.master == "B"


def test_the_masters_offset_is_not_listed(shoot):
    assert set(shoot.found.cameras) == {"B", "C"}
    assert set(shoot.found.warnings) == {"A", "B", "C"}


def test_evidence_is_small_plain_json(shoot):
    text = shoot.found.cameras["B"].evidence.as_json()

    assert len(text) < 100_000
    kept = json.loads(text)
    assert kept["compared_with"] == "A"
    assert len(kept["curve"]) == len(kept["curve_ms"]) > 100
    assert kept["start"]["time_s"] < kept["middle"]["time_s"] < kept["end"]["time_s"]
    assert kept["middle"]["lag_ms"] == pytest.approx(12_345.6, abs=0.5)


def test_progress_runs_from_listening_to_done(shoot):
    assert shoot.reported[-1] == (1.0, "done")
    assert all(0 <= share <= 1 for share, _ in shoot.reported)
    assert any(step == "comparing A and B" for _, step in shoot.reported)


def test_fewer_than_two_tracks_are_refused():
    with pytest.raises(CannotAlign, match="at least two"):
        align([track("A", SOUND)])


def test_a_label_that_comes_twice_is_refused():
    with pytest.raises(CannotAlign, match="both labeled A"):
        align([track("A", SOUND), track("A", SOUND)])


def test_a_master_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="master D is not among"):
        align([track("A", SOUND), track("B", SOUND)], master="D")


def test_two_cameras_that_stop_and_start_are_put_together_clip_by_clip():
    """No recording ran through, and the master has two clips itself: A to 26 s and from 34 s, B from 6 to 42 s and from 46 s."""
    spans = {"A": (0, 26), "A.2": (34, 60), "B": (6, 42), "B.2": (46, 58)}
    tracks = [track(label, filmed(SOUND, *span, seed)) for seed, (label, span) in enumerate(spans.items(), start=1)]
    found = align(tracks)
    offsets = {label: camera.offset_ms for label, camera in found.cameras.items()} | {found.master: 0.0}

    start = spans[found.master][0]
    assert set(offsets) == set(spans)
    for label in spans:
        assert offsets[label] == pytest.approx(1000 * (spans[label][0] - start), abs=1), label


def test_a_clip_of_the_masters_camera_that_nobody_heard_says_so():
    tracks = [
        track("A", filmed(SOUND, 0, 26, 1)), track("A.2", filmed(chatter(77, 20), 0, 20, 2)), track("B", filmed(SOUND, 6, 22, 3)),
    ]  # fmt: skip
    found = align(tracks, master="A").cameras["A.2"]

    assert found.offset_ms is None
    assert found.classification == "needs-manual-nudge"
    assert found.warnings == (
        "Camera A.2 shares no sound that could be recognized with the recording that it was compared with.",
    )


def test_clips_that_hear_only_each_other_are_not_said_to_hear_nothing():
    spans = {"A": (0, 20), "A.2": (40, 60), "B": (4, 22), "B.2": (44, 62)}
    tracks = [track(label, filmed(SOUND, *span, seed)) for seed, (label, span) in enumerate(spans.items(), start=1)]
    found = align(tracks, master="A").cameras["A.2"]

    assert (found.offset_ms, found.probability) == (None, 0.0)
    assert found.warnings == ("Cameras A.2 and B.2 match each other, but none of them matches camera A.",)


def test_of_many_clips_any_may_be_the_master():
    """Nine and more are compared with the two longest alone, and the master may be none of those."""
    long = {"A": (0, 50), "B": (2, 54)}
    short = {
        f"{label}": (4 * n, 4 * n + 14) for n, label in enumerate(("C", "C.2", "D", "D.2", "E", "E.2", "F", "F.2"))
    }
    spans = long | short
    tracks = [track(label, filmed(SOUND, *span, seed)) for seed, (label, span) in enumerate(spans.items(), start=1)]
    found = align(tracks, master="D")

    for label in spans.keys() - {"D"}:
        expected = 1000 * (spans[label][0] - spans["D"][0])
        assert found.cameras[label].offset_ms == pytest.approx(expected, abs=1), label


def test_two_clips_of_one_camera_that_would_overlap_are_in_doubt():
    tracks = [
        track("A", filmed(SOUND, 0, 50, 1)),
        track("B", filmed(SOUND, 5, 25, 2)),
        track("B.2", filmed(SOUND, 20, 40, 3)),
    ]
    found = align(tracks, master="A").cameras

    for label in ("B", "B.2"):
        assert found[label].classification == "review-suggested"
        assert any("B and B.2 would overlap by 5.0 s" in warning for warning in found[label].warnings), label


def test_two_tracks_of_one_recording_are_no_clips_that_overlap():
    """As a recorder writes them that has a file for each channel."""
    tracks = [
        track("A", filmed(SOUND, 0, 50, 1)),
        track("B", filmed(SOUND, 5, 25, 2)),
        track("B.2", 0.3 * filmed(SOUND, 5, 25, 3)),
    ]
    found = align(tracks, master="A").cameras

    for label in ("B", "B.2"):
        assert found[label].offset_ms == pytest.approx(5000, abs=0.5)
        assert (found[label].classification, found[label].warnings) == ("looks-good", ()), label


def test_segments_of_a_camera_that_is_placed_through_another_are_on_the_masters_clock():
    """C hears A alone and is the longer of the two; B hears A alone. C lost 3 s at 20 s."""
    near, far = chatter(50, 60), chatter(51, 60)
    between = near + far
    cut = np.concatenate([far[: 20 * RATE], far[23 * RATE : 56 * RATE]])
    found = align([track("A", near[2 * RATE :]), track("B", between), track("C", cut)], master="A").cameras["C"]

    offsets = [segment.offset_ms for segment in found.segments]
    assert offsets == pytest.approx([-2000, 1000], abs=2)
    assert found.segments[1].start_s == pytest.approx(20, abs=0.3)
