"""Who speaks at once: whether two voices together tell what the microphones receive better than one does.

At each microphone the powers of voices add up over its hiss, each as its pattern says. Of every frame the best single voice, at any
loudness, is held against the best two; what two explain better is evidence, and a path through it (Viterbi) says when two speak.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from render_app.core.autocut.values import NOBODY, Labels

#: Frames over which powers are averaged.
SYLLABLE_FRAMES = 11
#: How loud a voice may be about how loud it mostly is, in steps, dB; and how much louder than the other who speaks.
LOUDNESS_DB, APART_DB = np.arange(-14.0, 10.1, 2.0), 14.0
#: Levels scatter about what is expected by so much at least, dB squared; one microphone is this far off at most, dB.
LEAST_SCATTER, MOST_OFF_DB = 2.0, 15.0
#: What two voices have to explain better, as they have more freedom; and the most that one frame says.
FREEDOM, MOST_SAID = 3.0, 4.0
#: What it costs that a second voice sets in or stops.
CHANGE_COST = 12.0
#: Who spoke alone for fewer frames is nobody's second voice.
ALONE_FRAMES = 25
#: The hiss of a microphone in relation to its quietest frames.
_HISS = 1.3
_BLOCK = 2000

Decibels = NDArray[np.float32]
Powers = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Room:
    """Microphones and the voices that they hear. `level_db`: shape (frames, microphones); `floor_db`: of each microphone; `voices_db`:
    the levels of each voice, (voices, microphones); `numbers`: whose microphone each voice is; `off`: of each frame and microphone,
    whether it did not record."""

    level_db: Decibels
    floor_db: Decibels
    voices_db: Decibels
    numbers: NDArray[np.int16]
    off: Mask


def pairs(room: Room, labels: Labels, voiced: Mask) -> Labels:
    """The two who speak at once, of each frame, shape (frames, 2), who is louder first; NOBODY twice where one person does, or none.
    `labels`: who speaks loudest; `voiced`: where that is a voice, and no noise over it."""
    found = np.full((len(labels), 2), NOBODY, np.int16)
    known = [n for n, number in enumerate(room.numbers) if (labels == number).sum() >= ALONE_FRAMES]
    couples = [(one, other) for pair in combinations(known, 2) for one, other in (pair, pair[::-1])]
    if not couples:
        return found
    single, double, which = _left(room, couples, np.flatnonzero(voiced))
    scatter = max(LEAST_SCATTER, float(np.median(single / np.maximum((~room.off[voiced]).sum(axis=1) - 1, 1))))
    said = np.full(len(labels), -MOST_SAID)
    said[voiced] = np.clip((single - double) / (2 * scatter) - FREEDOM, -MOST_SAID, MOST_SAID)
    both = _lasting(said) & voiced
    found[both] = room.numbers[np.array(couples)[which[both[voiced]]]]
    return found


def _left(
    room: Room, couples: list[tuple[int, int]], frames: NDArray[np.intp]
) -> tuple[Powers, Powers, NDArray[np.intp]]:
    """What one voice and what two leave unexplained of each of the frames, dB squared over all microphones, and which two."""
    hiss = _HISS * 10 ** (room.floor_db.astype(np.float64) / 10)
    alone = np.maximum(10 ** (room.voices_db.astype(np.float64) / 10) - hiss, 1e-3 * hiss)
    powers = scipy.ndimage.uniform_filter1d(10 ** (room.level_db.astype(np.float64) / 10), SYLLABLE_FRAMES, axis=0)
    heard = (10 * np.log10(np.maximum(powers[frames], 1e-12))).astype(np.float32)
    counts = (~room.off[frames]).astype(np.float32)
    ones = [_decibels(_louder(one) + hiss) for one in alone]
    twos = [_decibels(_together(alone[one], alone[other]) + hiss) for one, other in couples]
    single = np.min([_off(heard, counts, expected) for expected in ones], axis=0)
    doubles = np.array([_off(heard, counts, expected) for expected in twos])
    return single, doubles.min(axis=0), doubles.argmin(axis=0)


def _louder(voice: Powers) -> Powers:
    """A voice at each loudness that it may have."""
    return np.asarray(10 ** (LOUDNESS_DB[:, None] / 10) * voice)


def _together(louder: Powers, softer: Powers) -> Powers:
    """Two voices at each two loudnesses that they may have, the first in relation to its own no softer than the second."""
    first, second = (grid.ravel() for grid in np.meshgrid(LOUDNESS_DB, LOUDNESS_DB))
    near = (first >= second) & (first - second <= APART_DB)
    return np.asarray(10 ** (first[near, None] / 10) * louder + 10 ** (second[near, None] / 10) * softer)


def _decibels(powers: Powers) -> Decibels:
    return np.asarray(10 * np.log10(powers), np.float32)


def _off(heard: Decibels, counts: Decibels, expected: Decibels) -> Powers:
    """How far each frame is from the nearest of what is expected, summed over the microphones that recorded."""
    return np.concatenate([np.zeros(0), *_off_by_block(heard, counts, expected)])


def _off_by_block(heard: Decibels, counts: Decibels, expected: Decibels) -> Iterator[Powers]:
    for first in range(0, len(heard), _BLOCK):
        apart = np.abs(heard[first : first + _BLOCK, None, :] - expected[None])
        squares = np.minimum(apart, MOST_OFF_DB) ** 2 * counts[first : first + _BLOCK, None, :]
        yield squares.sum(axis=2).min(axis=1).astype(np.float64)


def _lasting(said: Powers) -> Mask:
    """Where two speak: the path through the evidence that is best after what its changes cost."""
    best = [0.0, -CHANGE_COST]
    came = np.zeros((len(said), 2), np.int8)
    for number, evidence in enumerate(said):
        one, two = best
        came[number] = (two - CHANGE_COST > one, two >= one - CHANGE_COST)
        best = [max(one, two - CHANGE_COST), max(two, one - CHANGE_COST) + float(evidence)]
    both = np.zeros(len(said), bool)
    state = int(best[1] > best[0])
    for number in range(len(said) - 1, -1, -1):
        both[number] = state
        state = int(came[number, state])
    return both
