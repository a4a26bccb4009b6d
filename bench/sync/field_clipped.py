"""A camera whose gain was left up, so that its sound is clipped by 15 to 30 dB: at one event, and with one program at two; and that
program with neither of them clipped."""

import numpy as np

from bench.sync import devices, scenes
from bench.sync.clocks import straight
from bench.sync.event import LEAD_S, Event, conditions, filmed, in_room
from bench.sync.scenes import Case
from bench.sync.sources import normalised, speech

CLIPPED_PROGRAM = "adverse-clipped-program"


def line(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Talk at one event."""
    clock = straight(LEAD_S + float(rng.uniform(1, 20)), 80.0, float(rng.uniform(-30, 30)))
    made = filmed(rng, Event(clock, 110.0, "mixed", **conditions(rng)), kind, name)
    return Case(name, kind, made.a, _clipped(rng, made.b), made.truths)


def program(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One program at two events, 3 to 10 dB over the talk at each."""
    played = scenes.content(rng, "mixed", 90)
    both = []
    for _ in range(2):
        heard, own = (in_room(rng, sound, "small")[0] for sound in (played, speech(rng, 90)))
        size = min(heard.size, own.size)
        both.append(normalised(heard[:size] + np.float32(10 ** (-float(rng.uniform(3, 10)) / 20)) * own[:size]))
    chain = _clipped if kind == CLIPPED_PROGRAM else _plain
    return Case(name, kind, _plain(rng, both[0]), chain(rng, both[1]), ())


def _clipped(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    return devices.affected(rng, normalised(sound), (f"clip:{rng.uniform(15, 30):.0f}",))


def _plain(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    return devices.affected(rng, sound, ())


CLIPPED = {"adverse-clipped": line, CLIPPED_PROGRAM: program, "adverse-program": program}
