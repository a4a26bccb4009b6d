"""Loudness of 16 kHz sound."""

import numpy as np
import pytest

from media_app.core.hearing.loudness import Meter, lufs, windows

RATE = 16_000


def tone(hertz: float, seconds: float, level: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def measured(sound: np.ndarray, block: int = 4001) -> Meter:
    meter = Meter()
    for start in range(0, len(sound), block):
        meter.feed(sound[start : start + block])
    return meter


def test_a_full_scale_tone_of_997_hz_is_as_loud_as_the_standard_says():
    assert lufs(measured(tone(997, 2)).powers[10:]) == pytest.approx(-3.01, abs=0.06)


@pytest.mark.parametrize(("hertz", "change"), [(50, -3.4), (3000, 4.0), (6000, 4.0)])
def test_low_tones_count_less_and_high_ones_more(hertz, change):
    assert lufs(measured(tone(hertz, 2)).powers[20:]) == pytest.approx(-3.01 - 0.69 + change, abs=0.5)


def test_the_size_of_the_blocks_changes_nothing():
    sound = tone(440, 1.5, 0.3)
    assert measured(sound, 7).powers == pytest.approx(measured(sound, 24_000).powers)


def test_each_window_has_its_loudness_and_silence_has_none():
    meter = measured(np.concatenate([tone(997, 1, 0.1), np.zeros(2 * RATE, np.float32)]))
    first, _, third = windows(meter.powers, 1000)
    assert first == pytest.approx(-23, abs=0.2)
    assert third is None
    assert lufs(np.zeros(0)) is None


def test_levels_are_of_the_sound_as_it_is():
    assert measured(np.full(1600, 0.1, np.float32)).levels == pytest.approx(np.full(10, -20.0), abs=0.01)
    assert len(Meter().levels) == len(Meter().powers) == 0
