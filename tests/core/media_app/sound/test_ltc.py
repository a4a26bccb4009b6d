"""Linear timecode read from samples: every rate, any level and polarity, through noise; and nothing read where there is none."""

from fractions import Fraction

import numpy as np
import pytest

from media_app.core.sound.ltc import RATES, decode, nearest_rate
from tests.support.linear_timecode import linear_timecode
from tests.support.media import speech_like

RATE = 48_000
NTSC_30 = Fraction(30000, 1001)


def noisy(sound, decibels, seed=1):
    """The sound with white noise so far under it."""
    noise = np.random.default_rng(seed).standard_normal(len(sound))
    level = np.sqrt(np.mean(np.square(sound))) * 10 ** (-decibels / 20)
    return (sound + level * noise).astype(np.float32)


def labels(frames):
    return [str(frame) for frame in frames]


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("fps", RATES)
def test_each_rate_is_read_to_a_hundredth_of_a_millisecond(fps, rate):
    tape = linear_timecode("10:59:58:20", seconds=3, fps=fps, lead_s=-0.0131, rate=rate, ppm=40)

    frames = decode(tape, rate)

    length = float(1 / fps) / (1 + 40e-6)
    assert len(frames) >= 3 / length - 3
    for frame in frames:
        number = ((frame.minute - 59) % 60 * 60 + frame.second - 58) * round(fps) + frame.frame - 20
        assert frame.at / rate == pytest.approx(-0.0131 + number * length, abs=1e-5)
        assert nearest_rate(frame.fps) == fps


def test_drop_frame_skips_its_labels_at_the_minute():
    tape = linear_timecode("10:00:59;25", seconds=1, fps=NTSC_30)

    frames = decode(tape, RATE)

    assert "10:00:59;28 10:00:59;29 10:01:00;02 10:01:00;03" in " ".join(labels(frames))
    assert all(frame.drop for frame in frames)


@pytest.mark.parametrize("decibels", [20, 10, 6])
def test_noise_hides_no_frame(decibels):
    tape = linear_timecode("01:00:00:00", seconds=4, fps=Fraction(25))
    assert labels(decode(noisy(tape, decibels), RATE)) == labels(decode(tape, RATE))


@pytest.mark.parametrize("gain", [-1, 2, 1e-4, -1e-4])
def test_neither_level_nor_polarity_matters(gain):
    tape = linear_timecode("01:00:00:00", seconds=2, fps=Fraction(24))
    assert labels(decode((tape * gain).astype(np.float32), RATE)) == labels(decode(tape, RATE))


def test_hum_ten_times_as_loud_does_not_matter():
    tape = linear_timecode("01:00:00:00", seconds=2, fps=Fraction(25))
    hum = 5 * np.sin(2 * np.pi * 50 * np.arange(len(tape)) / RATE)
    assert len(decode((tape + hum).astype(np.float32), RATE)) >= 48


def test_timecode_over_midnight_goes_on_from_zero():
    frames = decode(linear_timecode("23:59:59:20", seconds=1, fps=Fraction(25)), RATE)
    assert "23:59:59:24 00:00:00:00" in " ".join(labels(frames))


def test_a_generator_that_starts_late_is_read_once_a_window_is_full_of_it():
    tape = linear_timecode("01:00:00:00", seconds=3, fps=Fraction(25), lead_s=1.5)

    first, *_ = decode(tape, RATE)

    assert 1.5 <= first.at / RATE < 2.1
    assert first.at / RATE == pytest.approx(1.5 + first.frame / 25, abs=1e-5)


@pytest.mark.parametrize(
    "sound",
    [
        speech_like(5),
        np.zeros(5 * RATE, np.float32),
        np.random.default_rng(1).standard_normal(5 * RATE).astype(np.float32),
        np.sin(2 * np.pi * 2000 * np.arange(5 * RATE) / RATE).astype(np.float32),
        np.sign(np.sin(2 * np.pi * 1200 * np.arange(5 * RATE) / RATE)).astype(np.float32),
        np.zeros(100, np.float32),
    ],
    ids=["speech", "silence", "noise", "2 kHz tone", "1200 Hz square wave", "a few samples"],
)
def test_nothing_is_read_where_there_is_no_timecode(sound):
    assert decode(sound, RATE) == ()
