"""The whole overlap accounted for: each moment's state, and a line of its own for each stretch that has one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sync_app.core import borders, clock, coverage, refine, shifts
from sync_app.core.agreement import Numbers
from sync_app.core.coverage import Pair
from sync_app.core.refine import Line
from sync_app.core.search import LEAST_S, search
from sync_app.core.stretches import Stretch, jump_s
from sync_app.core.values import AGREEING, CONTRADICTING, Cover

#: What lies outside the overlap is searched from this length on, with a quarter of the effort.
OUTSIDE_S, _OUTSIDE_EFFORT = 6.0, 0.25
_SEARCHES = 12
_BORDER_S = 3.0
#: Windows in which a word shows.
_WORD_S = 2.0
#: A clock bends between lines that differ by so much, so near to a border that is known, where they are no farther apart.
KNEE_PPM, _KNEE_S, _KNEE_JUMP_S = 50.0, 60.0, 0.05
#: How often a clock that bends is followed on from its first or last chord.
_CONTINUATIONS = 4
_SAME_S = 0.004
#: Under this share of windows what agrees are moments; so near to its floor a track has no pauses.
_SELDOM, _FLOOR_DB = 0.3, 3.0


@dataclass(frozen=True, slots=True)
class Account:
    """Stretches in order of time, what each moment of the overlap is, by how much the clock bends off its line, and the largest
    shift of some seconds of which the waves say nothing."""

    stretches: tuple[Stretch, ...]
    cover: tuple[Cover, ...]
    bend_s: float = 0.0
    shift_s: float = 0.0

    @property
    def agreeing_s(self) -> float:
        """How long both hear the same."""
        return coverage.seconds(self.cover, AGREEING)

    @property
    def contradicting_s(self) -> float:
        """How long each hears something else."""
        return coverage.seconds(self.cover, CONTRADICTING)


def account(pair: Pair, stretches: Sequence[Stretch]) -> Account:
    """Follow the lines that are known over the whole overlap, then look for those that are not."""
    usual = _usual(pair, stretches)
    claims = [claim for stretch in stretches for claim in _claims(pair, stretch, usual)]
    if not claims:
        return Account(tuple(stretches), _cover_of(pair, stretches, usual))
    claims, bend, shift = _followed(pair, claims)
    claims, bend = _continued(pair, claims, bend, usual)
    claims += _found(pair, claims, usual)
    done = _bordered(pair, _merged(sorted(claims, key=lambda claim: claim.start_s)), usual)
    return Account(tuple(done), _cover_of(pair, done, usual), bend, shift)


def _usual(pair: Pair, stretches: Sequence[Stretch]) -> tuple[float, float]:
    """The levels of both tracks where they agree."""
    one, two, agrees = [], [], []
    for stretch in stretches:
        found, states = coverage.states(pair, stretch)
        one.append(pair.first_levels.around(stretch.line.at(found.times)))
        two.append(pair.second_levels.around(found.times))
        agrees.append(np.array([state == AGREEING for state in states], bool))
    known = np.concatenate(agrees)
    usual = coverage.usual_levels(np.concatenate(one), np.concatenate(two), known)
    moments = known.mean() < _SELDOM if known.size else False
    if moments and _by_the_floor(pair, usual):
        return coverage.NEVER_LOUD
    return usual


def _by_the_floor(pair: Pair, usual: tuple[float, float]) -> bool:
    """Whether what agrees is no louder, second by second, than the rest: claps in hiss, so that a level says nothing."""
    floors = pair.first_levels.floor, pair.second_levels.floor
    return any(level - floor < _FLOOR_DB for level, floor in zip(usual, floors, strict=True))


def _claims(pair: Pair, stretch: Stretch, usual: tuple[float, float]) -> list[Stretch]:
    """The parts of a stretch in which nothing contradicts its line and something agrees with it."""
    found, states = coverage.states(pair, stretch, usual)
    stretch = _trimmed(stretch, found.times, states)
    found, states = coverage.states(pair, stretch, usual)
    runs = coverage.covers(stretch, found.times, states)
    agreeing = [run for run in runs if run.state == AGREEING]
    out: list[Stretch] = []
    for run in runs:
        if run.state == CONTRADICTING or not any(a.start_s < run.end_s and a.end_s > run.start_s for a in runs):
            continue
        if out and abs(out[-1].end_s - run.start_s) < 1e-6:
            out[-1] = replace(out[-1], end_s=run.end_s)
        else:
            out.append(replace(stretch, start_s=run.start_s, end_s=run.end_s))
    return [claim for claim in out if _overlap(claim, agreeing) >= 1.0]


def _trimmed(stretch: Stretch, times: Numbers, states: Sequence[str]) -> Stretch:
    """The stretch without what contradicts at its ends: a part of a gap that a guessed border has cut in two."""
    good = [float(time) for time, state in zip(times, states, strict=True) if state != CONTRADICTING]
    if not good:
        return stretch
    start = stretch.start_s if states[0] != CONTRADICTING else good[0]
    return replace(stretch, start_s=start, end_s=stretch.end_s if states[-1] != CONTRADICTING else good[-1])


def _overlap(claim: Stretch, runs: Sequence[Cover]) -> float:
    return sum(max(0.0, min(claim.end_s, run.end_s) - max(claim.start_s, run.start_s)) for run in runs)


def _followed(pair: Pair, claims: Sequence[Stretch]) -> tuple[list[Stretch], float, float]:
    """Each claim's line, or the chords of its curve where the clock bends; by how much it bends at most, and shifts in doubt."""
    out: list[Stretch] = []
    bend = doubt = 0.0
    for line, own in _by_line(claims):
        found = _curve(pair, line, own)
        steps = found.shifts if len(claims) == 1 else _steps(pair, line, own)
        split = _unshifted(pair, line, own, steps)
        found = _curve(pair, line, split.of_one_source) if split.of_one_source != tuple(own) else found
        own, out = list(split.left), [*out, *split.moved]
        chords = _chords(pair, line, own, found) if found.bent else []
        out += chords or own
        bend, doubt = (max(bend, found.bend_s), doubt) if chords else (bend, max(doubt, split.doubt_s))
    return out, bend, doubt


def _chords(pair: Pair, line: Line, own: list[Stretch], found: clock.Curve) -> list[Stretch]:
    """The chords of a line's curve; none where its waves are straight all the same."""
    chords = clock.chords(pair, replace(own[0], end_s=own[-1].end_s), found)
    return [] if clock.holds(pair, line, found, chords) else chords


def _continued(
    pair: Pair, claims: Sequence[Stretch], bend_s: float, usual: tuple[float, float]
) -> tuple[list[Stretch], float]:
    """The claims, and what follows or precedes the chords of a clock that bends, and by how much it does: lags are followed no farther
    than `lags_near` reaches from a line, and where the clock leaves that, it goes on from the last chord as it went there."""
    out = sorted(claims, key=lambda claim: claim.start_s)
    for _ in range(_CONTINUATIONS):
        added = [part for gap, chord in _gaps_at_chords(pair, out) for part in _on_from(pair, gap, chord, usual)]
        if not added:
            break
        out = sorted([*out, *added], key=lambda claim: claim.start_s)
        chords = [claim for claim in out if claim.bent]
        bend_s = max(bend_s, apart_s(chords, max(chords, key=lambda chord: chord.seconds).line))
    return out, bend_s


def _gaps_at_chords(pair: Pair, claims: Sequence[Stretch]) -> list[tuple[tuple[float, float], Stretch]]:
    """What no claim explains before or after a chord, within the overlap on the chord's line."""
    edges = [0.0, *(edge for claim in claims for edge in (claim.start_s, claim.end_s)), pair.second.seconds]
    out = []
    for number, chord in enumerate(claims):
        low, high = coverage.inside(chord.line, pair)
        for start, end in ((edges[2 * number], chord.start_s), (chord.end_s, edges[2 * number + 3])):
            start, end = max(start, low), min(end, high)
            if chord.bent and end - start >= LEAST_S:
                out.append(((start, end), chord))
    return out


def _on_from(pair: Pair, gap: tuple[float, float], chord: Stretch, usual: tuple[float, float]) -> list[Stretch]:
    """The part of a gap that touches the chord and agrees with its line, as chords of its own where it bends again."""
    own = _claims(pair, Stretch(*gap, chord.line), usual)
    near = [claim for claim in own if _away_s(claim, chord) <= _BORDER_S]
    return [replace(part, bent=True) for part in _followed(pair, near)[0]] if near else []


def _away_s(claim: Stretch, chord: Stretch) -> float:
    """From the end of one of two stretches to the start of the other."""
    return min(abs(claim.start_s - chord.end_s), abs(claim.end_s - chord.start_s))


def _unshifted(pair: Pair, line: Line, own: list[Stretch], steps: Sequence[shifts.Shift]) -> shifts.Apart:
    """A line's claims without the shifts in them; nothing is taken out of a clock that bends without them as well."""
    found = shifts.apart(pair, own, line, steps)
    if found.moved and (not found.left or _curve(pair, line, found.of_one_source).bent):
        return shifts.Apart(tuple(own), (), 0.0, tuple(own))
    return found


def _curve(pair: Pair, line: Line, own: Sequence[Stretch]) -> clock.Curve:
    spans = [(claim.start_s, claim.end_s) for claim in own]
    return clock.curve(pair, Stretch(0.0, 0.0, line), spans)


def _steps(pair: Pair, line: Line, own: Sequence[Stretch]) -> tuple[shifts.Shift, ...]:
    """Shifts of one of several lines, seen from a little before and after where it is said to hold."""
    spans = [(max(claim.start_s - clock.WINDOW_S, 0.0), claim.end_s + clock.WINDOW_S) for claim in own]
    found = [shifts.find(*clock.lags(pair, line, span), span) for span in spans]
    return tuple(shift for steps in found for shift in steps)


def _by_line(claims: Sequence[Stretch]) -> list[tuple[Line, list[Stretch]]]:
    lines = list(dict.fromkeys(claim.line for claim in claims))
    return [(line, [claim for claim in claims if claim.line == line]) for line in lines]


def _found(pair: Pair, claims: Sequence[Stretch], usual: tuple[float, float]) -> list[Stretch]:
    """Stretches for what no claim explains, inside the overlap and outside of it."""
    ordered = sorted(claims, key=lambda claim: claim.start_s)
    longest = max(claims, key=lambda claim: claim.seconds)
    ends = [(0.0, 0.0), *((c.start_s, c.end_s) for c in ordered), (pair.second.seconds, pair.second.seconds)]
    gaps = [Cover(a[1], b[0], CONTRADICTING) for a, b in pairwise(ends) if b[0] - a[1] >= LEAST_S]
    gaps.sort(key=lambda gap: gap.start_s - gap.end_s)
    low, high = coverage.inside(longest.line, pair)
    out: list[Stretch] = []
    for gap in gaps[:_SEARCHES]:
        outside = gap.end_s <= low + LEAST_S or gap.start_s >= high - LEAST_S
        if outside and gap.end_s - gap.start_s < OUTSIDE_S:
            continue
        out += search(pair, gap, longest.line.ppm, [*claims, *out], usual, _OUTSIDE_EFFORT if outside else 1.0)
    return out


def _merged(claims: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours on one line as one stretch, whatever lies between them."""
    out: list[Stretch] = []
    for claim in claims:
        if out and abs(jump_s(out[-1], claim)) <= _SAME_S and not claim.bent and not out[-1].bent:
            keeper = max(out[-1], claim, key=lambda c: c.seconds)
            out[-1] = replace(keeper, start_s=out[-1].start_s, end_s=claim.end_s)
        else:
            out.append(claim)
    return out


def _bordered(pair: Pair, claims: list[Stretch], usual: tuple[float, float]) -> list[Stretch]:
    """Each border where the sound changes from one line to the next, if the two stretches meet; in the middle of what neither
    agrees with, where that is long."""
    out = list(claims)
    for i, (before, after) in enumerate(pairwise(claims)):
        knee = _knee(pair, before, after)
        if knee is not None:
            out[i], out[i + 1] = replace(out[i], end_s=knee), replace(out[i + 1], start_s=knee)
            continue
        if after.start_s - before.end_s > 2 * _BORDER_S or (before.bent and after.bent):
            continue
        last, first = _meeting(pair, before, after, usual)
        at: float | None = (last + first) / 2
        if first - last <= 2 * _BORDER_S or _sounds_between(pair, (before.line, after.line), last, first):
            low = max(min(last, first) - _BORDER_S, before.start_s)
            high = min(max(last, first) + _BORDER_S, after.end_s)
            at = borders.switch_time(pair, before.line, after.line, low, high)
        at = (before.end_s + after.start_s) / 2 if at is None else at
        out[i], out[i + 1] = replace(out[i], end_s=at), replace(out[i + 1], start_s=at)
    return out


def _knee(pair: Pair, before: Stretch, after: Stretch) -> float | None:
    """Where the lines of two stretches that meet cross each other, if a clock may have bent there: near the border that is known, and
    the waves between the two are on the line that it gives them to, as often as on the other one."""
    steeper = (before.line.ppm - after.line.ppm) * 1e-6
    if abs(steeper) < KNEE_PPM * 1e-6 or after.start_s - before.end_s > 2 * _BORDER_S:
        return None
    at, border = (after.line.offset_s - before.line.offset_s) / steeper, (before.end_s + after.start_s) / 2
    inside = before.start_s + LEAST_S < at < after.end_s - LEAST_S
    if not inside or abs(at - border) > _KNEE_S or abs(jump_s(before, replace(after, start_s=border))) > _KNEE_JUMP_S:
        return None
    times = np.arange(min(at, border) + 1.0, max(at, border), 2.0)
    samples = pair.first.samples, pair.second.samples
    own, other = (after.line, before.line) if at < border else (before.line, after.line)
    said = [int(np.count_nonzero(refine.on_line(*samples, line, times, 2.0))) for line in (own, other)]
    return at if said[0] >= said[1] else None


def _sounds_between(pair: Pair, lines: tuple[Line, Line], start: float, end: float) -> bool:
    """Whether the waves of some moment between two times are on one of two lines: a word in a long pause."""
    times = np.arange(start + _WORD_S / 2, end, _WORD_S / 4)
    return any(np.any(refine.on_line(pair.first.samples, pair.second.samples, line, times, _WORD_S)) for line in lines)


def _meeting(pair: Pair, before: Stretch, after: Stretch, usual: tuple[float, float]) -> tuple[float, float]:
    """The last moment that agrees with one line and the first that agrees with the next: where they are far apart, each line is
    asked as far as the other one goes."""
    last, first = _last(pair, before, usual), _first(pair, after, usual)
    if first - last <= 2 * _BORDER_S:
        return before.end_s, after.start_s
    longer = replace(before, end_s=first), replace(after, start_s=last)
    return max(last, _last(pair, longer[0], usual)), min(first, _first(pair, longer[1], usual))


def _last(pair: Pair, stretch: Stretch, usual: tuple[float, float]) -> float:
    held = _held(_states(pair, stretch, usual)[::-1])
    return held.end_s if held is not None else stretch.end_s


def _first(pair: Pair, stretch: Stretch, usual: tuple[float, float]) -> float:
    held = _held(_states(pair, stretch, usual))
    return held.start_s if held is not None else stretch.start_s


def _held(runs: Sequence[Cover]) -> Cover | None:
    """The first run that agrees, on the way from a border into a stretch; a second or two that agree by chance before a longer
    contradiction are none."""
    first, agreeing = None, 0.0
    for run in runs:
        seconds = run.end_s - run.start_s
        if run.state == AGREEING:
            first, agreeing = first or run, agreeing + seconds
        elif run.state == CONTRADICTING and seconds > agreeing:
            first, agreeing = None, 0.0
        if agreeing >= coverage.SHORTEST_S:
            break
    return first


def _cover_of(pair: Pair, stretches: Sequence[Stretch], usual: tuple[float, float]) -> tuple[Cover, ...]:
    """The states along the stretches and, between and next to them, along the longest one's line."""
    if not stretches:
        return ()
    longest = max(stretches, key=lambda stretch: stretch.seconds)
    low, high = coverage.inside(longest.line, pair)
    low, high = min(low, stretches[0].start_s), max(high, stretches[-1].end_s)
    runs: list[Cover] = []
    at = low
    for stretch in [*stretches, replace(longest, start_s=high, end_s=high)]:
        if stretch.start_s - at > 0.5:
            runs += _states(pair, replace(longest, start_s=at, end_s=stretch.start_s), usual)
        runs += _states(pair, stretch, usual)
        at = stretch.end_s
    return tuple(coverage.joined(runs))


def _states(pair: Pair, stretch: Stretch, usual: tuple[float, float]) -> list[Cover]:
    if stretch.seconds <= 0:
        return []
    found, states = coverage.states(pair, stretch, usual)
    return coverage.covers(stretch, found.times, states)


def largest_jump_s(stretches: Sequence[Stretch]) -> float:
    """The largest step between neighbours' lags, in seconds."""
    return max((abs(jump_s(a, b)) for a, b in pairwise(stretches)), default=0.0)


def apart_s(stretches: Sequence[Stretch], line: Line) -> float:
    """How far the stretches' lines are from one line, at most, in seconds."""
    ends = [(stretch.line, time) for stretch in stretches for time in (stretch.start_s, stretch.end_s)]
    return max((abs(float(own.lag(time) - line.lag(time))) for own, time in ends), default=0.0)
