"""Sounds in which nobody speaks, at 16 kHz: what an ear that invents would hear words, beats or speech in."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tests.support import talk
from tests.support.talk import RATE

Sound = NDArray[np.float64]
Maker = Callable[[np.random.Generator, int], Sound]
PEAK = 0.3


def noise(kind: str, seconds: float, seed: int = 1, peak: float = PEAK) -> NDArray[np.float32]:
    """One kind of sound, its highest sample at `peak`."""
    made = KINDS[kind](np.random.default_rng(seed), round(seconds * RATE))
    highest = float(np.abs(made).max()) or 1.0
    return (peak * made / highest).astype(np.float32)


def _silence(rng: np.random.Generator, count: int) -> Sound:
    return np.zeros(count)


def _white(rng: np.random.Generator, count: int) -> Sound:
    return rng.normal(0, 1, count)


def colored(rng: np.random.Generator, count: int, slope: float) -> Sound:
    """Noise that is weaker the higher it is: slope 0.5 for pink, 1 for brown."""
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    return np.fft.irfft(spectrum / (np.arange(len(spectrum)) + 20.0) ** slope, count)


def _hum(rng: np.random.Generator, count: int) -> Sound:
    time = np.arange(count) / RATE
    tones = sum(np.sin(2 * np.pi * 50 * part * time) / part for part in (1, 2, 3, 5))
    return np.asarray(tones) + rng.normal(0, 0.01, count)


def _clicks(rng: np.random.Generator, count: int) -> Sound:
    out = np.zeros(count)
    out[:: RATE // 2] = 1.0
    return out


def _applause(rng: np.random.Generator, count: int) -> Sound:
    shape = np.exp(-np.arange(400) / 60)
    claps = ((at, rng.normal(0, 1, 400) * shape * rng.uniform(0.2, 1)) for at in _places(rng, count, 120))
    return _laid(count, claps)


def _music(rng: np.random.Generator, count: int) -> Sound:
    return talk.music(count / RATE, bpm=rng.uniform(70, 150), seed=int(rng.integers(1 << 30))).astype(np.float64)


def _wind(rng: np.random.Generator, count: int) -> Sound:
    """A low roar in gusts."""
    gusts = _slowly(rng.gamma(1.5, 1, count // RATE + 2), count)
    low = signal.sosfilt(signal.butter(2, 400, fs=RATE, output="sos"), colored(rng, count, 0.8))
    return low * (0.2 + gusts)


def _birds(rng: np.random.Generator, count: int) -> Sound:
    """Chirps between 2 and 7 kHz, in groups, over a faint rustle."""
    return _laid(count, ((at, _chirp(rng)) for at in _places(rng, count, 3))) + 0.01 * rng.normal(0, 1, count)


def _chirp(rng: np.random.Generator) -> Sound:
    size = int(rng.uniform(0.05, 0.3) * RATE)
    first, last, wobble = rng.uniform(2000, 7000), rng.uniform(2000, 7000), rng.uniform(0, 800)
    hertz = np.linspace(first, last, size) + wobble * np.sin(2 * np.pi * rng.uniform(10, 60) * np.arange(size) / RATE)
    return np.sin(2 * np.pi * np.cumsum(hertz) / RATE) * np.hanning(size) * rng.uniform(0.3, 1)


def _drums(rng: np.random.Generator, count: int) -> Sound:
    """A loop of bass drum, snare and hi-hat, swung by a little."""
    step, time = 60 / rng.uniform(80, 150) / 2, np.arange(RATE // 4) / RATE
    kick = np.sin(2 * np.pi * (50 * time - 0.75 * np.exp(-40 * time))) * np.exp(-18 * time)
    snare, hat = rng.standard_normal((2, len(time))) * np.exp(-np.outer([25, 120], time)) * [[0.5], [0.15]]
    times = np.arange(0, count / RATE, step)
    order = (kick, hat, snare, hat)
    return _laid(count, ((round(at * RATE), order[number % 4]) for number, at in enumerate(times)))


def _sweeps(rng: np.random.Generator, count: int) -> Sound:
    """Tones that slide from one pitch to another, as of sirens and of sounding rooms."""
    parts, left = [], count
    while left > 0:
        size = int(rng.uniform(0.5, 6) * RATE)
        hertz = np.geomspace(rng.uniform(60, 5000), rng.uniform(60, 5000), size)
        parts.append(np.sin(2 * np.pi * np.cumsum(hertz) / RATE) * np.minimum(1, np.hanning(size) * 20))
        left -= size
    return np.concatenate(parts)[:count]


def _laughter(rng: np.random.Generator, count: int) -> Sound:
    """Bursts of a voice without words: "ha" five times a second, falling."""
    return _laid(count, ((at, _laugh(rng)) for at in _places(rng, count, 0.4)))


def _laugh(rng: np.random.Generator) -> Sound:
    pitch, each = rng.uniform(140, 320), int(RATE / rng.uniform(4, 6))
    return np.concatenate([_ha(rng, pitch * 0.95**number, each) for number in range(int(rng.integers(3, 9)))])


def _ha(rng: np.random.Generator, pitch: float, size: int) -> Sound:
    time = np.arange(size) / RATE
    voiced = signal.sawtooth(2 * np.pi * pitch * time) * np.exp(-(((time * RATE / size) - 0.5) ** 2) / 0.02)
    breath = rng.normal(0, 0.3, size) * np.exp(-(((time * RATE / size) - 0.2) ** 2) / 0.01)
    return vowel(voiced + breath, (800, 1250, 2600))


def vowel(source: Sound, formants: tuple[float, ...]) -> Sound:
    """The source through the resonances of a mouth."""
    return np.sum(
        [
            signal.sosfilt(signal.butter(1, (f * 0.93, f * 1.07), "bandpass", fs=RATE, output="sos"), source)
            for f in formants
        ],
        axis=0,
    )


def _typing(rng: np.random.Generator, count: int) -> Sound:
    """Keys struck in bursts over the noise of a room."""
    burst = _slowly(rng.random(count // RATE + 2), count) > 0.4
    shape = np.exp(-np.arange(700) / 90)
    keys = ((at, rng.normal(0, 1, 700) * shape * rng.uniform(0.3, 1)) for at in _places(rng, count, 8) if burst[at])
    return _laid(count, keys) + 0.004 * rng.normal(0, 1, count)


def _crowd(rng: np.random.Generator, count: int) -> Sound:
    """A hall full of people from far away: twelve voices with nothing to be understood, under the sound of the room."""
    echo = rng.normal(0, 1, RATE) * np.exp(-np.arange(RATE) / (0.25 * RATE))
    return signal.oaconvolve(np.sum(_voices(rng, count, 12), axis=0), echo)[:count]


def _babble(rng: np.random.Generator, count: int) -> Sound:
    """Eight voices near by that talk at once, none louder than the others."""
    return np.sum(_voices(rng, count, 8), axis=0)


def _voices(rng: np.random.Generator, count: int, people: int) -> list[Sound]:
    words = [talk.said(text, voice) for voice, text in zip(("slt", "awb", "rms", "kal16"), _FAR, strict=True)]
    levels = [np.sqrt(np.mean(word**2)) for word in words]
    return [np.roll(np.resize(words[n % 4] / levels[n % 4], count), int(rng.integers(count))) for n in range(people)]


_FAR = (
    "There is a table near the door and another one in the corner of the hall.",
    "They said that the evening would be long, and that the food was late again.",
    "My brother came by train and his bag is still at the station.",
    "If you ask me, it was far too loud the last time we were here.",
)


def _organ(rng: np.random.Generator, count: int) -> Sound:
    """Held chords, slowly changing."""
    time, parts = np.arange(4 * RATE) / RATE, []
    for _ in range(count // len(time) + 1):
        root = rng.choice([110.0, 131.0, 147.0, 165.0, 196.0])
        tones = [
            np.sin(2 * np.pi * root * ratio * part * time) / part for ratio in (1, 1.25, 1.5) for part in (1, 2, 3, 4)
        ]
        parts.append(np.sum(tones, axis=0) * np.minimum(1, 10 * np.hanning(len(time))))
    return np.concatenate(parts)[:count]


def _choir(rng: np.random.Generator, count: int) -> Sound:
    """A choir without words: vowels held on chords, with vibrato."""
    time, parts = np.arange(3 * RATE) / RATE, []
    for _ in range(count // len(time) + 1):
        root, mouth = rng.choice([131.0, 147.0, 165.0, 196.0]), [(700, 1100, 2600), (400, 800, 2600), (300, 2200, 3000)]
        phases = [
            2 * np.pi * root * r * (time + 0.0004 * np.sin(2 * np.pi * rng.uniform(4, 6) * time))
            for r in (1, 1.25, 1.5, 2)
        ]
        parts.append(
            vowel(np.sum([signal.sawtooth(p) for p in phases], axis=0), mouth[int(rng.integers(3))])
            * np.hanning(len(time))
        )
    return np.concatenate(parts)[:count]


def _ringing(rng: np.random.Generator, count: int) -> Sound:
    """Telephones and beeps: short tones in rows, with pauses."""
    return _laid(count, ((at, _ring(rng)) for at in _places(rng, count, 0.3)))


def _ring(rng: np.random.Generator) -> Sound:
    size, hertz = int(rng.uniform(0.08, 0.4) * RATE), rng.uniform(400, 2500, 2)
    tone = sum(np.sin(2 * np.pi * f * np.arange(size) / RATE) for f in hertz) * np.minimum(1, 8 * np.hanning(size))
    return np.tile(np.concatenate([tone, np.zeros(size)]), int(rng.integers(2, 8)))


def _slowly(each_second: Sound, count: int) -> Sound:
    """From second to second through these values."""
    return np.interp(np.arange(count), RATE * np.arange(len(each_second)), each_second)


def _places(rng: np.random.Generator, count: int, a_second: float) -> NDArray[np.int64]:
    return rng.integers(0, count, max(1, round(count / RATE * a_second)))


def _laid(count: int, sounds: Iterable[tuple[int, Sound]]) -> Sound:
    """Each sound from its sample on, one over another."""
    out = np.zeros(count)
    for at, sound in sounds:
        out[at : at + len(sound)] += sound[: count - at]
    return out


KINDS: dict[str, Maker] = {
    "silence": _silence, "white": _white, "hum": _hum, "clicks": _clicks, "applause": _applause, "music": _music,
    "pink": lambda rng, count: colored(rng, count, 0.5), "brown": lambda rng, count: colored(rng, count, 1.0),
    "wind": _wind, "birds": _birds, "drums": _drums, "sweeps": _sweeps, "laughter": _laughter, "typing": _typing,
    "crowd": _crowd, "babble": _babble, "organ": _organ, "choir": _choir, "ringing": _ringing,
}  # fmt: skip
