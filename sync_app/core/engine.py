"""From tracks to offsets: the whole of the sync engine, arrays in and frozen values out."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from sync_app.core import confidence, pairs, words
from sync_app.core.consensus import Edge, Placement, place
from sync_app.core.features import TrackFeatures, measure
from sync_app.core.pairs import Match
from sync_app.core.quality import choose_master, quality
from sync_app.core.refine import Line
from sync_app.core.values import (
    Alignment,
    CameraSync,
    Cover,
    Evidence,
    PairSync,
    Segment,
    Rival,
    Track,
    TrackQuality,
    WindowLag,
)

Progress = Callable[[float, str], None]

#: Tracks read at once: of three on two processors none waits for the others to end.
AT_ONCE = 3
_LEAST_S = 1.0
_QUIET_PART_S = 20.0
_SPOKEN_DRIFT_S = 0.02
_MENTIONED = 0.7


class CannotAlign(ValueError):
    """The tracks are not a set that can be aligned; the message says why and how to mend it."""


def align(tracks: Sequence[Track], *, master: str | None = None, on_progress: Progress | None = None) -> Alignment:
    """Put every track on the master's clock.

    Without `master` the track that suits best is chosen (see `quality.choose_master`). `on_progress` is called with a
    share from 0 to 1 and a word for the step. Raises `CannotAlign` for fewer than two tracks, for a label that comes
    twice and for a master that is not among the labels.
    """
    labels = [track.label for track in tracks]
    _check(labels, master)
    report = on_progress or (lambda share, step: None)
    features = _measure_all(tracks, report)
    qualities = {label: quality(found.samples, found.clipped) for label, found in features.items()}
    chosen = master or choose_master(qualities)
    matches = _match_all(_ordered(labels, chosen), features, qualities, report)
    if master is None:
        chosen = _connected_master(matches, qualities, labels, chosen)
    report(1.0, "done")
    return _concluded(chosen, labels, features, qualities, matches)


def _check(labels: Sequence[str], master: str | None) -> None:
    if len(labels) < 2:
        raise CannotAlign("Sync compares cameras: give it at least two tracks.")
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise CannotAlign(f"Two tracks are both labelled {twice[0]}: give each camera a letter of its own.")
    if master is not None and master not in labels:
        raise CannotAlign(f"The master {master} is not among the tracks {', '.join(labels)}: choose one of them.")


def _measure_all(tracks: Sequence[Track], report: Progress) -> dict[str, TrackFeatures]:
    shares = [0.0] * len(tracks)

    def one(index: int) -> TrackFeatures:
        def listened(share: float) -> None:
            shares[index] = share
            report(0.6 * sum(shares) / len(shares), "listening")

        return measure(tracks[index], listened)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, range(len(tracks))))
    return {track.label: features for track, features in zip(tracks, found, strict=True)}


def _ordered(labels: Sequence[str], master: str) -> list[str]:
    return [master, *(label for label in labels if label != master)]


def _usable(label: str, features: dict[str, TrackFeatures], qualities: dict[str, TrackQuality]) -> bool:
    return features[label].seconds >= _LEAST_S and qualities[label].loudness_db is not None


def _match_all(
    labels: Sequence[str],
    features: dict[str, TrackFeatures],
    qualities: dict[str, TrackQuality],
    report: Progress,
) -> dict[tuple[str, str], Match | None]:
    found: dict[tuple[str, str], Match | None] = {}
    both = list(combinations(labels, 2))
    for i, (first, second) in enumerate(both):
        report(0.6 + 0.4 * i / len(both), f"comparing {first} and {second}")
        able = _usable(first, features, qualities) and _usable(second, features, qualities)
        found[first, second] = pairs.match(features[first], features[second]) if able else None
    return found


def _connected_master(
    matches: dict[tuple[str, str], Match | None],
    qualities: dict[str, TrackQuality],
    labels: Sequence[str],
    chosen: str,
) -> str:
    """The best track of the largest group of cameras that match each other."""
    groups = {label: {label} for label in labels}
    for (first, second), found in matches.items():
        if found is not None and confidence.believable(found.measures) and groups[first] is not groups[second]:
            joined = groups[first] | groups[second]
            for label in joined:
                groups[label] = joined
    largest = max(len(group) for group in groups.values())
    if len(groups[chosen]) == largest:
        return chosen
    among = [label for label in labels if len(groups[label]) == largest]
    return choose_master(qualities, [label for label in labels if groups[label] is groups[among[0]]])


@dataclass(frozen=True, slots=True)
class _Seen:
    """A pair with its verdict, before the cameras are put together."""

    first: str
    second: str
    match: Match | None
    believed: bool


def _concluded(
    master: str,
    labels: Sequence[str],
    features: dict[str, TrackFeatures],
    qualities: dict[str, TrackQuality],
    matches: dict[tuple[str, str], Match | None],
) -> Alignment:
    seen = [
        _Seen(a, b, found, found is not None and confidence.believable(found.measures))
        for (a, b), found in matches.items()
    ]
    believed = [pair for pair in seen if pair.believed]
    edges = [_edge(pair) for pair in believed]
    placement = place(master, edges)
    closures = {
        (pair.first, pair.second): None if c is None else c * 1000
        for pair, c in zip(believed, placement.closure_s, strict=True)
    }
    told = [_pair_sync(pair, closures.get((pair.first, pair.second)), features, qualities) for pair in seen]
    cameras = {
        label: _camera_sync(label, master, placement, believed, told, features, qualities)
        for label in labels
        if label != master
    }
    warnings = {label: cameras[label].warnings for label in cameras}
    warnings[master] = tuple(_own_doubts(master, features, qualities))
    return Alignment(master, cameras, tuple(told), qualities, {label: warnings[label] for label in labels})


def _edge(pair: _Seen) -> Edge:
    assert pair.match is not None
    found = pair.match
    start, end = found.overlap
    trust = confidence.probability(found.measures) * min(found.measures.fine, 60) * (found.measures.jump_ms < 5 or 0.5)
    error = 0.0002 + 0.01 / max(found.measures.agreeing, 1) ** 2 + found.drift_error_ppm * 1e-6 * (end - start) / 4
    return Edge(pair.first, pair.second, found.line, trust, start, end, float(min(error, 0.02)))


def _own_doubts(label: str, features: dict[str, TrackFeatures], qualities: dict[str, TrackQuality]) -> list[str]:
    if features[label].samples.size == 0:
        return [words.no_sound(label)]
    if features[label].seconds < _LEAST_S:
        return [words.too_short(label, features[label].seconds)]
    if qualities[label].loudness_db is None:
        return [words.silent(label)]
    return []


def _pair_sync(
    pair: _Seen,
    closure_ms: float | None,
    features: dict[str, TrackFeatures],
    qualities: dict[str, TrackQuality],
) -> PairSync:
    found = pair.match
    if found is None:
        doubts = _own_doubts(pair.first, features, qualities) + _own_doubts(pair.second, features, qualities)
        return PairSync(
            pair.first, pair.second, None, None, 0.0, confidence.MANUAL, None, None, 0.0, None, (),
            tuple(doubts or [words.nothing_shared(pair.first, pair.second)]), Evidence(pair.first),
        )  # fmt: skip
    measures = found.measures
    word = confidence.judge(measures, closure_ms)
    sure = confidence.probability(measures)
    evidence = _evidence(pair.first, found)
    if not pair.believed:
        return PairSync(
            pair.first, pair.second, None, None, sure, word, None, None, 0.0, None, (),
            tuple(_refusals(pair.first, pair.second, found)), evidence,
        )  # fmt: skip
    return PairSync(
        first=pair.first,
        second=pair.second,
        offset_ms=_milliseconds(found.line.offset_s),
        confidence=round(measures.score, 4),
        probability=sure,
        classification=word,
        drift_ppm=round(found.line.ppm, 3),
        drift_error_ppm=round(min(found.drift_error_ppm, 1e4), 3),
        overlap_s=round(measures.overlap_s, 3),
        closure_ms=None if closure_ms is None else round(closure_ms, 3),
        segments=_segments(found),
        warnings=tuple(_doubts(pair.first, pair.second, found, word, features)),
        evidence=evidence,
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 4) + 0.0


def _segments(found: Match) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            start_s=round(stretch.start_s, 3),
            end_s=round(stretch.end_s, 3),
            offset_ms=_milliseconds(stretch.line.offset_s),
            drift_ppm=round(stretch.line.ppm, 3),
            confidence=round(stretch.score or found.measures.score, 4),
            probability=confidence.segment_probability(stretch.score or found.measures.score, stretch.fine),
        )
        for stretch in found.stretches
    )


def _refusals(first: str, second: str, found: Match) -> list[str]:
    measures = found.measures
    if measures.fine > 9 and measures.repeat > confidence.FITS_ELSEWHERE:
        offset = found.line.offset_s
        return [words.repeats(found.repeat_s, offset, offset + found.repeat_s)]
    if measures.hum > confidence.FITS_ELSEWHERE and measures.fine > 7 and measures.margin < 1.5:
        return [words.hum(first, second)]
    return [words.nothing_shared(first, second)]


def _doubts(first: str, second: str, found: Match, word: str, features: dict[str, TrackFeatures]) -> list[str]:
    measures = found.measures
    out = []
    if measures.score < confidence.GOOD_SCORE:
        out.append(words.weak(measures.score))
    if measures.repeat > _MENTIONED:
        offset = found.line.offset_s
        out.append(words.repeats(found.repeat_s, offset, offset + found.repeat_s))
    if measures.overlap_s < 15:
        out.append(words.short_overlap(first, second, measures.overlap_s))
    for before, after in pairwise(found.stretches if not found.measures.bend_ms else ()):
        step = float(after.line.lag(after.start_s) - before.line.lag(after.start_s)) * 1000
        out.append(words.jump(second, after.start_s, step))
    heard = [w.time_s for w in found.windows if w.weight > 0]
    start, end = found.overlap
    if heard and measures.agreeing >= 0.3 * measures.windows:
        gap = (end - start) / max(measures.windows, 1)
        if heard[0] - start > max(_QUIET_PART_S, 2.5 * gap):
            out.append(words.no_shared_start(first, second, heard[0] - gap / 2 - start))
        if end - heard[-1] > max(_QUIET_PART_S, 2.5 * gap):
            out.append(words.no_shared_end(first, second, end - heard[-1] - gap / 2))
    elif word != confidence.LOOKS_GOOD:
        out.append(words.few_agree(measures.agreeing, measures.windows))
    if not confidence.clear(measures):
        out.append(words.unclear())
    apart = abs(found.line.ppm) * 1e-6 * features[second].seconds
    if apart > _SPOKEN_DRIFT_S and abs(found.line.ppm) > 3 * found.drift_error_ppm:
        out.append(words.drift(found.line.ppm, features[second].seconds))
    return out


def _evidence(first: str, found: Match) -> Evidence:
    lags, curve = pairs.curve_for_evidence(found)
    ordered = found.windows
    heard = [w for w in ordered if w.weight > 0] or list(ordered)
    middle = (heard[0].time_s + heard[-1].time_s) / 2 if heard else 0.0
    rivals = [Rival(_milliseconds(c.offset_s), round(c.score, 3)) for c in found.detection.candidates[1:6]]
    measures = found.measures
    return Evidence(
        compared_with=first,
        curve_ms=tuple(round(float(lag) * 1000, 1) for lag in lags),
        curve=tuple(round(float(value), 3) for value in curve),
        rivals=tuple(rivals),
        windows=ordered,
        start=heard[0] if heard else None,
        middle=min(heard, key=lambda w: abs(w.time_s - middle)) if heard else None,
        end=heard[-1] if heard else None,
        coverage=_coverage(found),
        measures={
            "score": round(measures.score, 4),
            "fine": round(measures.fine, 4),
            "repeat": round(measures.repeat, 4),
            "hum": round(measures.hum, 4),
            "bend_ms": round(measures.bend_ms, 3),
            "agreeing_s": round(measures.agreeing_s or 0.0, 3),
            "contradicting_s": round(measures.contradicting_s, 3),
            "agreeing": float(measures.agreeing),
            "windows": float(measures.windows),
            "margin": round(measures.margin, 4),
            "residual_ms": round(measures.residual_ms, 4),
            "moved_ms": round(measures.moved_ms, 4),
            "spread_ms": round(measures.spread_ms, 4),
        },
    )


def _coverage(found: Match) -> tuple[Cover, ...]:
    cover = found.account.cover if found.account is not None else ()
    return tuple(Cover(round(c.start_s, 3), round(c.end_s, 3), c.state) for c in cover)


def _turned(evidence: Evidence, pair: PairSync) -> Evidence:
    """The evidence of a pair as its first camera sees it: lags on the second's clock."""

    def turn(window: WindowLag | None) -> WindowLag | None:
        if window is None:
            return None
        return WindowLag(round(window.time_s + window.lag_ms / 1000, 3), -window.lag_ms + 0.0, window.weight)

    turned = [turn(w) for w in evidence.windows]
    lag = (pair.offset_ms or 0.0) / 1000
    return replace(
        evidence,
        compared_with=pair.second,
        curve_ms=tuple(-lag + 0.0 for lag in reversed(evidence.curve_ms)),
        curve=tuple(reversed(evidence.curve)),
        rivals=tuple(Rival(-r.lag_ms + 0.0, r.score) for r in evidence.rivals),
        windows=tuple(w for w in turned if w is not None),
        start=turn(evidence.start),
        middle=turn(evidence.middle),
        end=turn(evidence.end),
        coverage=tuple(
            replace(c, start_s=round(c.start_s + lag, 3), end_s=round(c.end_s + lag, 3)) for c in evidence.coverage
        ),
    )


def _camera_sync(
    label: str,
    master: str,
    placement: Placement,
    believed: Sequence[_Seen],
    told: Sequence[PairSync],
    features: dict[str, TrackFeatures],
    qualities: dict[str, TrackQuality],
) -> CameraSync:
    pairs_of = {frozenset((p.first, p.second)): p for p in told}
    direct = pairs_of[frozenset((label, master))]
    if label not in placement.lines:
        return _unplaced(label, master, direct, believed, features, qualities)
    way = [pairs_of[frozenset((believed[i].first, believed[i].second))] for i in placement.paths[label]]
    shown = direct if direct.offset_ms is not None else min(way, key=lambda p: p.confidence or 0.0)
    last = direct if direct.offset_ms is not None else way[-1]
    line = placement.lines[label]
    warnings = [sentence for p in (way if last is not direct else [direct]) for sentence in p.warnings]
    if last is not direct:
        other = last.first if last.second == label else last.second
        warnings.insert(0, words.placed_through(label, other, master))
    checks = [p for p in told if label in (p.first, p.second) and p.closure_ms is not None]
    worst = max((p.closure_ms or 0.0 for p in checks), default=0.0)
    ranks = [confidence.MANUAL, confidence.REVIEW, confidence.LOOKS_GOOD]
    word = min((p.classification for p in {id(p): p for p in [*way, shown]}.values()), key=ranks.index)
    if worst > confidence.CLOSE_MS:
        names = sorted({p.first for p in checks} | {p.second for p in checks})
        warnings.append(words.does_not_close(names, worst))
        word = min(word, confidence.REVIEW, key=ranks.index)
    evidence = last.evidence if last.second == label else _turned(last.evidence, last)
    return CameraSync(
        offset_ms=_milliseconds(line.offset_s),
        confidence=shown.confidence,
        probability=min(p.probability for p in [*way, shown]),
        classification=word,
        drift_ppm=round(line.ppm, 3),
        drift_error_ppm=last.drift_error_ppm,
        segments=_camera_segments(label, line, last, features),
        warnings=tuple(dict.fromkeys(warnings)),
        evidence=evidence,
    )


def _camera_segments(label: str, line: Line, last: PairSync, features: dict[str, TrackFeatures]) -> tuple[Segment, ...]:
    """The segments on the master's clock: the pair's own lines, carried over to the camera's final one."""
    whole = round(features[label].seconds, 3)
    if len(last.segments) < 2 or last.second != label:
        return (
            Segment(0.0, whole, _milliseconds(line.offset_s), round(line.ppm, 3), last.confidence, last.probability),
        )
    main, ppm = last.offset_ms or 0.0, last.drift_ppm or 0.0
    out = [
        replace(
            s,
            offset_ms=round(line.offset_s * 1000 + s.offset_ms - main, 4),
            drift_ppm=round(line.ppm + s.drift_ppm - ppm, 3),
        )
        for s in last.segments
    ]
    out[0] = replace(out[0], start_s=0.0)
    out[-1] = replace(out[-1], end_s=whole)
    return tuple(out)


def _unplaced(
    label: str,
    master: str,
    direct: PairSync,
    believed: Sequence[_Seen],
    features: dict[str, TrackFeatures],
    qualities: dict[str, TrackQuality],
) -> CameraSync:
    warnings = _own_doubts(label, features, qualities) or list(direct.warnings)
    friends = sorted(
        {p.first for p in believed if p.second == label} | {p.second for p in believed if p.first == label}
    )
    if friends:
        warnings.append(words.apart_from_master([label, *friends], master))
    return CameraSync(
        offset_ms=None,
        confidence=None,
        probability=direct.probability,
        classification=confidence.MANUAL,
        drift_ppm=None,
        drift_error_ppm=None,
        segments=(),
        warnings=tuple(dict.fromkeys(warnings)),
        evidence=direct.evidence if direct.second == label else _turned(direct.evidence, direct),
    )
