"""How sure is an answer: the contract's thresholds on BBC's standard score, and what must stand behind them."""

import math
from dataclasses import dataclass

LOOKS_GOOD = "looks-good"
REVIEW = "review-suggested"
MANUAL = "needs-manual-nudge"
GOOD_SCORE = 10.0
REVIEW_SCORE = 5.0
FITS_ELSEWHERE = 0.85
#: Whitened windows over this have heard something, be it right or a repetition.
SEEN_FINE = 9.0
#: Half a frame at 25 a second: answers that differ by less show the same picture.
CLOSE_MS = 20.0
#: A clock that leaves its line by no more than this shows the same picture.
BEND_MS = 10.0
#: A contradiction of this length is no cough; so much of what is loud has to agree; in overlaps shorter than this nobody asks.
CONTRADICTION_S, LEAST_EXPLAINED, SHORT_S = 6.0, 0.3, 10.0
LEAST_AGREEING_S = 2.0
#: An end of the overlap in which nothing can be compared for longer than this may lie anywhere.
OPEN_END_S = 20.0
#: The probability that `looks-good` asks for.
SURE_CHANCE = 0.98
#: Overlaps shorter than this have too few loud cells to tell of two events.
PROGRAM_S = 30.0
#: What a score under 10 is worth at most, or whitened windows that know hardly more than chance does.
WEAK_CHANCE, WEAK_FINE = 0.89, 7.0
#: What an answer is worth at most that the overlap speaks against.
REFUSED_CHANCE = 0.4
#: What an answer is worth at most, by what is known of it, as such answers of the bench were right: in pieces; bent or stepping;
#: with a direct sound that halves of the windows do not agree on; with sound of its own in each; with an end that may lie anywhere.
SEGMENTS_CHANCE, BENT_CHANCE, UNCLEAR_CHANCE, OWN_CHANCE, OPEN_CHANCE = 0.93, 0.89, 0.78, 0.55, 0.6
#: … and with faint sound of its own in each under a song, or with a song that would hide it.
UNDER_CHANCE = 0.7
#: From this share on, what is loud in each track and not in the other may be two events with the same program; from the second on
#: it is more likely than not.
UNEXPLAINED, TWO_EVENTS = 0.008, 0.03
#: The same where rooms and bleeding have been taken into account, and the whitened windows hear the match so well that it is no far
#: sound between near ones: from the first share on a doubt, from the second on two events. Where they do not, that is a doubt.
OWN_SOUND, OWN_TWICE, CLEAR_FINE = 0.0045, 0.006, 20.0
#: A smaller share is a doubt as well where the match is clear and what both have beside it is as much as this: 0 to 0.0013 at one
#: event, 0.0048 and more at two. A desk's dry feed has 0.015, for all the people in the hall, but 0.0007 of its own.
OWN_LEAST, BESIDE = 0.0012, 0.0025
#: Talk 15 to 22 dB under music leaves less beside it than that: from here on a doubt, where the whitened windows hear the match as well.
FAINT_BESIDE, FAINT_FINE = 0.0005, 17.5
#: A song that would hide such sound is a doubt where it matches as exactly as this, for the root of the seconds that are compared: right
#: pairs of music in rooms 3.5 to 7, one of 16 more; pairs at two events whose talk nothing showed 14 to 20. In a room with more echo a
#: hidden talk stays unsaid.
HIDDEN_FINE = 11.0
#: From this share of cells on in which each stands out of a song that explains nearly all else, it may be talk of two events.
UNDER = 0.00009
#: No crystal is as far off as this: something was done to the sound, and a person is to know.
CLOCK_PPM = 520.0
#: Halves of the windows that put the direct sound as near to each other as this have found it.
CLEAR_MS = 1.0


@dataclass(frozen=True, slots=True)
class Measures:
    """What the engine knows of a pair's answer, all numbers finite.

    `score`: standard score of the summed MFCC curve at the answer. `fine`: standard score of the summed whitened
    correlations at the answer. `repeat`: how well another answer fits in the same windows, 0 to about 1. `hum`: height
    of the best whitened peak 60 to 150 ms off the answer, as a share. `agreeing`: windows on the line, of `windows`.
    `overlap_s`: shared time. `jump_ms`: the largest step between segments. `residual_ms`: median distance of the agreeing
    windows from the line. `margin`: MFCC score of the answer over that of the next candidate. `moved_ms`: how far the direct sound lies
    from the strongest arrival. `spread_ms`: how far apart two halves of the windows put it. `bend_ms`: how far the clock leaves
    one line. `agreeing_s` and `contradicting_s`: seconds of the overlap in which both hear the same, and something else each
    (None and 0 where the overlap was not accounted for); `longest_contradiction_s`: the longest stretch of those. `unexplained`:
    the share of what is loud in each that the other does not have. `ppm`: the drift of the answer. `open_end_s`: the longer of
    the two ends of the overlap in which nothing can be compared. `own_sound`: the share of what is loud in each that no room
    and no bleeding makes of the other (see `residue`).
    `beside`: how much of both may be sound beside a program. `under`: the share of cells in which each has faint sound of its own
    under what both hear; `hidden`: 1 where a song without a pause explains nearly all, and would hide such sound (see `beneath`).
    `shift_ms`: how far off the line both agree best for some seconds in which the waves say nothing. `period_s`: where both repeat
    themselves after so many seconds and the answer is that of what does not; else 0.
    """

    score: float
    fine: float
    repeat: float
    hum: float
    agreeing: int
    windows: int
    overlap_s: float
    jump_ms: float
    residual_ms: float
    margin: float
    moved_ms: float = 0.0
    spread_ms: float = 0.0
    bend_ms: float = 0.0
    agreeing_s: float | None = None
    contradicting_s: float = 0.0
    longest_contradiction_s: float = 0.0
    unexplained: float = 0.0
    ppm: float = 0.0
    open_end_s: float = 0.0
    own_sound: float = 0.0
    shift_ms: float = 0.0
    beside: float = 0.0
    period_s: float = 0.0
    under: float = 0.0
    hidden: float = 0.0


def classify(score: float | None) -> str:
    """The contract's word for a standard score; no score and NaN need a hand."""
    if score is None or math.isnan(score) or score < REVIEW_SCORE:
        return MANUAL
    return LOOKS_GOOD if score >= GOOD_SCORE else REVIEW


def probability(measures: Measures) -> float:
    """Chance that the answer is right to 33 ms: a logistic curve over the two detectors and the doubts.

    Echoes within 150 ms look like hum only where the MFCCs have no answer that stands alone either; and where the
    whitened windows are weak, MFCC peaks of equal height say that nothing was found. The coefficients were set by hand
    on the development seeds of `bench.sync`.
    """
    evidence = 0.9 * (min(measures.fine, 20.0) - 9.5) + 0.25 * (min(measures.score, 15.0) - 5.0)
    alone = _stands_alone(measures)
    weak = min(max((13.0 - measures.fine) / 3.0, 0.0), 1.0)
    doubt = 150.0 * max(0.0, measures.repeat - FITS_ELSEWHERE)
    doubt += 150.0 * max(0.0, measures.hum - FITS_ELSEWHERE) * (1.0 - alone)
    doubt += 6.0 * max(0.0, 1.3 - measures.margin) * weak
    evidence += 0.15 * max(min(measures.score, 30.0) - 15.0, 0.0) * min(max(measures.margin - 1.0, 0.0), 1.0)
    evidence += _agreement(measures)
    chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, evidence - doubt))))
    if explained(measures) < LEAST_EXPLAINED or played_twice(measures) or _unheard(measures):
        return round(min(chance, REFUSED_CHANCE), 6)
    if measures.unexplained > UNEXPLAINED and measures.overlap_s >= PROGRAM_S:
        chance = min(chance, 1 - 0.5 * measures.unexplained / TWO_EVENTS)
    return round(min(chance, *_most(measures)), 6)


def _most(measures: Measures) -> list[float]:
    """What the answer is worth at most, for each thing that holds of it."""
    unsteady = measures.spread_ms > CLOSE_MS or (measures.moved_ms > CLOSE_MS and not clear(measures))
    found = [
        (measures.score < GOOD_SCORE or measures.fine < WEAK_FINE or measures.period_s > 0, WEAK_CHANCE),
        (measures.jump_ms > CLOSE_MS, SEGMENTS_CHANCE),
        (max(measures.bend_ms, measures.shift_ms) > BEND_MS, BENT_CHANCE),
        (unsteady, UNCLEAR_CHANCE),
        (two_events_are_possible(measures), OWN_CHANCE),
        (faint_of_its_own(measures) or may_hide_talk(measures), UNDER_CHANCE),
        (measures.open_end_s > OPEN_END_S, OPEN_CHANCE),
    ]
    return [1.0, *(most for holds, most in found if holds)]


def _agreement(measures: Measures) -> float:
    """What the whole overlap adds: up to 6 where all that is loud agrees, none where a third does, less where
    nothing does."""
    if measures.agreeing_s is None or measures.overlap_s < SHORT_S:
        return 0.0
    enough = min(measures.agreeing_s / 12.0, 1.0) if measures.agreeing_s > LEAST_AGREEING_S else 1.0
    return 9.0 * (explained(measures) - 0.33) * enough


def segment_probability(score: float, fine: float) -> float:
    """Chance that a stretch's own line is right to 33 ms, from its two standard scores alone; `fine` 0: as the whole."""
    evidence = 1.2 * (min(fine or 20.0, 20.0) - 7.0) + 0.25 * (min(score, 20.0) - 7.0)
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, evidence)))), 6)


def segment_is_sure(score: float | None, chance: float | None) -> bool:
    """Whether a stretch by itself has the score and the probability that `looks-good` asks of a clip."""
    return (score or 0.0) >= GOOD_SCORE and (chance or 0.0) >= SURE_CHANCE


def _stands_alone(measures: Measures) -> float:
    """From 0 to 1, whether the MFCCs know no other lag half as well: no hum or tone, whose curve has many peaks alike."""
    return min(max((measures.margin - 1.1) / 0.4, 0.0), 1.0)


def clear(measures: Measures) -> bool:
    """Whether the direct sound stands out of its echoes, so that the offset holds to a few milliseconds."""
    return measures.spread_ms <= CLEAR_MS


def worth_a_look(measures: Measures) -> bool:
    """Whether the detectors found enough that the whole overlap is to be accounted for."""
    return probability(measures) >= 0.001 or (measures.score >= 7 and measures.margin >= 1.2)


def explained(measures: Measures) -> float:
    """The share of what both hear aloud that agrees with the answer; 1 where that was not measured."""
    if measures.agreeing_s is None or measures.overlap_s < SHORT_S:
        return 1.0
    return measures.agreeing_s / max(measures.agreeing_s + measures.contradicting_s, 1e-9)


def believable(measures: Measures) -> bool:
    """Whether there is an answer at all: the detectors believe it, and the overlap does not speak against it."""
    return probability(measures) >= 0.5


def _unheard(measures: Measures) -> bool:
    """Whether next to nothing of the overlap agrees."""
    known = measures.agreeing_s is not None and measures.overlap_s >= SHORT_S
    return known and (measures.agreeing_s or 0.0) < LEAST_AGREEING_S


def played_twice(measures: Measures) -> bool:
    """Whether so much is loud in each and missing from the other that a program most likely played at two events."""
    beside = measures.own_sound > OWN_TWICE and measures.fine > CLEAR_FINE
    return (measures.unexplained > TWO_EVENTS or beside) and measures.overlap_s >= PROGRAM_S


def two_events_are_possible(measures: Measures) -> bool:
    """Whether each track has sound of its own that a program or a song at two events would leave."""
    least = OWN_SOUND if measures.fine > CLEAR_FINE else OWN_TWICE
    beside = measures.fine > FAINT_FINE and measures.own_sound > OWN_LEAST and measures.beside > FAINT_BESIDE
    own = measures.own_sound > least or beside
    return measures.unexplained > UNEXPLAINED or (own and measures.overlap_s >= PROGRAM_S)


def faint_of_its_own(measures: Measures) -> bool:
    """Whether each track has faint sound of its own under what both hear clearly."""
    return measures.under > UNDER and measures.fine > FAINT_FINE


def may_hide_talk(measures: Measures) -> bool:
    """Whether a song without a pause, which matches exactly, would hide the talk of two events."""
    return measures.hidden > 0 and measures.fine > HIDDEN_FINE * math.sqrt(measures.overlap_s)


def judge(measures: Measures, closure_ms: float | None = None) -> str:
    """The stricter rule: `looks-good` needs the score and agreement, margin, closure and residual behind it."""
    if not believable(measures):
        return MANUAL
    word = classify(measures.score)
    sound = (
        probability(measures) >= SURE_CHANCE
        and measures.fine >= 10
        and measures.repeat <= FITS_ELSEWHERE
        and (measures.hum <= FITS_ELSEWHERE or _stands_alone(measures) >= 1)
        and measures.agreeing >= 2
        and _one_line_holds(measures)
        and measures.residual_ms <= 5
        and (measures.moved_ms <= CLOSE_MS or clear(measures))
        and measures.spread_ms <= CLOSE_MS
        and (closure_ms is None or closure_ms <= CLOSE_MS)
    )
    return word if sound or word != LOOKS_GOOD else REVIEW


def _one_line_holds(measures: Measures) -> bool:
    """Whether nothing in the overlap speaks against one line: no jump, no bend, no stretch with another sound in each,
    no end in which nothing can be heard."""
    return (
        measures.jump_ms <= CLOSE_MS
        and max(measures.bend_ms, measures.shift_ms) <= BEND_MS
        and measures.longest_contradiction_s < CONTRADICTION_S
        and not two_events_are_possible(measures)
        and not faint_of_its_own(measures)
        and not may_hide_talk(measures)
        and abs(measures.ppm) <= CLOCK_PPM
        and measures.open_end_s <= OPEN_END_S
    )
