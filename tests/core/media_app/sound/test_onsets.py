"""What begins when, and the beats along it, held against the numbers of librosa 0.11.0 for the same sound."""

import numpy as np
import pytest

from media_app.core.sound import onsets
from tests.support import talk

#: Of eight seconds of music at 93 beats a minute: the sum, the sum by frame, and the strongest frames.
SUM, BY_FRAME = 528.3476515, 210583.1468660
STRONGEST = {292: 7.559396267, 453: 6.782617092, 518: 6.643817902, 642: 6.590883255}
BEATS = {
    63.3: [34, 130, 225, 323, 420, 517, 613, 709, 800],
    93: [3, 66, 131, 195, 260, 324, 389, 453, 518, 582, 647, 711, 772],
    140.7: [21, 66, 109, 152, 195, 238, 281, 324, 367, 410, 453, 496, 539, 582, 625, 668, 712, 755, 798],
}


@pytest.fixture(scope="module")
def begun() -> np.ndarray:
    return onsets.strengths(talk.music(8, 93, seed=5))


def test_what_begins_is_what_librosa_says(begun):
    assert len(begun) == 801
    assert begun.sum() == pytest.approx(SUM, rel=1e-6)
    assert (begun * np.arange(801)).sum() == pytest.approx(BY_FRAME, rel=1e-6)
    assert {frame: begun[frame] for frame in STRONGEST} == pytest.approx(STRONGEST, rel=1e-6)


@pytest.mark.parametrize("bpm", BEATS)
def test_the_beats_are_those_of_librosa(begun, bpm):
    assert onsets.track(begun, bpm).tolist() == BEATS[bpm]


def test_where_nothing_begins_there_are_no_beats():
    assert onsets.track(np.zeros(400), 120).tolist() == []
    assert onsets.strengths(np.zeros(1600, np.float32)).tolist() == [0.0] * 11


def test_a_long_sound_is_the_same_in_batches(begun, monkeypatch):
    monkeypatch.setattr(onsets, "_BATCH", 97)
    assert onsets.strengths(talk.music(8, 93, seed=5)) == pytest.approx(begun, abs=1e-6)
