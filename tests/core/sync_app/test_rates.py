import numpy as np
import pytest

from sync_app.core.engine import align
from sync_app.core.features import RATE as LOW
from sync_app.core.features import measure, retimed_mfcc, standardised
from sync_app.core.rates import Retimed, excerpt, name
from tests.core.sync_app.signals import RATE, chatter, filmed, track

SOUND = chatter(90, 110)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 1.001, "runs 0.1 % slow"),
        (1.0015, "runs 0.15 % fast"),
        (25 / 24, "runs 4.17 % fast"),
        (24 / 25, "runs 4.17 % slow"),
        (48 / 44.1, "runs 8.84 % fast"),
        (44.1 / 48, "runs 8.84 % slow"),
    ],
)
def test_sound_at_another_rate_is_placed_and_named(factor, words):
    # The nearer a rate is to the drift of a clock, the longer it has to be heard.
    seconds = 75 if abs(factor - 1) < 0.002 else 30
    played = filmed(SOUND, 15, 15 + seconds, 2, ppm=(factor - 1) * 1e6)

    found = align([track("A", filmed(SOUND, 0, 35 + seconds, 1)), track("B", played)], master="A").cameras["B"]

    assert found.drift_ppm == pytest.approx((factor - 1) * 1e6, abs=5)
    assert found.offset_ms == pytest.approx(15_000, abs=2)
    assert found.classification == "review-suggested"
    assert any(words in warning for warning in found.warnings)


def test_a_rate_that_the_drift_search_half_finds_is_right_all_along_though_in_segments():
    played = filmed(SOUND, 10, 50, 2, ppm=1000)

    found = align([track("A", filmed(SOUND, 0, 60, 1)), track("B", played)], master="A").cameras["B"]

    for at in np.arange(1.0, 39.0):
        segment = next(s for s in found.segments if s.start_s <= at <= s.end_s)
        assert segment.offset_ms + at * segment.drift_ppm / 1000 == pytest.approx(10_000 + at, abs=33)
    assert found.classification == "review-suggested"


def test_another_event_matches_at_no_rate():
    found = align([track("A", chatter(91, 30)), track("B", chatter(92, 25))], master="A").cameras["B"]

    assert found.offset_ms is None


def test_a_retimed_track_has_the_same_sound_at_another_length():
    wave = np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE).astype(np.float32)
    slow = Retimed(track("A", wave), 1.25)

    assert slow.frames == 2.5 * RATE
    expected = np.sin(2 * np.pi * 160 * np.arange(1000, 3000) / RATE)
    assert np.abs(slow.read(1000, 2000) - expected).max() < 0.01
    assert slow.read(slow.frames - 10, 100).size == 10


def test_an_excerpt_is_the_loudest_part():
    quiet, loud = (np.full(seconds * LOW, level, np.int16) for seconds, level in ((30, 30), (10, 6000)))
    joined = np.concatenate([quiet, loud, quiet])
    levels = np.concatenate([np.full(300, -60.0), np.full(100, -14.0), np.full(300, -60.0)]).astype(np.float32)

    assert np.array_equal(excerpt(joined, levels, 10), loud)
    assert excerpt(joined, levels, 80) is joined


@pytest.mark.parametrize("factor", [1.0015, 24 / 25, 48 / 44.1])
def test_the_mfccs_of_sound_at_another_rate_are_nearly_those_of_the_retimed_track(factor):
    sound = track("A", chatter(95, 12))
    exact = measure(Retimed(sound, factor)).mfcc

    nearly = standardised(retimed_mfcc(measure(sound).samples, factor))

    assert len(nearly) == len(exact)
    alike = [np.corrcoef(nearly[:, k], exact[:, k])[0, 1] for k in range(13)]
    assert np.mean(alike) > 0.8


def test_only_what_is_known_is_named():
    assert "PAL" in name(25 / 24)
    assert "44.1 kHz" in name(44.1 / 48)
    assert name(1.02) == ""
