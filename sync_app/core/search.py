"""Where else does a stretch lie: a part of the second track that the answer does not explain, searched by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sync_app.core import correlate, coverage, refine
from sync_app.core.agreement import along
from sync_app.core.coverage import Pair
from sync_app.core.features import FRAMES_PER_SECOND
from sync_app.core.levels import WINDOW_S
from sync_app.core.placing import place
from sync_app.core.refine import Line
from sync_app.core.stretches import Stretch, on_first, taken
from sync_app.core.values import AGREEING, CONTRADICTING, Cover

#: A stretch shorter than this is not searched: what it shows may be chance.
LEAST_S = 4.0
_CHUNK_S, _CHUNK_HOP_S = 12.0, 6.0
#: Chunks of a gap against an hour of the first track, and at most; of what lies outside the overlap a quarter of that.
_CHUNKS_AN_HOUR, _MOST_CHUNKS = 60, 400
_FRAMES_AN_HOUR = 225_000
_PEAKS = 4
_APART_FRAMES = 12
_NEAR_S = 0.045
#: An answer must stand this far out of the whitened windows, and this share of the chunk agree by its MFCCs.
_FINE, _SHARE = 6.5, 0.5
#: The share of a stretch's time in the first track that may be explained already, in the overlap and outside of it.
_MOST_TAKEN, _MOST_TAKEN_OUTSIDE = 0.9, 0.3
_PLAIN_SCORE, _PLAIN_FINE = 10.0, 7.5
_DRIFT_FROM_S = 45.0
_DRIFT_ERROR_S = 0.03


@dataclass(frozen=True, slots=True)
class _Guess:
    """A line that a chunk of the second track might lie on, with its standard score."""

    start_s: float
    end_s: float
    line: Line
    score: float


def search(
    pair: Pair, gap: Cover, ppm: float, known: Sequence[Stretch], usual: tuple[float, float], effort: float = 1.0
) -> list[Stretch]:
    """The stretches of a gap that lie somewhere in the first track.

    `ppm`: the drift of the answer so far; `known`: what is explained already; `usual`: the levels of both tracks where they
    agree; `effort`: the share of the usual number of chunks that is tried.
    """
    found: list[Stretch] = []
    gaps = [gap]
    most = _MOST_TAKEN if effort == 1 else _MOST_TAKEN_OUTSIDE
    for guess in sorted(_guesses(pair, gap, ppm, effort), key=lambda guess: -guess.score):
        free = next((g for g in gaps if _inside(guess, g)), None)
        stretch = None if free is None else _grown(pair, guess, free, usual)
        if free is None or stretch is None or (taken(stretch, [*known, *found]) > most and not _plain(stretch, effort)):
            continue
        if effort < 1 and _back_in_time(stretch, known) and not _stands_out(stretch):
            continue
        found.append(stretch)
        gaps.remove(free)
        rest = (replace(free, end_s=stretch.start_s), replace(free, start_s=stretch.end_s))
        gaps += [part for part in rest if part.end_s - part.start_s >= LEAST_S]
        if not gaps:
            break
    return found


def _plain(stretch: Stretch, effort: float) -> bool:
    """Whether a stretch inside the overlap stands out so far that it is believed though the other track has that time in
    another stretch already: a file may be joined of parts that come again."""
    return effort == 1 and _stands_out(stretch)


def _stands_out(stretch: Stretch) -> bool:
    return stretch.score >= _PLAIN_SCORE and stretch.fine >= _PLAIN_FINE


def _back_in_time(stretch: Stretch, known: Sequence[Stretch]) -> bool:
    """Whether a recorder would have gone back in time between a stretch and others. What lies outside of the overlap is searched in
    all of the first track, where music of another part of the event is found that sounds alike."""
    start = on_first(stretch)[0]
    return any((stretch.start_s < other.start_s) != (start < on_first(other)[0]) for other in known)


def _inside(guess: _Guess, gap: Cover) -> bool:
    shared = min(guess.end_s, gap.end_s) - max(guess.start_s, gap.start_s)
    return shared >= min(LEAST_S, 0.9 * (guess.end_s - guess.start_s))


def _guesses(pair: Pair, gap: Cover, ppm: float, effort: float) -> list[_Guess]:
    """The highest peaks of each chunk's correlation with the whole first track."""
    low, high = round(gap.start_s * FRAMES_PER_SECOND), round(gap.end_s * FRAMES_PER_SECOND)
    needle = pair.second.mfcc[low : min(high, len(pair.second.mfcc))]
    length = min(len(needle), round(_CHUNK_S * FRAMES_PER_SECOND))
    if length < LEAST_S * FRAMES_PER_SECOND * 0.95 or len(pair.first.mfcc) < length:
        return []
    starts = _starts(len(needle), length, effort * _CHUNKS_AN_HOUR * _FRAMES_AN_HOUR / len(pair.first.mfcc))
    out = []
    for start, curve in zip(starts, correlate.curves(pair.first.mfcc, needle, starts, length), strict=True):
        for index in correlate.peaks(curve.values, _PEAKS, _APART_FRAMES):
            lag = (curve.first + index - (len(needle) - 1) - low) / FRAMES_PER_SECOND
            begin = gap.start_s + float(start) / FRAMES_PER_SECOND
            end = begin + length / FRAMES_PER_SECOND
            line = Line(lag - ppm * 1e-6 * (begin + end) / 2, ppm)
            out.append(_Guess(begin, end, line, float(curve.values[index])))
    return out


def _starts(frames: int, length: int, most: float) -> NDArray[np.int64]:
    count = 1 + -(-(frames - length) // round(_CHUNK_HOP_S * FRAMES_PER_SECOND))
    count = min(count, _MOST_CHUNKS, max(2, round(most)))
    return np.linspace(0, frames - length, count).round().astype(np.int64)


def _grown(pair: Pair, guess: _Guess, gap: Cover, usual: tuple[float, float]) -> Stretch | None:
    """The guess, if its chunk agrees, made as long as its line holds in the gap, and placed exactly."""
    begin, end = max(guess.start_s, gap.start_s), min(guess.end_s, gap.end_s)
    found = along(pair.first, pair.second, guess.line, (begin, end), min(WINDOW_S, end - begin - 0.1))
    agrees = coverage.agreeing(found)
    if not agrees.size or max(agrees.mean() / _SHARE, agrees.sum() / 6) < 1:
        return None
    run = _best_run(pair, Stretch(gap.start_s, gap.end_s, guess.line), usual, float(found.times[agrees][0]))
    return None if run is None else _placed(pair, run, guess)


def _best_run(pair: Pair, stretch: Stretch, usual: tuple[float, float], around: float) -> Stretch | None:
    """The longest run about a time in which nothing contradicts the line for as long as `LEAST_S`."""
    start, end = coverage.inside(stretch.line, pair)
    stretch = replace(stretch, start_s=max(start, stretch.start_s), end_s=min(end, stretch.end_s))
    found, states = coverage.states(pair, stretch, usual)
    agrees = [run for run in coverage.covers(stretch, found.times, states) if run.state != CONTRADICTING]
    here = next((run for run in coverage.joined([replace(r, state=AGREEING) for r in agrees])
                 if run.start_s <= around <= run.end_s), None)  # fmt: skip
    if here is None or here.end_s - here.start_s < 0.75 * LEAST_S:
        return None
    return replace(stretch, start_s=here.start_s, end_s=here.end_s)


def _placed(pair: Pair, run: Stretch, guess: _Guess) -> Stretch | None:
    """The line to a fraction of a millisecond; None where the whitened windows know nothing of it."""
    first, second = pair.first, pair.second
    times, length = refine.window_times(run.start_s, run.end_s, first.samples, second.samples, run.line)
    if times.size == 0:
        return None
    windows = refine.compare(first.samples, second.samples, run.line, times, length)
    reach = 0.0 if run.seconds < _DRIFT_FROM_S else _DRIFT_ERROR_S / run.seconds * 1e6
    fit = refine.fit(windows, reach, _NEAR_S)
    if fit.score < _FINE:
        return None
    exact = place(first, second, fit.line, windows, times)
    line = (
        exact.line if exact.sound.converged else replace(exact.line, offset_s=exact.line.offset_s - exact.sound.shift_s)
    )
    line = line if run.seconds >= _DRIFT_FROM_S else _level(line, run)
    return replace(run, line=line, score=guess.score, fine=fit.score)


def _level(line: Line, run: Stretch) -> Line:
    """The same lag in mid-stretch with the drift that was given: some seconds say nothing of a clock."""
    lag = float(line.lag(run.middle))
    return Line(lag - run.line.ppm * 1e-6 * run.middle, run.line.ppm)
