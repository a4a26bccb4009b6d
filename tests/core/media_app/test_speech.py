"""Where somebody speaks, from levels alone."""

import numpy as np
import pytest

from media_app.core.sound.speech import FRAME, RATE, frame_levels, key, regions


def levels(*stretches: tuple[float, float]) -> np.ndarray:
    """(seconds, dBFS) one after another, with a decibel of life in it."""
    rng = np.random.default_rng(1)
    parts = [np.full(round(seconds * 100), level) for seconds, level in stretches]
    return (np.concatenate(parts) + rng.uniform(-0.5, 0.5, sum(map(len, parts)))).astype(np.float32)


def spans_of(found):
    return [(region.start, region.end) for region in found]


def test_the_first_word_is_found_to_the_frame():
    assert spans_of(regions(levels((2, -65), (3, -25), (1, -65)), "normal", pause=0.6)) == [(2.0, 5.0)]


def test_a_short_pause_does_not_end_a_phrase_and_a_long_one_does():
    sound = levels((1, -65), (1, -25), (0.4, -65), (1, -25), (2, -65), (1, -25), (1, -65))
    assert spans_of(regions(sound, "normal", pause=0.6)) == [(1.0, 3.4), (5.4, 6.4)]
    assert spans_of(regions(sound, "normal", pause=3.0)) == [(1.0, 6.4)]


def test_a_click_is_no_word():
    assert spans_of(regions(levels((1, -70), (0.03, -20), (1, -70), (1, -22), (1, -70)), "normal", pause=0.6)) == [
        (2.03, 3.03)
    ]


@pytest.mark.parametrize(("gate", "found"), [("sensitive", 2), ("normal", 1), ("strict", 1)])
def test_the_gate_decides_how_faint_speech_still_counts(gate, found):
    sound = levels((1, -75), (2, -25), (2, -75), (0.5, -54), (1, -75))
    assert len(regions(sound, gate, pause=0.6)) == found


@pytest.mark.parametrize("voice", [-12, -30, -50])
def test_a_quiet_talker_is_found_like_a_loud_one(voice):
    assert spans_of(regions(levels((1, voice - 35), (2, voice), (1, voice - 35)), "normal", pause=0.6)) == [(1.0, 3.0)]


def test_nobody_speaks_in_silence():
    assert regions(np.full(500, -120, np.float32), "sensitive", pause=0.6) == ()
    assert regions(np.zeros(0, np.float32), "normal", pause=0.6) == ()


def test_a_voice_that_never_pauses_is_one_region():
    assert spans_of(regions(levels((4, -25)), "normal", pause=0.6)) == [(0.0, 4.0)]


def test_levels_are_rms_of_whole_frames():
    sound = np.full(FRAME * 2 + 5, 0.1, np.float32)
    assert frame_levels(sound) == pytest.approx([-20, -20], abs=0.01)


def test_the_key_is_one_level_wherever_somebody_speaks():
    made = key(regions(levels((1, -65), (1, -25), (1, -65)), "normal", pause=0.6), 3, 1000, 0.5)
    assert (len(made), set(made[:1000]), set(made[1000:2000]), set(made[2000:])) == (3000, {0.0}, {0.5}, {0.0})
    assert RATE % 1000 == 0
