"""Where the waves say what the MFCCs of some seconds cannot: what contradicts by these is asked again of short windows on the line.

A talker who is faint in one track under noise of its own shows in the MFCCs hardly more than chance does, and in the waves plainly.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sync_app.core import coverage, refine
from sync_app.core.coverage import Pair
from sync_app.core.stretches import Stretch
from sync_app.core.values import AGREEING, CONTRADICTING, DROWNED, Cover

_WINDOW_S = 2.0


def asked(pair: Pair, stretches: Sequence[Stretch], cover: Sequence[Cover]) -> tuple[Cover, ...]:
    """The cover, agreeing where something contradicts by its MFCCs and its waves are on the line all the same."""
    out: list[Cover] = []
    for run in cover:
        out += _parts(pair, stretches, run) if run.state == CONTRADICTING else [run]
    return tuple(coverage.joined(out))


def _parts(pair: Pair, stretches: Sequence[Stretch], run: Cover) -> list[Cover]:
    """A contradiction as what is left of it around the windows whose waves are on the line."""
    times = np.arange(run.start_s + _WINDOW_S / 2, run.end_s - _WINDOW_S / 2 + 1e-6, _WINDOW_S / 2)
    line = max(stretches, key=lambda stretch: (_shared_s(stretch, run), stretch.seconds)).line
    heard = times[refine.on_line(pair.first.samples, pair.second.samples, line, times, _WINDOW_S)]
    out, at = [], run.start_s
    for time in heard:
        start, end = max(float(time) - _WINDOW_S / 2, at), float(time) + _WINDOW_S / 2
        out += [Cover(at, start, CONTRADICTING), Cover(start, end, AGREEING)]
        at = end
    parts = coverage.joined([*out, Cover(at, run.end_s, CONTRADICTING)])
    return [_short_is_drowned(part) for part in parts]


def _shared_s(stretch: Stretch, run: Cover) -> float:
    return max(0.0, min(stretch.end_s, run.end_s) - max(stretch.start_s, run.start_s))


def _short_is_drowned(run: Cover) -> Cover:
    short = run.state == CONTRADICTING and run.end_s - run.start_s < coverage.SHORTEST_S
    return replace(run, state=DROWNED) if short else run
