"""Sound without its constant offset."""

import numpy as np
import pytest

from media_app.core.sound.cleaning import OffsetMeter, without


def test_the_offset_is_measured_over_all_blocks_and_taken_away():
    sound = (np.sin(np.arange(10_000) / 5) * 0.5 + 0.1).astype(np.float32)
    meter = OffsetMeter()
    for block in np.array_split(sound, 7):
        meter.feed(block)
    assert meter.offset == pytest.approx(float(sound.mean(dtype=np.float64)), abs=1e-9)
    assert abs(float(without(sound, meter.offset).mean())) < 1e-6


def test_full_scale_does_not_wrap():
    assert without(np.array([-1, 1], np.float32), 0.25).tolist() == [-1, 0.75]


def test_no_sound_has_no_offset():
    assert OffsetMeter().offset == 0
