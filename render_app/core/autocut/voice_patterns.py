"""Whose voice is whose: the patterns that voices leave over microphones of unknown gain.

When the person at microphone s speaks, the level at microphone m is gain[m], plus `nearness` where m is s, all about their mean.
The gains are the same for everybody, so two people who take turns tell them: the difference between their frames points at their
two microphones. Where one person alone speaks, the lags and modest gains decide. A k-means whose centers are tied in this way.
"""

import numpy as np
from numpy.typing import NDArray

Decibels = NDArray[np.float32]
Labels = NDArray[np.int16]
#: How much louder a voice is at its own microphone, before anything is known; and the least and most that is believed.
NEARNESS_DB, LEAST_DB, MOST_DB = 10.0, 3.0, 25.0
#: In dB squared: the most that a frame may be off; what a lag costs that names somebody else; what a gain of 1 dB² costs.
CAP, OTHER_LEAD, GAIN = 150.0, 20.0, 0.02
ROUNDS, MOST_FRAMES = 10, 20_000


def fitted(shape: Decibels, leads: Labels, starts: list[Labels]) -> Decibels:
    """What each person's voice leaves, whether or not they were heard: (people, microphones). `shape`: levels about their mean,
    (frames, microphones); `leads`: where the sound came first, negative where that is not known; `starts`: guesses to begin with."""
    count = shape.shape[1]
    thin = slice(None, None, max(1, len(shape) // MOST_FRAMES))
    guesses = [*(one[thin] for one in starts), *(np.full(len(shape[thin]), n, np.int16) for n in range(count))]
    fits = [_fit(shape[thin], leads[thin], one) for one in guesses if (one >= 0).any()]
    return min(fits, key=lambda one: one[0])[1]


def nearest(shape: Decibels, centers: Decibels) -> Labels:
    """The person whose pattern each frame is nearest to."""
    return np.asarray(distances(shape, centers).argmin(axis=1), np.int16)


def distances(shape: Decibels, patterns: Decibels) -> Decibels:
    """Of each frame, how far it is from each pattern: root mean square, dB."""
    return np.asarray(np.sqrt(np.mean((shape[:, None, :] - patterns[None]) ** 2, axis=2)), np.float32)


def _fit(shape: Decibels, leads: Labels, owner: Labels) -> tuple[float, Decibels]:
    """What is left after some rounds from a guess, and the centers."""
    nearness = NEARNESS_DB
    for _ in range(ROUNDS):
        known = owner >= 0
        gain, nearness = _gains(shape[known], owner[known], nearness)
        centers = _centers(gain, nearness)
        owner = nearest(shape, centers)
    left = np.minimum(np.sum((shape - centers[owner]) ** 2, axis=1), CAP).mean()
    sure = leads >= 0
    against = float((leads[sure] != owner[sure]).mean()) if sure.any() else 0.0
    return float(left + OTHER_LEAD * against + GAIN * np.sum(gain**2)), centers


def _centers(gain: Decibels, nearness: float) -> Decibels:
    count = len(gain)
    return np.asarray(gain[None] + nearness * (np.eye(count) - 1 / count), np.float32)


def _gains(shape: Decibels, owner: Labels, nearness: float) -> tuple[Decibels, float]:
    """The gains and the nearness that fit best (least squares)."""
    own = np.eye(shape.shape[1], dtype=np.float32)[owner]
    share = own.mean(axis=0)
    apart = own - share
    spread = float(np.sum(apart * apart))
    if spread > 1e-6:
        nearness = float(np.clip(np.sum((shape - shape.mean(axis=0)) * apart) / spread, LEAST_DB, MOST_DB))
    return np.asarray(shape.mean(axis=0) - nearness * (share - 1 / shape.shape[1]), np.float32), nearness
