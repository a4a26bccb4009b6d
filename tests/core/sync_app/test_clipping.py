import numpy as np
import pytest

from sync_app.core import clipping
from sync_app.core.engine import align
from sync_app.core.features import RATE as LOW_RATE
from sync_app.core.features import low_rate
from tests.core.sync_app.signals import RATE, chatter, track
from tests.core.sync_app.test_playback import in_room, vowels


def clipped(sound: np.ndarray, decibels: float = 22) -> np.ndarray:
    loud = sound * (0.1 * 10 ** (decibels / 20) / np.sqrt(np.mean(np.square(sound))))
    return np.clip(loud, -0.7, 0.7).astype(np.float32)


@pytest.mark.parametrize(("gain", "hard"), [(1, False), (60, True)])
def test_a_track_is_clipped_hard_where_its_peaks_are_hardly_louder_than_the_rest(gain, hard):
    loud = np.clip(gain * chatter(130, 20), -0.7, 0.7)

    assert clipping.hard_clipped(low_rate(track("A", loud))[0]) == hard


def test_a_filter_and_the_same_clipping_make_a_clipped_track_and_none_of_what_only_it_has():
    known, other = vowels(140, 12)[: 12 * LOW_RATE], vowels(141, 12)[: 12 * LOW_RATE]
    wanted = clipped(in_room(known, 142))

    alike = clipping.clipped_alike(known, wanted)
    of_another = clipping.clipped_alike(known, clipped(other))

    assert np.corrcoef(alike, wanted)[0, 1] > 0.9
    assert np.corrcoef(of_another, clipped(other))[0, 1] < 0.5


def talk(seed: int) -> np.ndarray:
    """Syllables and noise, forty seconds and two."""
    sound = chatter(seed, 42) + 0.5 * vowels(seed + 1, 43)[: 42 * RATE]
    return sound * np.float32(0.1 / sound.std())


def test_a_clipped_track_of_one_event_looks_good():
    one, two = in_room(talk(150), 151), clipped(in_room(talk(150), 152), 26)

    found = align([track("A", one), track("B", two[6 * RATE :])], master="A").cameras["B"]

    assert found.classification == "looks-good"
    assert found.offset_ms == pytest.approx(6000, abs=1)


def test_a_clipped_track_of_another_event_with_the_same_program_asks_for_a_look():
    one, two = (in_room(talk(150), 151 + k) + 0.12 * vowels(153 + k, 43)[: 42 * RATE] for k in range(2))

    found = align([track("A", one), track("B", clipped(two)[6 * RATE :])], master="A").cameras["B"]

    assert found.classification == "review-suggested"
    assert any("two events" in warning for warning in found.warnings)
