"""Slides are distinguished from notes, voices and noise."""

import numpy as np
import pytest

from bench.engines import noises
from bench.engines.songs import KINDS, song
from media_app.core.hearing.events import Heard, build
from media_app.core.hearing.slides import sliding
from media_app.core.sound.speech import RATE, frame_levels

SECOND = 100


def found(sound):
    sound = np.asarray(sound, np.float32)
    return sliding(lambda start, count: sound[start : start + count], len(sound))


def gliding(low: float, high: float, seconds: float, partials: int = 1):
    """A tone with its partials that goes from one pitch to the other."""
    phase = 2 * np.pi * np.cumsum(np.geomspace(low, high, round(seconds * RATE))) / RATE
    return 0.3 * sum(np.sin(part * phase) / part for part in range(1, partials + 1))


def held(*pitches: float, seconds: float = 0.5):
    """Notes one after another."""
    return np.concatenate([gliding(pitch, pitch, seconds, 4) for pitch in pitches])


@pytest.mark.parametrize(("low", "high"), [(300, 1200), (1200, 300)], ids=["up", "down"])
@pytest.mark.parametrize("partials", [1, 5])
def test_a_siren_slides_from_its_beginning_to_its_end_and_what_is_beside_it_does_not(low, high, partials):
    slides = found(np.concatenate([held(low, low, low, low), gliding(low, high, 3, partials), held(high, high)]))

    assert slides[int(2.3 * SECOND) : int(4.7 * SECOND)].all()
    assert not slides[: int(1.8 * SECOND)].any()
    assert not slides[int(5.3 * SECOND) :].any()


def test_notes_that_follow_each_other_upward_do_not_slide():
    assert not found(held(*(220 * 2 ** (step / 12) for step in range(0, 24, 2)))).any()


def test_a_note_that_is_bent_for_a_moment_does_not_slide():
    assert not found(np.concatenate([held(220, 220), gliding(220, 330, 0.3, 4), held(330, 330)])).any()


@pytest.mark.parametrize("kind", KINDS)
def test_music_does_not_slide(kind):
    assert not found(song(kind, 104, 6, seed=77).sound).any()


@pytest.mark.parametrize("kind", ["choir", "organ", "white", "hum", "birds", "ringing"])
def test_neither_chords_nor_noise_slide(kind):
    assert found(noises.noise(kind, 6, 78)).mean() < 0.05


def test_a_slide_over_the_border_of_two_blocks_is_one():
    slides = found(np.concatenate([np.zeros(58 * RATE), gliding(200, 3000, 4), np.zeros(3 * RATE)]))

    first, *_, last = np.flatnonzero(slides)
    assert slides[first : last + 1].all()
    assert (first / SECOND, last / SECOND) == pytest.approx((58, 62), abs=0.1)


def test_what_slides_is_other_however_much_like_music_it_sounds_to_the_net():
    sound = np.concatenate([gliding(300, 1200, 2), gliding(1200, 300, 2)]).astype(np.float32)
    sound *= 1 + 0.3 * np.sin(2 * np.pi * 3 * np.arange(len(sound)) / RATE).astype(np.float32)
    levels = frame_levels(sound)
    music = np.tile(np.float32([0.02, 0.05, 0.9]), (len(levels), 1))

    kinds = {one.kind for one in build(Heard(levels, music, sliding=found(sound)), 300)}

    assert kinds == {"other"}
    assert {one.kind for one in build(Heard(levels, music), 300)} == {"music"}


def test_no_sound_has_no_slide():
    assert found(np.zeros(0)).shape == (0,)
    assert not found(np.zeros(RATE)).any()
    assert found(np.zeros(300)).shape == (1,)
