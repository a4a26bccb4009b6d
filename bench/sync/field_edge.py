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


def harsh(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Everything at once: a hall, noise over the sound, drift, a phone's chain, an overlap of 15 to 70 s."""
    seconds, overlap = float(rng.uniform(80, 200)), float(rng.uniform(15, 70))
    chains = [
        ("phone", "agc", "aac:32k"),
        ("agc", "clip:12"),
        ("phone", "opus:16k"),
        ("clip:20", "mp3:64k"),
        ("gain:-25",),
    ]
    chain = chains[int(rng.integers(len(chains)))]
    clock = straight(LEAD_S + seconds - overlap, seconds, float(rng.choice([-1, 1])) * float(rng.uniform(30, 400)))
    snr = (float(rng.uniform(5, 15)), float(rng.uniform(-8, 4)))
    sound = str(rng.choice(["speech", "mixed"]))
    room = str(rng.choice(["class", "hall"]))
    return filmed(rng, Event(clock, seconds, sound, room, snr, (("agc",), chain)), kind, name)
