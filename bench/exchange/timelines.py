"""Timelines as plain numbers, and the rule that says what each of their frames must show. Nothing of Studio is used here."""

import random
from dataclasses import dataclass
from fractions import Fraction
from math import floor

RATES = tuple(map(Fraction, ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")))
SPEEDS = tuple(map(Fraction, ("1/2", "1/4", "2", "3/2", "4")))
HALF = Fraction(1, 2)
FAR_MS = 3 * 3600 * 1000


@dataclass(frozen=True)
class File:
    """A recording: `first_ms` is when its first frame comes up on its own clock, `label` the number that its timecode gives it."""

    name: str
    rate: Fraction
    frames: int
    first_ms: Fraction = Fraction(0)
    label: int = 0

    @property
    def duration_ms(self) -> Fraction:
        return self.first_ms + self.frames * 1000 / self.rate

    def frame(self, ms: Fraction) -> int:
        """The frame on the screen at a time of its clock, counted from its first."""
        shown = floor((ms + HALF) * self.rate / 1000) - floor(self.first_ms * self.rate / 1000 + HALF)
        return max(0, min(self.frames - 1, shown))


@dataclass(frozen=True)
class Shot:
    """A file on a track. Every shot has a file of its own, so that its name says which shot it is."""

    file: File
    in_ms: Fraction
    out_ms: Fraction
    start_ms: Fraction
    speed: Fraction = Fraction(1)

    @property
    def end_ms(self) -> Fraction:
        return self.start_ms + (self.out_ms - self.in_ms) / self.speed

    def frame(self, number: int, rate: Fraction) -> int:
        """The frame of its file at a frame of the timeline."""
        return self.file.frame(self.in_ms + (number * 1000 / rate - self.start_ms) * self.speed)


@dataclass(frozen=True)
class Dissolve:
    """From shot number `into - 1` of a track to shot `into`, `ms` long."""

    into: int
    ms: Fraction


@dataclass(frozen=True)
class Film:
    """Tracks of shots, the farthest first, with the dissolves of each."""

    rate: Fraction
    tracks: tuple[tuple[Shot, ...], ...]
    dissolves: tuple[tuple[Dissolve, ...], ...]
    drop: bool = False
    #: Whether its files have sound, of which nothing is judged here and which every format writes.
    heard: bool = True

    def window(self, track: int, one: Dissolve) -> tuple[int, int]:
        """The frames on which a dissolve lies: around the middle of the overlap, or from the second shot's start on where it fits."""
        first, second = self.tracks[track][one.into - 1], self.tracks[track][one.into]
        overlap = first.end_ms - second.start_ms
        start = second.start_ms if overlap >= one.ms else second.start_ms + (overlap - one.ms) / 2
        return edge(start, self.rate), edge(start + one.ms, self.rate)

    def allowed(self, track: int) -> dict[int, tuple[str, ...]]:
        """Frame → the names that may be seen there: two of them during a dissolve; of two that overlap, the later one."""
        found: dict[int, tuple[str, ...]] = {}
        for shot in self.tracks[track]:
            for number in range(edge(shot.start_ms, self.rate), edge(shot.end_ms, self.rate)):
                found[number] = (shot.file.name,)
        for one in self.dissolves[track]:
            names = tuple(shot.file.name for shot in self.tracks[track][one.into - 1 : one.into + 1])
            for number in range(*self.window(track, one)):
                found[number] = names
        return found


def edge(ms: Fraction, rate: Fraction) -> int:
    """The frame on which a time falls, halves up."""
    return floor(ms * rate / 1000 + HALF)


def random_film(seed: int, rate: Fraction, *, mixed: bool, speeds: bool) -> Film:
    """A film of one to three tracks. `mixed`: its files have any rate, and begin late; else that of the timeline."""
    dice = random.Random(seed)
    tracks, dissolves = [], []
    for track in range(dice.choice((1, 1, 2, 3))):
        shots = _shots(dice, rate, track, mixed=mixed, speeds=speeds)
        tracks.append(shots)
        dissolves.append(tuple(_dissolves(dice, shots, rate)))
    drop = rate.denominator == 1001 and rate > 24 and dice.random() < 0.5
    return Film(rate, tuple(tracks), tuple(dissolves), drop, heard=dice.random() < 0.25)


def _shots(dice: random.Random, rate: Fraction, track: int, *, mixed: bool, speeds: bool) -> tuple[Shot, ...]:
    shots: list[Shot] = []
    at = _ms(dice, 0, 3000) if dice.random() < 0.5 else Fraction(0)
    for number in range(dice.randint(2, 12)):
        speed = dice.choice(SPEEDS) if speeds and dice.random() < 0.3 else Fraction(1)
        file = _file(dice, rate, f"shot-{track}-{number:02d}.mov", mixed=mixed)
        length = _ms(dice, 500, 6000)
        begin = file.first_ms + _ms(dice, 2000, int(file.duration_ms - file.first_ms - length * speed) - 2000)
        shots.append(Shot(file, begin, begin + length * speed, at, speed))
        move = dice.random()
        # The next one follows, leaves a gap, or begins before this one has ended.
        at += length + (0 if move < 0.6 else _ms(dice, 100, 2000) if move < 0.85 else -_ms(dice, 50, 400))
    return tuple(shots)


def _file(dice: random.Random, rate: Fraction, name: str, *, mixed: bool) -> File:
    own = dice.choice(RATES) if mixed else rate
    seconds = dice.choice((60, 600, FAR_MS // 1000))
    # A whole second of labels, so that it is one at every rate.
    hours = dice.choice((0, 1, 10))
    first = Fraction(21) if mixed and dice.random() < 0.2 else Fraction(0)
    nominal = floor(own + HALF)
    return File(name, own, floor(seconds * own), first, hours * 3600 * nominal)


def _dissolves(dice: random.Random, shots: tuple[Shot, ...], rate: Fraction) -> list[Dissolve]:
    found: list[Dissolve] = []
    for into in range(1, len(shots)):
        before, after = shots[into - 1], shots[into]
        meets = before.end_ms >= after.start_ms
        if meets and dice.random() < 0.3 and not (found and found[-1].into == into - 1):
            found.append(Dissolve(into, Fraction(dice.randint(2, 10) * 1000) / rate))
    return found


def _ms(dice: random.Random, low: int, high: int) -> Fraction:
    """A time that falls on no frame in particular: to the microsecond, as a client may send it."""
    return Fraction(dice.randint(low * 1000, max(low, high) * 1000), 1000)
