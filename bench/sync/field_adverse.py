"""Pairs made to look like one line where none holds: quiet strangers, short and small jumps, sound that comes again."""

from collections.abc import Sequence

import numpy as np

from bench.sync import devices, scenes, sources
from bench.sync.clocks import Clock, curved, jumping, overlapping, recorded_through, straight, without
from bench.sync.event import LEAD_S, Event, conditions, filmed, in_room, pair
from bench.sync.scenes import Case
from bench.sync.sources import RATE, Signal

_SECONDS = 240.0


def _db(value: float) -> np.float32:
    return np.float32(10 ** (value / 20))


def _start(rng: np.random.Generator) -> float:
    return LEAD_S + float(rng.uniform(0.5, 20))


def _sign(rng: np.random.Generator) -> float:
    return float(rng.choice([-1, 1]))


def _filmed(rng: np.random.Generator, kind: str, name: str, jumps: Sequence[tuple[float, float]]) -> Case:
    lost = sum(max(jump, 0) for _, jump in jumps)
    event = Event(jumping(_start(rng), _SECONDS, jumps), _SECONDS + lost + 40, _sound(rng), **conditions(rng))
    return filmed(rng, event, kind, name)


def _sound(rng: np.random.Generator) -> str:
    return str(rng.choice(["speech", "speech", "mixed"]))


def _place(rng: np.random.Generator, long: float) -> float:
    """Where a stretch of this length begins: at the start of the file, at its end, or between."""
    return float(rng.choice([0.0, rng.uniform(40, _SECONDS - 40 - long), _SECONDS - long]))


def _level(sound: Signal) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def _with_stranger(rng: np.random.Generator, kind: str, name: str, other: Signal, db: float) -> Case:
    """One line, but for a stretch of B that is of another place, `db` quieter than the rest."""
    event = Event(straight(_start(rng), _SECONDS), _SECONDS + 40, "speech", **conditions(rng))
    a, b, truths = pair(rng, event)
    at = _place(rng, other.size / RATE)
    first = round(at * RATE)
    b[first : first + other.size] = other * np.float32(_level(b) / max(_level(other), 1e-9)) * _db(-db)
    return Case(name, kind, a, b, without(truths, at, at + other.size / RATE))


def quiet_foreign(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A quarter of a minute to one of talk at another place, 8 to 20 dB quieter than the rest."""
    other = in_room(rng, sources.speech(rng, float(rng.uniform(15, 60))), "small")[0]
    noisy = devices.add_noise(rng, other, 25, "pink")
    return _with_stranger(rng, kind, name, noisy, float(rng.uniform(8, 20)))


def sparse_foreign(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A minute of another place in which somebody says three words now and then."""
    other = np.zeros(60 * RATE, np.float32)
    for at in np.arange(1.0, 56.0, float(rng.uniform(5, 8))):
        words = sources.speech(rng, float(rng.uniform(1.5, 3)))
        other[round(at * RATE) : round(at * RATE) + words.size] += words[: other.size - round(at * RATE)]
    noisy = devices.add_noise(rng, in_room(rng, other, "small")[0], 25, "pink")
    return _with_stranger(rng, kind, name, noisy, float(rng.uniform(0, 6)))


def ambient_foreign(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Half a minute outdoors, as loud as the rest or 10 dB quieter."""
    return _with_stranger(rng, kind, name, sources.ambience(rng, float(rng.uniform(20, 50))), float(rng.uniform(0, 10)))


def music_foreign(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Half a minute of music of another place, 5 to 15 dB quieter than the rest."""
    return _with_stranger(rng, kind, name, sources.music(rng, float(rng.uniform(15, 50))), float(rng.uniform(5, 15)))


def quiet_segment(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B pauses, and from then on the event is 10 to 18 dB quieter for both."""
    at, away = float(rng.uniform(80, 200)), float(rng.uniform(5, 40))
    clock = jumping(_start(rng), _SECONDS, [(at, away)])
    ends = clock[-1].offset_s + clock[-1].end_s
    sound = sources.speech(rng, ends + 40)
    turn = round((clock[0].offset_s + at) * RATE)
    sound[turn:] *= _db(-float(rng.uniform(10, 18)))
    near, far, (delay_a, delay_b) = in_room(rng, sound, "small")
    a = devices.add_noise(rng, recorded_through(near, straight(LEAD_S, ends + 20 - LEAD_S)), 35, "pink")
    b = devices.add_noise(rng, recorded_through(far, clock), 30, "pink")
    a, b = (devices.affected(rng, heard, ()) for heard in (a, b))
    return Case(name, kind, a, b, overlapping(clock, delay_a - delay_b - LEAD_S, a.size / RATE))


def late_jump(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One to three frames lost 7 to 20 s before the end, or after the start."""
    near = float(rng.uniform(7, 20))
    at = near if rng.random() < 0.5 else _SECONDS - near
    return _filmed(rng, kind, name, [(at, _sign(rng) * float(rng.uniform(0.036, 0.12)))])


def brief_shift(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One to three frames lost, and put right 7 to 20 s later."""
    at, long, away = (
        float(rng.uniform(30, 200)),
        float(rng.uniform(7, 20)),
        _sign(rng) * float(rng.uniform(0.036, 0.12)),
    )
    return _filmed(rng, kind, name, [(at, away), (at + long, -away)])


def half_jump(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A single jump of 35 to 60 ms somewhere in the file."""
    return _filmed(rng, kind, name, [(float(rng.uniform(40, 200)), _sign(rng) * float(rng.uniform(0.035, 0.06)))])


def late_knee(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A clock that is right until the last minute or two, and leaves by 40 to 80 ms there."""
    long, away = float(rng.uniform(60, 120)), _sign(rng) * float(rng.uniform(0.04, 0.08))
    clock = curved(_start(rng), _SECONDS, lambda t: away * np.maximum(t - _SECONDS + long, 0) / long)
    return filmed(rng, Event(clock, _SECONDS + 40, "speech", **conditions(rng)), kind, name)


def muted(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B muted for half of its time, and in half of the cases paused meanwhile."""
    jumps = [(_SECONDS / 2, float(rng.uniform(3, 20)))] if rng.random() < 0.5 else []
    made = _filmed(rng, kind, name, jumps)
    first = float(rng.choice([0.0, 60.0, 120.0])) if not jumps else 60.0
    made.b[round(first * RATE) : round((first + 120) * RATE)] = 0
    return Case(name, kind, made.a, made.b, without(made.truths, first, first + 120) if jumps else made.truths)


def quiet_end(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The last minute and a half of both are next to silent, and B was paused at their beginning: nobody can tell."""
    quiet = 90.0
    made = _filmed(rng, kind, name, [(_SECONDS - quiet, float(rng.uniform(2, 30)))])
    a, b, floor = made.a.copy(), made.b.copy(), float(rng.uniform(0.0005, 0.002))
    turn = made.truths[-1].start_s
    for sound, first in ((b, turn), (a, turn + made.truths[0].offset_s)):
        left = sound[round(first * RATE) :]
        left[:] = floor * sources.coloured(rng, left.size, 1.0) / 0.1
    return Case(name, kind, a, b, made.truths)


def song_twice(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A dance floor that hears one recording twice; B was there for one of the two, people talk over it a little."""
    song = sources.music(rng, 90)
    first, second = 20.0, 20.0 + 90 + float(rng.uniform(20, 60))
    sound = _db(-float(rng.uniform(10, 16))) * sources.speech(rng, second + 120)
    for at in (first, second):
        sound[round(at * RATE) : round(at * RATE) + song.size] += song
    begin = (first if rng.random() < 0.5 else second) + float(rng.uniform(0, 8))
    clock = straight(begin, 80.0)
    near, far, (delay_a, delay_b) = in_room(rng, sound, "class")
    a = devices.add_noise(rng, recorded_through(near, straight(LEAD_S, second + 100)), 30, "pink")
    b = devices.add_noise(rng, recorded_through(far, clock), 25, "pink")
    return Case(name, kind, a, b, overlapping(clock, delay_a - delay_b - LEAD_S, a.size / RATE))


def song_elsewhere(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same song at two events with little else to be heard: nothing to find, and hard to see."""
    song = sources.music(rng, 120)
    both = []
    for _ in range(2):
        heard = in_room(rng, song, str(rng.choice(["small", "class"])))[0]
        own = in_room(rng, sources.speech(rng, 120), "small")[0][: heard.size]
        mixed = heard[: own.size] + _db(-float(rng.uniform(6, 12))) * own
        both.append(devices.affected(rng, devices.add_noise(rng, sources.normalised(mixed), 30, "pink"), ()))
    return Case(name, kind, both[0], both[1], ())


def looped_pause(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Music that repeats its bar to the sample under a voice, and B paused for a whole number of bars."""
    bar = float(rng.choice([1.5, 2.0, 4.0]))
    at, away = float(rng.uniform(60, 180)), bar * int(rng.integers(2, 9))
    clock = jumping(_start(rng), _SECONDS, [(at, away)])
    ends = clock[-1].offset_s + clock[-1].end_s
    sound = sources.loop(rng, ends + 40, bar)
    sound = sound + _db(-float(rng.uniform(3, 10))) * sources.speech(rng, ends + 40)[: sound.size]
    near, far, (delay_a, delay_b) = in_room(rng, sound, "small")
    a = devices.add_noise(rng, recorded_through(near, straight(LEAD_S, ends + 20 - LEAD_S)), 30, "pink")
    b = devices.add_noise(rng, recorded_through(far, clock), 30, "pink")
    return Case(name, kind, a, b, overlapping(clock, delay_a - delay_b - LEAD_S, a.size / RATE))


def strong_echo(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B hears a loudspeaker 35 to 150 ms late, as loud as the source itself or up to 4 dB louder."""
    sound = scenes.content(rng, _sound(rng), 200)
    late, level = round(float(rng.uniform(0.035, 0.15)) * RATE), _db(float(rng.uniform(0, 4)))
    near, far, (delay_a, delay_b) = in_room(rng, sound, "small")
    far = far + level * np.roll(far, late)
    clock: Clock = straight(_start(rng), 140.0, float(rng.uniform(-40, 40)))
    a = devices.add_noise(rng, recorded_through(near, straight(LEAD_S, 180)), 28, "pink")
    b = devices.add_noise(rng, recorded_through(sources.normalised(far), clock), 22, "pink")
    return Case(name, kind, a, b, overlapping(clock, delay_a - delay_b - LEAD_S, a.size / RATE))


def repeated_buffer(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A recorder that writes half a second to five of its sound twice."""
    return _filmed(rng, kind, name, [(float(rng.uniform(30, 210)), -float(rng.uniform(0.5, 5)))])


def next_room(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B is carried next door for its last minute: the event through a wall, 25 dB quieter, and talk in that room."""
    made = _filmed(rng, kind, name, [])
    b = made.b.copy()
    left = b[round((_SECONDS - 60) * RATE) :]
    talk = sources.speech(rng, 61)[: left.size] * np.float32(_level(b) / 0.1)
    left[:] = _db(-25) * devices.phone(left)[: left.size] + _db(-float(rng.uniform(0, 12))) * talk
    return Case(name, kind, made.a, b, made.truths)


ADVERSE = {
    "adverse-quiet-foreign": quiet_foreign,
    "adverse-sparse-foreign": sparse_foreign,
    "adverse-ambient-foreign": ambient_foreign,
    "adverse-music-foreign": music_foreign,
    "adverse-quiet-segment": quiet_segment,
    "adverse-late-jump": late_jump,
    "adverse-brief-shift": brief_shift,
    "adverse-half-jump": half_jump,
    "adverse-late-knee": late_knee,
    "adverse-muted": muted,
    "adverse-quiet-end": quiet_end,
    "adverse-song-twice": song_twice,
    "adverse-song-elsewhere": song_elsewhere,
    "adverse-looped-pause": looped_pause,
    "adverse-strong-echo": strong_echo,
    "adverse-repeated-buffer": repeated_buffer,
    "adverse-next-room": next_room,
}
