"""Seeded recordings of one event, or of no common event, with the truth next to them."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyroomacoustics as pra
from scipy import signal

from bench.sync import sources, suites
from bench.sync.sources import RATE, Signal

SOUND_SPEED = 343.0


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


ROOMS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    # size range of the longer walls, of the height, RT60 range
    "small": ((3.5, 6.0), (2.4, 3.0), (0.2, 0.4)),
    "class": ((7.0, 11.0), (2.8, 3.6), (0.4, 0.8)),
    "hall": ((14.0, 25.0), (5.0, 9.0), (0.9, 1.6)),
}


def responses(
    rng: np.random.Generator, room: str, anywhere: bool = True
) -> tuple[tuple[Signal, Signal], tuple[float, float]]:
    """Impulse responses from one source to the two microphones, and the seconds that sound needs to reach each."""
    if room == "open":
        distances = (float(rng.uniform(1, 8)), float(rng.uniform(2, 25)))
        return _arrivals(distances), (distances[0] / SOUND_SPEED, distances[1] / SOUND_SPEED)
    (low, high), (floor, ceiling), (dry, wet) = ROOMS[room]
    size = np.array([rng.uniform(low, high), rng.uniform(low, high), rng.uniform(floor, ceiling)])
    rt60 = float(rng.uniform(dry, wet))
    absorption, order = pra.inverse_sabine(rt60, size)
    shoebox = pra.ShoeBox(size, fs=RATE, materials=pra.Material(absorption), max_order=min(order, 24))
    source = _inside(rng, size)
    shoebox.add_source(source)
    near, far = (_inside(rng, size), _inside(rng, size)) if anywhere else _shot(rng, size, source, room)
    shoebox.add_microphone(np.stack([near, far], axis=1))
    shoebox.compute_rir()
    found = [np.asarray(shoebox.rir[i][0], np.float32) for i in range(2)]
    delays = tuple(float(np.linalg.norm(source - mic)) / SOUND_SPEED for mic in (near, far))
    half = pra.constants.get("frac_delay_length") // 2
    found = [_with_tail(rng, response[half:], rt60) for response in found]
    return (found[0], found[1]), (delays[0], delays[1])


def _inside(rng: np.random.Generator, size: np.ndarray) -> np.ndarray:
    return np.array([rng.uniform(0.5, s - 0.5) for s in size[:2]] + [rng.uniform(1.0, min(2.0, size[2] - 0.4))])


def _shot(rng: np.random.Generator, size: np.ndarray, source: np.ndarray, room: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the two cameras of a shoot stand, either of them the nearer one."""
    found = []
    for low, high in suites.SHOT_FROM[room]:
        while not low <= np.linalg.norm((place := _inside(rng, size)) - source) <= high:
            pass
        found.append(place)
    return (found[0], found[1]) if rng.random() < 0.5 else (found[1], found[0])


def _with_tail(rng: np.random.Generator, response: Signal, rt60: float) -> Signal:
    """The image method stops at its order; the rest of the decay is noise."""
    knee = int(0.75 * response.size)
    length = max(response.size, int(rt60 * RATE))
    decay = np.exp(-6.91 * np.arange(length) / (rt60 * RATE))
    span = slice(int(0.6 * response.size), knee)
    level = np.sqrt(np.mean(response[span] ** 2) / np.mean(decay[span] ** 2))
    out = (level * decay * rng.standard_normal(length)).astype(np.float32)
    fade = np.zeros(length, np.float32)
    fade[int(0.6 * response.size) : knee] = np.linspace(0, 1, knee - int(0.6 * response.size))
    fade[knee:] = 1
    out *= fade
    out[: response.size] += response * (1 - fade[: response.size])
    return out


def _arrivals(distances: tuple[float, float]) -> tuple[Signal, Signal]:
    out = []
    for distance in distances:
        response = np.zeros(int(0.12 * RATE), np.float32)
        exact = distance / SOUND_SPEED * RATE
        whole = int(exact)
        span = np.arange(whole - 16, whole + 18)
        taps = np.sinc(span - exact) * np.cos(np.pi * (span - exact) / 36) ** 2 / distance
        kept = span >= 0
        response[span[kept]] += taps[kept]
        out.append(response)
    return out[0], out[1]


def recorded(heard: Signal, start: float, end: float, ppm: float, drop: tuple[float, float] | None = None) -> Signal:
    """What a camera writes that runs from `start` to `end` with a clock `ppm` slow of the world's: cubic interpolation."""
    count = int((end - start) / (1 + ppm * 1e-6) * RATE)
    if drop is None and ppm == 0.0:
        first = round(start * RATE)
        return _span(heard, first, count)
    out = np.empty(count, np.float32)
    for at in range(0, count, 1 << 20):
        index = np.arange(at, min(at + (1 << 20), count), dtype=np.float64)
        world = start * RATE + index * (1 + ppm * 1e-6)
        if drop is not None:
            world += (index >= drop[0] * RATE) * drop[1] * RATE
        out[at : at + index.size] = interpolated(heard, world)
    return out


def interpolated(heard: Signal, at: np.ndarray) -> Signal:
    """`heard` at fractional sample positions, cubic; zero outside."""
    whole = np.floor(at).astype(np.int64)
    t = (at - whole).astype(np.float32)
    y0, y1, y2, y3 = (_take(heard, whole + k) for k in (-1, 0, 1, 2))
    c1 = 0.5 * (y2 - y0)
    c2 = y0 - 2.5 * y1 + 2 * y2 - 0.5 * y3
    c3 = 0.5 * (y3 - y0) + 1.5 * (y1 - y2)
    return ((c3 * t + c2) * t + c1) * t + y1


def _span(heard: Signal, first: int, count: int) -> Signal:
    out = np.zeros(count, np.float32)
    low, high = max(first, 0), min(first + count, heard.size)
    if high > low:
        out[low - first : high - first] = heard[low:high]
    return out


def _take(heard: Signal, index: np.ndarray) -> Signal:
    if index.size and index.min() >= 0 and index.max() < heard.size:
        return heard[index]
    inside = (index >= 0) & (index < heard.size)
    return np.where(inside, heard[np.clip(index, 0, heard.size - 1)], 0).astype(np.float32)


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


def add_noise(rng: np.random.Generator, heard: Signal, snr: float, kind: str) -> Signal:
    """Noise of the camera's own, `snr` dB under the sound it hears."""
    n = heard.size
    if kind == "babble":
        noise = sum(sources.speech(rng, n / RATE + 1)[:n] for _ in range(3))
    elif kind == "hum":
        noise = sources.hum(n / RATE + 0.1)[:n] + 0.1 * sources.coloured(rng, n, 1.0)
    else:
        noise = sources.coloured(rng, n, {"white": 0.0, "pink": 1.0, "brown": 2.0}[kind])
    level = np.sqrt(np.mean(heard.astype(np.float64) ** 2)) / np.sqrt(np.mean(np.asarray(noise, np.float64) ** 2))
    return (heard + noise * (level * 10 ** (-snr / 20))).astype(np.float32)


def agc(heard: Signal) -> Signal:
    """An automatic gain control that pumps: 50 ms attack, 1.5 s release."""
    step = RATE // 100
    frames = heard[: heard.size // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(frames**2, axis=1)) + 1e-5
    held = np.empty_like(level)
    now = level[0]
    for i, value in enumerate(level):
        now += (value - now) * (0.2 if value > now else 0.0066)
        held[i] = now
    gain = np.interp(np.arange(heard.size), (np.arange(held.size) + 0.5) * step, np.minimum(0.12 / held, 30))
    return (heard * gain).astype(np.float32)


def phone(heard: Signal) -> Signal:
    """300 to 3400 Hz."""
    band = signal.butter(4, [300, 3400], "bandpass", fs=RATE, output="sos")
    return signal.sosfiltfilt(band, heard).astype(np.float32)


def coded(heard: Signal, codec: str, bitrate: str) -> Signal:
    """Through a lossy codec and back, on the same clock."""
    names = {"aac": ("aac", "m4a"), "mp3": ("libmp3lame", "mp3"), "opus": ("libopus", "mkv")}
    encoder, extension = names[codec]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / f"sound.{extension}"
        raw = ["-f", "f32le", "-ar", str(RATE), "-ac", "1"]
        base = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        subprocess.run([*base[:1], "-v", "error", "-y", *raw, "-i", "-", "-c:a", encoder, "-b:a", bitrate, str(kept)],
                       input=heard.tobytes(), check=True)  # fmt: skip
        back = subprocess.run([*base, "-i", str(kept), *raw, "-"], capture_output=True, check=True).stdout
    return _span(np.frombuffer(back, np.float32), 0, heard.size)


def affected(rng: np.random.Generator, heard: Signal, effects: tuple[str, ...]) -> Signal:
    """One camera's chain, then 16-bit samples."""
    for effect in effects:
        name, _, value = effect.partition(":")
        if name == "gain":
            heard = heard * np.float32(10 ** (float(value) / 20))
        elif name == "agc":
            heard = agc(heard)
        elif name == "clip":
            heard = np.clip(heard * np.float32(10 ** (float(value) / 20)), -0.7, 0.7)
        elif name == "phone":
            heard = phone(heard)
        elif name == "invert":
            heard = -heard
        else:
            heard = coded(heard, name, value)
    return (np.round(np.clip(heard, -1, 1) * 32767) / 32768).astype(np.float32)


def filmed(rng: np.random.Generator, plan: Plan, name: str) -> Case:
    """Two cameras at one event."""
    sound = content(rng, plan.content, plan.event_s)
    (response_a, response_b), (delay_a, delay_b) = responses(rng, plan.room, plan.anywhere)
    drift = abs(plan.ppm) * 1e-6 * (plan.b[1] - plan.b[0])
    heard_a = recorded(sources.normalised(signal.oaconvolve(sound, response_a)), *plan.a, 0.0)
    wet_b = sources.normalised(signal.oaconvolve(sound, response_b))
    heard_b = recorded(wet_b, plan.b[0], plan.b[1] + drift, plan.ppm, plan.drop)
    heard_a = add_noise(rng, heard_a, plan.snr[0], plan.noise)
    heard_b = add_noise(rng, heard_b, plan.snr[1], plan.noise)
    if plan.foreign_s:
        other = sources.speech(rng, plan.foreign_s)
        heard_b[: other.size] = sources.normalised(other)
    a = affected(rng, heard_a, plan.effects_a)
    b = affected(rng, heard_b, plan.effects_b)
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
    if kind == "loop":
        period = float(rng.choice([2.0, 4.0, 1.5, _u(rng, 1, 8)]))
        sound = sources.loop(rng, 200, period)
        start = _u(rng, 10, 60)
        return Case(
            name,
            kind,
            *(
                _lone(rng, x)
                for x in (_span(sound, 0, int(length_a * RATE)), _span(sound, int(start * RATE), int(length_b * RATE)))
            ),
            (),
        )
    if kind == "metronome":
        sound = sources.metronome(rng, 200, float(rng.choice([60, 90, 120])))
        start = _u(rng, 10, 60)
        return Case(
            name,
            kind,
            *(
                _lone(rng, x)
                for x in (_span(sound, 0, int(length_a * RATE)), _span(sound, int(start * RATE), int(length_b * RATE)))
            ),
            (),
        )
    if kind == "applause":
        return Case(name, kind, *(_lone(rng, sources.applause(rng, n)) for n in (length_a, length_b)), ())
    if kind == "no-audio":
        return Case(name, kind, _lone(rng, sources.speech(rng, length_a)), np.zeros(0, np.float32), ())
    if kind == "short-other":
        return Case(name, kind, _lone(rng, sources.speech(rng, length_a)), _lone(rng, sources.speech(rng, 3.0)), ())
    raise ValueError(kind)


def _lone(rng: np.random.Generator, sound: Signal) -> Signal:
    (response, _), _ = responses(rng, "small")
    heard = sources.normalised(signal.oaconvolve(sound, response)[: sound.size])
    return affected(rng, add_noise(rng, heard, 30, "pink"), ())


NEGATIVE = ("other-event", "other-music", "long-other", "silence", "noise-floor", "tone", "hum", "loop", "metronome",
            "applause", "no-audio", "short-other")  # fmt: skip


_KEPT = Path("var/bench/scenes")


def case(seed: int, index: int, suite: str = "anywhere") -> Case:
    """Case `index` of a seed: two of three have something to find. Made once, then kept on disk."""
    code = b"".join(Path(module.__file__ or "").read_bytes() for module in (sources, sys.modules[__name__]))
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
