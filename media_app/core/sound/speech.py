"""Where somebody speaks: the levels of short frames in, regions out.

The measure is the level in the band of the voice, held against the loudest speech and the noise of the place, so a quiet
talker and a loud one are found alike. `gate` says how far under the voice a sound still counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound.runs import joined, runs

RATE = 16_000
FRAME = 160
FRAME_S = FRAME / RATE
#: Nothing under this is speech, dBFS.
FLOOR_DB = -70.0
#: gate → dB under the voice that still counts, dB over the noise that is asked for.
GATES = {"sensitive": (34.0, 5.0), "normal": (26.0, 8.0), "strict": (18.0, 11.0)}
#: A word is no shorter, seconds; a click is.
SHORTEST_S = 0.06
#: A pause this short does not bring the music back, seconds: between words, and between sentences.
PAUSES = {"rolling": 0.6, "abrupt": 3.0}


@dataclass(frozen=True, slots=True)
class Region:
    """Seconds from time zero."""

    start: float
    end: float


def frame_levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """RMS of each whole 10 ms of 16 kHz mono sound, dBFS."""
    whole = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    power = np.mean(whole**2, axis=1)
    levels: NDArray[np.float32] = (10 * np.log10(np.maximum(power, 1e-12))).astype(np.float32)
    return levels


def regions(levels: NDArray[np.float32], gate: str, *, pause: float) -> tuple[Region, ...]:
    """Stretches in which somebody speaks, those less than `pause` seconds apart as one."""
    heard = levels[levels > FLOOR_DB]
    if len(heard) * FRAME_S < SHORTEST_S:
        return ()
    under, over = GATES[gate]
    voice, noise = float(np.percentile(heard, 95)), float(np.percentile(levels, 10))
    # Where nobody pauses the "noise" is the voice itself: it must not shut the gate on it.
    threshold = max(FLOOR_DB, voice - under, min(noise + over, voice - 9.0))
    found = runs(levels >= threshold)
    # Plosives are holes of a few frames; they do not end a word.
    phrases = [(start, end) for start, end in joined(found, 0.1 / FRAME_S) if (end - start) * FRAME_S >= SHORTEST_S]
    return tuple(Region(round(s * FRAME_S, 2), round(e * FRAME_S, 2)) for s, e in joined(phrases, pause / FRAME_S))


def key(found: tuple[Region, ...], seconds: float, rate: int, level: float) -> NDArray[np.float32]:
    """A side chain for a compressor: `level` wherever somebody speaks, else nothing; `seconds` long at `rate` Hz."""
    sound = np.zeros(round(seconds * rate), np.float32)
    for region in found:
        sound[round(region.start * rate) : round(region.end * rate)] = level
    return sound
