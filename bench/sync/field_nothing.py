"""Two events that have a sound in common, and nothing to sync."""

import numpy as np

from bench.sync import devices, scenes, sources
from bench.sync.event import in_room
from bench.sync.scenes import Case
from bench.sync.sources import RATE, Signal


def _own(rng: np.random.Generator, seconds: float) -> Signal:
    """People who talk at one event, as one microphone hears them."""
    return in_room(rng, sources.speech(rng, seconds), "small")[0]


def _played(rng: np.random.Generator, played: Signal, level_db: float) -> Signal:
    """A recording that a loudspeaker plays at this event, as the microphone hears it, next to the event's own sound."""
    heard = in_room(rng, played, str(rng.choice(["small", "class"])))[0]
    return _own(rng, heard.size / RATE)[: heard.size] + heard * np.float32(10 ** (level_db / 20))


def _written(rng: np.random.Generator, heard: Signal) -> Signal:
    noisy = devices.add_noise(rng, sources.normalised(heard), 30, "pink")
    chain = ((), (), ("agc",), ("aac:96k",))[int(rng.integers(4))]
    return devices.affected(rng, noisy, chain)


def _playback(rng: np.random.Generator, sound: Signal, kind: str, name: str) -> Case:
    """The same long recording at both events, each camera with a part of it; as loud as the rest."""
    both = []
    for _ in range(2):
        first = int(rng.uniform(0, 60) * RATE)
        both.append(_written(rng, _played(rng, sound[first : first + 200 * RATE], float(rng.uniform(-2, 2)))))
    return Case(name, kind, both[0], both[1], ())


def program(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same television program on at two places."""
    return _playback(rng, scenes.content(rng, "mixed", 270), kind, name)


def backing(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same backing track at two rehearsals."""
    return _playback(rng, sources.music(rng, 270), kind, name)


def jingle(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same 20 s jingle at two events, each of minutes of its own sound."""
    tune = sources.music(rng, 20)
    both = []
    for _ in range(2):
        seconds = float(rng.uniform(150, 260))
        heard = _own(rng, seconds)
        at = int(rng.uniform(5, seconds - 30) * RATE)
        tune_heard = in_room(rng, tune, "small")[0] * np.float32(10 ** (float(rng.uniform(0, 6)) / 20))
        heard[at : at + tune_heard.size] += tune_heard
        both.append(_written(rng, heard))
    return Case(name, kind, both[0], both[1], ())


def other_speech(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same person talks of other things on another day."""
    seconds = float(rng.uniform(240, 480))
    return Case(name, kind, *(_written(rng, _own(rng, seconds)) for _ in range(2)), ())


def hopeless(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One of the kinds of `scenes.NEGATIVE`, named after the first hyphen."""
    return scenes.negative(rng, kind.partition("-")[2], name)
