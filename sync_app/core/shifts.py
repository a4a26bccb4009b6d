"""Steps of a few frames that last for seconds: samples that a recorder lost and put right, or lost shortly before an end.

The MFCCs agree nearly as well some tens of milliseconds off the line, so that nothing contradicts; but the lag at which
windows of 6 s agree best steps away and stays away. What the waves then say in these seconds decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sync_app.core import refine
from sync_app.core.agreement import Numbers
from sync_app.core.coverage import Pair
from sync_app.core.placing import place
from sync_app.core.refine import Line
from sync_app.core.stretches import Stretch

#: A run of windows that is so far off those within half a minute, for so long, is a shift; at an end, where windows begin half
#: of their length inside, for less.
_SHIFT_S, _FROM_S, _FROM_AT_END_S, _AROUND_S = 0.016, 3.5, 1.0, 60.0
_WHITE_S, _LEAST_WINDOWS, _NEAR_S, _HEARD = 2.0, 2, 0.008, 6.0
#: A step over half a frame shows; a smaller one does no harm as a segment.
_SHOWN_S = 0.02
#: A lag that so many of some windows hear, so far from every shift, is that of a second source.
_ELSEWHERE, _ASKED, _AWAY_S = 3, 48, 6.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A run of windows that agree best `lag_s` off the line, unlike those before and after."""

    start_s: float
    end_s: float
    lag_s: float


def find(times: Numbers, lags: Numbers, span: tuple[float, float]) -> tuple[Shift, ...]:
    """Runs of windows whose lags step away together and stay away for some seconds, of a span that they cover."""
    if not lags.size or np.ptp(lags) < _SHIFT_S:
        return ()
    low = np.searchsorted(times, times - _AROUND_S / 2)
    high = np.searchsorted(times, times + _AROUND_S / 2)
    away = lags - np.array([float(np.median(lags[a:b])) for a, b in zip(low, high, strict=True)])
    side = np.where(np.abs(away) >= _SHIFT_S, np.sign(away), 0)
    edges = np.flatnonzero(np.diff(side) != 0) + 1
    out = []
    for first, last in pairwise([0, *edges.tolist(), times.size]):
        at_end = first == 0 or last == times.size
        if last == first or not side[first] or times[last - 1] - times[first] < (_FROM_AT_END_S if at_end else _FROM_S):
            continue
        start = span[0] if first == 0 else float(times[first])
        end = span[1] if last == times.size else float(times[last - 1])
        out.append(Shift(start, end, float(np.median(lags[first:last]))))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Apart:
    """Claims without the shifts whose waves lie elsewhere; these as stretches; the largest shift, in seconds, of which the waves say
    nothing; and what is left without the shifts that another source makes."""

    left: tuple[Stretch, ...]
    moved: tuple[Stretch, ...]
    doubt_s: float
    of_one_source: tuple[Stretch, ...]


def apart(pair: Pair, claims: Sequence[Stretch], line: Line, found: Sequence[Shift]) -> Apart:
    """Settle each shift of some claims, all on one line."""
    left, moved, doubt, other = list(claims), list[Stretch](), 0.0, list[Stretch]()
    for shift in found:
        run = Stretch(shift.start_s, shift.end_s, replace(line, offset_s=line.offset_s + shift.lag_s))
        there, here = _heard(pair, run), _heard(pair, replace(run, line=line))
        if there >= _HEARD and abs(shift.lag_s) > _SHOWN_S and _of_another_source(pair, claims, run, found):
            other.append(run)
        elif there >= max(here, _HEARD):
            exact = _placed(pair, replace(run, fine=there))
            moved += [part for claim in left if (part := _within(claim, exact)).seconds > 0]
            left = [part for claim in left for part in _without(claim, run)]
        elif here < _HEARD:
            doubt = max(doubt, abs(shift.lag_s))
    straight = left
    for run in other:
        straight = [part for claim in straight for part in _without(claim, run)]
    return Apart(tuple(left), tuple(moved), doubt, tuple(straight))


def _of_another_source(pair: Pair, claims: Sequence[Stretch], run: Stretch, steps: Sequence[Shift]) -> bool:
    """Whether a run's lag is heard in other places as well: another talker, nearer to the other microphone, or an echo. What a
    recorder lost is lost once."""
    times = [np.arange(claim.start_s + _WHITE_S, claim.end_s - _WHITE_S, _WHITE_S) for claim in claims]
    away = [t for t in np.concatenate(times) if all(t < s.start_s - _AWAY_S or t > s.end_s + _AWAY_S for s in steps)]
    if len(away) < _ELSEWHERE:
        return False
    some = np.array(away)[np.unique(np.linspace(0, len(away) - 1, _ASKED).round().astype(int))]
    heard = refine.on_line(pair.first.samples, pair.second.samples, run.line, some, _WHITE_S)
    return int(np.count_nonzero(heard)) >= _ELSEWHERE


def _windows(pair: Pair, run: Stretch) -> refine.Windows:
    count = max(int(run.seconds // _WHITE_S), _LEAST_WINDOWS)
    edges = np.linspace(run.start_s, run.end_s, count + 1)
    return refine.compare(pair.first.samples, pair.second.samples, run.line, (edges[:-1] + edges[1:]) / 2, _WHITE_S)


def _heard(pair: Pair, run: Stretch) -> float:
    """The standard score of the whitened windows near a run's line."""
    return refine.fit(_windows(pair, run), 0.0, _NEAR_S).score


def _placed(pair: Pair, run: Stretch) -> Stretch:
    """The run on its waves' own line: the direct sound's where that is clear, the strongest arrival's where not."""
    windows = _windows(pair, run)
    fit = refine.fit(windows, 0.0, _NEAR_S)
    exact = place(pair.first, pair.second, fit.line, windows, windows.times)
    shift = 0.0 if exact.sound.converged else exact.sound.shift_s
    lag = float(exact.line.lag(run.middle)) - shift
    return replace(run, line=Line(lag - run.line.ppm * 1e-6 * run.middle, run.line.ppm))


def _within(claim: Stretch, run: Stretch) -> Stretch:
    return replace(run, start_s=max(claim.start_s, run.start_s), end_s=min(claim.end_s, run.end_s))


def _without(claim: Stretch, run: Stretch) -> list[Stretch]:
    """What is left of a claim before and after a run."""
    before = replace(claim, end_s=min(claim.end_s, run.start_s))
    after = replace(claim, start_s=max(claim.start_s, run.end_s))
    return [part for part in (before, after) if part.seconds > 0]
