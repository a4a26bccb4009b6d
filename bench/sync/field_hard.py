"""Plain pairs that a person would sync and that are hard: microphones that hear different things, sparse and poor sound."""

from collections.abc import Callable

import numpy as np
from scipy import signal

from bench.sync import devices, rooms, scenes, sources
from bench.sync.clocks import overlapping, recorded_through, straight
from bench.sync.event import LEAD_S, in_room
from bench.sync.scenes import Case
from bench.sync.sources import RATE, Signal

Both = tuple[Signal, Signal, float]


def _case(rng: np.random.Generator, kind: str, name: str, heard: Callable[[float], Both], seconds: float) -> Case:
    """Two recordings of what `heard` gives for a length of world: A's sound, B's, and by how much B's is later."""
    start, ppm = float(rng.uniform(1, 25)), float(rng.uniform(-30, 30))
    near, far, later = heard(LEAD_S + seconds + 40)
    clock = straight(LEAD_S + start, seconds, ppm)
    a, b = recorded_through(near, straight(LEAD_S, seconds + 20)), recorded_through(far, clock)
    a, b = (devices.affected(rng, sound, ()) for sound in (a, b))
    return Case(name, kind, a, b, overlapping(clock, -later - LEAD_S, a.size / RATE))


def _db(value: float) -> np.float32:
    return np.float32(10 ** (value / 20))


def _delayed(rng: np.random.Generator, sound: Signal, room: str) -> Both:
    near, far, (delay_a, delay_b) = in_room(rng, sound, room)
    return near, far, delay_b - delay_a


def _hiss(rng: np.random.Generator, sound: Signal, db: float) -> Signal:
    return sound + _db(db) * sources.coloured(rng, sound.size, 1.0)


def lavaliers(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Two people talk in turns and over each other, each with a microphone that hears the other 12 to 20 dB lower."""

    def heard(seconds: float) -> Both:
        one, two = (sources.speech(rng, seconds) for _ in range(2))
        turns = np.repeat(rng.random(int(seconds / 5) + 1) < 0.5, 5 * RATE)[: one.size].astype(np.float32)
        one, two = one * np.maximum(turns, 0.1), two * np.maximum(1 - turns, 0.1)
        way = round(float(rng.uniform(0.8, 2.0)) / rooms.SOUND_SPEED * RATE)
        bleed = [_db(-float(rng.uniform(12, 20))) for _ in range(2)]
        a = one + bleed[0] * np.roll(two, way)
        b = two + bleed[1] * np.roll(one, way)
        return _hiss(rng, a, -35), _hiss(rng, b, -35), 0.0

    return _case(rng, kind, name, heard, float(rng.uniform(90, 180)))


def board(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The desk's dry feed, and a camera in the hall among people who talk and clap."""

    def heard(seconds: float) -> Both:
        dry = scenes.content(rng, "mixed", seconds)
        _, far, (_, delay) = in_room(rng, dry, "hall")
        crowd = sources.speech(rng, seconds) + sources.speech(rng, seconds) + 0.3 * sources.applause(rng, seconds)
        far = far + _db(-float(rng.uniform(0, 5))) * sources.normalised(crowd)[: far.size]
        return sources.normalised(dry), sources.normalised(far), delay

    return _case(rng, kind, name, heard, float(rng.uniform(90, 180)))


def sparse(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Six minutes of a quiet room with three sentences in them."""

    def heard(seconds: float) -> Both:
        sound = np.zeros(round(seconds * RATE), np.float32)
        for at in rng.uniform(30, seconds - 60, 3):
            words = sources.speech(rng, float(rng.uniform(4, 8)))
            sound[int(at * RATE) : int(at * RATE) + words.size] += words
        near, far, later = _delayed(rng, sound, "small")
        return _hiss(rng, near, -40), _hiss(rng, far, -34), later

    return _case(rng, kind, name, heard, 360.0)


def claps(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Nothing in common but a few claps of a hand, at uneven times, in rooms that are not silent."""

    def heard(seconds: float) -> Both:
        sound = np.zeros(round(seconds * RATE), np.float32)
        shape = np.exp(-np.arange(int(0.03 * RATE)) / (0.004 * RATE))
        for at in np.sort(rng.uniform(28, seconds - 30, 7)):
            burst = shape * rng.standard_normal(shape.size)
            sound[int(at * RATE) : int(at * RATE) + burst.size] += burst.astype(np.float32)
        near, far, later = _delayed(rng, 0.1 * sound, "class")
        peak = max(float(np.abs(near).max()), 1e-6)
        return _hiss(rng, near / peak * 0.6, -26), _hiss(rng, far / float(np.abs(far).max()) * 0.5, -26), later

    return _case(rng, kind, name, heard, float(rng.uniform(60, 120)))


def gated(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B through a phone's noise suppression: nothing between words, spectrum thinned, then a low bit rate."""

    def heard(seconds: float) -> Both:
        near, far, later = _delayed(rng, sources.speech(rng, seconds), "class")
        _, _, bins = signal.stft(_hiss(rng, far, -12), RATE, nperseg=1024)
        floor = np.median(np.abs(bins), axis=1, keepdims=True)
        bins = bins * np.clip((np.abs(bins) / (3 * floor) - 0.8) * 2, 0.0, 1.0)
        clean = signal.istft(bins, RATE, nperseg=1024)[1].astype(np.float32)[: far.size]
        return _hiss(rng, near, -20), devices.coded(sources.normalised(devices.phone(clean)), "opus", "12k"), later

    return _case(rng, kind, name, heard, float(rng.uniform(60, 150)))


def wind(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Outdoors, gusts in both microphones 5 to 15 dB over the speech, with lulls."""

    def heard(seconds: float) -> Both:
        voice = sources.speech(rng, seconds)
        both = []
        for _ in range(2):
            points = rng.random(int(seconds / 3) + 2) ** 2
            gust = np.interp(np.arange(voice.size) / RATE / 3, np.arange(points.size), points).astype(np.float32)
            noise = sources.coloured(rng, voice.size, 2.0) * gust * _db(float(rng.uniform(8, 18)))
            both.append(sources.normalised(voice + noise))
        return _hiss(rng, both[0], -40), _hiss(rng, both[1], -40), 0.0

    return _case(rng, kind, name, heard, float(rng.uniform(90, 180)))


def party(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A stage heard from two tables, at each of which people talk louder than the stage by 3 to 8 dB."""

    def heard(seconds: float) -> Both:
        near, far, later = _delayed(rng, scenes.content(rng, "mixed", seconds), "class")
        tables = [sources.normalised(sources.speech(rng, seconds) + sources.speech(rng, seconds)) for _ in range(2)]
        a, b = (s + _db(float(rng.uniform(3, 8))) * t[: s.size] for s, t in zip((near, far), tables, strict=True))
        return sources.normalised(a), sources.normalised(b), later

    return _case(rng, kind, name, heard, float(rng.uniform(120, 240)))


def beat(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Music that repeats its bar to the sample, with a voice 6 to 12 dB under it that does not."""

    def heard(seconds: float) -> Both:
        bars = sources.loop(rng, seconds, float(rng.choice([1.5, 2.0, 4.0])))
        voice = sources.speech(rng, seconds)
        near, far, later = _delayed(rng, bars + _db(-float(rng.uniform(6, 12))) * voice[: bars.size], "small")
        return _hiss(rng, near, -30), _hiss(rng, far, -30), later

    return _case(rng, kind, name, heard, float(rng.uniform(90, 150)))


def faint(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B's gain was left down: speech at −62 dBFS in 16 bits, over hiss."""

    def heard(seconds: float) -> Both:
        near, far, later = _delayed(rng, sources.speech(rng, seconds), "class")
        return _hiss(rng, near, -30), _hiss(rng, far, -8) * _db(-42), later

    return _case(rng, kind, name, heard, float(rng.uniform(60, 150)))


def loudspeakers(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A field with loudspeakers on poles: B hears the nearest first and four more, up to 300 ms late."""

    def heard(seconds: float) -> Both:
        sound = scenes.content(rng, "mixed", seconds)
        far = sound.copy()
        for way, level in zip(rng.uniform(0.04, 0.3, 4), rng.uniform(-12, -3, 4), strict=True):
            far += _db(float(level)) * np.roll(sound, round(float(way) * RATE))
        return _hiss(rng, sources.normalised(sound), -25), _hiss(rng, sources.normalised(far), -10), 0.0

    return _case(rng, kind, name, heard, float(rng.uniform(90, 180)))


HARD: dict[str, Callable[[np.random.Generator, str, str], Case]] = {
    "line-lavaliers": lavaliers,
    "line-board": board,
    "line-sparse": sparse,
    "line-claps": claps,
    "line-gated": gated,
    "line-wind": wind,
    "line-party": party,
    "line-beat": beat,
    "line-faint": faint,
    "line-loudspeakers": loudspeakers,
}
