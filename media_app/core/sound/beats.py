"""The pulse of music: which tempo, which octave of it, and where each beat is to the millisecond. A tracker is given along."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound.runs import joined, runs

#: Frames of 10 ms.
FRAMES_S = 100
#: A beat is moved to the steepest rise of energy within so many seconds; once its neighbors say where it should be, within less.
NEAR_S, NEARER_S = 0.06, 0.025
#: … and never more than this share of a beat.
NEAR = 0.1
#: Neighbors on each side that say it, beats at the end that a tracker puts where its sound ends, and those at either end that have
#: neighbors on one side alone: where the tempo drifts they say it wrongly.
NEIGHBORS, AWRY, ONE_SIDED = 6, 4, 2
#: Beats whose gaps say where the next one follows.
RECENT = 6
#: Samples between two looks at the energy (4 ms at 16 kHz), and what each takes in.
_HOP, _SIZE = 64, 192
#: What begins at the beats stands out from all that begins by this, in standard deviations, or there is no pulse: by the second where
#: nothing says that it is music.
LEAST_Z, PERCUSSION_Z = 2.5, 3.5
#: Of every other beat, the weaker ones are none under this share of the stronger.
WEAK = 0.25
#: A faster tempo's beats stand out at least by this share of a slower one's.
CLEAR = 0.75
#: What lies between the beats are the beats where the energy rises so many times more there: a tracker follows what is widest, as hi-hats are.
BETWEEN = 2.0
#: Fewer are no pulse; nor are those of which less than this share is heard, one standard deviation above the mean.
FEWEST, HEARD = 6, 0.8
#: What begins near the beats scatters less than this share of how far it is looked for, or the tempo is not steady: by chance it is half.
#: Of fewer beats than `ENOUGH` less is believed.
STEADY, ENOUGH = 0.25, 16
#: Music is where the network is this sure of it, over half a second, frames of 10 ms.
SURE, SMOOTH = 0.4, 50
#: Pauses in music that are bridged, the shortest music in which a pulse is looked for, and the longest at once: frames.
BRIDGED, SHORTEST, LONGEST = 200, 400, 60_000
#: What the network is not sure of next to music, up to this, is its beginning or its end if nobody speaks.
FADED = 400
#: The shortest stretch without music or speech in which drums alone may have a pulse, and how long they have to keep it, seconds.
DRUMMED, DRUMS_S = 800, 6.0

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
    return _meant([pulse for pulse in pulses if pulse is not None])


def _meant(pulses: Sequence[Pulse]) -> Pulse | None:
    """The fastest of those whose beats are all there and stand out about as well; where some are always weak, the clearest."""
    even = [pulse for pulse in pulses if pulse.even]
    clearest = max((pulse.z for pulse in even), default=0.0)
    clear = [pulse for pulse in even if pulse.z >= CLEAR * clearest]
    if clear:
        return max(clear, key=lambda pulse: pulse.bpm)
    return max(pulses, key=lambda pulse: pulse.z, default=None)


def _pulse(energy: "Energy", strengths: NDArray[np.float64], octaves: Sequence[float], track: Tracker) -> Pulse | None:
    """The fastest of the octaves whose beats are all meant."""
    for index, bpm in enumerate(octaves):
        reach = min(NEAR_S, NEAR * 60 / bpm)
        even = _stressed(energy, _evened(track(strengths, bpm)[1:-AWRY] / FRAMES_S), reach)
        begun = energy.begun(even, reach)
        limps = {every: _limps(energy, strengths, begun, every) for every in (2, 3)}
        if (octaves[index + 1 :] and limps[2]) or not _steady(begun - even, reach):
            continue
        times = _sounding(strengths, _placed(energy, even + np.median(begun - even), len(strengths) / FRAMES_S))
        z = standing_out(strengths, times)
        if z < LEAST_Z or len(times) < FEWEST or _heard_share(strengths, times) < HEARD:
            continue
        fitted = _fitted(times)
        candidates = sorted(round(fitted * other / bpm, 3) for other in octaves)
        return Pulse(
            tuple(float(time) for time in times), fitted, tuple(candidates), round(z, 2), not any(limps.values())
        )
    return None


def _stressed(energy: "Energy", times: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """These beats, or those half a beat after them where far more begins there."""
    between = times[:-1] + np.diff(times) / 2
    if not len(between):
        return times
    here, there = (float(energy.accents(energy.begun(each, reach)).mean()) for each in (times, between))
    return between if there > BETWEEN * here else times


def _limps(energy: "Energy", strengths: NDArray[np.float64], times: NDArray[np.float64], every: int) -> bool:
    """Whether one of every two or three beats is weak: then the tempo is that share of it."""
    if len(times) < FEWEST:
        return False
    accents, begun = energy.accents(times), _near(strengths, times) - strengths.mean()
    return any(
        min(means) < WEAK * max(means)
        for means in ([float(np.mean(each[first::every])) for first in range(every)] for each in (accents, begun))
    )


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

    def begun(self, times: NDArray[np.float64], within_s: float) -> NDArray[np.float64]:
        """Where near each time the energy rises most steeply; of two rises alike the nearer."""
        reach = round(within_s / self.step)
        found = []
        for time in times:
            middle = round(time / self.step)
            first = max(0, middle - reach)
            near = self.rises[first : middle + reach + 1]
            near = near * (1 - ((first - middle + np.arange(len(near))) / (2 * reach)) ** 2)
            found.append((first + int(np.argmax(near))) * self.step if len(near) and near.max() > 0 else float(time))
        return np.array(found, np.float64)

    def accents(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much the energy rises at each time, in all and in the bass."""
        return self._at(self.rises, times) + self._at(self.bass, times)

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
    return float((_near(strengths, np.asarray(times)).mean() - strengths.mean()) / spread)


def _heard_share(strengths: NDArray[np.float64], times: NDArray[np.float64]) -> float:
    """The share of the beats at which something begins that stands out."""
    return float(np.mean(_near(strengths, times) > strengths.mean() + strengths.std()))


def _near(strengths: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """How strongly something begins about each time."""
    frames = np.rint(times * FRAMES_S).astype(int)
    return np.array([strengths[max(0, frame - 3) : frame + 5].max(initial=0.0) for frame in frames], np.float64)


def _sounding(strengths: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The beats from the first to the last at which something begins: a tracker goes on where the music has ended."""
    heard = np.flatnonzero(_near(strengths, times) > strengths.mean())
    return times[heard[0] : heard[-1] + 1] if len(heard) else times[:0]


def _evened(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each beat where its neighbors put it: the tempo may drift, a single beat does not jump."""
    if len(times) < FEWEST:
        return times
    gap = float(np.median(np.diff(times)))
    numbers = np.concatenate([[0.0], np.cumsum(np.maximum(1, np.rint(np.diff(times) / gap)))])
    even = []
    for number in np.arange(numbers[-1] + 1):
        near = np.flatnonzero(np.abs(numbers - number) <= NEIGHBORS)
        local = float(np.median(np.diff(times[near]) / np.diff(numbers[near])))
        even.append(float(np.median(times[near] + (number - numbers[near]) * local)))
    return np.array(even, np.float64)


def _placed(energy: Energy, even: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    """The beats up to `end`, each where the sound begins. Those before the first and after the last that are known follow from the
    others, one after the other."""
    sure = even[ONE_SIDED:-ONE_SIDED] if len(even) > 2 * ONE_SIDED + FEWEST else even
    placed = list(np.unique(energy.begun(sure, NEARER_S)))
    for _ in range(2):
        placed.reverse()
        _follow(energy, placed, end)
    return np.array(placed, np.float64)


def _follow(energy: Energy, times: list[float], end: float) -> None:
    """Add beat after beat in the direction in which they run, as long as there is sound."""
    while -NEARER_S < (guess := times[-1] + float(np.median(np.diff(times[-RECENT:])))) < end:
        times.append(float(energy.begun(np.array([guess]), NEARER_S)[0]))


def _steady(late: NDArray[np.float64], reach: float) -> bool:
    """Whether what begins near the beats begins at one distance from most of them, and not anywhere within reach."""
    allowed = STEADY * reach * min(1.0, len(late) / ENOUGH)
    return len(late) >= FEWEST and float(np.median(np.abs(late - np.median(late)))) <= allowed


def _fitted(times: NDArray[np.float64]) -> float:
    """Beats per minute of a line through all beats; a beat that was left out counts."""
    gap = float(np.median(np.diff(times)))
    numbers = np.concatenate([[0], np.cumsum(np.maximum(1, np.rint(np.diff(times) / gap)))])
    return round(60 / float(np.polyfit(numbers, times, 1)[0]), 3)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pulse is looked for, in frames, and by how much its beats have to stand out."""

    first: int
    end: int
    least_z: float = LEAST_Z

    def has(self, pulse: Pulse) -> bool:
        """Whether this pulse is believed here."""
        lasts = pulse.times[-1] - pulse.times[0]
        return pulse.z >= self.least_z and (self.least_z < PERCUSSION_Z or lasts >= DRUMS_S)


def places(heard: NDArray[np.float32]) -> list[Place]:
    """Where there may be a pulse: in music, and by drums alone where nobody speaks either. `heard`: (n, 3), how probable speech, singing
    and music are, every 10 ms."""
    speech, music = _lasting(heard[:, 0]), _lasting(heard[:, 1:].max(axis=1, initial=0.0))
    for first, end in runs(~(speech | music)):
        if end - first <= FADED and music[max(0, first - 1) : end + 1].any():
            music[first:end] = True
    played = [whole for whole in joined(runs(music), BRIDGED + 1) if whole[1] - whole[0] >= SHORTEST]
    rest = ~speech
    for first, end in played:
        rest[first:end] = False
    drummed = [whole for whole in runs(rest) if whole[1] - whole[0] >= DRUMMED]
    found = [Place(*part) for whole in played for part in pieces(*whole)]
    found += [Place(*part, PERCUSSION_Z) for whole in drummed for part in pieces(*whole)]
    return sorted(found, key=lambda place: place.first)


def _lasting(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the network is sure over half a second."""
    if not len(values):
        return np.zeros(0, bool)
    padded = np.pad(values, SMOOTH // 2, mode="edge")
    sure: NDArray[np.bool_] = np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH), mode="valid")[: len(values)] >= SURE
    return sure


def pieces(first: int, end: int) -> list[tuple[int, int]]:
    """A stretch in parts of ten minutes at most, of equal length."""
    count = max(1, -(-(end - first) // LONGEST))
    cuts = [first + (end - first) * number // count for number in range(count + 1)]
    return list(pairwise(cuts))
