"""Two tracks: is there one answer, and which. Candidates from the MFCC curve, a verdict from whitened windows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sync_app.core import (
    coarse,
    confidence,
    correlate,
    coverage,
    echoes,
    events,
    one_event,
    playback,
    refine,
    segments,
)
from sync_app.core.confidence import Measures
from sync_app.core.correlate import MAX_DRIFT_PPM, Candidate, Detection
from sync_app.core.features import TrackFeatures
from sync_app.core.placing import APART_S, Placed, joined, place, smooth_path
from sync_app.core.refine import Fit, Line, Windows
from sync_app.core.segments import Account
from sync_app.core.stretches import Stretch
from sync_app.core.values import CONTRADICTING, SILENT, WindowLag

NEAR_S = 0.045
_THREADS = 2
_VERIFIED = 8
_ON_LINE = 4.2
_HEARD = 3.0
_AGREES = 3.5
_SWITCH_COST = 10.0
_DRIFT_ERROR_S = 0.16
_NEAR_PPM = 20.0
#: Lines of different drift that meet as near as this are one clock that bends.
_KNEE_S = 0.01
#: A candidate with this standard score in the whitened windows and so many times the MFCC score of the next one has no rival.
_ALONE_FINE, _ALONE = 12.0, 2.0
#: So many short moments at least, and their standard score, for an answer by them.
_LEAST_EVENTS, _HEARD_EVENTS = 4, 7.5
#: How much of a comparison is done when there are candidates, and when there is a line; of recordings of a minute to half an hour.
_DETECTED, _MEASURED = 0.25, 0.75
#: Lags nearer to each other than this are one echo; stretches nearer than the other, one stretch.
_SAME_S, _ECHO_S = 0.001, 0.003


@dataclass(frozen=True, slots=True)
class Match:
    """The best answer for a pair, whether or not it is to be believed: `measures` says. `account`: the whole overlap, None
    where the answer is not worth one; `factor`: seconds that each of the second track's takes, where another rate was tried."""

    line: Line
    drift_error_ppm: float
    measures: Measures
    stretches: tuple[Stretch, ...]
    windows: tuple[WindowLag, ...]
    detection: Detection
    overlap: tuple[float, float]
    repeat_s: float
    account: Account | None = None
    factor: float = 1.0

    @property
    def drawn(self) -> "Match":
        """The same with its curve thinned to what is drawn of it: of many pairs of hours nothing more is kept."""
        return replace(self, detection=self.detection.thinned())


Checked = list[tuple[Candidate, tuple[Windows, Fit]]]
Report = Callable[[float], None]


def unheeded(share: float) -> None:
    """Where nobody waits."""


def match(
    first: TrackFeatures, second: TrackFeatures, near: tuple[float, float] | None = None, report: Report = unheeded
) -> Match | None:
    """Compare two tracks; None where they are too short or one is silent. `near`: the part of the first that the second is
    expected in; it is looked for there alone. `report` gets the share that is done."""
    detection = correlate.detect(first, second, near)
    checked = _checked(first, second, detection)
    if not checked:
        return None
    report(_DETECTED)
    candidate, (windows, fit) = max(checked, key=lambda item: _promise(item[0], item[1][1]))
    windows, fit = _on_direct(first, second, windows, fit)
    found = _measure_match(first, second, detection, candidate, windows, fit, checked)
    report(_MEASURED)
    direct, there = _on_direct(first, second, windows, replace(fit, line=found.line))
    if direct is not windows:
        found = _measure_match(first, second, detection, candidate, direct, there, checked)
    if not confidence.worth_a_look(found.measures):
        return found
    pair = coverage.paired(first, second)
    return _accounted(pair, _unheard(pair, found, candidate) if fit.score < coarse.UNHEARD_FINE else found)


def _on_direct(first: TrackFeatures, second: TrackFeatures, windows: Windows, fit: Fit) -> tuple[Windows, Fit]:
    """The windows and their fit on the direct sound, where the strongest arrival is an echo of it."""
    late = echoes.late_s(first.samples, second.samples, windows, fit) if fit.score >= confidence.SEEN_FINE else 0.0
    if not late:
        return windows, fit
    line = replace(fit.line, offset_s=fit.line.offset_s + late)
    moved = refine.compare(first.samples, second.samples, line, windows.times, windows.length_s)
    return moved, refine.fit(moved, _NEAR_PPM, _ECHO_S)


def _unheard(pair: coverage.Pair, found: Match, candidate: Candidate) -> Match:
    """The match where windows of seconds have heard nothing, and would put it on the highest of their noise: by short loud
    moments, if their waves agree, or else on a line of its MFCCs."""
    near = Line(candidate.offset_s, candidate.ppm)
    start, end = near.overlap(pair.first.seconds, pair.second.seconds)
    level = Line(float(near.lag((start + end) / 2)), 0.0)
    return _by_events(pair, found, candidate, level) or _by_mfccs(pair, found, level)


def _by_events(pair: coverage.Pair, found: Match, candidate: Candidate, level: Line) -> Match | None:
    first, second = pair.first, pair.second
    times = events.middles(first.samples, second.samples, level, coverage.inside(level, pair))
    if times.size < _LEAST_EVENTS:
        return None
    windows = refine.compare(first.samples, second.samples, level, times, events.LENGTH_S)
    fit = refine.fit(windows, _NEAR_PPM, NEAR_S)
    if fit.score < _HEARD_EVENTS:
        return None
    remeasured = _measure_match(first, second, found.detection, candidate, windows, fit, [(candidate, (windows, fit))])
    return replace(remeasured, measures=replace(remeasured.measures, margin=found.measures.margin))


def _by_mfccs(pair: coverage.Pair, found: Match, level: Line) -> Match:
    fitted = coarse.line_of(pair, level, coverage.inside(level, pair))
    if fitted is None:
        return found
    start, end = coverage.inside(fitted.line, pair)
    return replace(
        found,
        line=fitted.line,
        drift_error_ppm=fitted.ppm_error,
        stretches=(Stretch(start, end, fitted.line),),
        windows=fitted.windows,
        overlap=(start, end),
    )


def _checked(first: TrackFeatures, second: TrackFeatures, detection: Detection) -> Checked:
    """The candidates with their whitened windows; the first alone where both detectors know no other."""
    best = detection.candidates[:1]
    tried = [_verify(first, second, candidate) for candidate in best]
    if tried and tried[0] is not None and _stands_alone(detection, tried[0][1]):
        return [(best[0], tried[0])]
    with ThreadPoolExecutor(_THREADS) as pool:
        tried += pool.map(lambda c: _verify(first, second, c), detection.candidates[1:_VERIFIED])
    return [(c, t) for c, t in zip(detection.candidates, tried, strict=False) if t is not None]


def _stands_alone(detection: Detection, fit: Fit) -> bool:
    rival = detection.candidates[1].score if len(detection.candidates) > 1 else 0.0
    return fit.score >= _ALONE_FINE and detection.candidates[0].score >= _ALONE * max(rival, 5.0)


def _accounted(pair: coverage.Pair, found: Match) -> Match:
    """The match with its whole overlap accounted for."""
    first, second = pair.first, pair.second
    account = segments.account(pair, found.stretches)
    main = max(account.stretches, key=lambda stretch: stretch.seconds)
    bent = any(stretch.bent for stretch in account.stretches)
    own = any(stretch.line == found.line for stretch in account.stretches)
    line = found.line if own or (bent and main.seconds < 0.5 * sum(s.seconds for s in account.stretches)) else main.line
    if not bent and len(account.stretches) == 1 and line != found.line:
        found = _along_line(first, second, found, line)
    start, end = line.overlap(first.seconds, second.seconds)
    jump = segments.largest_jump_s(account.stretches)
    apart = segments.apart_s(account.stretches, line)
    knee = jump < _KNEE_S and float(np.ptp([stretch.line.ppm for stretch in account.stretches])) > segments.KNEE_PPM
    bend = account.bend_s if bent else apart if knee else 0.0
    unheard = [(cover.start_s, cover.end_s) for cover in account.cover if cover.state in (CONTRADICTING, SILENT)]
    main = one_event.proven(pair, main, account.stretches)
    alone = playback.unexplained(pair, main.line, (main.start_s, main.end_s), unheard)
    measures = replace(
        found.measures,
        overlap_s=end - start,
        jump_ms=max(jump, 0.0 if bent else apart) * 1000,
        unexplained=alone.both,
        bend_ms=bend * 1000,
        shift_ms=account.shift_s * 1000,
        agreeing_s=account.agreeing_s,
        contradicting_s=account.contradicting_s,
        longest_contradiction_s=coverage.longest_s(account.cover, CONTRADICTING),
        ppm=line.ppm,
        open_end_s=max((end.end_s - end.start_s for end in coverage.open_ends(account.cover)), default=0.0),
    )
    measures = one_event.with_own_sound(pair, measures, main, unheard)
    cover = one_event.by_waves(pair, measures, account, main)
    if cover != account.cover:
        account = replace(account, cover=cover)
        measures = replace(measures, longest_contradiction_s=coverage.longest_s(cover, CONTRADICTING))
    return replace(
        found, line=line, measures=measures, stretches=account.stretches, overlap=(start, end), account=account
    )


def at(first: TrackFeatures, second: TrackFeatures, found: Match) -> Match:
    """The match of these tracks along the line that was found of what is left of them."""
    return _accounted(coverage.paired(first, second), _along_line(first, second, found, found.line))


def _along_line(first: TrackFeatures, second: TrackFeatures, found: Match, line: Line) -> Match:
    """The same match measured along a line that the whole overlap has shown to be better."""
    start, end = line.overlap(first.seconds, second.seconds)
    times, length = refine.window_times(start, end, first.samples, second.samples, line)
    if times.size == 0:
        return found
    windows = refine.compare(first.samples, second.samples, line, times, length)
    fit = refine.fit(windows, _NEAR_PPM, NEAR_S)
    candidate = Candidate(line.offset_s, line.ppm, found.measures.score)
    remeasured = _measure_match(first, second, found.detection, candidate, windows, fit, [(candidate, (windows, fit))])
    known = max(remeasured.measures.repeat, found.measures.repeat)
    measures = replace(remeasured.measures, margin=found.measures.margin, repeat=known)
    return replace(remeasured, measures=measures, repeat_s=found.repeat_s)


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


def _measure_match(
    first: TrackFeatures,
    second: TrackFeatures,
    detection: Detection,
    candidate: Candidate,
    windows: Windows,
    fit: Fit,
    checked: Checked,
) -> Match:
    repeat, repeat_s = _repeats(first, second, windows, fit, candidate, checked)
    parts = _parts(first, second, windows, fit, candidate, checked)
    placed = joined(first, second, windows, [place(first, second, line, windows, times) for line, times in parts])
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


def _parts(
    first: TrackFeatures,
    second: TrackFeatures,
    windows: Windows,
    fit: Fit,
    candidate: Candidate,
    checked: Checked,
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
        if rest.score >= 7.5 and abs(shift) > APART_S:
            options.append(replace(fit.line, offset_s=fit.line.offset_s + shift))
    broken = refine.split(windows, fit)
    if broken.gain > _SWITCH_COST:
        for shift in (broken.early_s, broken.late_s):
            line = replace(fit.line, offset_s=fit.line.offset_s + shift)
            if all(abs(float(line.lag(middle) - other.lag(middle))) > _SAME_S for other in options):
                options.append(line)
    options = _no_echoes(first, second, windows, fit, options)
    if len(options) == 1:
        return [(fit.line, times)]
    with ThreadPoolExecutor(_THREADS) as pool:
        emissions = np.stack(list(pool.map(lambda line: _heights(first, second, line, windows), options)))
    path = smooth_path(np.minimum(emissions, 10.0), _SWITCH_COST)
    held = [(options[choice], times[np.array(path) == choice]) for choice in dict.fromkeys(path)]
    return [(line, there) for line, there in held if there.size >= 2] or [(fit.line, times)]


def _no_echoes(
    first: TrackFeatures, second: TrackFeatures, windows: Windows, fit: Fit, options: list[Line]
) -> list[Line]:
    """The lines that are not an echo of the first: windows that hear it louder than the direct sound change no lines."""
    if len(options) == 1:
        return options
    echo = abs(echoes.echo_s(first.samples, second.samples, windows, fit))
    return [line for line in options if not echo or abs(abs(line.offset_s - fit.line.offset_s) - echo) > _ECHO_S]


def _heights(first: TrackFeatures, second: TrackFeatures, line: Line, windows: Windows) -> NDArray[np.float64]:
    near = refine.compare(first.samples, second.samples, line, windows.times, windows.length_s)
    return refine.peaks_near(near, 0.001)[1]


def _stretches(placed: list[Placed], first_s: float, second_s: float) -> tuple[Stretch, ...]:
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
    checked: Checked,
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
