"""Who speaks at once: how much of what each microphone receives comes from the voice of its own person.

At each microphone the powers of voices add up, each as its pattern says. What every voice contributes is found by the multiplicative
updates of Lee and Seung (2001) for the Kullback-Leibler divergence, which keep it at zero or above.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from render_app.core.autocut.values import HOP_S, NOBODY, Labels

#: Frames over which powers are averaged: a syllable.
SYLLABLE_FRAMES = 15
#: A voice speaks where so much of its own microphone's power is its own, and within so many dB of how loud it mostly is.
OWN_SHARE, UNDER_LOUD_DB = 0.8, 15.0
#: A frame is of one voice where so much of its microphone's power is its own.
_ALONE = 0.9
#: Two speak at once for so long at least, seconds; and do so still over a gap that is shorter.
SHORTEST_S = 0.3
#: What is this much over the floor of a microphone is counted from there on.
_OVER_FLOOR = 1.5
_ROUNDS = 40
_LEAST = 1e-14

Decibels = NDArray[np.float32]
Powers = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Room:
    """Microphones and the voices that they hear. `level_db`: shape (frames, microphones); `floor_db`: of each microphone; `patterns`:
    the levels of each voice, (voices, microphones); `numbers`: whose microphone each voice is."""

    level_db: Decibels
    floor_db: Decibels
    patterns: Decibels
    numbers: NDArray[np.int16]


def pairs(room: Room, active: Mask) -> Labels:
    """The two who speak at once, of each frame, shape (frames, 2); NOBODY twice where one person does, or none."""
    found = np.full((len(active), 2), NOBODY, np.int16)
    if len(room.numbers) < 2:
        return found
    own, loud_db = _own(room)
    alone = [active & (one > _ALONE) for one in own.T]
    mostly = [np.quantile(loud_db[one, n], 0.7) if one.any() else 0.0 for n, one in enumerate(alone)]
    speaks = (own > OWN_SHARE) & (loud_db > np.array(mostly) - UNDER_LOUD_DB) & active[:, None]
    steady = np.ones(round(SHORTEST_S / HOP_S))
    both = scipy.ndimage.binary_closing(speaks.sum(axis=1) > 1, steady)
    both = scipy.ndimage.binary_opening(both, steady) & active
    found[both] = room.numbers[(-own[both]).argsort(axis=1, kind="stable")[:, :2]]
    return found


def _own(room: Room) -> tuple[Powers, Powers]:
    """Of each frame and voice: its share of its own microphone's power, and how loud it is, dB."""
    own = room.patterns[np.arange(len(room.numbers)), room.numbers]
    patterns = 10 ** ((room.patterns - own[:, None]).astype(np.float64) / 10)
    # Each microphone counts alike, whatever its gain.
    gain = 1 / np.maximum(patterns.max(axis=0), 1e-9)
    heard = 10 ** (room.level_db.astype(np.float64) / 10) - _OVER_FLOOR * 10 ** (room.floor_db / 10)
    heard = scipy.ndimage.uniform_filter1d(np.maximum(heard, _LEAST) * gain, SYLLABLE_FRAMES, axis=0)
    total = heard.sum(axis=1, keepdims=True)
    parts = _parts(heard / total, patterns * gain)
    received = (parts @ patterns)[:, room.numbers]
    return parts / np.maximum(received, 1e-12), 10 * np.log10(np.maximum(parts * total, 1e-16))


def _parts(heard: Powers, patterns: Powers) -> Powers:
    """What each voice contributes to each frame: the parts whose sum of patterns diverges least from what is heard."""
    parts = np.full((len(heard), len(patterns)), 1 / len(patterns))
    for _ in range(_ROUNDS):
        parts *= ((heard / np.maximum(parts @ patterns, 1e-9)) @ patterns.T) / patterns.sum(axis=1)
    return parts
