from dataclasses import replace

import numpy as np
import pytest

from sync_app.core import confidence
from sync_app.core.beneath import Beneath, Under, beneath, unbroken
from sync_app.core.confidence import Measures
from sync_app.core.engine import align
from sync_app.core.prediction import predicted, spectra_of
from tests.core.sync_app.signals import track

RATE = 8000
SECONDS = 24


def song(seed: int, voices: int, rate: int = RATE, seconds: int = SECONDS) -> np.ndarray:
    """Notes of an eighth to half a second, so many at once."""
    rng, out = np.random.default_rng(seed), np.zeros(seconds * rate)
    for _ in range(voices * seconds * 3):
        time = np.arange(int(rng.uniform(0.12, 0.5) * rate)) / rate
        pitch, at = rng.uniform(80, 600), int(rng.integers(0, out.size - time.size))
        tones = sum(np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) / k for k in range(1, 6))
        out[at : at + time.size] += tones * np.exp(-6 * time) * rng.uniform(0.3, 1)
    return (0.1 * out / np.sqrt(np.mean(np.square(out)))).astype(np.float32)


def record(seed: int, rate: int = RATE, seconds: int = SECONDS) -> np.ndarray:
    """A dense song with a drum on every quarter of a second, limited as records are."""
    rng, time = np.random.default_rng(seed), np.arange(rate // 4) / rate
    drums = [rng.standard_normal(time.size) * np.exp(-9 * time) * rng.uniform(0.2, 1) for _ in range(seconds * 4)]
    return (0.1 * np.tanh(8 * song(seed, 12, rate, seconds) + np.concatenate(drums))).astype(np.float32)


def talk(seed: int, rate: int = RATE, seconds: int = SECONDS) -> np.ndarray:
    """Syllables with a pitch, four a second, half of them left out, 18 dB under a song."""
    rng, time = np.random.default_rng(seed), np.arange(rate // 4) / rate
    said = [
        np.hanning(time.size)
        * sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 16))
        * (rng.random() < 0.5)
        for pitch in rng.uniform(100, 240, seconds * 4)
    ]
    heard = np.concatenate(said)
    return (0.1 * 10 ** (-18 / 20) * heard / np.sqrt(np.mean(np.square(heard)))).astype(np.float32)


def in_room(sound: np.ndarray, seed: int, rate: int = RATE) -> np.ndarray:
    count = rate // 4
    tail = 0.05 * np.random.default_rng(seed).standard_normal(count) * np.exp(-8 * np.arange(count) / count)
    tail[0] = 1.0
    return np.convolve(sound, tail)[: sound.size].astype(np.float32)


def under(one: np.ndarray, two: np.ndarray) -> Under:
    rng = np.random.default_rng(9)
    noisy = (1e4 * sound + rng.normal(0, 10, sound.size).astype(np.float32) for sound in (one, two))
    first, second = (spectra_of(sound.astype(np.float32), 8)[:, 20:452] for sound in noisy)
    return Under(beneath([first], [predicted(second, first)]), beneath([second], [predicted(first, second)]))


def test_talk_of_each_event_shows_between_the_notes_of_a_song_that_played_at_both():
    played = song(1, 2)

    found = under(in_room(played, 2) + talk(3), in_room(played, 4) + talk(5))

    assert found.own > 10 * confidence.UNDER


def test_talk_that_both_hear_under_a_song_is_no_sound_of_their_own():
    played, said = song(1, 2), talk(3)

    found = under(in_room(played, 2) + in_room(said, 6), in_room(played, 4) + in_room(said, 7))

    assert found.own <= confidence.UNDER


def test_a_dense_song_would_hide_a_talker_and_a_thin_one_would_not():
    thin, dense = (under(in_room(played, 2), in_room(played, 4)) for played in (song(1, 2), record(1)))
    steady, pausing = np.full(240, -20.0, np.float32), np.repeat(np.float32([-20, -60, -20]), 80)

    assert dense.hides([steady, steady])
    assert not dense.hides([pausing, pausing])
    assert not thin.hides([steady, steady])


def test_what_a_filter_does_not_explain_is_no_song_over_talk():
    two_talkers = Beneath(share=0.03, left=0.5, visible=0.0)

    assert Under(two_talkers, two_talkers).own == 0
    assert not Under(two_talkers, two_talkers).hides([np.full(240, -20.0, np.float32)])


def test_talk_pauses_also_under_noise_and_a_song_does_not():
    rng = np.random.default_rng(8)
    swinging = -20 + 4 * rng.standard_normal(900)
    speech = np.where(rng.random(900) < 0.6, swinging, -60)

    assert unbroken(swinging, left=0.1)
    assert not unbroken(speech, left=0.1)
    assert not unbroken(10 * np.log10(10 ** (speech / 10) + 10**-2.5), left=0.1)
    assert not unbroken(np.zeros(0), left=0.0)


@pytest.mark.parametrize(("under_share", "hidden", "word"), [(0.0, 0.0, "looks-good"), (0.0003, 0.0, "review-suggested"),
                                                             (0.0, 1.0, "review-suggested")])  # fmt: skip
def test_what_may_be_two_events_under_one_song_asks_for_a_look(under_share, hidden, word):
    found = Measures(score=22, fine=150, repeat=0, hum=0.4, agreeing=15, windows=15, overlap_s=80, jump_ms=0, residual_ms=0,
                     margin=3, agreeing_s=80)  # fmt: skip

    known = replace(found, under=under_share, hidden=hidden)

    assert confidence.judge(known) == word
    assert confidence.believable(known)


@pytest.mark.parametrize(("created", "word"), [({}, "review-suggested"), ({"A": 1e9, "B": 1e9 + 86_400}, "review-suggested"),
                                               ({"A": 1e9, "B": 1e9 + 40}, "looks-good")])  # fmt: skip
def test_a_song_without_a_pause_is_for_a_look_unless_both_files_were_made_at_that_time(created, word):
    played = record(1, 16_000, 40)
    tracks = [track("A", in_room(played, 2, 16_000)), track("B", in_room(played, 4, 16_000)[4 * 16_000 :])]

    found = align(tracks, master="A", created=created).cameras["B"]

    assert found.offset_ms == pytest.approx(4000, abs=0.5)
    assert found.classification == word
    assert any("without a pause" in warning for warning in found.warnings) == (word != "looks-good")
