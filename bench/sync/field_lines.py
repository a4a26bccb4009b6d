"""Plain pairs that one line holds: rooms, far microphones, noise, drift, late starts, phones, AGC, clipping, codecs."""

import numpy as np

from bench.sync import scenes
from bench.sync.clocks import straight
from bench.sync.event import LEAD_S, Event, conditions, filmed
from bench.sync.scenes import Case

#: Kinds of `scenes.positive` that one line holds.
SCENES = tuple(kind for kind in scenes.suites.KINDS["anywhere"] if kind != "dropped")


def scene(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One of `SCENES`, named after the first hyphen, two of three with cameras where people put them."""
    return scenes.positive(rng, kind.partition("-")[2], name, "anywhere" if rng.random() < 0.33 else "shoot")


def late(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B starts minutes after A, or A ends minutes before B does."""
    seconds = float(rng.uniform(60, 200))
    clock = straight(LEAD_S + float(rng.uniform(180, 480)), seconds, float(rng.uniform(-40, 40)))
    return filmed(rng, Event(clock, 600.0, "speech", **conditions(rng)), kind, name)


def overlap(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A ends 8 to 20 s after B begins."""
    seconds = float(rng.uniform(90, 150))
    clock = straight(LEAD_S + seconds - float(rng.uniform(8, 20)), seconds)
    return filmed(rng, Event(clock, seconds, "speech", **conditions(rng)), kind, name)
