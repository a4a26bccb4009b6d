"""What is reported of each pair and of each camera: frozen values with rounded numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sync_app.core import confidence, doubts, messages
from sync_app.core.consensus import Placement
from sync_app.core.pairs import Match
from sync_app.core.refine import Line
from sync_app.core.shelf import Listened
from sync_app.core.values import (
    CameraSync,
    Cover,
    Evidence,
    PairSync,
    Rival,
    Segment,
    TrackQuality,
    WindowLag,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A pair with its verdict, before the cameras are put together."""

    first: str
    second: str
    match: Match | None
    believed: bool


def pair_sync(
    pair: Seen,
    closure_ms: float | None,
    features: Mapping[str, Listened],
    qualities: dict[str, TrackQuality],
) -> PairSync:
    found = pair.match
    if found is None:
        reasons = doubts.of_track(pair.first, features, qualities) + doubts.of_track(pair.second, features, qualities)
        if not reasons and features[pair.first].ltc and features[pair.second].ltc:
            reasons = [messages.timecode(pair.first, pair.second)]
        return PairSync(
            pair.first, pair.second, None, None, 0.0, confidence.MANUAL, None, None, 0.0, None, (),
            tuple(reasons or [messages.nothing_shared(pair.first, pair.second)]), Evidence(pair.first),
        )  # fmt: skip
    measures = found.measures
    word = confidence.judge(measures, closure_ms)
    sure = confidence.probability(measures)
    evidence = _evidence(pair.first, found)
    if not pair.believed:
        return PairSync(
            pair.first, pair.second, None, None, sure, word, None, None, 0.0, None, (),
            tuple(doubts.of_refusal(pair.first, pair.second, found)), evidence,
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
        warnings=tuple(doubts.of_answer(pair.first, pair.second, found, word, features)),
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


def _evidence(first: str, found: Match) -> Evidence:
    shown = found.detection.thinned()
    lags, curve = shown.lags_s if shown.lags_s is not None else (), shown.curve
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
            "unexplained": round(measures.unexplained, 4),
            "agreeing": float(measures.agreeing),
            "windows": float(measures.windows),
            "margin": round(measures.margin, 4),
            "residual_ms": round(measures.residual_ms, 4),
            "moved_ms": round(measures.moved_ms, 4),
            "spread_ms": round(measures.spread_ms, 4),
            "jump_ms": round(measures.jump_ms, 3),
            "shift_ms": round(measures.shift_ms, 3),
            "open_end_s": round(measures.open_end_s, 3),
            "own_sound": round(measures.own_sound, 4),
            "beside": round(measures.beside, 5),
            "overlap_s": round(measures.overlap_s, 3),
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


def camera_sync(
    label: str,
    master: str,
    placement: Placement,
    believed: Sequence[Seen],
    compared: Sequence[PairSync],
    features: Mapping[str, Listened],
    qualities: dict[str, TrackQuality],
) -> CameraSync:
    pairs_of = {frozenset((p.first, p.second)): p for p in compared}
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
        warnings.insert(0, messages.placed_through(label, other, master))
    checks = [p for p in compared if label in (p.first, p.second) and p.closure_ms is not None]
    worst = max((p.closure_ms or 0.0 for p in checks), default=0.0)
    ranks = [confidence.MANUAL, confidence.REVIEW, confidence.LOOKS_GOOD]
    word = min((p.classification for p in {id(p): p for p in [*way, shown]}.values()), key=ranks.index)
    if worst > confidence.CLOSE_MS:
        names = sorted({p.first for p in checks} | {p.second for p in checks})
        warnings.append(messages.does_not_close(names, worst))
        word = min(word, confidence.REVIEW, key=ranks.index)
    segments = _camera_segments(label, line, last, features)
    if word == confidence.LOOKS_GOOD and (doubtful := _doubtful_segments(segments)):
        warnings += [messages.unsure_segment(label, s.start_s, s.end_s) for s in doubtful[: doubts.MOST_NAMED]]
        word = confidence.REVIEW
    evidence = last.evidence if last.second == label else _turned(last.evidence, last)
    return CameraSync(
        offset_ms=_milliseconds(line.offset_s),
        confidence=shown.confidence,
        probability=min(p.probability for p in [*way, shown]),
        classification=word,
        drift_ppm=round(line.ppm, 3),
        drift_error_ppm=last.drift_error_ppm,
        segments=segments,
        warnings=tuple(dict.fromkeys(warnings)),
        evidence=evidence,
    )


def _doubtful_segments(segments: Sequence[Segment]) -> list[Segment]:
    """Of a clip in several segments, those that would not look good by themselves."""
    return [s for s in segments if len(segments) > 1 and not confidence.segment_is_sure(s.confidence, s.probability)]


def _camera_segments(label: str, line: Line, last: PairSync, features: Mapping[str, Listened]) -> tuple[Segment, ...]:
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
    believed: Sequence[Seen],
    features: Mapping[str, Listened],
    qualities: dict[str, TrackQuality],
) -> CameraSync:
    warnings = doubts.of_track(label, features, qualities) or list(direct.warnings)
    friends = sorted(
        {p.first for p in believed if p.second == label} | {p.second for p in believed if p.first == label}
    )
    if friends:
        warnings.append(messages.apart_from_master([label, *friends], master))
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
