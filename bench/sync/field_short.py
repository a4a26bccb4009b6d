"""One to four minutes of every fault, cheap to make and to measure, so that a probability can be put to many of them.

Rooms, music and takes are made otherwise than those of the other kinds: a few reflections and a tail of noise; a score that is
played again by hand.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import signal

from bench.sync import devices, scenes, sources
from bench.sync.clocks import Clock, curved, jumping, overlapping, recorded_through, straight
from bench.sync.scenes import Case
from bench.sync.sources import RATE, Signal

#: World time at which camera A starts.
_LEAD_S = 3.0
_PASSAGES = 16
_CHAINS: list[tuple[str, ...]] = [
    (), (), (), ("agc",), ("phone", "agc"), ("phone", "agc", "opus:16k"), ("mp3:48k",), ("clip:20",),
    ("gain:-30",), ("invert",), ("agc", "clip:12"), ("phone",),
]  # fmt: skip


def _db(value: float) -> np.float32:
    return np.float32(10 ** (value / 20))


def _u(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _sign(rng: np.random.Generator) -> float:
    return float(rng.choice([-1, 1]))


def _room(rng: np.random.Generator, late_s: float, closer_db: float = 0.0) -> Signal:
    """A direct sound, some reflections in the next 40 ms, and a tail of 0.15 to 0.9 s; `closer_db`: by so much less of them."""
    rt60, wet = _u(rng, 0.15, 0.9), _db(-_u(rng, 2, 14) - closer_db)
    time = np.arange(int(rt60 * RATE)) / RATE
    tail = rng.standard_normal(time.size) * np.exp(-6.91 * time / rt60) * (1 - np.exp(-time / 0.02))
    out = np.zeros(time.size + round(late_s * RATE) + 1, np.float32)
    out[-time.size :] += (wet * tail / np.sqrt(np.sum(np.square(tail)))).astype(np.float32)
    for way in rng.uniform(0.002, 0.04, 6):
        out[round((late_s + float(way)) * RATE)] += np.float32(rng.uniform(-0.5, 0.5)) * wet
    out[round(late_s * RATE)] += 1.0
    return out


def _heard(rng: np.random.Generator, sound: Signal, late_s: float = 0.0) -> Signal:
    return sources.normalised(signal.oaconvolve(sound, _room(rng, late_s))[: sound.size])


def _written(rng: np.random.Generator, heard: Signal, snr: float) -> Signal:
    noise = str(rng.choice(["pink", "pink", "white", "brown", "hum"]))
    chain = _CHAINS[int(rng.integers(len(_CHAINS)))]
    return devices.affected(rng, devices.add_noise(rng, heard, snr, noise), chain)


@cache
def _passage(number: int) -> Signal:
    """One of the passages that are spoken once and cut from ever after: to speak costs more than all else here."""
    return sources.speech(np.random.default_rng([77, number]), 75)


def _speech(rng: np.random.Generator, seconds: float, event: int | None = None) -> Signal:
    """Passages in an order of their own, begun anywhere, each a little faster or slower, with pauses between; what is said at
    event 0 is not said at event 1."""
    out: list[Signal] = []
    for number in (n for n in rng.permutation(_PASSAGES) if event is None or n % 2 == event):
        said = _passage(int(number))
        first, pace = int(_u(rng, 0, 0.5) * said.size), 1 + _u(rng, -0.06, 0.06)
        out += [np.interp(np.arange(first, said.size - 1, pace), np.arange(said.size), said).astype(np.float32),
                np.zeros(round(_u(rng, 0.2, 2.0) * RATE), np.float32)]  # fmt: skip
        if sum(part.size for part in out) > seconds * RATE:
            break
    return sources.normalised(np.concatenate(out)[: int(seconds * RATE)])


def _sound(rng: np.random.Generator, seconds: float, sort: str = "", event: int | None = None) -> Signal:
    sort = sort or str(rng.choice(["speech", "speech", "mixed", "music", "ambience"]))
    if sort == "mixed":
        return _speech(rng, seconds, event) + 0.5 * sources.music(rng, seconds)
    return _speech(rng, seconds, event) if sort == "speech" else scenes.content(rng, sort, seconds)


def _pair(
    rng: np.random.Generator, names: tuple[str, str], sound: Signal, clock: Clock, long_s: float, snr: float = 20.0
) -> Case:
    """A runs straight for `long_s`, B by its clock; B stands up to 15 m farther from the source than A."""
    late = _u(rng, 0.0, 0.045)
    a = _written(rng, recorded_through(_heard(rng, sound), straight(_LEAD_S, long_s)), _u(rng, 12, 35))
    b = _written(rng, recorded_through(_heard(rng, sound, late), clock), snr)
    return Case(*names, a, b, overlapping(clock, -late - _LEAD_S, a.size / RATE))


def _filmed(rng: np.random.Generator, kind: str, name: str, clock: Clock, snr: float = 20.0) -> Case:
    ends = max(piece.offset_s + piece.end_s * (1 + piece.ppm * 1e-6) for piece in clock)
    return _pair(rng, (name, kind), _sound(rng, ends + 25), clock, ends + 15 - _LEAD_S, snr)


def line(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One line, from plain to hopelessly noisy, an overlap of 5 s to a minute and a half."""
    seconds, overlap = _u(rng, 30, 110), _u(rng, 5, 90)
    clock = straight(_LEAD_S + max(seconds - overlap, 0.3), seconds, _u(rng, -100, 100))
    sound = _sound(rng, 2 * seconds + 30)
    return _pair(rng, (name, kind), sound, clock, seconds, _u(rng, -16, 20))


def dropouts(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A radio link that is silent for a tenth of a second now and then, and once for seconds; no time is lost."""
    seconds = _u(rng, 60, 150)
    made = _filmed(rng, kind, name, straight(_LEAD_S + _u(rng, 0.5, 20), seconds, _u(rng, -60, 60)))
    for at in rng.uniform(0, seconds - 6, int(rng.integers(10, 60))):
        made.b[round(at * RATE) : round((at + _u(rng, 0.02, 0.4)) * RATE)] = 0
    at = _u(rng, 5, seconds - 10)
    made.b[round(at * RATE) : round((at + _u(rng, 1, 5)) * RATE)] = 0
    return made


def pieces(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Three pieces of 6 to 10 s each, all there is of B, joined over pauses of 4 to 30 s."""
    first, second, third = (_u(rng, 6.2, 10) for _ in range(3))
    jumps = [(first, _u(rng, 4, 30)), (first + second, _u(rng, 4, 30))]
    return _filmed(rng, kind, name, jumping(_LEAD_S + _u(rng, 0.5, 20), first + second + third, jumps), _u(rng, 8, 25))


def piece(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A minute or two on one line, and 6 to 10 s of it elsewhere: at the start, at the end, or between two pauses."""
    seconds, long, away = _u(rng, 70, 150), _u(rng, 6.2, 10), _u(rng, 1.5, 40)
    at = float(rng.choice([0.0, _u(rng, 20, seconds - 35), seconds - long]))
    edges = [edge for edge in (at, at + long) if 0 < edge < seconds - 0.01]
    jumps = [(edge, away) for edge in edges]
    return _filmed(rng, kind, name, jumping(_LEAD_S + _u(rng, 0.5, 20), seconds, jumps), _u(rng, 8, 25))


def bend(rng: np.random.Generator, kind: str, name: str) -> Case:
    """A clock that leaves any line by 30 to 150 ms within two to five minutes: a knee, an arch, or a wave."""
    seconds, away = _u(rng, 120, 300), _sign(rng) * _u(rng, 0.03, 0.15)
    knee, phase = _u(rng, 0.3, 0.7) * seconds, _u(rng, 0, 6)
    shapes: list[Callable[[np.ndarray], np.ndarray]] = [
        lambda t: 2 * away * np.maximum(t - knee, 0) / (seconds - knee),
        lambda t: 2 * away * np.sin(np.pi * t / seconds),
        lambda t: away * np.sin(2 * np.pi * t / max(0.7 * seconds, 120) + phase),
    ]
    clock = curved(_LEAD_S + _u(rng, 0.5, 20), seconds, shapes[int(rng.integers(3))])
    return _filmed(rng, kind, name, clock, _u(rng, 10, 25))


def step(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Samples lost or written twice, once: 35 to 400 ms."""
    seconds = _u(rng, 60, 180)
    jump = (_u(rng, 8, seconds - 8), _sign(rng) * float(np.exp(_u(rng, np.log(0.035), np.log(0.4)))))
    return _filmed(rng, kind, name, jumping(_LEAD_S + _u(rng, 0.5, 20), seconds, [jump]), _u(rng, 10, 25))


def rate(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Half a minute to three at another rate: pull-down, PAL, a wrong header, a bad crystal."""
    factors = [1.001, 1 / 1.001, 25 / 24, 24 / 25, 1.04, 0.96, 48 / 44.1, 44.1 / 48]
    factor = float(rng.choice([*factors, 1 + _sign(rng) * _u(rng, 6e-4, 15e-4)]))
    clock = straight(_LEAD_S + _u(rng, 0.5, 20), _u(rng, 40, 160), (factor - 1) * 1e6)
    return _filmed(rng, kind, name, clock, _u(rng, 12, 25))


def echo(rng: np.random.Generator, kind: str, name: str) -> Case:
    """B stands by a loudspeaker that is 15 to 150 ms late and from 6 dB softer to 4 dB louder than the source."""
    seconds = _u(rng, 60, 140)
    sound = _sound(rng, seconds + 60)
    clock, late = straight(_LEAD_S + _u(rng, 0.5, 20), seconds, _u(rng, -40, 40)), _u(rng, 0.0, 0.03)
    near, far = _heard(rng, sound), _heard(rng, sound, late)
    far = far + _db(_u(rng, -6, 4)) * np.roll(far, round(_u(rng, 0.015, 0.15) * RATE))
    a = _written(rng, recorded_through(near, straight(_LEAD_S, seconds + 30)), 28)
    b = _written(rng, recorded_through(sources.normalised(far), clock), 22)
    return Case(name, kind, a, b, overlapping(clock, -late - _LEAD_S, a.size / RATE))


def bars(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Bars that come again to the sample, with a voice 6 to 20 dB under them that does not."""
    seconds = _u(rng, 60, 150)
    looped = sources.loop(rng, seconds + 40, _u(rng, 1.2, 6.0))
    sound = looped + _db(-_u(rng, 6, 20)) * _speech(rng, seconds + 40)[: looped.size]
    clock = straight(_LEAD_S + _u(rng, 0.5, 20), seconds, _u(rng, -40, 40))
    return _pair(rng, (name, kind), sound, clock, seconds + 15, _u(rng, 15, 28))


def bleed(rng: np.random.Generator, kind: str, name: str) -> Case:
    """People who talk in turns, and applause, by two of: a microphone close to one of them, which hears the others faintly; a
    recorder on the table; a camera at the back. The truth is the mean way of their voices."""
    seconds, people = _u(rng, 50, 150), int(rng.integers(2, 5))
    voices = [*_turns(rng, people, seconds + 40), _clapping(rng, seconds + 40)]
    clock = straight(_LEAD_S + _u(rng, 0.5, 20), seconds, _u(rng, -40, 40))
    near, far = _PLACES[int(rng.integers(len(_PLACES)))]
    (one, way_one), (two, way_two) = _microphone(rng, near, 0, voices), _microphone(rng, far, 1, voices)
    a = _written(rng, recorded_through(one, straight(_LEAD_S, seconds + 15)), _u(rng, 18, 40))
    b = _written(rng, recorded_through(two, clock), _u(rng, 14, 35))
    return Case(name, kind, a, b, overlapping(clock, way_one - way_two - _LEAD_S, a.size / RATE))


_PLACES = [("close", "close"), ("close", "table"), ("close", "back"), ("table", "back")]


def _turns(rng: np.random.Generator, people: int, seconds: float) -> list[Signal]:
    """What each of them says: one at a time, now and then another one into it."""
    turns = [(int(rng.integers(people)), int(_u(rng, 2, 9) * RATE)) for _ in range(int(seconds / 2) + 1)]
    out = []
    for person in range(people):
        said = _speech(rng, seconds)
        own = np.concatenate([np.full(long, speaks == person or rng.random() < 0.1) for speaks, long in turns])
        out.append(said * own[: said.size])
    return out


def _clapping(rng: np.random.Generator, seconds: float) -> Signal:
    """Silence, and once or twice some seconds of applause."""
    hands = _db(_u(rng, -10, 0)) * sources.applause(rng, seconds)
    heard = np.zeros(hands.size, np.float32)
    for at in rng.uniform(5, seconds - 15, int(rng.integers(1, 3))):
        heard[round(at * RATE) : round((at + _u(rng, 3, 8)) * RATE)] = 1
    return hands * heard


def _microphone(rng: np.random.Generator, place: str, owner: int, voices: list[Signal]) -> tuple[Signal, float]:
    """What is heard in a place, and the mean seconds that the voices take to it; the last of them is the applause."""
    ways, heard = list[float](), np.zeros(min(voice.size for voice in voices), np.float32)
    for person, voice in enumerate(voices):
        own = place == "close" and person == owner
        way = 0.001 if own else _u(rng, 0.012, 0.035) if place == "back" else _u(rng, 0.003, 0.012)
        faint = 0.0 if own else _u(rng, 10, 25) if place == "close" else _u(rng, 0, 5)
        closer = 12.0 if own else -4.0 if place == "back" else 0.0
        heard += _db(-faint) * signal.oaconvolve(voice, _room(rng, way, closer))[: heard.size].astype(np.float32)
        ways.append(way)
    return sources.normalised(heard), float(np.mean(ways[:-1]))


def _apart(rng: np.random.Generator, kind: str, name: str, one: Signal, two: Signal) -> Case:
    """Two events: nothing to find."""
    both = (_written(rng, _heard(rng, sound), _u(rng, 12, 30)) for sound in (one, two))
    return Case(name, kind, *both, ())


def _length(rng: np.random.Generator) -> float:
    return _u(rng, 45, 200)


def strangers(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Two events of one sort: talk, music of one tempo, crowds, outdoors."""
    sort = str(rng.choice(["speech", "music", "crowd", "ambience", "mixed"]))
    tempo = _u(rng, 80, 140)

    def one(event: int) -> Signal:
        seconds = _length(rng)
        if sort == "music":
            return sources.music(rng, seconds, tempo)
        if sort == "crowd":
            talk = sum((_speech(rng, seconds, event) for _ in range(5)), np.zeros(1, np.float32))
            return np.asarray(talk + 0.5 * sources.applause(rng, seconds)[: talk.size], np.float32)
        return _sound(rng, seconds, sort, event)

    return _apart(rng, kind, name, one(0), one(1))


def takes(rng: np.random.Generator, kind: str, name: str) -> Case:
    """The same song, or the same text by the same voice, twice: every note and every sentence a little otherwise."""
    seed, spoken, click = int(rng.integers(1 << 30)), rng.random() < 0.5, rng.random() < 0.5
    play = _said_again if spoken else _played_again
    return _apart(rng, kind, name, play(rng, seed, click), play(rng, seed, click))


def _said_again(rng: np.random.Generator, seed: int, click: bool) -> Signal:
    """The sentences of a seed, each at its own speed and after a pause of its own; `click`: nearly the same pauses."""
    text = np.random.default_rng(seed)
    voice = str(text.choice(sources.VOICES))
    out: list[Signal] = []
    for _ in range(int(text.integers(12, 30))):
        said = sources._said(voice, " ".join(text.choice(sources.WORDS, size=int(text.integers(4, 12)))))
        pause = 0.8 + _u(rng, -0.02, 0.02) if click else _u(rng, 0.2, 1.6)
        at = np.arange(1, said.size - 3, 1 + _sign(rng) * _u(rng, 0.01, 0.08))
        out += [devices.interpolated(said, at), np.zeros(round(pause * RATE), np.float32)]
    return sources.normalised(np.concatenate(out))


def _played_again(rng: np.random.Generator, seed: int, click: bool) -> Signal:
    """The score of a seed by hand: each note some milliseconds early or late, harder or softer; to a click or not."""
    score = np.random.default_rng(seed)
    beat, notes = 60 / float(score.uniform(80, 140)), int(score.integers(150, 350))
    pace = 1.0 if click else 1 + _u(rng, -0.03, 0.03)
    out = np.zeros(round((notes * beat / 2 * pace + 4) * RATE), np.float32)
    scale = np.array([0, 2, 4, 5, 7, 9, 11]) + int(score.integers(50, 60))
    for number in range(notes):
        pitch, long = float(score.choice(scale)) + 12 * int(score.integers(0, 2)), beat * float(score.uniform(0.5, 2))
        at = round((number * beat / 2 * pace + abs(float(rng.normal(0, 0.012)))) * RATE)
        sources._add(out, at, sources._note(rng, pitch, long, _u(rng, 0.3, 0.6)))
    return sources.normalised(out)


def clicks(rng: np.random.Generator, kind: str, name: str) -> Case:
    """Metronomes of one tempo, or one bar again and again, at two events with a voice at each 6 to 20 dB lower."""
    tempo = float(rng.choice([60, 72, 90, 120]))
    bar, looped = _u(rng, 1.5, 4), rng.random() < 0.5
    seed = int(rng.integers(1 << 30))

    def one(event: int) -> Signal:
        seconds = _length(rng)
        same = (
            sources.loop(np.random.default_rng(seed), seconds, bar)
            if looped
            else sources.metronome(rng, seconds, tempo)
        )
        voice = _speech(rng, seconds, event)[: same.size]
        return np.asarray(same[: voice.size] + _db(-_u(rng, 6, 20)) * voice, np.float32)

    return _apart(rng, kind, name, one(0), one(1))


def broadcast(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One program or song at two events, from 6 dB under to 10 dB over the talk there, for 15 s or all the time."""
    seconds = _u(rng, 60, 150)
    played = _sound(rng, seconds + 40, str(rng.choice(["mixed", "music", "speech"])))
    brief = rng.random() < 0.3

    def one(event: int) -> Signal:
        own = _heard(rng, _speech(rng, seconds, event))
        first = round(_u(rng, 0, 40) * RATE)
        heard = played[first : first + own.size] * _db(_u(rng, -6, 10))
        if brief:
            heard = heard * (np.arange(heard.size) < 15 * RATE)
        return np.asarray(own[: heard.size] + heard, np.float32)

    return _apart(rng, kind, name, one(0), one(1))


SHORT = {
    "short-line": line,
    "short-dropouts": dropouts,
    "short-pieces": pieces,
    "short-piece": piece,
    "short-bend": bend,
    "short-step": step,
    "short-rate": rate,
    "short-echo": echo,
    "short-bars": bars,
    "short-bleed": bleed,
    "short-strangers": strangers,
    "short-takes": takes,
    "short-clicks": clicks,
    "short-broadcast": broadcast,
}
