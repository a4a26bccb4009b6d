"""Seeded recordings of one event, or of no common event, with the truth next to them."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import signal

from bench.sync import devices, rooms, sources, suites
from bench.sync.sources import RATE, Signal


@dataclass(frozen=True, slots=True)
class Truth:
    """Camera B on camera A's clock, as heard: `t_A = t_B * (1 + ppm / 1e6) + offset_s`, for `start_s` to `end_s` of B."""

    offset_s: float
    ppm: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Case:
    """Two recordings; `truths` is empty where there is nothing to find, and has a piece per jump otherwise."""

    name: str
    kind: str
    a: Signal
    b: Signal
    truths: tuple[Truth, ...]
    easy: bool = False

    @property
    def findable(self) -> bool:
        return bool(self.truths)


@dataclass(slots=True)
class Plan:
    """What to record. Times in seconds on the world's clock."""

    kind: str
    content: str = "speech"
    event_s: float = 120.0
    a: tuple[float, float] = (0.0, 90.0)
    b: tuple[float, float] = (10.0, 80.0)
    ppm: float = 0.0
    room: str = "small"
    snr: tuple[float, float] = (35.0, 30.0)
    noise: str = "pink"
    effects_a: tuple[str, ...] = ()
    effects_b: tuple[str, ...] = ()
    foreign_s: float = 0.0
    drop: tuple[float, float] | None = None
    easy: bool = False
    anywhere: bool = True


def content(rng: np.random.Generator, name: str, seconds: float) -> Signal:
    """The event's sound."""
    if name == "mixed":
        return sources.speech(rng, seconds) + 0.5 * sources.music(rng, seconds)
    makers: dict[str, Callable[[np.random.Generator, float], Signal]] = {
        "speech": sources.speech,
        "music": sources.music,
        "ambience": sources.ambience,
        "applause": sources.applause,
    }
    return makers[name](rng, seconds)


def filmed(rng: np.random.Generator, plan: Plan, name: str) -> Case:
    """Two cameras at one event."""
    sound = content(rng, plan.content, plan.event_s)
    (response_a, response_b), (delay_a, delay_b) = rooms.responses(rng, plan.room, plan.anywhere)
    drift = abs(plan.ppm) * 1e-6 * (plan.b[1] - plan.b[0])
    heard_a = devices.recorded(sources.normalised(signal.oaconvolve(sound, response_a)), *plan.a, 0.0)
    wet_b = sources.normalised(signal.oaconvolve(sound, response_b))
    heard_b = devices.recorded(wet_b, plan.b[0], plan.b[1] + drift, plan.ppm, plan.drop)
    heard_a = devices.add_noise(rng, heard_a, plan.snr[0], plan.noise)
    heard_b = devices.add_noise(rng, heard_b, plan.snr[1], plan.noise)
    if plan.foreign_s:
        other = sources.speech(rng, plan.foreign_s)
        heard_b[: other.size] = sources.normalised(other)
    a = devices.affected(rng, heard_a, plan.effects_a)
    b = devices.affected(rng, heard_b, plan.effects_b)
    offset = plan.b[0] - plan.a[0] + delay_a - delay_b
    return Case(name, plan.kind, a, b, _truths(plan, offset, a.size / RATE, b.size / RATE), plan.easy)


def _truths(plan: Plan, offset: float, length_a: float, length_b: float) -> tuple[Truth, ...]:
    rate = 1 + plan.ppm * 1e-6
    cuts = [(plan.foreign_s, length_b, 0.0)]
    if plan.drop is not None:
        cuts = [(plan.foreign_s, plan.drop[0], 0.0), (plan.drop[0], length_b, plan.drop[1])]
    truths = []
    for start, end, jump in cuts:
        low = max(start, (-offset - jump) / rate)
        high = min(end, (length_a - offset - jump) / rate)
        if high - low > 0.5:
            truths.append(Truth(offset + jump, plan.ppm, low, high))
    return tuple(truths)


def _u(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def positive(rng: np.random.Generator, kind: str, name: str, suite: str) -> Case:
    """One pair of a kind with something to find."""
    length = _u(rng, 70, 150)
    start = _u(rng, -30, 30)
    sound = str(rng.choice(["speech", "speech", "music", "mixed"]))
    plan = Plan(
        kind, sound, 0, (0, length), (start, start + _u(rng, 60, 140)), room=str(rng.choice(["small", "class"]))
    )
    plan.anywhere = suite == "anywhere"
    if kind == "easy":
        plan.easy = True
        plan.effects_b = (f"gain:{_u(rng, -20, 6):.1f}",)
    elif kind == "far":
        plan.room, plan.snr = "class", (25, _u(rng, 8, 18))
    elif kind == "hall":
        plan.room, plan.snr = "hall", (25, 20)
    elif kind == "noisy":
        plan.snr = (_u(rng, 0, 15), _u(rng, -5, 3))
        plan.noise = str(rng.choice(["pink", "white", "babble", "brown"]))
    elif kind == "phone":
        plan.effects_b = ("phone", "agc", "aac:48k")
    elif kind == "codec":
        plan.effects_a = (str(rng.choice(["aac:96k", "mp3:64k", "opus:32k"])),)
        plan.effects_b = (str(rng.choice(["aac:64k", "mp3:128k", "opus:24k"])), "gain:-12")
    elif kind == "agc-clip":
        plan.effects_a, plan.effects_b = ("agc",), (f"clip:{_u(rng, 15, 30):.0f}", "invert")
    elif kind == "partial":
        overlap = _u(rng, 8, 25)
        plan.b = (length - overlap, length - overlap + _u(rng, 60, 120))
        if rng.random() < 0.5:
            plan.a, plan.b = plan.b, plan.a
    elif kind == "foreign":
        plan.foreign_s = _u(rng, 35, 60)
        plan.b = (plan.b[0], plan.b[0] + _u(rng, 100, 160))
        plan.a = (0, plan.b[1] + 5)
    elif kind == "drift":
        long = _u(rng, 300, 700)
        plan.a, plan.b = (0, long), (start, start + long)
        plan.ppm = float(rng.choice([-1, 1])) * _u(rng, 20, 150)
        plan.snr = (20, _u(rng, 5, 25))
    elif kind == "dropped":
        plan.a, plan.b = (0, 200), (start, start + 200)
        plan.drop = (_u(rng, 60, 140), float(rng.choice([_u(rng, 0.02, 0.2), _u(rng, 0.5, 4), _u(rng, 5, 20)])))
        if suite == "shoot":
            plan.drop = (plan.drop[0], _u(rng, 0.01, 0.03))
    elif kind == "short":
        at = _u(rng, 5, length - 15)
        plan.b = (at, at + float(rng.choice([3, 5, 10])))
    elif kind == "outdoor":
        plan.room, plan.content, plan.snr = "open", "ambience", (20, _u(rng, 5, 20))
    elif kind == "long":
        start = _u(rng, 400, 1200)
        plan.a, plan.b = (0, start + _u(rng, 60, 300)), (start, start + _u(rng, 60, 300))
        plan.ppm = _u(rng, -60, 60)
        if rng.random() < 0.5:
            plan.a, plan.b, plan.ppm = (plan.b[0], plan.b[1]), plan.a, plan.ppm
    low = min(plan.a[0], plan.b[0]) - 1
    plan.a, plan.b = (plan.a[0] - low, plan.a[1] - low), (plan.b[0] - low, plan.b[1] - low)
    plan.event_s = max(plan.a[1], plan.b[1]) + 1
    return filmed(rng, plan, name)


def negative(rng: np.random.Generator, kind: str, name: str) -> Case:
    """One pair of a kind with nothing to find, or with no single answer."""
    length_a, length_b = _u(rng, 60, 150), _u(rng, 60, 150)
    if kind == "other-event":
        sound = str(rng.choice(["speech", "mixed", "ambience"]))
        return Case(name, kind, *(_lone(rng, content(rng, sound, n)) for n in (length_a, length_b)), ())
    if kind == "other-music":
        bpm = float(rng.choice([90, 120]))
        return Case(name, kind, *(_lone(rng, sources.music(rng, n, bpm)) for n in (length_a, length_b)), ())
    if kind == "long-other":
        return Case(name, kind, *(_lone(rng, content(rng, "speech", n)) for n in (1200.0, length_b * 3)), ())
    if kind == "silence":
        quiet = np.zeros(int(length_b * RATE), np.float32)
        return Case(name, kind, _lone(rng, sources.speech(rng, length_a)), quiet, ())
    if kind == "noise-floor":
        return Case(
            name, kind, *((0.001 * sources.coloured(rng, int(n * RATE), 1.0)) for n in (length_a, length_b)), ()
        )
    if kind == "tone":
        return Case(name, kind, sources.tone(length_a), sources.tone(length_b), ())
    if kind == "hum":
        common = (sources.hum(length_a), sources.hum(length_b))
        return Case(
            name, kind, *((h + 0.02 * sources.coloured(rng, h.size, 1.0)).astype(np.float32) for h in common), ()
        )
    if kind in ("loop", "metronome"):
        if kind == "loop":
            sound = sources.loop(rng, 200, float(rng.choice([2.0, 4.0, 1.5, _u(rng, 1, 8)])))
        else:
            sound = sources.metronome(rng, 200, float(rng.choice([60, 90, 120])))
        start = int(_u(rng, 10, 60) * RATE)
        spans = (devices.span(sound, at, int(length * RATE)) for at, length in ((0, length_a), (start, length_b)))
        return Case(name, kind, *(_lone(rng, x) for x in spans), ())
    if kind == "applause":
        return Case(name, kind, *(_lone(rng, sources.applause(rng, n)) for n in (length_a, length_b)), ())
    if kind == "no-audio":
        return Case(name, kind, _lone(rng, sources.speech(rng, length_a)), np.zeros(0, np.float32), ())
    if kind == "short-other":
        return Case(name, kind, _lone(rng, sources.speech(rng, length_a)), _lone(rng, sources.speech(rng, 3.0)), ())
    raise ValueError(kind)


def _lone(rng: np.random.Generator, sound: Signal) -> Signal:
    (response, _), _ = rooms.responses(rng, "small")
    heard = sources.normalised(signal.oaconvolve(sound, response)[: sound.size])
    return devices.affected(rng, devices.add_noise(rng, heard, 30, "pink"), ())


NEGATIVE = ("other-event", "other-music", "long-other", "silence", "noise-floor", "tone", "hum", "loop", "metronome",
            "applause", "no-audio", "short-other")  # fmt: skip


_KEPT = Path("var/bench/scenes")


def case(seed: int, index: int, suite: str = "anywhere") -> Case:
    """Case `index` of a seed: two of three have something to find. Made once, then kept on disk."""
    code = b"".join(
        Path(module.__file__ or "").read_bytes() for module in (sources, rooms, devices, sys.modules[__name__])
    )
    code += repr((suites.KINDS[suite], suite == "shoot" and suites.SHOT_FROM)).encode()
    kept = _KEPT / f"{suite}-{seed}-{index}-{hashlib.sha256(code).hexdigest()[:10]}.npz"
    if kept.exists():
        with np.load(kept) as held:
            truths = tuple(Truth(*(float(v) for v in row)) for row in held["truths"])
            name, kind = str(held["name"]), str(held["kind"])
            return Case(name, kind, loud(held["a"]), loud(held["b"]), truths, bool(held["easy"]))
    made = _made(seed, index, suite)
    _KEPT.mkdir(parents=True, exist_ok=True)
    truths_ = np.array([(t.offset_s, t.ppm, t.start_s, t.end_s) for t in made.truths]).reshape(-1, 4)
    np.savez(
        kept,
        a=kept_as_int16(made.a),
        b=kept_as_int16(made.b),
        truths=truths_,
        name=made.name,
        kind=made.kind,
        easy=made.easy,
    )
    return replace(made, a=loud(kept_as_int16(made.a)), b=loud(kept_as_int16(made.b)))


def kept_as_int16(sound: Signal) -> np.ndarray:
    """Samples as they are kept on disk."""
    return np.rint(np.clip(sound, -1, 32767 / 32768) * 32768).astype(np.int16)


def loud(sound: np.ndarray) -> Signal:
    """Kept samples as they were, in −1..1."""
    return (sound.astype(np.float32) / 32768).astype(np.float32)


def _made(seed: int, index: int, suite: str) -> Case:
    rng = np.random.default_rng(
        [seed, index] if suite == "anywhere" else [seed, index, list(suites.KINDS).index(suite)]
    )
    kinds = suites.KINDS[suite]
    if index % 3 < 2:
        kind = kinds[(index // 3 * 2 + index % 3) % len(kinds)]
        return positive(rng, kind, f"{suite}-{seed}-{index}-{kind}", suite)
    kind = NEGATIVE[(index // 3) % len(NEGATIVE)]
    return negative(rng, kind, f"{suite}-{seed}-{index}-{kind}")
