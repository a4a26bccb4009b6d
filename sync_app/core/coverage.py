"""What every moment of the overlap says of the answer: agreeing, silent, drowned or contradicting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sync_app.core.agreement import HOP_S, Agreement, Numbers, along
from sync_app.core.features import TrackFeatures
from sync_app.core.levels import WINDOW_S, Levels, levels_of
from sync_app.core.refine import Line
from sync_app.core.stretches import Stretch
from sync_app.core.values import AGREEING, CONTRADICTING, DROWNED, SILENT, Cover

#: A stretch at chance is believed to be one from here on; shorter ones may be a cough.
SHORTEST_S = 4.0
#: Usual levels that no window comes up to: nothing is loud, so nothing contradicts.
NEVER_LOUD = (100.0, 100.0)
_AGREES, _AT_LEAST = 4.0, 0.07
_SILENT_DB = -75.0
_BELOW_USUAL_DB = 10.0
_SHARE_OF_RANGE = 0.6
#: Nothing agrees for so long: what is there is looked at over `_LONG_S`, and counts from this level over the floor on.
_GAP_S, _LONG_S, _OVER_FLOOR_DB = 6.0, 12.0, 6.0
_AT_LEAST_LONG, _LONG_SPREAD = 0.03, 0.015


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tracks with their levels, so that each is measured once."""

    first: TrackFeatures
    second: TrackFeatures
    first_levels: Levels
    second_levels: Levels
    known: dict[tuple[Line, float, float], Agreement] = field(default_factory=dict)

    def agreement(self, stretch: Stretch) -> Agreement:
        """The agreement along a stretch, measured once."""
        key = (stretch.line, stretch.start_s, stretch.end_s)
        if key not in self.known:
            self.known[key] = along(self.first, self.second, stretch.line, key[1:], WINDOW_S)
        return self.known[key]


def paired(first: TrackFeatures, second: TrackFeatures) -> Pair:
    """Two tracks, their levels measured."""
    return Pair(first, second, first.levels or levels_of(first.samples), second.levels or levels_of(second.samples))


def states(pair: Pair, stretch: Stretch, usual: tuple[float, float] | None = None) -> tuple[Agreement, list[str]]:
    """The windows of a stretch of the second track along its line, and what each of them is.

    `usual`: the levels (dBFS) of both tracks where they agree; without it they are taken from these very windows.
    """
    found = pair.agreement(stretch)
    agrees = agreeing(found)
    one = pair.first_levels.around(stretch.line.at(found.times))
    two = pair.second_levels.around(found.times)
    usual_one, usual_two = usual or usual_levels(one, two, agrees)
    loud = (one >= _loud_from(pair.first_levels, usual_one)) & (two >= _loud_from(pair.second_levels, usual_two))
    silent = (one < _SILENT_DB) | (two < _SILENT_DB)
    states = np.where(agrees, AGREEING, np.where(silent, SILENT, np.where(loud, CONTRADICTING, DROWNED)))
    if (usual_one, usual_two) != NEVER_LOUD:
        heard = ~silent & (one >= pair.first_levels.floor + _OVER_FLOOR_DB)
        heard &= two >= pair.second_levels.floor + _OVER_FLOOR_DB
        _look_longer(found, states, heard)
    return found, [str(state) for state in states]


def _look_longer(found: Agreement, states: NDArray[np.str_], heard: NDArray[np.bool_]) -> None:
    """Change the states of long runs in which nothing agrees: what agrees over 12 s does, and what does not, though both
    tracks have something there, contradicts, however quiet it is."""
    for first, last in _runs(states != AGREEING):
        if (last - first) * HOP_S < _GAP_S:
            continue
        longer = found.over(first, last, round(_LONG_S / HOP_S))
        over = longer.own - longer.chance
        agrees = (over >= _AGREES * np.maximum(longer.spread, _LONG_SPREAD)) & (over >= _AT_LEAST_LONG)
        states[first:last][agrees & (states[first:last] != SILENT)] = AGREEING
        other = first + np.flatnonzero(heard[first:last] & ~agrees)
        if other.size * HOP_S >= SHORTEST_S:
            between = states[other[0] : other[-1] + 1]
            between[between != AGREEING] = CONTRADICTING


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where flags are set: the first index of each run and the one after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [(int(low), int(high)) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def agreeing(found: Agreement) -> NDArray[np.bool_]:
    """Which windows agree by more than chance."""
    return (found.margin >= _AGREES) & (found.own - found.chance >= _AT_LEAST)


def usual_levels(one: Numbers, two: Numbers, agrees: NDArray[np.bool_]) -> tuple[float, float]:
    """The levels of both tracks where they agree; without agreement those of all windows."""
    chosen = agrees if np.any(agrees) else np.ones_like(agrees)
    if not chosen.size:
        return -120.0, -120.0
    return float(np.median(one[chosen])), float(np.median(two[chosen]))


def _loud_from(track: Levels, usual: float) -> float:
    """From which level on a window is as loud as those that agree: 10 dB less, or 0.6 of the way up from the floor."""
    return max(usual - _BELOW_USUAL_DB, track.floor + _SHARE_OF_RANGE * (usual - track.floor))


def covers(stretch: Stretch, times: Numbers, states: Sequence[str]) -> list[Cover]:
    """The windows as runs from the stretch's start to its end; what contradicts for too short a time is drowned."""
    if not states:
        return [Cover(stretch.start_s, stretch.end_s, DROWNED)] if stretch.end_s > stretch.start_s else []
    runs: list[Cover] = []
    at = stretch.start_s
    index = 0
    for state, same in groupby(states):
        index += len(list(same))
        end = stretch.end_s if index == len(states) else float(times[index] + times[index - 1]) / 2
        runs.append(Cover(at, end, state))
        at = end
    return joined([_weak_is_drowned(run, runs) for run in runs])


def _weak_is_drowned(run: Cover, runs: Sequence[Cover]) -> Cover:
    if run.state != CONTRADICTING or run.end_s - run.start_s >= SHORTEST_S:
        return run
    return Cover(run.start_s, run.end_s, DROWNED)


def joined(runs: Sequence[Cover]) -> list[Cover]:
    """Neighbours of one state as one run."""
    out: list[Cover] = []
    for run in runs:
        if out and out[-1].state == run.state and abs(out[-1].end_s - run.start_s) < HOP_S:
            out[-1] = Cover(out[-1].start_s, run.end_s, run.state)
        elif run.end_s > run.start_s:
            out.append(run)
    return out


def seconds(runs: Sequence[Cover], state: str) -> float:
    """How long a state holds in all."""
    return sum(run.end_s - run.start_s for run in runs if run.state == state)


def longest_s(runs: Sequence[Cover], state: str) -> float:
    """How long the longest run of a state is."""
    return max((run.end_s - run.start_s for run in runs if run.state == state), default=0.0)


def open_ends(runs: Sequence[Cover]) -> list[Cover]:
    """What lies before the first and after the last moment that says anything, if anything does: silent or drowned."""
    telling = [run for run in runs if run.state in (AGREEING, CONTRADICTING)]
    if not telling:
        return []
    ends = ((runs[0].start_s, telling[0].start_s), (telling[-1].end_s, runs[-1].end_s))
    return [Cover(start, end, _quiet_state(runs, start, end)) for start, end in ends if end > start]


def _quiet_state(runs: Sequence[Cover], start_s: float, end_s: float) -> str:
    within = {run.state for run in runs if run.start_s < end_s and run.end_s > start_s}
    return SILENT if within == {SILENT} else DROWNED


def inside(line: Line, pair: Pair) -> tuple[float, float]:
    """The overlap on the second track's clock."""
    return line.overlap(pair.first.seconds, pair.second.seconds)
