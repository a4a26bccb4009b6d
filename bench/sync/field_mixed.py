"""Two faults at once, and a source that walks."""

import numpy as np

from bench.sync.clocks import curved, joined, jumping, without
from bench.sync.event import LEAD_S, Event, conditions, filmed, pair
from bench.sync.scenes import Case
from bench.sync.sources import RATE


def drifting_pause(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A clock that drifts by 40 to 120 ppm and was paused once."""
    ppm = float(rng.choice([-1, 1])) * float(rng.uniform(40, 120))
    seconds, start = float(rng.uniform(180, 420)), LEAD_S + float(rng.uniform(1, 20))
    after = start + seconds * (1 + ppm * 1e-6) + float(rng.uniform(3, 40))
    clock = joined([(seconds, start, ppm), (600 - seconds, after, ppm)])
    return filmed(rng, Event(clock, 680.0, "speech", **conditions(rng)), kind, name)


def quiet_pause(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A pause in the middle of 40 s in which nothing is to be heard: where it lies within them nobody can tell."""
    at, gap, away = float(rng.uniform(120, 300)), 20.0, float(rng.uniform(5, 40))
    start = LEAD_S + float(rng.uniform(1, 15))
    event = Event(jumping(start, 480.0, [(at, away)]), 560.0, "speech", **conditions(rng))
    a, b, truths = pair(rng, event)
    floor = 0.0003
    for sound, first, last in (
        (b, at - gap, at + gap),
        (a, at - gap + truths[0].offset_s - 1, at + gap + truths[-1].offset_s + 1),
    ):
        span = slice(round(first * RATE), round(last * RATE))
        sound[span] = floor * rng.standard_normal(sound[span].size)
    return Case(name, kind, a, b, without(truths, at - gap, at + gap))


def walking(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Somebody walks to and fro between the cameras: the sound comes up to 8 ms earlier and later, without end."""
    period, phase, seconds = float(rng.uniform(20, 60)), float(rng.uniform(0, 6)), float(rng.uniform(150, 300))
    clock = curved(LEAD_S + 3, seconds, lambda t: 0.008 * np.sin(2 * np.pi * t / period + phase))
    return filmed(rng, Event(clock, seconds + 20, "speech", **conditions(rng)), kind, name)
