"""The pulse of music: which tempo, which octave of it, and where each beat is to the millisecond. A tracker is given along."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Frames of 10 ms.
FRAMES_S = 100
#: A beat is moved to the steepest rise of energy within so many seconds; once its neighbors say where it should be, within less.
NEAR_S, NEARER_S = 0.06, 0.025
#: Neighbors on each side that say it.
NEIGHBORS = 6
#: Samples between two looks at the energy (4 ms at 16 kHz), and what each takes in.
_HOP, _SIZE = 64, 192
#: What begins at the beats stands out from all that begins by this, in standard deviations, or there is no pulse.
LEAST_Z = 2.0
#: Of every other beat, the weaker ones are none under this share of the stronger.
WEAK = 0.25
#: Fewer are no pulse.
FEWEST = 6
#: The gaps between beats scatter less than this share, or the tempo is not steady.
STEADY = 0.05
#: Music is where the network is this sure of it, over half a second, frames of 10 ms.
SURE, SMOOTH = 0.4, 50
#: Pauses in music that are bridged, the shortest music in which a pulse is looked for, and the longest at once: frames.
BRIDGED, SHORTEST, LONGEST = 200, 400, 60_000

#: Strengths, beats per minute → frames of beats.
Tracker = Callable[[NDArray[np.float64], float], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats in seconds, the tempo of a line through them, its octaves that may be meant, and how clear it is. `even`: no beat of
    every two is weak."""

    times: tuple[float, ...]
    bpm: float
    candidates: tuple[float, ...]
    z: float
    even: bool = True


def find(
    sound: NDArray[np.float32], strengths: NDArray[np.float64], rate: int, bounds: tuple[float, float], track: Tracker
) -> Pulse | None:
    """The pulse of a stretch of music, with a tempo within `bounds`; None where there is no steady one."""
    best = _tempo(strengths, bounds)
    if best is None:
        return None
    energy = Energy.of(sound, rate)
    # Three beats of one tempo are two of another, and repeat as well.
    families = [_octaves(best * factor, bounds) for factor in (1.0, 1.5, 2 / 3)]
    pulses = [_pulse(energy, strengths, family, track) for family in families]
    return max((pulse for pulse in pulses if pulse is not None), key=lambda pulse: (pulse.even, pulse.z), default=None)


def _pulse(energy: "Energy", strengths: NDArray[np.float64], octaves: Sequence[float], track: Tracker) -> Pulse | None:
    """The fastest of the octaves whose beats are all meant."""
    for index, bpm in enumerate(octaves):
        rough = energy.snapped(track(strengths, bpm) / FRAMES_S, NEAR_S)
        limps = energy.limps(rough)
        if octaves[index + 1 :] and limps:
            continue
        times = energy.snapped(_evened(rough), NEARER_S)
        z = standing_out(strengths, times)
        if z < LEAST_Z or len(times) < FEWEST or _scatter(rough) > STEADY:
            return None
        fitted = _fitted(times)
        candidates = sorted(round(fitted * other / bpm, 2) for other in octaves)
        return Pulse(tuple(float(time) for time in times), fitted, tuple(candidates), round(z, 2), not limps)
    return None


def _octaves(bpm: float, bounds: tuple[float, float]) -> list[float]:
    """A tempo and its octaves within the bounds, the fastest first."""
    octaves = (bpm * factor for factor in (0.25, 0.5, 1, 2, 4))
    return sorted((one for one in octaves if bounds[0] <= one <= bounds[1]), reverse=True)


def _tempo(strengths: NDArray[np.float64], bounds: tuple[float, float]) -> float | None:
    """The tempo whose period, twice and three times it, the strengths repeat best with; without a preference among octaves."""
    if len(strengths) < SHORTEST:
        return None
    centered = strengths - strengths.mean()
    size = 1 << (2 * len(centered) - 1).bit_length()
    repeats = np.fft.irfft(np.abs(np.fft.rfft(centered, size)) ** 2, size)[: len(centered)]
    if repeats[0] <= 0:
        return None
    repeats = repeats / repeats[0]
    tempos = np.geomspace(bounds[0], bounds[1], 600)
    lags = 60 * FRAMES_S / tempos
    lagged = [np.interp(lags * times, np.arange(len(repeats)), repeats, right=0.0) for times in (1, 2, 3, 4)]
    # The weakest counts twice more: at three halves of a beat every second repetition fails.
    return float(tempos[int(np.argmax(np.sum(lagged, axis=0) + 2 * np.min(lagged, axis=0)))])


@dataclass(frozen=True, slots=True)
class Energy:
    """How the energy rises, every 4 ms: all of it, and that of the bass."""

    rises: NDArray[np.float64]
    bass: NDArray[np.float64]
    step: float

    @classmethod
    def of(cls, sound: NDArray[np.float32], rate: int) -> "Energy":
        """Of mono sound."""
        smooth = np.convolve(sound, np.full(rate // 160, 160 / rate), mode="same")
        return cls(_rises(sound), _rises(smooth), _HOP / rate)

    def snapped(self, times: NDArray[np.float64], within_s: float) -> NDArray[np.float64]:
        """Each time at the steepest rise near it."""
        reach = round(within_s / self.step)
        found = []
        for time in times:
            middle = round(time / self.step)
            first = max(0, middle - reach)
            near = self.rises[first : middle + reach + 1]
            found.append((first + int(np.argmax(near))) * self.step if len(near) and near.max() > 0 else float(time))
        return np.unique(np.array(found, np.float64))

    def limps(self, times: NDArray[np.float64]) -> bool:
        """Whether every other beat is weak: then the tempo is half of it."""
        if len(times) < FEWEST:
            return False
        accents = self._at(self.rises, times) + self._at(self.bass, times)
        even, odd = float(np.mean(accents[::2])), float(np.mean(accents[1::2]))
        return min(even, odd) < WEAK * max(even, odd)

    def _at(self, rises: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
        places = np.rint(times / self.step).astype(int)
        near = [rises[max(0, place - 3) : place + 8].max(initial=0.0) for place in places]
        return np.array(near, np.float64) / max(float(rises.mean()), 1e-12)


def _rises(sound: NDArray[Any]) -> NDArray[np.float64]:
    """By how much the level of each look is above that before it, where it rises."""
    squares = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    starts = np.arange(0, max(0, len(sound) - _SIZE), _HOP)
    levels = np.sqrt((squares[starts + _SIZE] - squares[starts]) / _SIZE)
    # A look that begins here holds what begins at its end.
    late = _SIZE // _HOP
    risen = np.maximum(0.0, np.diff(levels, prepend=levels[:1]))
    rises: NDArray[np.float64] = np.concatenate([np.zeros(late - 1), risen])
    return rises


def standing_out(strengths: NDArray[np.float64], times: Sequence[float] | NDArray[np.float64]) -> float:
    """By how many standard deviations what begins at the beats is stronger than the mean of all frames."""
    spread = float(strengths.std())
    if not spread or not len(times):
        return 0.0
    frames = np.rint(np.asarray(times) * FRAMES_S).astype(int)
    near = [strengths[max(0, frame - 3) : frame + 5].max(initial=0.0) for frame in frames]
    return float((np.mean(near) - strengths.mean()) / spread)


def _evened(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each beat where its neighbors put it: the tempo may drift, a single beat does not jump."""
    if len(times) < FEWEST:
        return times
    even = []
    for index in range(len(times)):
        near = np.arange(max(0, index - NEIGHBORS), min(len(times), index + NEIGHBORS + 1))
        gap = float(np.median(np.diff(times[near])))
        steps = np.rint((times[index] - times[near]) / gap)
        even.append(float(np.median(times[near] + steps * gap)))
    return np.array(even, np.float64)


def _scatter(times: NDArray[np.float64]) -> float:
    gaps = np.diff(times)
    return float(np.median(np.abs(gaps - np.median(gaps))) / np.median(gaps))


def _fitted(times: NDArray[np.float64]) -> float:
    """Beats per minute of a line through all beats; a beat that was left out counts."""
    gap = float(np.median(np.diff(times)))
    numbers = np.concatenate([[0], np.cumsum(np.maximum(1, np.rint(np.diff(times) / gap)))])
    return round(60 / float(np.polyfit(numbers, times, 1)[0]), 3)


def stretches(music: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Where there is music, as frames (first, end): `music` is how probable it is, every 10 ms."""
    if not len(music):
        return []
    mean = np.convolve(np.pad(music, SMOOTH // 2, mode="edge"), np.full(SMOOTH, 1 / SMOOTH), mode="valid")[: len(music)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mean >= SURE, [False]]).astype(np.int8))).reshape(-1, 2)
    joined: list[tuple[int, int]] = []
    for first, end in edges.tolist():
        if joined and first - joined[-1][1] <= BRIDGED:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((first, end))
    return [part for whole in joined for part in pieces(*whole) if part[1] - part[0] >= SHORTEST]


def pieces(first: int, end: int) -> list[tuple[int, int]]:
    """A stretch in parts of ten minutes at most, of equal length."""
    count = max(1, -(-(end - first) // LONGEST))
    cuts = [first + (end - first) * number // count for number in range(count + 1)]
    return list(pairwise(cuts))
