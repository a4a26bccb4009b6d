"""Music whose beats are known, at 16 kHz: five kinds of it, at any tempo, steady or drifting."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.support.talk import RATE

Sound = NDArray[np.float64]
_QUARTER = np.arange(RATE // 4) / RATE


@dataclass(frozen=True, slots=True)
class Song:
    """`beats`: seconds."""

    sound: NDArray[np.float32]
    beats: NDArray[np.float64]


class Score:
    """A tempo, and the strokes that are laid on it. `drift`: by how much of itself the tempo changes from first to last."""

    def __init__(self, bpm: float, seconds: float, drift: float, rng: np.random.Generator) -> None:
        self.rng, self.out = rng, np.zeros(round(seconds * RATE))
        fine = np.linspace(0, seconds, 4000)
        tempo = bpm / 60 * (1 + drift * (fine / seconds - 0.5))
        self._beats = np.concatenate([[0.0], np.cumsum((tempo[1:] + tempo[:-1]) / 2 * np.diff(fine))])
        self._times = fine

    def time(self, beat: float) -> float:
        return float(np.interp(beat, self._beats, self._times))

    def beats(self, each: float = 1.0) -> Iterator[float]:
        """0, 1, 2 … or every part of a beat, as long as the song lasts."""
        yield from np.arange(0, self._beats[-1] - 0.01, each)

    def lay(self, beat: float, sound: Sound, gain: float = 1.0) -> None:
        at = round(self.time(beat) * RATE)
        self.out[at : at + len(sound)] += gain * sound[: max(0, len(self.out) - at)]

    def song(self) -> Song:
        sound = 0.7 * self.out / np.abs(self.out).max()
        return Song(sound.astype(np.float32), np.array([self.time(beat) for beat in self.beats()]))


def plucked(score: Score) -> None:
    """A bass drum on each beat, chords and a melody of plucked notes on every half of it."""
    for beat in score.beats(0.5):
        if beat % 1 == 0:
            score.lay(beat, kick(), 0.9)
        for hertz in score.rng.choice([220, 262, 294, 330, 392, 440, 523], 2):
            score.lay(beat, note(float(hertz), 3.0))


def drum_kit(score: Score) -> None:
    """Bass drum and snare in turn, a hi-hat between, over a held chord."""
    for beat in score.beats(0.5):
        stroke = hat(score.rng) if beat % 1 else kick() if beat % 2 == 0 else snare(score.rng)
        score.lay(beat, stroke)
    _hold(score, (220.0, 277.2, 329.6), 0.05)


def piano(score: Score) -> None:
    """Left hand on the beats, right hand in chords that also come between, no drums."""
    for beat in score.beats():
        score.lay(beat, note(float(score.rng.choice([98, 110, 131, 147])), 1.5), 1.2)
        for part in (0.0, 0.5):
            if part == 0 or score.rng.random() < 0.5:
                for hertz in score.rng.choice([262, 330, 392, 440, 523, 659], 3, replace=False):
                    score.lay(beat + part, note(float(hertz), 4.0), 0.9 if part == 0 else 0.5)


def four_on_the_floor(score: Score) -> None:
    """A bass drum on every beat, an open hi-hat between, claps on two and four, a bass line off the beat."""
    for beat in score.beats(0.5):
        if beat % 1 == 0:
            score.lay(beat, kick(), 1.2)
            score.lay(beat, snare(score.rng), 0.5 if beat % 2 else 0.0)
        else:
            score.lay(beat, hat(score.rng), 1.5)
            score.lay(beat, note(float(score.rng.choice([55, 65, 73])), 6.0), 0.8)
    _hold(score, (261.6, 311.1, 392.0), 0.04)


def shuffle(score: Score) -> None:
    """Swung eighths: the stroke between comes at two thirds of the beat; a walking bass and a guitar."""
    for beat in score.beats():
        score.lay(beat, kick() if beat % 2 == 0 else snare(score.rng), 0.9)
        for part, loud in ((0.0, 1.0), (2 / 3, 0.7)):
            score.lay(beat + part, hat(score.rng), loud)
        score.lay(beat, note(float(score.rng.choice([82, 98, 110, 123])), 3.0))
        score.lay(beat + 2 / 3, note(float(score.rng.choice([330, 392, 494])), 5.0), 0.5)


def _hold(score: Score, chord: tuple[float, ...], gain: float) -> None:
    every = np.arange(len(score.out)) / RATE
    score.out += gain * np.sum(
        [np.sin(2 * np.pi * f * part * every) / part for f in chord for part in (1, 2, 3)], axis=0
    )


def note(hertz: float, decay: float) -> Sound:
    """A plucked string."""
    time = np.arange(round(0.6 * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * hertz * part * time) / part**1.3 for part in range(1, 7))
    return 0.1 * np.asarray(tones) * np.exp(-decay * time) * (1 - np.exp(-200 * time))


def kick() -> Sound:
    return np.sin(2 * np.pi * (50 * _QUARTER - 0.75 * np.exp(-40 * _QUARTER))) * np.exp(-18 * _QUARTER)


def snare(rng: np.random.Generator) -> Sound:
    return 0.5 * rng.standard_normal(len(_QUARTER)) * np.exp(-25 * _QUARTER)


def hat(rng: np.random.Generator) -> Sound:
    return 0.15 * rng.standard_normal(len(_QUARTER)) * np.exp(-120 * _QUARTER)


KINDS: dict[str, Callable[[Score], None]] = {
    "plucked": plucked, "drum kit": drum_kit, "piano": piano, "four on the floor": four_on_the_floor, "shuffle": shuffle,
}  # fmt: skip


def song(kind: str, bpm: float, seconds: float = 20.0, drift: float = 0.0, seed: int = 1) -> Song:
    """One kind of music, at `bpm` in its middle."""
    score = Score(bpm, seconds, drift, np.random.default_rng(seed))
    KINDS[kind](score)
    return score.song()
