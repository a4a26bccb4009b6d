"""A voice made clearer, as numbers."""

import numpy as np
import pytest

from media_app.core.sound import enhance
from media_app.core.sound.enhance import MODES, Powers, StillFilter
from media_app.core.sound.gated_loudness import LoudnessMeter

RATE = enhance.RATE


@pytest.mark.parametrize(
    ("mode", "aggressiveness", "ambience", "cap"),
    [
        ("default", None, False, 12), ("default", 0.0, False, 6), ("default", 1.0, False, 40),
        ("phone_recording", None, True, 9), ("vlog", 0.0, True, 6),
    ],
)  # fmt: skip
def test_aggressiveness_takes_6_to_40_db_and_ambience_keeps_it_under_9(mode, aggressiveness, ambience, cap):
    assert enhance.cap_db(MODES[mode], aggressiveness, preserve_ambience=ambience) == cap


def test_a_limit_leaves_the_noise_that_much_under_what_it_was():
    noise, nothing = np.full((10, 1), 0.5, np.float32), np.zeros((10, 1), np.float32)
    assert enhance.limited(noise, nothing, 20.0) == pytest.approx(np.full((10, 1), 0.05))


@pytest.mark.parametrize(
    "taps", [enhance.highpass_taps(75.0), enhance.tone_taps(MODES["podcast"].tone)], ids=["low", "tone"]
)
def test_a_filter_moves_nothing_and_blocks_do_not_show(taps):
    click = np.zeros((20_000, 2), np.float32)
    click[9000] = 1
    filtered = []
    for cuts in ([], [1, 500, 12_345]):
        through = StillFilter(taps, 2)
        filtered.append(np.concatenate([*map(through.feed, np.split(click, cuts)), through.rest()]))
    whole, pieces = filtered
    assert len(whole) == len(click)
    assert pieces == pytest.approx(whole, abs=1e-5)
    assert int(np.argmax(np.abs(whole[:, 0]))) == 9000


def test_the_high_pass_takes_rumble_and_leaves_the_voice():
    time = np.arange(RATE) / RATE
    for hertz, kept in ((25, 0.02), (200, 1.0)):
        through = StillFilter(enhance.highpass_taps(75.0), 1)
        tone = np.sin(2 * np.pi * hertz * time).astype(np.float32)[:, None]
        out = np.concatenate([through.feed(tone), through.rest()])
        assert np.abs(out[RATE // 3 : 2 * RATE // 3]).max() == pytest.approx(kept, abs=0.03)


def test_the_compressor_lowers_what_is_loud_and_leaves_the_rest():
    powers = np.full(1000, 0.01)
    powers[400:500] = 0.1
    gains = enhance.compressor_gains(powers, 2.0)
    assert 20 * np.log10(gains[450]) == pytest.approx(-5, abs=0.2)
    assert gains[100] == pytest.approx(1)
    assert (enhance.compressor_gains(powers, 1.0) == 1).all()
    assert not len(enhance.compressor_gains(np.zeros(0), 2.0))


@pytest.mark.parametrize(("sine_dbfs", "channels", "lufs"), [(0, 1, -3.01), (-20, 2, -20.0)])
def test_loudness_is_that_of_the_recommendation(sine_dbfs, channels, lufs):
    tone = 10 ** (sine_dbfs / 20) * np.sin(2 * np.pi * 997 * np.arange(3 * RATE) / RATE)
    meter = LoudnessMeter(channels)
    for block in np.array_split(np.stack([tone] * channels, axis=1).astype(np.float32), 7):
        meter.feed(block)
    assert meter.integrated == pytest.approx(lufs, abs=0.05)


def test_silence_and_a_click_have_no_loudness():
    meter = LoudnessMeter(1)
    assert meter.integrated is None
    meter.feed(np.zeros((RATE, 1), np.float32))
    assert meter.integrated is None


@pytest.mark.parametrize("late", [-300, 0, 1440])
def test_a_lag_is_found_to_the_sample(late):
    sound = np.random.default_rng(2).standard_normal(RATE).astype(np.float32)
    assert enhance.lag_between(sound, np.roll(sound, late)) == late
    assert enhance.lag_between(sound, np.zeros_like(sound)) == 0


def syllables(count: int = 1000) -> np.ndarray:
    """The powers of a voice: three syllables a second, pauses between."""
    return 0.01 * np.maximum(np.sin(np.arange(count) * 0.19), 0) ** 2 + 1e-7


def test_steady_noise_may_be_taken_to_the_limit_and_a_second_voice_may_not():
    voice = syllables()
    steady = Powers(voice + 1e-3, voice, np.full(1000, 1e-3))
    second = Powers(voice + np.roll(voice, 70), voice, np.repeat(np.tile([1e-2, 1e-5], 10), 50))
    clean = Powers(voice, voice, np.full(1000, 1e-9))
    faint = Powers(voice, voice, np.full(1000, 1e-3 * voice[clean.voiced].mean()))
    assert [enhance.careful_cap(one, 40.0) for one in (steady, second, faint, clean)] == [40, 12, 6, 0]


def test_what_harms_the_voice_is_rejected_with_the_reason():
    voice = syllables()
    powers = Powers(voice + 1e-5, voice, np.full(1000, 1e-5))
    good = enhance.judge(powers, voice, 0)
    assert (good.rejected, good.snr_after_db > good.snr_before_db) == ("", True)
    assert "lose 10" in enhance.judge(powers, voice / 10, 0).rejected
    assert "shape" in enhance.judge(powers, np.roll(voice, 8) + 0.004, 0).rejected
    assert "5 samples late" in enhance.judge(powers, voice, 5).rejected
    assert enhance.judge(powers, voice, 1).rejected == ""
    nothing = Powers(np.zeros(100), np.zeros(100), np.zeros(100))
    assert "No voice" in enhance.judge(nothing, np.zeros(100), 0).rejected
    assert enhance.careful_cap(nothing, 40.0) == 6


def test_a_voice_without_ups_and_downs_is_alike():
    flat = np.full(100, 0.01)
    assert enhance.judge(Powers(flat, flat, flat), flat, 0).correlation == 1
