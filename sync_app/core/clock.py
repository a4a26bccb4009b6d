"""Does one line hold, or does the clock bend: lags along a stretch, and the fewest chords that follow them.

The lag of each window is taken from its MFCCs, which hear the whole sound and not one echo of it: some milliseconds for
6 s of sound, however the echoes change. Drops of a few milliseconds one after the other, a clock that is set right now
and then, a clock that swings: all show as a curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sync_app.core import refine, shifts
from sync_app.core.agreement import HOP_S, Numbers, along, lags_near
from sync_app.core.coverage import Pair
from sync_app.core.placing import place
from sync_app.core.refine import Line
from sync_app.core.shifts import Shift
from sync_app.core.stretches import Stretch

WINDOW_S = 6.0
#: A clock whose lags leave the line by less than this, in seconds, holds to a fraction of a frame.
BENT_S = 0.008
_EVERY = 4
_SMOOTH_S = 20.0
_LEAST_S = 30.0
_SHORTEST_S = 8.0
_AGREES = 0.1
_WRONG_S = 0.14
_NEAR_S = 0.012
_FINE = 7.0
_COST = 20.0
#: Whitened windows that are on a line, so many at least, and their length.
_LEAST_ON_LINE, _WHITE_S = 3, 4.0
#: Chords that stay as near as this to one line over both of them are one.
_ONE_LINE_S = 0.0025


@dataclass(frozen=True, slots=True)
class Curve:
    """Lags off a line, in seconds, of windows that agree there; `noise_s`: the standard deviation of one of them; `shifts`:
    where they step away for some seconds."""

    times: Numbers
    lags: Numbers
    noise_s: float
    shifts: tuple[Shift, ...] = ()

    @property
    def bend_s(self) -> float:
        """How far the smoothed lags reach from the lowest to the highest."""
        smooth = self.smoothed()
        return float(smooth.max() - smooth.min()) if smooth.size else 0.0

    def smoothed(self) -> Numbers:
        """The median of the lags within 10 s of each."""
        low = np.searchsorted(self.times, self.times - _SMOOTH_S / 2)
        high = np.searchsorted(self.times, self.times + _SMOOTH_S / 2)
        return np.array([float(np.median(self.lags[a:b])) for a, b in zip(low, high, strict=True)])

    @property
    def bent(self) -> bool:
        """Whether the lags leave the line by more than their noise does."""
        spread = self.noise_s * np.sqrt(WINDOW_S / _SMOOTH_S)
        return bool(self.bend_s > max(BENT_S, 7 * spread))


def curve(pair: Pair, stretch: Stretch, spans: Sequence[tuple[float, float]]) -> Curve:
    """Lags off the stretch's line in the spans (those that agree), every two seconds."""
    found = [lags(pair, stretch.line, span) for span in spans]
    times, off = (np.concatenate([f[k] for f in found]) if found else np.zeros(0) for k in range(2))
    steps = tuple(shift for f, span in zip(found, spans, strict=True) for shift in shifts.find(*f, span))
    apart = round(WINDOW_S / HOP_S)
    change = off[apart:] - off[:-apart]
    noise = float(np.median(np.abs(change - np.median(change)))) * 1.4826 / np.sqrt(2) if change.size > 4 else 0.0
    return Curve(times[::_EVERY], off[::_EVERY], max(noise, 0.0005), steps)


def holds(pair: Pair, line: Line, found: Curve, chords: Sequence[Stretch]) -> bool:
    """Whether the whitened windows show a straight line where the curve leaves it: the MFCCs of a few seconds, here and there
    in quiet, bend what the waves themselves show to be straight.

    Asked in each chord of the curve, of the windows in dispute alone: waves that are on the line elsewhere prove nothing.
    """
    disputed = np.abs(found.smoothed()) > BENT_S / 2
    counts = []
    for chord in chords:
        times = found.times[disputed & (found.times >= chord.start_s) & (found.times <= chord.end_s)]
        if times.size >= _LEAST_ON_LINE:
            counts.append((_on_line(pair, line, times), _on_line(pair, chord.line, times)))
    seen = sum(own for own, _ in counts) >= _LEAST_ON_LINE
    return seen and all(own >= max(other, 1) for own, other in counts)


def _on_line(pair: Pair, line: Line, times: Numbers) -> int:
    """How many windows at some times have their waves on a line."""
    if not times.size:
        return 0
    return int(np.count_nonzero(refine.on_line(pair.first.samples, pair.second.samples, line, times, _WHITE_S)))


def lags(pair: Pair, line: Line, span: tuple[float, float]) -> tuple[Numbers, Numbers]:
    """Lags off the line of the windows that agree more than they do some seconds next to it."""
    times, found, height = lags_near(pair.first, pair.second, line, span, WINDOW_S)
    chance = along(pair.first, pair.second, line, span, WINDOW_S)
    good = (height - chance.chance >= np.maximum(_AGREES, 4 * chance.spread)) & (np.abs(found) < _WRONG_S)
    return times[good], found[good]


def chords(pair: Pair, stretch: Stretch, found: Curve) -> list[Stretch]:
    """The stretch as the fewest lines that follow its curve, each placed by its own windows where they are clear."""
    if found.times.size < 4 or stretch.seconds < _LEAST_S:
        return [stretch]
    borders = partition(found.times, found.lags, found.noise_s, _SHORTEST_S)
    parts = []
    for low, high in pairwise(borders):
        start = stretch.start_s if low == 0 else float(found.times[low - 1] + found.times[low]) / 2
        end = stretch.end_s if high == found.times.size else float(found.times[high - 1] + found.times[high]) / 2
        line = _through(found.times[low:high], found.lags[low:high], stretch.line)
        parts.append(_exact(pair, replace(stretch, start_s=start, end_s=end, line=line, bent=True)))
    return _on_direct_sound(pair, _straightened(parts))


def _straightened(chords: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours that one of their two lines fits as well as its own does, as one."""
    out: list[Stretch] = []
    for chord in chords:
        longer = max((out[-1], chord), key=lambda p: p.seconds) if out else chord
        if out and _apart_s(out[-1], chord) <= _ONE_LINE_S:
            out[-1] = replace(longer, start_s=out[-1].start_s, end_s=chord.end_s)
        else:
            out.append(chord)
    whole = _one_line(out)
    return out if whole is None else [whole]


def _one_line(chords: Sequence[Stretch]) -> Stretch | None:
    """All chords as one, if a single line stays near enough to the ends of each."""
    times = np.array([t for chord in chords for t in (chord.start_s, chord.end_s)])
    lags = np.array([float(chord.line.lag(t)) for chord in chords for t in (chord.start_s, chord.end_s)])
    slope, level = np.polyfit(times, lags, 1)
    if float(np.abs(lags - level - slope * times).max()) > 2 * _ONE_LINE_S:
        return None
    longest = max(chords, key=lambda chord: chord.seconds)
    line = longest.line if len(chords) == 1 else Line(float(level), float(slope) * 1e6)
    return replace(longest, start_s=chords[0].start_s, end_s=chords[-1].end_s, line=line, bent=False)


def _apart_s(one: Stretch, two: Stretch) -> float:
    """How far the longer one's line is from the shorter one's, at worst, where the shorter one runs."""
    longer, shorter = (one, two) if one.seconds >= two.seconds else (two, one)
    return max(abs(float(longer.line.lag(t) - shorter.line.lag(t))) for t in (shorter.start_s, shorter.end_s))


def _on_direct_sound(pair: Pair, chords: list[Stretch]) -> list[Stretch]:
    """All chords moved by what lies between the strongest arrival and the direct sound in the clearest of them."""
    clearest = max(chords, key=lambda chord: chord.fine)
    if clearest.fine < _FINE:
        return chords
    times, length = _windows(clearest)
    first, second = pair.first, pair.second
    windows = refine.compare(first.samples, second.samples, clearest.line, times, length)
    exact = place(first, second, clearest.line, windows, times)
    shift = exact.sound.shift_s
    moved = [replace(p, line=replace(p.line, offset_s=p.line.offset_s + shift)) for p in chords]
    moved[chords.index(clearest)] = replace(clearest, line=exact.line)
    return moved


def partition(times: Numbers, lags: Numbers, noise_s: float, shortest_s: float) -> list[int]:
    """Borders (indices, first and last included) of the chords whose lines leave the least, each chord at a cost.

    Dynamic programming over all borders; the sums of squares of every chord come from running sums.
    """
    count = times.size
    t, y = times - times.mean(), lags / noise_s
    sums = [np.concatenate([[0.0], np.cumsum(v)]) for v in (np.ones(count), t, t * t, y, t * y, y * y)]
    best, back = np.full(count + 1, np.inf), np.zeros(count + 1, np.int64)
    best[0] = 0.0
    for end in range(1, count + 1):
        start = np.arange(end)
        n, st, stt, sy, sty, syy = (s[end] - s[:end] for s in sums)
        spread = np.maximum(stt - st * st / n, 1e-9)
        left = syy - sy * sy / n - np.square(sty - st * sy / n) / spread
        total = best[:end] + np.maximum(left, 0) + _COST
        total[(times[end - 1] - times[start] < shortest_s - 1e-6) & (n < count)] = np.inf
        back[end] = int(np.argmin(total))
        best[end] = total[back[end]]
    if not np.isfinite(best[count]):
        return [0, count]
    borders = [count]
    while borders[-1] > 0:
        borders.append(int(back[borders[-1]]))
    return borders[::-1]


def _through(times: Numbers, lags: Numbers, base: Line) -> Line:
    slope, level = np.polyfit(times, lags, 1) if times.size > 2 else (0.0, float(lags.mean()))
    return Line(base.offset_s + float(level), base.ppm + float(slope) * 1e6)


def _exact(pair: Pair, stretch: Stretch) -> Stretch:
    """The chord moved onto the whitened windows' own line near it, where they have one."""
    first, second = pair.first, pair.second
    times, length = _windows(stretch)
    if times.size < 3:
        return stretch
    windows = refine.compare(first.samples, second.samples, stretch.line, times, length)
    fit = refine.fit(windows, _NEAR_S / stretch.seconds * 1e6, _NEAR_S)
    if fit.score < _FINE:
        return stretch
    return replace(stretch, line=fit.line, fine=fit.score)


def _windows(stretch: Stretch) -> tuple[NDArray[np.float64], float]:
    length = 2.0
    count = int(min(stretch.seconds // length, 32))
    edges = np.linspace(stretch.start_s, stretch.end_s, count + 1)
    return (edges[:-1] + edges[1:]) / 2, length
