"""Conversations with known truth: people who take turns, a microphone for each, bleed, gains, echo, and the words' times."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.autocut.voices import VOICES, word
from render_app.core.autocut.values import RATE, Camera, Samples, Span

PEOPLE = "ABCDEF"
WIDE = "W"


@dataclass(frozen=True)
class Scene:
    """What is to be cut, and what is true of it. `words`: person → when they say a word; `turns`: who has the floor from when
    to when; `noise`: when people clap."""

    seconds: float
    microphones: tuple["Recorded", ...]
    cameras: tuple[Camera, ...]
    words: dict[str, list[Span]]
    noise: list[Span]
    about: dict[str, float | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """A microphone whose whole sound is in memory."""

    label: str
    sound: Samples

    def read(self, start: float, seconds: float) -> Samples:
        """Silence before its first sample and after its last."""
        first, count = round(start * RATE), round(seconds * RATE)
        out = np.zeros(count, np.float32)
        begin, end = max(0, first), min(self.sound.size, first + count)
        if end > begin:
            out[begin - first : end - first] = self.sound[begin:end]
        return out


def scene(seed: int, seconds: float = 40.0) -> Scene:
    """One conversation, drawn from a seed."""
    rng = np.random.default_rng(seed)
    people, silent = company(rng)
    dry, words = talk(rng, people, silent, seconds)
    noise = applause(rng, seconds) if rng.random() < 0.2 else []
    room = Room(rng, people)
    sounds = {one: room.heard(dry, one, noise, seconds) for one in people}
    dead = people[0] if rng.random() < 0.08 else ""
    if dead:
        sounds[dead][round(rng.uniform(0.4, 0.6) * seconds * RATE) :] = 0
    has_wide = bool(rng.random() < 0.85)
    cameras = cameras_for(rng, people, has_wide, seconds)
    microphones = [Recorded(one, sound) for one, sound in sounds.items()]
    if has_wide:
        microphones.append(Recorded(WIDE, room.from_afar(dry, noise, seconds)))
    about = about_it(people, silent, room, cameras, seconds) | {"dead": bool(dead), "applause": bool(noise)}
    return Scene(seconds, tuple(microphones), cameras, words, noise, about)


def company(rng: np.random.Generator) -> tuple[str, str]:
    """The people, and who of them hardly speaks; empty for nobody."""
    people = PEOPLE[: int(rng.choice([2, 3, 4, 5, 6], p=[0.3, 0.3, 0.2, 0.1, 0.1]))]
    return people, people[-1] if rng.random() < 0.3 else ""


def about_it(
    people: str, silent: str, room: "Room", cameras: tuple[Camera, ...], seconds: float
) -> dict[str, float | bool]:
    """What kind of scene it is."""
    return {
        "people": len(people),
        "silent": bool(silent),
        "wide": any(one.is_wide for one in cameras),
        "shared": any(len(one.shows) > 1 for one in cameras),
        "gaps": any(one.spans != (Span(0.0, seconds),) for one in cameras),
        "bleed_db": room.bleed_db,
        "echo_s": room.echo_s,
    }


#: What a voice says: its name and what is drawn by → a word.
Voice = Callable[[str, np.random.Generator], Samples]


def talk(
    rng: np.random.Generator, people: str, silent: str, seconds: float, voice: Voice = word
) -> tuple[dict[str, Samples], dict[str, list[Span]]]:
    """Each voice as said, and when its words are."""
    dry = {one: np.zeros(round(seconds * RATE), np.float32) for one in people}
    words: dict[str, list[Span]] = {one: [] for one in people}
    voices = dict(zip(people, np.resize(rng.permutation(VOICES), len(people)), strict=True))
    weights = np.array([0.05 if one == silent else 1.0 for one in people])
    at, before = rng.uniform(0.3, 1.5), ""
    while at < seconds - 1:
        chances = np.where([one == before for one in people], 0.0, weights)
        speaker = people[int(rng.choice(len(people), p=chances / chances.sum()))]
        at = _turn(rng, dry[speaker], words[speaker], functools.partial(voice, str(voices[speaker])), at)
        # One in ten comes in too early, one in fourteen speaks over the other's words for long.
        at += rng.choice([rng.uniform(0.25, 0.9), -rng.uniform(0.1, 0.8), -rng.uniform(1.5, 3.5)], p=[0.83, 0.1, 0.07])
        # Nobody speaks before the recording begins.
        at, before = max(at, 0.1), speaker
    return dry, words


def _turn(
    rng: np.random.Generator,
    out: Samples,
    words: list[Span],
    voice: Callable[[np.random.Generator], Samples],
    at: float,
) -> float:
    """Some phrases with breaths between them; within a phrase no word waits for the next. Answers when the turn ends."""
    for _ in range(int(rng.integers(1, 6))):
        for _ in range(int(rng.integers(2, 9))):
            said = voice(rng) * np.float32(rng.uniform(0.6, 1.0))
            first = round(at * RATE)
            if first + said.size > out.size:
                return at
            out[first : first + said.size] += said
            words.append(Span(at, at + said.size / RATE))
            at += said.size / RATE
        at += rng.uniform(0.22, 0.7)
    return at


def applause(rng: np.random.Generator, seconds: float) -> list[Span]:
    start = rng.uniform(0.2, 0.7) * seconds
    return [Span(start, start + rng.uniform(2.0, 5.0))]


class Room:
    """Who hears whom, how loud and how late; gains and echo that nobody knows."""

    def __init__(self, rng: np.random.Generator, people: str) -> None:
        self.rng, self.people = rng, people
        self.bleed_db, self.echo_s = float(rng.uniform(-18, -6)), float(rng.choice([0.0, 0.15, 0.3]))
        self.gain = {one: float(10 ** (rng.uniform(-12, 12) / 20)) for one in people}
        self.level = {one: float(10 ** (rng.uniform(-3, 3) / 20)) for one in people}
        self.late = {(a, b): 0.0 if a == b else float(rng.uniform(0.003, 0.009)) for a in people for b in people}

    def heard(self, dry: dict[str, Samples], at: str, noise: list[Span], seconds: float) -> Samples:
        """A person's own microphone."""
        sound = np.zeros(round(seconds * RATE), np.float32)
        for one in self.people:
            louder = 1.0 if one == at else 10 ** ((self.bleed_db + self.rng.uniform(-2, 0)) / 20)
            sound += self._through(dry[one] * np.float32(louder * self.level[one]), self.late[one, at], one == at)
        return self._recorded(sound, noise, self.gain[at])

    def from_afar(self, dry: dict[str, Samples], noise: list[Span], seconds: float) -> Samples:
        """The wide camera's own microphone: everybody alike, and more of the room."""
        total = np.zeros(round(seconds * RATE), np.float32)
        for one in self.people:
            total += self._through(dry[one] * np.float32(0.3), float(self.rng.uniform(0.010, 0.014)), False)
        return self._recorded(total, noise, float(10 ** (self.rng.uniform(-12, 12) / 20)))

    def _through(self, sound: Samples, late: float, near: bool) -> Samples:
        out = np.zeros_like(sound)
        shift = round(late * RATE)
        out[shift:] = sound[: sound.size - shift]
        if self.echo_s == 0.0:
            return out
        tail = np.arange(round(self.echo_s * RATE)) / RATE
        answer = self.rng.standard_normal(tail.size) * 10 ** (-3 * tail / self.echo_s)
        answer *= (0.25 if near else 0.5) / np.sqrt(np.sum(answer**2))
        return (out + signal.fftconvolve(out, answer)[: out.size]).astype(np.float32)

    def _recorded(self, sound: Samples, noise: list[Span], gain: float) -> Samples:
        for span in noise:
            first, last = round(span.start * RATE), min(sound.size, round(span.end * RATE))
            sound[first:last] += _clapping(self.rng, last - first)
        hiss = 0.0006 * self.rng.standard_normal(sound.size)
        return ((sound + hiss) * gain * 0.2).astype(np.float32)


def _clapping(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Many hands: short bursts, no two alike."""
    claps = np.zeros(count)
    at = rng.integers(0, count, size=int(120 * count / RATE))
    claps[at] = rng.uniform(0.2, 1.0, at.size)
    shape = np.exp(-np.arange(320) / 48) * rng.standard_normal(320)
    noisy = signal.fftconvolve(claps, shape)[:count] + 0.3 * rng.standard_normal(count)
    return (0.08 * noisy).astype(np.float32)


def cameras_for(rng: np.random.Generator, people: str, has_wide: bool, seconds: float) -> tuple[Camera, ...]:
    """One for each person, sometimes without one, sometimes one for two; a wide; now and then one that starts late, stops early or has
    a hole."""
    shown = [one for one in people if rng.random() < 0.95] if has_wide else list(people)
    shown = shown or list(people[:1])
    shows = {one: (one,) for one in shown}
    if len(shown) > 1 and rng.random() < 0.12:
        shows[shown[0]] = (shown[0], shown[1])
        del shows[shown[1]]
    found = [Camera(one, _recorded(rng, seconds), whom) for one, whom in shows.items()]
    return (*found, *([Camera(WIDE, (Span(0.0, seconds),))] if has_wide else []))


def _recorded(rng: np.random.Generator, seconds: float) -> tuple[Span, ...]:
    chance, at = rng.random(), float(rng.uniform(2, 8))
    if chance < 0.06:
        return (Span(at, seconds),)
    if chance < 0.12:
        return (Span(0.0, seconds - 6.0),)
    if chance < 0.18:
        return (Span(0.0, seconds / 2 - at), Span(seconds / 2 + 1.0, seconds))
    return (Span(0.0, seconds),)
