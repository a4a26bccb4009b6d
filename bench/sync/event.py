"""Two recorders at one event, each with a clock of any shape."""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from bench.sync import devices, rooms, scenes, sources
from bench.sync.clocks import Clock, overlapping, recorded_through, straight
from bench.sync.scenes import Case
from bench.sync.sources import RATE, Signal

#: World time at which camera A starts, so that B may start earlier.
LEAD_S = 5.0


@dataclass(frozen=True, slots=True)
class Event:
    """What is played and how it is recorded. A runs straight from `LEAD_S` for `seconds_a`; `clock` is that of B."""

    clock: Clock
    seconds_a: float
    sound: str = "speech"
    room: str = "small"
    snr: tuple[float, float] = (30.0, 25.0)
    effects: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def pair(rng: np.random.Generator, event: Event) -> tuple[Signal, Signal, Clock]:
    """The two recordings, and B's clock as truth on A's."""
    ends = [piece.offset_s + piece.end_s * (1 + piece.ppm * 1e-6) for piece in event.clock]
    sound = scenes.content(rng, event.sound, max(LEAD_S + event.seconds_a, *ends) + 1)
    near, far, (delay_a, delay_b) = in_room(rng, sound, event.room)
    heard_a = recorded_through(near, straight(LEAD_S, event.seconds_a))
    heard_b = recorded_through(far, event.clock)
    a = devices.affected(rng, devices.add_noise(rng, heard_a, event.snr[0], "pink"), event.effects[0])
    b = devices.affected(rng, devices.add_noise(rng, heard_b, event.snr[1], "pink"), event.effects[1])
    return a, b, overlapping(event.clock, delay_a - delay_b - LEAD_S, a.size / RATE)


def in_room(rng: np.random.Generator, sound: Signal, room: str) -> tuple[Signal, Signal, tuple[float, float]]:
    """One source as two cameras of a shoot hear it, with the seconds that sound needs to reach each."""
    (one, two), delays = rooms.responses(rng, room, anywhere=False)
    heard = [sources.normalised(signal.oaconvolve(sound, response)[: sound.size]) for response in (one, two)]
    return heard[0], heard[1], delays


def filmed(rng: np.random.Generator, event: Event, kind: str, name: str) -> Case:
    """The event as a case of the bench."""
    return Case(name, kind, *pair(rng, event))


def conditions(rng: np.random.Generator) -> dict:
    """Room, noise and chain as a shoot has them; nothing that makes a line hard to find."""
    chains: list[tuple[str, ...]] = [(), (), ("agc",), ("aac:96k",), ("gain:-15",), ("phone",), ("clip:15",)]
    picked = [chains[int(rng.integers(len(chains)))] for _ in range(2)]
    return {
        "room": str(rng.choice(["small", "class"])),
        "snr": (float(rng.uniform(18, 35)), float(rng.uniform(12, 30))),
        "effects": (picked[0], picked[1]),
    }
