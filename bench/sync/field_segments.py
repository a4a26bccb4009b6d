"""Cameras that stopped, or whose files are joined from stretches: what lies where is known to the sample."""

from collections.abc import Sequence

import numpy as np

from bench.sync import devices, sources
from bench.sync.clocks import jumping, without
from bench.sync.event import LEAD_S, Event, conditions, filmed, pair
from bench.sync.scenes import Case
from bench.sync.sources import RATE

MINUTES = 60.0


def _case(rng: np.random.Generator, kind: str, name: str, seconds: float, jumps: Sequence[tuple[float, float]]) -> Case:
    start = LEAD_S + float(rng.uniform(0.5, 20))
    lost = sum(max(jump, 0) for _, jump in jumps)
    clock = jumping(start, seconds, jumps)
    sound = str(rng.choice(["speech", "speech", "mixed"]))
    return filmed(rng, Event(clock, seconds + lost + 40, sound, **conditions(rng)), kind, name)


def _pause(rng: np.random.Generator) -> float:
    return float(rng.uniform(25, 45))


def paused(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Ten minutes, stopped once somewhere in the middle."""
    return _case(rng, kind, name, 10 * MINUTES, [(float(rng.uniform(150, 450)), _pause(rng))])


def last_25_s(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Ten minutes, of which the last 25 s lie half a minute later."""
    return _case(rng, kind, name, 10 * MINUTES, [(10 * MINUTES - 25, _pause(rng))])


def first_12_s(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Ten minutes, of which the first 12 s lie half a minute earlier."""
    return _case(rng, kind, name, 10 * MINUTES, [(12.0, _pause(rng))])


def end_of_an_hour(rng: np.random.Generator, kind: str, name: str) -> Case:
    """An hour, of which the last 150 s lie half a minute later."""
    return _case(rng, kind, name, 60 * MINUTES, [(60 * MINUTES - 150, _pause(rng))])


def end_of_25_minutes(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The hour in small: the last minute of 25 lies half a minute later."""
    return _case(rng, kind, name, 25 * MINUTES, [(24 * MINUTES, _pause(rng))])


def middle(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A stretch in the middle that lies elsewhere; after it the first line goes on."""
    at, long, away = float(rng.uniform(150, 400)), float(rng.uniform(15, 40)), float(rng.uniform(-20, -8))
    return _case(rng, kind, name, 10 * MINUTES, [(at, away), (at + long, -away)])


def six_seconds(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A stretch of 6 to 7 s between two pauses."""
    at, long = float(rng.uniform(60, 220)), float(rng.uniform(6.0, 7.0))
    return _case(rng, kind, name, 5 * MINUTES, [(at, _pause(rng)), (at + long, _pause(rng))])


def two_jumps(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Lost samples twice: less than a second, and some seconds."""
    first, second = float(rng.uniform(60, 200)), float(rng.uniform(300, 500))
    return _case(
        rng, kind, name, 10 * MINUTES, [(first, float(rng.uniform(0.08, 0.9))), (second, float(rng.uniform(2, 9)))]
    )


def small_jump(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One loss of one to four frames."""
    return _case(rng, kind, name, 6 * MINUTES, [(float(rng.uniform(90, 270)), float(rng.uniform(0.04, 0.16)))])


def many_drops(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Sixty losses of 2 ms in the last third."""
    at = np.sort(rng.uniform(6.7 * MINUTES, 9.9 * MINUTES, 60))
    return _case(rng, kind, name, 10 * MINUTES, [(float(t), 0.002) for t in at])


def foreign_middle(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Twenty to forty seconds of another place cut into the middle: one line round it, no truth inside."""
    start = LEAD_S + float(rng.uniform(0.5, 20))
    event = Event(jumping(start, 5 * MINUTES, []), 5 * MINUTES + 40, "speech", **conditions(rng))
    a, b, truths = pair(rng, event)
    first, long = float(rng.uniform(90, 200)), float(rng.uniform(20, 40))
    other = devices.affected(rng, sources.normalised(sources.speech(rng, long)), ())
    b[round(first * RATE) : round(first * RATE) + other.size] = other
    return Case(name, kind, a, b, without(truths, first, first + long))
