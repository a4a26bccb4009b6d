"""Sound that repeats itself, taken out: bars that a machine plays again and again fit at many lags, what is said or played over
them fits at one.

Both tracks have the same period, each by its own clock. From each moment what a period before it makes of it is taken away, by one
filter for the whole track, and the rest is compared as any two tracks are. The answer stays for a person to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, signal

from sync_app.core import confidence, pairs
from sync_app.core.features import RATE, TrackFeatures, measure, read_padded
from sync_app.core.pairs import Match
from sync_app.core.values import Altered, Samples, Track

#: Blocks in which a period is looked for, and how many of them at most.
_BLOCK_S, _BLOCKS = 120.0, 6
#: Shorter ones are tones and clicks; a longer one does not come again often enough.
_SHORTEST_S, _PEAK_S = 0.4, 0.005
#: How much of a track comes again a period later, at least; and the share of the highest peak that the
#: shortest period has: where it is no whole number of samples, a multiple stands higher.
_REPEATS, _AS_HIGH = 0.3, 0.6
#: Clocks that drift count one period alike to this share.
_ALIKE = 0.002
_BAND_HZ = (100.0, 3700.0)
_FLATTENED_HZ = 50.0
#: The filter is an eighth of a second long and follows from so many seconds at so many places.
_TAPS, _LEARNED_S, _PLACES = 8, 20, 12


@dataclass(frozen=True, slots=True)
class Unlooped(Altered):
    """A track without what comes again: `taps` is the filter that makes each moment of the one `lag` samples before it; in the first
    period, mirrored, of the one after it."""

    lag: int
    taps: Samples

    @property
    def frames(self) -> int:
        """Samples in all."""
        return self.track.frames

    def read(self, start: int, count: int) -> Samples:
        """Samples from `start`, as many as there are."""
        count = max(min(count, self.frames - start), 0)
        early = min(max(self.lag - start, 0), count)
        parts = [self._less(start, early, self.taps[::-1], start + self.lag)] if early else []
        if early < count:
            parts.append(self._less(start + early, count - early, self.taps, start + early - self.lag))
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _less(self, start: int, count: int, taps: Samples, at: int) -> Samples:
        half = taps.size // 2
        other = read_padded(self.track, at - half, count + taps.size - 1)
        left: Samples = read_padded(self.track, start, count) - signal.oaconvolve(other, taps, mode="valid")
        return left.astype(np.float32)


def match(first: TrackFeatures, second: TrackFeatures, found: Match | None) -> Match | None:
    """The pair by what does not repeat itself, where `found` is an answer among several that fit alike; else `found`."""
    if found is None or not _repeats(found) or first.track is None or second.track is None:
        return found
    period = period_of(first, second)
    if period is None:
        return found
    without = pairs.match(measure(unlooped(first.track, period)), measure(unlooped(second.track, period)))
    if without is None or not confidence.believable(without.measures):
        return found
    if len(without.stretches) == 1:
        without = pairs.at(first, second, without)
    measures = replace(without.measures, repeat=0.0, period_s=period)
    return replace(without, measures=measures) if confidence.believable(measures) else found


def _repeats(found: Match) -> bool:
    measures = found.measures
    return measures.fine > confidence.SEEN_FINE and measures.repeat > confidence.FITS_ELSEWHERE


def period_of(first: TrackFeatures, second: TrackFeatures) -> float | None:
    """The seconds after which both tracks repeat themselves; None where one does not, or they differ."""
    one, two = (_period(track.samples) for track in (first, second))
    return one if one is not None and two is not None and abs(one - two) < _ALIKE * one else None


def _period(samples: NDArray[np.int16]) -> float | None:
    """The shortest lag at which 8 kHz samples are as like themselves as at any other, in seconds."""
    size = min(samples.size, int(_BLOCK_S * RATE))
    low, high = int(_SHORTEST_S * RATE), size // 2
    if high <= 2 * low:
        return None
    starts = np.linspace(0, samples.size - size, max(1, min(_BLOCKS, samples.size // size))).astype(int)
    likeness = np.mean([_likeness(samples[start : start + size], high) for start in starts], axis=0)
    top = float(likeness[low:].max())
    if top < _REPEATS:
        return None
    first = low + int(np.argmax(likeness[low:] >= _AS_HIGH * top))
    return (first + int(np.argmax(likeness[first : first + int(_PEAK_S * RATE)]))) / RATE


def _likeness(samples: NDArray[np.int16], lags: int) -> NDArray[np.float64]:
    """How like itself a sound is at each lag, all frequencies counting alike; 1 where it comes again to the sample."""
    size = fft.next_fast_len(samples.size + lags, real=True)
    power = np.square(np.abs(fft.rfft(samples.astype(np.float32), size)))
    hertz = fft.rfftfreq(size, 1 / RATE)
    smooth = ndimage.uniform_filter1d(power, max(3, int(_FLATTENED_HZ * size / RATE)), mode="nearest")
    flat = np.where((hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1]), power / (smooth + 1e-9), 0.0)
    found: NDArray[np.float64] = fft.irfft(flat, size)[:lags].astype(np.float64)
    found *= samples.size / (samples.size - np.arange(lags)) / max(float(found[0]), 1e-12)
    return found


def unlooped(track: Track, period_s: float) -> Unlooped:
    """A track without what comes again after a period."""
    lag, size = round(period_s * track.rate), 2 * fft.next_fast_len(track.rate // _TAPS // 2, real=True)
    cross, power = np.zeros(size // 2 + 1, np.complex128), np.full(size // 2 + 1, 1e-12)
    for now, before in _learned(track, lag, size):
        cross += (now * np.conj(before)).sum(axis=0)
        power += np.square(np.abs(before)).sum(axis=0)
    taps = np.roll(fft.irfft(cross / power, size), size // 2)[1:]
    return Unlooped(track, lag, (taps * np.hanning(taps.size)).astype(np.float32))


def _learned(track: Track, lag: int, size: int) -> Iterator[tuple[NDArray[np.complex64], NDArray[np.complex64]]]:
    """The spectra of frames at some places of a track, and of those a period before them."""
    count = min(_LEARNED_S * track.rate, track.frames - lag)
    places = max(1, min(_PLACES, (track.frames - lag) // count))
    for start in np.linspace(lag, track.frames - count, places).astype(int):
        yield _spectra(track, int(start), count, size), _spectra(track, int(start) - lag, count, size)


def _spectra(track: Track, start: int, count: int, size: int) -> NDArray[np.complex64]:
    held = read_padded(track, start, max(count, size))
    frames = np.lib.stride_tricks.sliding_window_view(held, size)[:: size // 2]
    found: NDArray[np.complex64] = fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)
    return found
