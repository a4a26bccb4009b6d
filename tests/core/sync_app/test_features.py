import numpy as np
import pytest
from audio_offset_finder.audio_offset_finder import mfcc as library_mfcc
from audio_offset_finder.audio_offset_finder import std_mfcc

from sync_app.core import features
from tests.core.sync_app.signals import at_rate, chatter, noise, track


def quiet_then_loud() -> np.ndarray:
    return np.concatenate([np.zeros(4000), chatter(1, 3, 8000) * 32768, chatter(2, 1, 8000) * 3.0]).round()


def tone_after_noise() -> np.ndarray:
    """The loudest mel is the tone's, though every frame of the noise has more energy."""
    tone = 3500 * np.sin(2 * np.pi * 300 * np.arange(8000) / 8000)
    loud = 3000 * np.random.default_rng(5).standard_normal(18 * 8000)
    return np.concatenate([np.ones(16_000), loud, tone]).round()


@pytest.mark.parametrize(
    "samples",
    [
        quiet_then_loud(),
        noise(3, 4, rate=8000) * 32768.0,
        np.r_[np.zeros(9000), 1000.0, np.zeros(9000)],
        tone_after_noise(),
    ],
    ids=["speech-like", "noise", "a single click", "a tone after noise"],
)
def test_mfccs_are_those_of_the_library(samples):
    theirs = library_mfcc(samples.astype(float), win_length=256, nfft=512, fs=8000, hop_length=128, numcep=26)[0]

    ours = features.mfcc(samples.astype(np.float64))

    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6 * np.abs(theirs).max())


def test_other_hops_and_rates_give_the_librarys_mfccs_too():
    samples = chatter(4, 3, 16_000).astype(np.float64) * 32768
    theirs = library_mfcc(samples, win_length=256, nfft=512, fs=16_000, hop_length=160, numcep=13)[0]

    ours = features.mfcc(samples, rate=16_000, hop=160, coefficients=13)

    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6 * np.abs(theirs).max())


def test_mfccs_of_short_samples_differ_from_exact_ones_by_less_than_a_thousandth_of_a_decibel():
    samples = quiet_then_loud()

    single, double = features.mfcc(samples.astype(np.int16)), features.mfcc(samples)

    assert single.dtype == np.float32
    assert np.abs(single - double).max() < 1e-3


def test_standardised_features_are_those_of_the_library():
    found = features.mfcc(quiet_then_loud())

    np.testing.assert_allclose(features.standardised(found), std_mfcc(found), rtol=1e-6, atol=1e-9)


def test_a_coefficient_that_never_changes_is_nought_and_not_nan():
    assert np.all(features.standardised(features.mfcc(np.zeros(16_000, np.int16))) == 0)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000, 7919])
def test_sound_of_any_rate_keeps_its_place_in_time(rate):
    source = np.zeros(16_000 * 3, np.float32)
    source[24_000] = 1.0
    wide = at_rate(source, rate)

    low, _ = features.low_rate(track("A", wide, rate))

    assert low.size == wide.size * 8000 // rate
    assert abs(int(np.argmax(np.abs(low))) - 12_000) <= 1


def test_blocks_leave_no_seams():
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000 * 20) / 48_000).astype(np.float32) * 0.5

    low, _ = features.low_rate(track("A", tone, 48_000))

    exact = np.rint(0.5 * 32768 * np.sin(2 * np.pi * 440 * np.arange(160_000) / 8000))
    assert np.abs(low[100:-4000] - exact[100:-4000]).max() <= 2


def test_samples_that_are_not_numbers_count_as_silence():
    broken = chatter(5, 3)
    broken[100:200] = np.nan

    found = features.measure(track("A", broken))

    assert np.all(np.isfinite(found.mfcc))


def test_clipped_samples_are_counted():
    loud = np.clip(chatter(6, 4) * 30, -1, 1)

    assert features.measure(track("A", loud)).clipped == pytest.approx(np.mean(np.abs(loud) >= 0.999), abs=1e-6)
    assert features.measure(track("A", chatter(6, 4) / 4)).clipped == 0
