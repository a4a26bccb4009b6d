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
            "under": round(measures.under, 6),
            "hidden": measures.hidden,
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


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found of a shoot, from which each camera's answer is drawn. `pairs`: each pair that was compared, by its two labels;
    of many tracks, and of the clips of one camera, not every two are."""

    master: str
    placement: Placement
    believed: Sequence[Seen]
    pairs: Mapping[frozenset[str], PairSync]
    features: Mapping[str, Listened]
    qualities: dict[str, TrackQuality]


def camera_sync(label: str, found: Found) -> CameraSync:
    placement, direct = found.placement, found.pairs.get(frozenset((label, found.master)))
    if label not in placement.lines:
        return _unplaced(label, direct, found)
    way = [found.pairs[frozenset((found.believed[i].first, found.believed[i].second))] for i in placement.paths[label]]
    straight = direct is not None and direct.offset_ms is not None
    shown = direct if direct is not None and straight else min(way, key=lambda p: p.confidence or 0.0)
    last = direct if direct is not None and straight else way[-1]
    line = placement.lines[label]
    warnings = [sentence for p in ([last] if straight else way) for sentence in p.warnings]
    word = min((p.classification for p in {id(p): p for p in [*way, shown]}.values()), key=_RANKS.index)
    if not straight:
        warnings.insert(0, _through(label, last, direct, found.master))
        if any(len(p.segments) > 1 for p in way[:-1]):
            # One line took it across a clock in several.
            word = min(word, confidence.REVIEW, key=_RANKS.index)
    open_pairs = [p for p in found.pairs.values() if label in (p.first, p.second) and _is_open(p)]
    if open_pairs:
        names = sorted({name for p in open_pairs for name in (p.first, p.second)})
        warnings.append(messages.does_not_close(names, max(p.closure_ms or 0.0 for p in open_pairs)))
        word = min(word, confidence.REVIEW, key=_RANKS.index)
    segments = _camera_segments(label, line, last, found.features)
    if word == confidence.LOOKS_GOOD and (doubtful := _doubtful_segments(segments)):
        warnings += [messages.unsure_segment(label, s.start_s, s.end_s) for s in doubtful[: doubts.MOST_NAMED]]
        word = confidence.REVIEW
    return CameraSync(
        offset_ms=_milliseconds(line.offset_s),
        confidence=shown.confidence,
        probability=min(p.probability for p in [*way, shown]),
        classification=word,
        drift_ppm=round(line.ppm, 3),
        drift_error_ppm=last.drift_error_ppm,
        segments=segments,
        warnings=tuple(dict.fromkeys(warnings)),
        evidence=_seen_by(label, last),
    )


_RANKS = (confidence.MANUAL, confidence.REVIEW, confidence.LOOKS_GOOD)


def _is_open(pair: PairSync) -> bool:
    return pair.closure_ms is not None and pair.closure_ms > confidence.CLOSE_MS


def _through(label: str, last: PairSync, direct: PairSync | None, master: str) -> str:
    other = last.first if last.second == label else last.second
    if direct is None:
        return messages.placed_through(label, other)
    reasons = direct.warnings or (messages.nothing_shared(direct.first, direct.second),)
    return messages.placed_through(label, other, master, reasons[0])


def _seen_by(label: str, pair: PairSync) -> Evidence:
    return pair.evidence if pair.second == label else _turned(pair.evidence, pair)


def _doubtful_segments(segments: Sequence[Segment]) -> list[Segment]:
    """Of a clip in several segments, those that would not look good by themselves."""
    return [s for s in segments if len(segments) > 1 and not confidence.segment_is_sure(s.confidence, s.probability)]


def _camera_segments(label: str, line: Line, last: PairSync, features: Mapping[str, Listened]) -> tuple[Segment, ...]:
    """The segments on the master's clock: the pair's own lines, carried over to the camera's final one."""
    whole = round(features[label].seconds, 3)
    if len(last.segments) < 2:
        return (
            Segment(0.0, whole, _milliseconds(line.offset_s), round(line.ppm, 3), last.confidence, last.probability),
        )
    main, segments = Line((last.offset_ms or 0.0) / 1000, last.drift_ppm or 0.0), last.segments
    if last.second != label:
        main, segments = main.inverse(), tuple(_inverse(s) for s in segments)
    out = [
        replace(
            s,
            offset_ms=round((line.offset_s - main.offset_s) * 1000 + s.offset_ms, 4),
            drift_ppm=round(line.ppm + s.drift_ppm - main.ppm, 3),
        )
        for s in segments
    ]
    out[0] = replace(out[0], start_s=0.0)
    out[-1] = replace(out[-1], end_s=whole)
    return tuple(out)


def _inverse(segment: Segment) -> Segment:
    """A segment of the pair's second track as the first sees it."""
    line = Line(segment.offset_ms / 1000, segment.drift_ppm)
    back = line.inverse()
    return replace(
        segment,
        start_s=round(line.at(segment.start_s), 3),
        end_s=round(line.at(segment.end_s), 3),
        offset_ms=_milliseconds(back.offset_s),
        drift_ppm=round(back.ppm, 3),
    )


def _unplaced(label: str, direct: PairSync | None, found: Found) -> CameraSync:
    warnings = doubts.of_track(label, found.features, found.qualities)
    tried = [pair for key, pair in found.pairs.items() if label in key]
    friends = sorted(
        {p.first for p in found.believed if p.second == label} | {p.second for p in found.believed if p.first == label}
    )
    if not warnings and direct is not None:
        warnings = list(direct.warnings)
    elif not warnings and not friends:
        warnings = [messages.heard_by_none(label, len(tried))]
    if friends:
        warnings.append(messages.apart_from_master([label, *friends], found.master))
    best = direct or max(tried, key=lambda pair: pair.probability, default=None)
    return CameraSync(
        offset_ms=None,
        confidence=None,
        probability=direct.probability if direct is not None else 0.0,
        classification=confidence.MANUAL,
        drift_ppm=None,
        drift_error_ppm=None,
        segments=(),
        warnings=tuple(dict.fromkeys(warnings)),
        evidence=_seen_by(label, best) if best is not None else Evidence(found.master),
    )
