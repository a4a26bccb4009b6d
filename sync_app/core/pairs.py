"""Two tracks: is there one answer, and which. Candidates from the MFCC curve, a verdict from whitened windows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sync_app.core import correlate, direct, refine
from sync_app.core.confidence import Measures
from sync_app.core.correlate import MAX_DRIFT_PPM, Candidate, Detection
from sync_app.core.direct import DirectSound
from sync_app.core.drift import LineFit, robust_line
from sync_app.core.features import FRAMES_PER_SECOND, RATE, TrackFeatures
from sync_app.core.refine import Fit, Line, Windows
from sync_app.core.values import WindowLag

NEAR_S = 0.045
_THREADS = 2
_VERIFIED = 8
_ON_LINE = 4.2
_HEARD = 3.0
_AGREES = 3.5
_SWITCH_COST = 10.0
_DRIFT_ERROR_S = 0.16
#: Lags nearer to each other than this are one echo; pieces nearer than the other, one piece.
_SAME_S, _APART_S = 0.001, 0.004


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the second track's clock on which one line holds."""

    start_s: float
    end_s: float
    line: Line


@dataclass(frozen=True, slots=True)
class Match:
    """The best answer for a pair, whether or not it is to be believed: `measures` says."""

    line: Line
    drift_error_ppm: float
    measures: Measures
    stretches: tuple[Stretch, ...]
    windows: tuple[WindowLag, ...]
    detection: Detection
    overlap: tuple[float, float]
    repeat_s: float


def match(first: TrackFeatures, second: TrackFeatures) -> Match | None:
    """Compare two tracks; None where they are too short or one is silent."""
    detection = correlate.detect(first, second)
    with ThreadPoolExecutor(_THREADS) as pool:
        tried = list(pool.map(lambda c: _verify(first, second, c), detection.candidates[:_VERIFIED]))
    checked = [(c, t) for c, t in zip(detection.candidates, tried, strict=False) if t is not None]
    if not checked:
        return None
    candidate, (windows, fit) = max(checked, key=lambda item: _promise(item[0], item[1][1]))
    return _settle(first, second, detection, candidate, windows, fit, checked)


def _promise(candidate: Candidate, fit: Fit) -> float:
    """What speaks for a candidate, both detectors on one scale: whitened noise reaches 5.5, unrelated MFCCs 5."""
    return max(fit.score - 5.5, 0.0) + 0.6 * min(max(candidate.score - 5.0, 0.0), 20.0)


def _verify(first: TrackFeatures, second: TrackFeatures, candidate: Candidate) -> tuple[Windows, Fit] | None:
    line = Line(candidate.offset_s, candidate.ppm)
    start, end = line.overlap(first.seconds, second.seconds)
    if end <= start:
        return None
    reach = _DRIFT_ERROR_S / (end - start) * 1e6
    if reach >= MAX_DRIFT_PPM / 2:
        line, reach = Line(float(line.lag((start + end) / 2)), 0.0), MAX_DRIFT_PPM
        start, end = line.overlap(first.seconds, second.seconds)
    times, length = refine.window_times(start, end, first.samples, second.samples, line)
    if times.size == 0:
        return None
    windows = refine.compare(first.samples, second.samples, line, times, length)
    return windows, refine.fit(windows, reach, NEAR_S)


def _settle(
    first: TrackFeatures,
    second: TrackFeatures,
    detection: Detection,
    candidate: Candidate,
    windows: Windows,
    fit: Fit,
    checked: list[tuple[Candidate, tuple[Windows, Fit]]],
) -> Match:
    repeat, repeat_s = _repeats(first, second, windows, fit, candidate, checked)
    parts = _parts(first, second, windows, fit, candidate, checked)
    placed = _joined(first, second, windows, [_place(first, second, line, windows, times) for line, times in parts])
    main = max(placed, key=lambda part: (part.agreeing, part.weight))
    start, end = main.line.overlap(first.seconds, second.seconds)
    total = max(sum(part.weight for part in placed), 1e-9)
    lags = [
        WindowLag(round(float(t), 3), round(float(lag) * 1000, 3), round(float(w) / total, 5))
        for part in placed
        for t, lag, w in zip(part.times, part.lags, part.weights, strict=True)
    ]
    offsets = [float(part.line.lag(part.times.mean()) - main.line.lag(part.times.mean())) for part in placed]
    measures = Measures(
        score=candidate.score,
        fine=fit.score,
        repeat=repeat,
        hum=refine.far_share(windows, fit),
        agreeing=max(sum(part.agreeing for part in placed), int(np.count_nonzero(fit.scores >= _AGREES))),
        windows=int(windows.times.size),
        overlap_s=end - start,
        jump_ms=max(offsets) * 1000 - min(offsets) * 1000,
        residual_ms=main.residual_s * 1000,
        margin=candidate.score / max([1.0, *(c.score for c in detection.candidates if c is not candidate)]),
        moved_ms=abs(main.sound.shift_s) * 1000,
        spread_ms=main.sound.spread_s * 1000,
    )
    return Match(
        line=main.line,
        drift_error_ppm=main.ppm_error,
        measures=measures,
        stretches=_stretches(placed, first.seconds, second.seconds),
        windows=tuple(sorted(lags, key=lambda w: w.time_s)),
        detection=detection,
        overlap=(start, end),
        repeat_s=repeat_s,
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """One piece: its line, its windows' lags in seconds and their weights."""

    line: Line
    ppm_error: float
    residual_s: float
    sound: DirectSound
    times: NDArray[np.float64]
    lags: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def agreeing(self) -> int:
        return int(np.count_nonzero(self.weights))

    @property
    def weight(self) -> float:
        return float(self.weights.sum())


def _joined(first: TrackFeatures, second: TrackFeatures, windows: Windows, placed: list[_Placed]) -> list[_Placed]:
    """Pieces whose direct sound has the same lag are one: only the echo that was strongest changed."""
    kept: list[_Placed] = []
    for part in sorted(placed, key=lambda part: -part.weight):
        middle = float(part.times.mean())
        same = next((k for k in kept if abs(float(k.line.lag(middle) - part.line.lag(middle))) <= _APART_S), None)
        if same is None:
            kept.append(part)
            continue
        times = np.sort(np.concatenate((same.times, part.times)))
        line = replace(same.line, offset_s=same.line.offset_s - same.sound.shift_s)
        kept[kept.index(same)] = _place(first, second, line, windows, times)
    return kept


def _place(
    first: TrackFeatures, second: TrackFeatures, line: Line, windows: Windows, times: NDArray[np.float64]
) -> _Placed:
    """The drift from the strongest arrival, which every window hears; the offset from the direct sound among them."""
    windows = replace(windows, times=times)
    again = refine.compare(first.samples, second.samples, line, windows.times, windows.length_s)
    lags, scores = refine.peaks_near(again, 0.0015)
    good = scores >= _ON_LINE
    if good.sum() >= 3:
        fitted = robust_line(windows.times[good], lags[good], scores[good])
    else:
        fitted = LineFit(line, 2 / RATE / max(float(np.ptp(windows.times)), 1.0) * 1e6, 0.0)
    on_line = good & (np.abs(lags - fitted.line.lag(windows.times)) < 0.002)
    weights = np.where(on_line, np.square(np.minimum(scores, 20)), 0)
    sound = DirectSound(0.0, direct.NEAR_S)
    if first.track is not None and second.track is not None:
        sound = direct.place(first.track, second.track, fitted.line, windows.times, windows.length_s)
    shift = sound.shift_s
    moved = replace(fitted.line, offset_s=fitted.line.offset_s + shift)
    return _Placed(moved, fitted.ppm_error, fitted.residual_s, sound, windows.times, lags + shift, weights)


def _parts(
    first: TrackFeatures,
    second: TrackFeatures,
    windows: Windows,
    fit: Fit,
    candidate: Candidate,
    checked: list[tuple[Candidate, tuple[Windows, Fit]]],
) -> list[tuple[Line, NDArray[np.float64]]]:
    """The lines that hold one after the other, each with the middles of its windows: a pause or a drop changes lines."""
    times = windows.times
    middle = float(times.mean())
    options = [fit.line]
    for other, (_, theirs) in checked:
        shift = float(theirs.line.lag(middle) - fit.line.lag(middle))
        if other is not candidate and theirs.score >= 7 and abs(shift) > 0.1:
            options.append(replace(fit.line, offset_s=fit.line.offset_s + shift))
    left = fit.scores < 3.5
    if left.sum() >= 3:
        wide = replace(windows, line=fit.line, times=times[left])
        wide = refine.compare(first.samples, second.samples, fit.line, wide.times, wide.length_s)
        rest = refine.fit(wide, 5.0, refine.RADIUS_S - 0.01)
        shift = float(rest.line.lag(middle) - fit.line.lag(middle))
        if rest.score >= 7.5 and abs(shift) > _APART_S:
            options.append(replace(fit.line, offset_s=fit.line.offset_s + shift))
    broken = refine.split(windows, fit)
    if broken.gain > _SWITCH_COST:
        for shift in (broken.early_s, broken.late_s):
            line = replace(fit.line, offset_s=fit.line.offset_s + shift)
            if all(abs(float(line.lag(middle) - other.lag(middle))) > _SAME_S for other in options):
                options.append(line)
    if len(options) == 1:
        return [(fit.line, times)]
    with ThreadPoolExecutor(_THREADS) as pool:
        emissions = np.stack(list(pool.map(lambda line: _heights(first, second, line, windows), options)))
    path = _smooth_path(np.minimum(emissions, 10.0), _SWITCH_COST)
    held = [(options[choice], times[np.array(path) == choice]) for choice in dict.fromkeys(path)]
    return [(line, there) for line, there in held if there.size >= 2] or [(fit.line, times)]


def _heights(first: TrackFeatures, second: TrackFeatures, line: Line, windows: Windows) -> NDArray[np.float64]:
    near = refine.compare(first.samples, second.samples, line, windows.times, windows.length_s)
    return refine.peaks_near(near, 0.001)[1]


def _smooth_path(gains: NDArray[np.float64], cost: float) -> list[int]:
    """For each column the row that gains most, each change of row costing `cost` (Viterbi)."""
    total = gains[:, 0].copy()
    back = []
    for column in gains.T[1:]:
        best = int(np.argmax(total))
        stay = total >= total[best] - cost
        back.append(np.where(stay, np.arange(total.size), best))
        total = np.where(stay, total, total[best] - cost) + column
    path = [int(np.argmax(total))]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def _stretches(placed: list[_Placed], first_s: float, second_s: float) -> tuple[Stretch, ...]:
    ordered = sorted(placed, key=lambda part: float(part.times.min()))
    out = []
    for i, part in enumerate(ordered):
        start, end = part.line.overlap(first_s, second_s)
        if i:
            start = (float(ordered[i - 1].times.max()) + float(part.times.min())) / 2
        if i + 1 < len(ordered):
            end = (float(part.times.max()) + float(ordered[i + 1].times.min())) / 2
        out.append(Stretch(max(start, 0.0), end, part.line))
    return tuple(out)


def _repeats(
    first: TrackFeatures,
    second: TrackFeatures,
    windows: Windows,
    fit: Fit,
    candidate: Candidate,
    checked: list[tuple[Candidate, tuple[Windows, Fit]]],
) -> tuple[float, float]:
    """How well the best other answer fits in the same windows, as a share of this one, and how far off it is."""
    good = fit.scores >= _HEARD
    if not np.any(good):
        return 0.0, 0.0
    times = windows.times[good]
    worst, apart = 0.0, 0.0
    mine = float(fit.scores[good].mean())
    for other, (_, theirs) in checked:
        shift = float(theirs.line.lag(times.mean()) - fit.line.lag(times.mean()))
        if other is candidate or theirs.score < 5.5 or abs(shift) < 0.2:
            continue
        moved = replace(fit.line, offset_s=fit.line.offset_s + shift)
        inside = (moved.at(times) > windows.length_s / 2) & (moved.at(times) < first.seconds - windows.length_s / 2)
        if inside.sum() < max(1, 0.3 * good.sum()):
            continue
        there = refine.compare(first.samples, second.samples, moved, times[inside], windows.length_s)
        fitted = refine.fit(there, 5.0, NEAR_S)
        # Window by window as well: repeats that are not spaced to the sample add up to less than each of them shows.
        share = max(float(fitted.score / np.sqrt(inside.sum())), float(fitted.scores.mean())) / mine
        if share > worst:
            worst, apart = share, shift
    return worst, apart


def curve_for_evidence(match_: Match, points: int = 1500) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The correlation curve thinned to its highest values: lags in seconds, standard scores."""
    curve = match_.detection.curve
    step = max(1, -(-curve.size // points))
    padded = np.pad(curve, (0, -curve.size % step), constant_values=-np.inf).reshape(-1, step)
    highest = padded.argmax(axis=1) + np.arange(padded.shape[0]) * step
    return (match_.detection.first_lag + highest) / FRAMES_PER_SECOND, padded.max(axis=1)
