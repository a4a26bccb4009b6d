"""An answer against the truth, at every second of the overlap. Shares no code with the engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from bench.sync.clocks import Clock, jump, merged
from bench.sync.field_files import Heard

LOOKS_GOOD = "looks-good"
FOUND_MS = 33.0
LEAST_SEGMENT_S = 6.0
#: Seconds on both sides of a jump in which either side's offset is taken as right: where it lies is judged apart.
BORDER_S = 1.0
JUMP_S = 0.020


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of B's own clock with one line, as reported: `t_A = t * (1 + ppm / 1e6) + offset_s`."""

    start_s: float
    end_s: float
    offset_s: float
    ppm: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says of camera B."""

    offset_s: float | None
    ppm: float
    segments: tuple[Segment, ...]
    classification: str
    probability: float | None
    score: float | None
    warnings: tuple[str, ...] = ()
    heard: dict | None = None
    measures: dict[str, float] = field(default_factory=dict)
    candidate_s: float | None = None

    def at(self, time_s: float) -> float | None:
        """The offset in force at a time on B's clock; between segments that of the nearest."""
        if self.segments:
            near = min(self.segments, key=lambda s: max(s.start_s - time_s, time_s - s.end_s, 0.0))
            return near.offset_s + time_s * near.ppm * 1e-6
        return None if self.offset_s is None else self.offset_s + time_s * self.ppm * 1e-6


def truth_at(truths: Clock, time_s: float) -> float | None:
    """The true offset at a time on B's clock, None where there is none."""
    for piece in truths:
        if piece.start_s <= time_s <= piece.end_s:
            return piece.offset_s + time_s * piece.ppm * 1e-6
    return None


def seconds_of(truths: Clock) -> list[float]:
    """The times at which an answer is judged: every second of the overlap and its ends, but for those near a jump."""
    if not truths:
        return []
    borders = [b.start_s for a, b in pairwise(truths) if b.start_s - a.end_s > 0.01 or abs(jump(a, b)) > JUMP_S]
    borders += [a.end_s for a, b in pairwise(truths) if b.start_s - a.end_s > 0.01]
    first, last = truths[0].start_s, truths[-1].end_s
    times = [first + 0.01, *np.arange(np.ceil(first + 0.01), last), last - 0.01]
    away = [float(t) for t in times if all(abs(t - b) > BORDER_S for b in borders)]
    return [t for t in away if truth_at(truths, t) is not None]


def error_ms(answer: Answer, truths: Clock, time_s: float) -> float:
    """Signed error at one time."""
    said, right = answer.at(time_s), truth_at(truths, time_s)
    return float("inf") if said is None or right is None else 1000 * (said - right)


def worst_ms(answer: Answer, truths: Clock) -> float:
    """The largest error anywhere in the overlap."""
    return max((abs(error_ms(answer, truths, t)) for t in seconds_of(truths)), default=float("inf"))


def segment_errors(answer: Answer, truths: Clock) -> list[dict]:
    """The largest error in every true segment of `LEAST_SEGMENT_S` or more."""
    times = seconds_of(truths)
    out = []
    for run in merged(truths, JUMP_S):
        start, end = run[0].start_s, run[-1].end_s
        inside = [abs(error_ms(answer, truths, t)) for t in times if start <= t <= end]
        if end - start >= LEAST_SEGMENT_S and inside:
            out.append({"start_s": round(start, 2), "end_s": round(end, 2), "error_ms": rounded(max(inside))})
    return out


def border_ms(answer: Answer, truths: Clock) -> float | None:
    """How far the reported borders lie from the true ones at worst; None where no jump is true or none is reported."""
    true = [b.start_s for a, b in pairwise(truths) if abs(jump(a, b)) > JUMP_S and b.start_s - a.end_s < 0.01]
    reported = [s.start_s for s in answer.segments[1:]] + [s.end_s for s in answer.segments[:-1]]
    if not true or not reported:
        return None
    return round(1000 * max(min(abs(t - s) for s in reported) for t in true), 1)


def names_channel(reported: dict | None, wanted: Heard) -> bool:
    """Whether `heard` names the stream and a channel that carries the sound, and none that does not."""
    if not reported:
        return False
    said = reported.get("channels")
    numbers: Sequence[int] = said if isinstance(said, list) else [] if said is None else [said]
    right = bool(numbers) and set(numbers) <= set(wanted.channels)
    return right and reported.get("stream") == wanted.stream and wanted.how in (None, reported.get("how"))


def rounded(value: float) -> float | None:
    """A number for JSON."""
    return round(value, 4) if np.isfinite(value) else None


def judged(answer: Answer, truths: Clock, group: str, heard: Heard | None = None) -> dict:
    """One row: what was said, what is true, and every verdict of the table."""
    accepted, sure = answer.offset_s is not None, answer.classification == LOOKS_GOOD
    worst = worst_ms(answer, truths) if truths and accepted else float("inf")
    segments = segment_errors(answer, truths)
    row = {
        "group": group,
        "class": answer.classification,
        "probability": answer.probability,
        "score": answer.score,
        "offset_s": answer.offset_s,
        "ppm": answer.ppm,
        "segments": [[s.start_s, s.end_s, s.offset_s, s.ppm] for s in answer.segments],
        "truth": shown(truths),
        "worst_ms": rounded(worst),
        "sure_and_wrong": sure and (not truths or worst > FOUND_MS),
        "accepted": accepted,
        "right": bool(truths) and worst <= FOUND_MS,
        "segment_errors": segments,
        "segments_found": bool(segments) and all((s["error_ms"] or np.inf) <= FOUND_MS or s["error_ms"] == 0 for s in segments),
        "border_ms": border_ms(answer, truths),
        "warnings": list(answer.warnings),
        "heard": answer.heard,
        "measures": answer.measures,
        "candidate_right": candidate_right(answer, truths),
    }  # fmt: skip
    if heard is not None:
        row["named"] = names_channel(answer.heard, heard)
        row["wanted"] = [heard.stream, list(heard.channels), heard.how]
    return row


def candidate_right(answer: Answer, truths: Clock) -> bool:
    """Whether the answer, or what would have been the answer of a refused pair, is right to 33 ms."""
    if not truths:
        return False
    if answer.offset_s is not None:
        return worst_ms(answer, truths) <= FOUND_MS
    if answer.candidate_s is None:
        return False
    middle = truths[len(truths) // 2]
    right = truth_at(truths, (middle.start_s + middle.end_s) / 2)
    return right is not None and abs(answer.candidate_s - right) * 1000 <= FOUND_MS


def shown(truths: Clock) -> list[list[float]]:
    """The truth, short: the first and last stretch of each run."""
    runs = merged(truths, JUMP_S)
    return [[round(p.start_s, 3), round(p.end_s, 3), round(p.offset_s, 5), round(p.ppm, 2)]
            for run in runs for p in dict.fromkeys((run[0], run[-1]))]  # fmt: skip
