"""The same conversations as levels instead of sound, so that a thousand are cut in minutes: what microphones would measure of them.

A word is a level that rises and falls with its syllables. Each microphone adds up who speaks, the room's answer and its hiss; nearness,
bleed, gains, delays and echo are drawn like those of the scenes with sound. Nothing of the cutter's ears is used, but what they answer.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bench.autocut.scene import WIDE, Room, Scene, about_it, applause, cameras_for, company, talk
from render_app.core.autocut.hearing import Heard
from render_app.core.autocut.values import HOP_S, RATE, Samples, Span

_HISS, _CLAPPING, _GAIN = 0.0006**2, 0.03**2, 0.2
_QUIETEST = 1e-10
#: How often a lag is found where one voice leads, without echo and with.
_FOUND, _FOUND_IN_ECHO = 0.75, 0.5

Numbers = NDArray[np.float64]


def scene(seed: int, seconds: float = 40.0) -> tuple[Scene, Heard]:
    """One conversation, drawn from a seed, and what its microphones measure."""
    rng = np.random.default_rng(seed)
    people, silent = company(rng)
    said, words = talk(rng, people, silent, seconds, _word)
    noise = applause(rng, seconds) if rng.random() < 0.2 else []
    room = Room(rng, people)
    dead_from = rng.uniform(0.4, 0.6) * seconds if rng.random() < 0.08 else seconds
    has_wide = bool(rng.random() < 0.85)
    cameras = cameras_for(rng, people, has_wide, seconds)
    hall = _Hall(room, {one: _powers(sound) for one, sound in said.items()}, _while(noise, seconds))
    heard = hall.heard([*people, *([WIDE] if has_wide else [])], round(dead_from / HOP_S))
    about = about_it(people, silent, room, cameras, seconds) | {"dead": dead_from < seconds, "applause": bool(noise)}
    return Scene(seconds, (), cameras, words, noise, about), heard


def _word(voice: str, rng: np.random.Generator) -> Samples:
    """A word's loudness: syllables with hardly a dip between them."""
    shape = [np.hanning(round(rng.uniform(0.12, 0.25) * RATE)) ** 0.3 + 0.05 for _ in range(int(rng.integers(1, 4)))]
    return (0.11 * np.concatenate([rng.uniform(0.6, 1.0) * one for one in shape])).astype(np.float32)


def _powers(sound: Samples) -> Numbers:
    hop = round(HOP_S * RATE)
    return np.mean(sound[: sound.size // hop * hop].reshape(-1, hop).astype(np.float64) ** 2, axis=1)


def _while(spans: list[Span], seconds: float) -> NDArray[np.bool_]:
    mask = np.zeros(round(seconds / HOP_S), bool)
    for span in spans:
        mask[round(span.start / HOP_S) : round(span.end / HOP_S)] = True
    return mask


class _Hall:
    """Who is heard where, frame by frame."""

    def __init__(self, room: Room, said: dict[str, Numbers], clapping: NDArray[np.bool_]) -> None:
        self.room, self.said, self.clapping, self.rng = room, said, clapping, room.rng

    def heard(self, microphones: list[str], dead_from: int) -> Heard:
        """All that the cutter would have measured; the first microphone dies at a frame."""
        parts = {at: {who: self._reaching(who, at) for who in self.said} for at in microphones}
        gains = {at: (self.room.gain.get(at) or 10 ** (self.rng.uniform(-12, 12) / 20)) * _GAIN for at in microphones}
        powers = np.stack([self._sum(parts[at]) * gains[at] ** 2 for at in microphones], axis=1)
        powers[dead_from:, 0] = 0.0
        around = np.apply_along_axis(lambda one: np.convolve(one, np.ones(3) / 3, "same"), 0, powers)
        level, short = (self._measured(one, powers <= 0) for one in (around, powers))
        lags = {pair: self._lag(parts, microphones, pair) for pair in combinations(range(len(microphones)), 2)}
        voiced = sum(self.said.values()) > 10 * _HISS
        flat = np.where(voiced & ~self.clapping, 0.15, 0.6) + self.rng.normal(0, 0.04, len(powers))
        return Heard(0.0, tuple(microphones), level, short, lags, flat.astype(np.float32))

    def _reaching(self, who: str, at: str) -> Numbers:
        """The power of a voice at a microphone, with the room's answer."""
        louder = self.room.level[who]
        if at == WIDE:
            louder = 0.3
        elif at != who:
            louder *= 10 ** ((self.room.bleed_db + self.rng.uniform(-2, 0)) / 20)
        direct = self.said[who] * louder**2
        # What is loud at one microphone by its own sounds is less so at another.
        direct = direct * 10 ** (np.convolve(self.rng.normal(0, 3.0, direct.size), np.ones(5) / 5, "same") / 10)
        if not self.room.echo_s:
            return direct
        tail = 10 ** (-6 * np.arange(round(self.room.echo_s / HOP_S)) * HOP_S / self.room.echo_s)
        answer = (0.25 if at == who else 0.5) ** 2 * tail / tail.sum()
        return direct + np.convolve(direct, answer)[: direct.size]

    def _sum(self, parts: dict[str, Numbers]) -> Numbers:
        claps = np.where(self.clapping, _CLAPPING, 0.0) * 10 ** (self.rng.normal(0, 1.0, self.clapping.size) / 10)
        return np.asarray(sum(parts.values()) + claps + _HISS)

    def _measured(self, powers: Numbers, off: NDArray[np.bool_]) -> NDArray[np.float32]:
        measured = 10 * np.log10(np.maximum(powers, _QUIETEST)) + self.rng.normal(0, 0.35, powers.shape)
        return np.where(off, -100.0, measured).astype(np.float32)

    def _lag(
        self, parts: dict[str, dict[str, Numbers]], microphones: list[str], pair: tuple[int, int]
    ) -> NDArray[np.float32]:
        """How much later the voice that leads reached the second; anything, or nothing, where no voice does."""
        one, other = (microphones[n] for n in pair)
        people = list(self.said)
        both = np.stack([np.sqrt(parts[one][who] * parts[other][who]) for who in people])
        leads = (both.max(axis=0) > 0.6 * both.sum(axis=0)) & (both.max(axis=0) > 10 * _HISS) & ~self.clapping
        late = [1000 * (self._late(who, other) - self._late(who, one)) for who in people]
        found = self.rng.random(leads.size) < (_FOUND_IN_ECHO if self.room.echo_s else _FOUND)
        astray = np.where(self.rng.random(leads.size) < 0.1, self.rng.uniform(-30, 30, leads.size), np.nan)
        return np.where(leads & found, np.array(late)[both.argmax(axis=0)], astray).astype(np.float32)

    def _late(self, who: str, at: str) -> float:
        return self.room.late[who, at] if at != WIDE else 0.012
