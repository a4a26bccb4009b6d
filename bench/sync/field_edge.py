"""Pairs at the edge of what can be found: where a probability is put to the test."""

import numpy as np

from bench.sync.clocks import straight
from bench.sync.event import LEAD_S, Event, filmed
from bench.sync.scenes import Case


def drowned(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A minute or two with the sound 4 to 20 dB under noise of B's own."""
    seconds = float(rng.uniform(40, 120))
    clock = straight(LEAD_S + float(rng.uniform(1, 20)), seconds)
    return filmed(rng, Event(clock, seconds + 20, "speech", "class", (15.0, -float(rng.uniform(4, 20)))), kind, name)


def brief(rng: np.random.Generator, kind: str, name: str) -> Case:
    """An overlap of 1 to 7 s at the end of A."""
    seconds = float(rng.uniform(50, 100))
    clock = straight(LEAD_S + seconds - float(rng.uniform(1, 7)), seconds)
    return filmed(rng, Event(clock, seconds, "speech", "small", (25.0, float(rng.uniform(0, 15)))), kind, name)
