"""Made-up rooms: the response from a source to two microphones, and how long sound takes to each."""

import numpy as np
import pyroomacoustics as pra

from bench.sync import suites
from bench.sync.sources import RATE, Signal

SOUND_SPEED = 343.0

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
