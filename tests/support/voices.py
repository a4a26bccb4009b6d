"""Voices at 48 kHz and noise under them, for what makes voices clearer."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tests.support import talk

RATE = 48_000
TEXT = (
    "The quick recording was made in a small room near the harbor. Three cameras stood around the table and everybody "
    "spoke in turn. After the break we listened again to what had been said before."
)


@cache
def spoken(voice: str = "slt") -> NDArray[np.float32]:
    """The text, its peak at 0.4."""
    sound = signal.resample_poly(talk.said(TEXT, voice), RATE // talk.RATE, 1)
    scaled: NDArray[np.float32] = (sound * 0.4 / np.abs(sound).max()).astype(np.float32)
    return scaled


def at_snr(voice: NDArray[np.float32], noise: NDArray[np.float32], db: float) -> NDArray[np.float32]:
    """The noise, so loud that the voice is `db` over it."""
    factor = np.sqrt(np.mean(voice**2) / np.mean(noise**2)) * 10 ** (-db / 20)
    scaled: NDArray[np.float32] = (noise * factor).astype(np.float32)
    return scaled


def white(count: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


def babble(count: int) -> NDArray[np.float32]:
    """Four voices at once."""
    turns = {"kal16": 9000, "awb": 50_000, "rms": 90_000, "slt": 120_000}
    mixed: NDArray[np.float32] = np.sum(
        [np.roll(np.resize(spoken(voice), count), turn) for voice, turn in turns.items()], axis=0
    )
    return mixed
