"""Pairs that look like one line and are not: each is found or asked about, and none looks good."""

import numpy as np
import pytest

from sync_app.core.engine import align
from sync_app.core.values import CameraSync
from tests.core.sync_app.signals import RATE, chatter, filmed, noise, track

SOUND = chatter(80, 110)


def b_of(master: np.ndarray, samples: np.ndarray) -> CameraSync:
    return align([track("A", master), track("B", samples)], master="A").cameras["B"]


def taken(*spans: tuple[float, float], sound: np.ndarray = SOUND) -> np.ndarray:
    return np.concatenate([filmed(sound, start, end, 82) for start, end in spans])


@pytest.mark.parametrize(
    ("at", "long", "db"), [(0, 25, 14), (40, 20, 12), (65, 25, 18)], ids=["start", "middle", "end"]
)
def test_a_quiet_stretch_of_another_place_contradicts(at, long, db):
    elsewhere = taken((5, 95))
    elsewhere[at * RATE : (at + long) * RATE] = 10 ** (-db / 20) * chatter(83, long) + noise(84, long, 0.0005)

    found = b_of(filmed(SOUND, 0, 110, 81), elsewhere)

    assert found.offset_ms == pytest.approx(5000, abs=0.5)
    assert found.classification == "review-suggested"
    assert any("hears something else" in warning for warning in found.warnings)


def test_a_pause_after_which_all_is_quieter_is_a_second_segment():
    quieter = SOUND.copy()
    quieter[60 * RATE :] *= 10 ** (-15 / 20)
    master = filmed(quieter, 0, 110, 81, snr_db=40)

    found = b_of(master, np.concatenate([filmed(quieter, 5, 55, 82, 40), filmed(quieter, 68, 100, 85, 40)]))

    assert [s.offset_ms for s in found.segments] == pytest.approx([5000, 18000], abs=1)
    assert found.classification == "review-suggested"


@pytest.mark.parametrize(
    ("spans", "shift_ms", "borders"),
    [
        (((5, 50), (50.06, 60), (59.94, 95)), 60, (45, 54.94)),
        (((5, 86), (86.05, 94)), 50, (81,)),
        (((5, 13), (12.95, 90)), -50, (8,)),
    ],
    ids=["put right after 10 s", "8 s before the end", "8 s after the start"],
)
def test_a_step_of_a_frame_or_two_that_lasts_for_seconds_is_a_segment(spans, shift_ms, borders):
    found = b_of(filmed(SOUND, 0, 110, 81), taken(*spans))

    offsets = [s.offset_ms for s in found.segments]
    assert offsets[1] - offsets[0] == pytest.approx(shift_ms, abs=0.5)
    assert [s.end_s for s in found.segments[:-1]] == pytest.approx(borders, abs=0.1)
    assert found.classification == "review-suggested"


def test_an_end_in_which_nothing_can_be_compared_asks_for_a_look():
    quiet = SOUND.copy()
    quiet[70 * RATE :] = 0

    found = b_of(filmed(quiet, 0, 110, 81), taken((5, 100), sound=quiet))

    assert found.offset_ms == pytest.approx(5000, abs=0.5)
    assert found.classification == "review-suggested"
    assert any("1:05" in warning for warning in found.warnings)


@pytest.mark.parametrize("louder", [0.6, 1.0, 1.5], ids=["quieter", "as loud", "louder"])
def test_the_offset_is_that_of_the_direct_sound_and_not_of_a_loud_echo_of_it(louder):
    late = round(0.085 * RATE)
    heard = SOUND.copy()
    heard[late:] += louder * SOUND[:-late]

    found = b_of(filmed(SOUND, 0, 110, 81), filmed(heard, 5, 95, 82))

    assert found.offset_ms == pytest.approx(5000, abs=0.5)
