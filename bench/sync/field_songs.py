"""A dense song far over all else, at two events and at one; and sounds that come alike at many events: bells, a telephone, a backing
track under other singers, the rotors of a drone."""

import numpy as np

from bench.sync import devices, sources
from bench.sync.clocks import Clock, overlapping, recorded_through, straight
from bench.sync.event import LEAD_S, in_room
from bench.sync.scenes import Case
from bench.sync.sources import RATE, Signal, normalised

_SECONDS = 90.0


def _db(value: float) -> np.float32:
    return np.float32(10 ** (value / 20))


def _written(rng: np.random.Generator, heard: Signal) -> Signal:
    noisy = devices.add_noise(rng, normalised(heard), float(rng.uniform(18, 35)), "pink")
    return devices.affected(rng, noisy, ((), (), ("agc",), ("aac:96k",), ("phone",))[int(rng.integers(5))])


def _sum(*sounds: Signal) -> Signal:
    size = min(sound.size for sound in sounds)
    return np.asarray(sum(sound[:size] for sound in sounds), np.float32)


def _dense(rng: np.random.Generator, seconds: float) -> Signal:
    """Two bands at once, or one with a singer, limited as records are."""
    over = sources.music(rng, seconds, 110) if rng.random() < 0.5 else sources.speech(rng, seconds)
    return normalised(np.tanh(6 * _sum(sources.music(rng, seconds, 110), over)).astype(np.float32))


def _heard(rng: np.random.Generator, sound: Signal) -> Signal:
    return in_room(rng, sound, str(rng.choice(["small", "class"])))[0]


def _elsewhere(rng: np.random.Generator, kind: str, name: str, played: Signal, under_db: tuple[float, float]) -> Case:
    """What is played at two events, and talk so far under it at each."""
    both = []
    for first in (0, round(float(rng.uniform(2, 12)) * RATE)):
        song = _heard(rng, played[first:])
        talk = _heard(rng, sources.speech(rng, song.size / RATE + 1))
        both.append(_written(rng, _sum(song, _db(-float(rng.uniform(*under_db))) * talk)))
    return Case(name, kind, both[0], both[1], ())


def _together(rng: np.random.Generator, kind: str, name: str, sounds: list[Signal], own: list[Signal]) -> Case:
    """One event with a source in each of some places, and what each camera alone hears."""
    clock: Clock = straight(LEAD_S + float(rng.uniform(1, 15)), _SECONDS, float(rng.uniform(-40, 40)))
    rooms = [in_room(rng, sound, "class") for sound in sounds]
    near, far = (_sum(*(room[k] for room in rooms)) for k in range(2))
    a = _written(rng, _sum(recorded_through(near, straight(LEAD_S, _SECONDS + 15)), own[0]))
    b = _written(rng, _sum(recorded_through(far, clock), own[1]))
    late = rooms[0][2]
    return Case(name, kind, a, b, overlapping(clock, late[0] - late[1] - LEAD_S, a.size / RATE))


def song_elsewhere(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same record at two events, 12 to 22 dB over the talk of each."""
    return _elsewhere(rng, kind, name, _dense(rng, _SECONDS), (12, 22))


def song_here(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A record at one event, 12 to 22 dB over talk that both cameras hear."""
    talk = _db(-float(rng.uniform(12, 22))) * sources.speech(rng, _SECONDS + 40)
    return _together(rng, kind, name, [_dense(rng, _SECONDS + 40), talk], [_silence(), _silence()])


def karaoke(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One backing track on two evenings, another singer over it each time."""
    return _elsewhere(rng, kind, name, sources.music(rng, _SECONDS), (-3, 6))


def ringtones(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Telephones of one make ring at two events, over the talk there."""
    ring = sources.loop(rng, 8, 2.0)
    played = np.concatenate([np.zeros(20 * RATE, np.float32), 3 * ring, np.zeros(62 * RATE, np.float32)])
    both = []
    for _ in range(2):
        talk = _heard(rng, sources.speech(rng, _SECONDS))
        both.append(_written(rng, _sum(talk, np.roll(played, int(rng.integers(0, 50 * RATE))))))
    return Case(name, kind, both[0], both[1], ())


def _bells(rng: np.random.Generator, strike_s: float) -> Signal:
    """Three bells, each swinging at its own pace, struck nearly evenly."""
    out = np.zeros(round((_SECONDS + 40) * RATE), np.float32)
    for pitch, pace in ((310, 1.0), (390, 0.91), (520, 0.83)):
        at = float(rng.uniform(0, 1))
        time = np.arange(4 * RATE) / RATE
        parts = ((0.5, 1.2), (1, 2.0), (1.19, 2.6), (1.5, 3.5), (2, 3), (2.74, 6))
        struck = sum(np.sin(2 * np.pi * pitch * ratio * time) * np.exp(-fall * time) for ratio, fall in parts)
        while at < _SECONDS + 35:
            first = round(at * RATE)
            out[first : first + time.size] += np.asarray(struck[: out.size - first] * rng.uniform(0.7, 1), np.float32)
            at += strike_s * pace * (1 + float(rng.normal(0, 0.006)))
    return normalised(out)


def bells(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The bells of one church, by two cameras."""
    return _together(rng, kind, name, [_bells(rng, 1.1)], [_silence(), _silence()])


def bells_of_two_days(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The bells of one church on two Sundays."""
    return Case(name, kind, *(_written(rng, _heard(rng, _bells(rng, 1.1))) for _ in range(2)), ())


def drone(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Talk, and a drone whose own microphone hears its rotors 6 dB over it."""
    time = np.arange(round((_SECONDS + 20) * RATE)) / RATE
    pitch = 190 + 8 * np.cumsum(rng.normal(0, 0.02, time.size // 4800 + 1)).repeat(4800)[: time.size]
    turn = 2 * np.pi * np.cumsum(pitch) / RATE
    rotors = normalised(np.asarray(sum(np.sin(k * turn) / k for k in range(1, 9)), np.float32))
    talk = [sources.speech(rng, _SECONDS + 40)]
    return _together(rng, kind, name, talk, [_silence(), _db(6) * rotors])


def _silence() -> Signal:
    return np.zeros(round((_SECONDS + 15) * RATE), np.float32)


ELSEWHERE = {
    "nothing-song": song_elsewhere,
    "nothing-karaoke": karaoke,
    "nothing-ringtones": ringtones,
    "nothing-bells": bells_of_two_days,
}
HERE = {"adverse-song-here": song_here, "adverse-bells": bells, "adverse-drone": drone}
