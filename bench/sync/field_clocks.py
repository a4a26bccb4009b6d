"""Clocks that bend, and clocks at another rate."""

import numpy as np

from bench.sync.clocks import curved, straight
from bench.sync.event import LEAD_S, Event, conditions, filmed
from bench.sync.scenes import Case

_RATES = {
    "pulldown": (1.001, 1 / 1.001),
    "pal": (25 / 24, 24 / 25, 25 / (24 / 1.001), 24 / 1.001 / 25),
    "44.1-as-48": (48 / 44.1, 44.1 / 48),
}


def _start(rng: np.random.Generator) -> float:
    return LEAD_S + float(rng.uniform(0.5, 20))


def straight_then_level(rng: np.random.Generator, kind: str, name: str) -> Case:
    """150 ppm for ten minutes, then none for another eight: 90 ms from any line."""
    ppm = float(rng.choice([-1, 1])) * float(rng.uniform(130, 160))
    knee, seconds = 600.0, 1080.0
    clock = curved(_start(rng), seconds, lambda t: ppm * 1e-6 * np.minimum(t, knee))
    return filmed(rng, Event(clock, seconds + 30, "speech", **conditions(rng)), kind, name)


def swing(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A clock that swings by ±40 ms once in three minutes."""
    phase, seconds = float(rng.uniform(0, 2 * np.pi)), 480.0
    clock = curved(_start(rng), seconds, lambda t: 0.040 * np.sin(2 * np.pi * t / 180 + phase))
    return filmed(rng, Event(clock, seconds + 30, "speech", **conditions(rng)), kind, name)


def thermal(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A recorder that warms up: 90 to 140 ppm at first, to nothing with a time constant of five minutes."""
    ppm = float(rng.choice([-1, 1])) * float(rng.uniform(90, 140))
    tau, seconds = 300.0, 1200.0
    clock = curved(_start(rng), seconds, lambda t: ppm * 1e-6 * tau * (1 - np.exp(-t / tau)))
    return filmed(rng, Event(clock, seconds + 30, "mixed", **conditions(rng)), kind, name)


def turning(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Fast by 110 ppm for five minutes, slow by as much for the next five."""
    ppm, seconds = float(rng.choice([-110, 110])), 600.0
    clock = curved(_start(rng), seconds, lambda t: ppm * 1e-6 * np.where(t < 300, t, 600 - t))
    return filmed(rng, Event(clock, seconds + 30, "speech", **conditions(rng)), kind, name)


def _at_rate(rng: np.random.Generator, rate: float, kind: str, name: str) -> Case:
    seconds = float(rng.uniform(150, 300))
    clock = straight(_start(rng), seconds, (rate - 1) * 1e6)
    return filmed(rng, Event(clock, seconds * rate + 30, "speech", **conditions(rng)), kind, name)


def other_rate(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A file played at another rate than it was recorded at: the part of `kind` after the first hyphen says which."""
    return _at_rate(rng, float(rng.choice(_RATES[kind.partition("-")[2]])), kind, name)


def crystal(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A bad crystal: 600 to 1,500 ppm either way."""
    return _at_rate(rng, 1 + float(rng.choice([-1, 1])) * float(rng.uniform(600, 1500)) * 1e-6, kind, name)
