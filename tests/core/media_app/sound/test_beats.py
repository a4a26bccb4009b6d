"""The pulse of music, with a tracker that follows the tempo it is given."""

from itertools import pairwise

import numpy as np
import pytest

from media_app.core.sound import beats

RATE = 16_000


def drums(bpm: float, seconds: float = 12.0, *, off_beats: float = 0.1) -> np.ndarray:
    """A low stroke on each beat, from 0.3 s on, and a fainter high one between."""
    out, time = np.zeros(round(seconds * RATE)), np.arange(RATE // 5) / RATE
    low, high = np.sin(2 * np.pi * 70 * time) * np.exp(-20 * time), np.sin(2 * np.pi * 4000 * time) * np.exp(-90 * time)
    for number in range(int(2 * (seconds - 0.6) * bpm / 60)):
        at, stroke = round((0.3 + number * 30 / bpm) * RATE), high * off_beats if number % 2 else low
        out[at : at + len(stroke)] += stroke[: len(out) - at]
    return (out * 0.5).astype(np.float32)


def strengths_of(sound: np.ndarray) -> np.ndarray:
    """What begins every 10 ms, by the level alone, 26 ms late as a tracker's are."""
    levels = np.log1p(100 * np.sqrt(np.mean(sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2, axis=1)))
    return np.roll(np.maximum(0, np.diff(levels, prepend=0)), 2)


def follow(strengths: np.ndarray, bpm: float) -> np.ndarray:
    """The steps of the tempo that lie best, each moved to the strongest frame near it."""
    step = 6000 / bpm
    starts = [np.arange(first, len(strengths) - 3, step).astype(int) for first in range(int(step))]
    best = max(starts, key=lambda frames: strengths[frames].mean())
    return np.array([max(0, frame - 3) + int(np.argmax(strengths[max(0, frame - 3) : frame + 4])) for frame in best])


@pytest.mark.parametrize("bpm", [66, 90, 120, 150])
def test_beats_are_where_the_strokes_begin_and_the_octave_is_right(bpm):
    sound = drums(bpm)
    pulse = beats.find(sound, strengths_of(sound), RATE, (60, 180), follow)
    assert pulse is not None
    assert pulse.bpm == pytest.approx(bpm, rel=0.002)
    errors = [abs((time - 0.3) * bpm / 60 - round((time - 0.3) * bpm / 60)) * 60 / bpm for time in pulse.times]
    assert np.median(errors) < 0.006
    assert all(60 <= other <= 180.5 for other in pulse.candidates)
    assert pulse.bpm in pulse.candidates


def test_a_pulse_that_could_be_twice_as_fast_says_so():
    sound = drums(80, off_beats=0.9)
    pulse = beats.find(sound, strengths_of(sound), RATE, (60, 180), follow)
    assert pulse is not None
    assert len(pulse.candidates) == 2
    assert pulse.candidates[1] == pytest.approx(2 * pulse.candidates[0], abs=0.05)


def test_a_tracker_that_follows_the_hi_hats_is_brought_back_to_the_drum():
    sound = drums(80, off_beats=0.1)
    pulse = beats.find(sound, strengths_of(sound), RATE, (60, 100), lambda *of: follow(*of) + 37)
    assert pulse is not None
    late = [(time - 0.3) * 80 / 60 % 1 for time in pulse.times]
    assert np.median(np.minimum(late, np.subtract(1, late))) < 0.01


def test_strokes_of_which_every_third_is_missing_somewhere_are_no_pulse():
    sound, step = drums(120, 20, off_beats=0.0), RATE // 2
    for number in np.random.default_rng(3).permutation(38)[:13]:
        sound[round(0.28 * RATE) + number * step :][:step] = 0
    assert beats.find(sound, strengths_of(sound), RATE, (60, 180), follow) is None


def test_noise_and_silence_have_no_pulse():
    noise = np.random.default_rng(4).normal(0, 0.1, 30 * RATE).astype(np.float32)
    for sound in (noise, np.zeros(12 * RATE, np.float32), np.zeros(100, np.float32)):
        assert beats.find(sound, strengths_of(sound), RATE, (60, 180), follow) is None


def test_what_does_not_stand_out_is_no_pulse():
    assert beats.standing_out(np.ones(100), [0.1, 0.5]) == 0
    assert beats.standing_out(np.random.default_rng(1).random(1000), []) == 0


def test_a_tempo_that_drifts_is_followed_to_the_last_beat():
    sound, times = np.zeros(16 * RATE), np.cumsum(np.linspace(0.56, 0.52, 28))
    stroke = np.sin(2 * np.pi * 70 * np.arange(RATE // 5) / RATE) * np.exp(-20 * np.arange(RATE // 5) / RATE)
    for time in times:
        sound[round(time * RATE) :][: len(stroke)] += stroke[: len(sound) - round(time * RATE)]
    pulse = beats.find(sound.astype(np.float32), strengths_of(sound), RATE, (60, 180), follow_from_beat_to_beat)
    assert pulse is not None
    assert len(pulse.times) == len(times)
    assert np.abs(np.array(pulse.times) - times).max() < 0.03


def follow_from_beat_to_beat(strengths: np.ndarray, bpm: float) -> np.ndarray:
    """The strongest frame about where the next beat has to be, wrong at the end as trackers are."""
    step, frames = 6000 / bpm, [int(np.argmax(strengths[: int(9000 / bpm)]))]
    while (middle := frames[-1] + round(step)) < len(strengths) - 12:
        frames.append(middle - 12 + int(np.argmax(strengths[middle - 12 : middle + 12])))
    return np.array([*frames[:-2], frames[-2] - 9, frames[-1] - 15])


def test_a_beat_of_three_that_is_always_weak_is_none():
    """Three quick strokes would fit into each of these beats; only the first of them is there."""
    sound = drums(60, seconds=16, off_beats=0.0)
    pulse = beats.find(sound, strengths_of(sound), RATE, (60, 180), follow)
    assert pulse is not None
    assert pulse.bpm == pytest.approx(60, rel=0.002)


def heard(count: int, *stretches: tuple[int, int, int]) -> np.ndarray:
    """What a network thinks: (first, end, column) of what it is sure of, column 0 speech, 1 singing, 2 music."""
    values = np.zeros((count, 3), np.float32)
    for first, end, column in stretches:
        values[first:end, column] = 0.9
    return values


def test_music_is_looked_at_where_it_is_and_short_music_is_not():
    values = heard(10_000, (0, 10_000, 0), (1000, 2000, 2), (2150, 3000, 1), (5000, 5200, 2))
    [place] = beats.places(values)
    assert (place.first, place.end) == (pytest.approx(1000, abs=30), pytest.approx(3000, abs=30))
    assert place.least_z == beats.LEAST_Z
    assert beats.places(values[:0]) == []


def test_drums_alone_are_looked_at_where_nobody_speaks_and_have_to_stand_out_more():
    first, music, last = beats.places(heard(6000, (1000, 2000, 2), (2000, 5000, 0)))
    assert (first.first, first.end) == (0, pytest.approx(1000, abs=30))
    assert (music.first, music.least_z) == (pytest.approx(1000, abs=30), beats.LEAST_Z)
    assert (last.first, last.end, last.least_z) == (pytest.approx(5000, abs=30), 6000, beats.PERCUSSION_Z)


def test_a_few_strokes_where_nothing_says_that_it_is_music_are_no_pulse():
    few, more = (beats.Pulse(tuple(np.arange(count) / 2), 120.0, (120.0,), 5.0) for count in (7, 14))
    alone, music = beats.Place(0, 2000, beats.PERCUSSION_Z), beats.Place(0, 2000)
    assert [place.has(pulse) for place in (alone, music) for pulse in (few, more)] == [False, True, True, True]


def test_an_hour_is_looked_at_in_parts_that_join():
    parts = beats.pieces(0, 360_000)
    assert (parts[0][0], parts[-1][1], len(parts)) == (0, 360_000, 6)
    assert all(left[1] == right[0] for left, right in pairwise(parts))
