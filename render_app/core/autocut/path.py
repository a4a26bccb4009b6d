"""The cheapest path of cameras through the places for a cut: dynamic programming, the rules first.

A path is worth what it breaks, then what it costs, so that no picture however wrong buys a broken rule. What it breaks is one
whole number: first the cuts outside a pause, then by how much shots are too short, then by how much they are too long where
there was another picture to turn to. Coverage is no price: a camera is no step of a path where it did not record.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from render_app.core.autocut.stage import Numbers, Stage
from render_app.core.autocut.values import Camera, Kept, Rules

#: A hundredth of a second too long; too short; a cut outside a pause. Each outweighs all of those before it in a day of film.
_TOO_LONG, _TOO_SHORT, _NO_PAUSE = 1, 10**7, 10**13
_NEVER = 2**60
#: Where there is no other picture to turn to, a long shot is the lesser evil: what a second more of it costs.
LONG_PER_S = 0.2

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Segment:
    """A camera from one place to another, as chosen."""

    start: float
    end: float
    camera: Camera


@dataclass(frozen=True, slots=True)
class _Table:
    """Of each place and camera: what the best path breaks and costs that ends there with this camera, and from where it came; and of
    the best that ends there with another one."""

    broken: Counts
    cost: Numbers
    came: NDArray[np.int64]
    other_broken: Counts
    other_cost: Numbers
    other: NDArray[np.int64]


def cheapest(stage: Stage, rules: Rules) -> list[Segment]:
    """The shots of a stretch, no two in a row of one camera."""
    shape = len(stage.places), len(stage.cameras)
    table = _Table(
        np.full(shape, _NEVER),
        np.full(shape, np.inf),
        np.full(shape, -1),
        np.zeros(shape, np.int64),
        np.zeros(shape),
        np.full(shape, -1),
    )
    for end in range(1, shape[0]):
        for camera in range(shape[1]):
            _extend(table, stage, rules, end, camera)
        _note_others(table, end)
    return _walked(stage, table)


def _extend(table: _Table, stage: Stage, rules: Rules, end: int, camera: int) -> None:
    """The best path whose last shot is this camera's and ends here."""
    shot = _Shots(stage, end, camera)
    there = stage.missing[camera, end] == stage.missing[camera, :end]
    broken = np.where(there, table.other_broken[:end, camera] + shot.broken(rules), _NEVER)
    least = np.flatnonzero(broken == broken.min())
    cost = table.other_cost[least, camera] + shot.cost(rules)[least]
    at = int(least[cost.argmin()])
    table.broken[end, camera] = min(int(broken[at]), _NEVER)
    table.cost[end, camera] = cost.min()
    table.came[end, camera] = at


def _note_others(table: _Table, end: int) -> None:
    ranked = np.lexsort((table.cost[end], table.broken[end]))
    for camera in range(len(ranked)):
        best = next((int(one) for one in ranked if one != camera), None)
        table.other_broken[end, camera] = _NEVER if best is None else table.broken[end, best]
        table.other_cost[end, camera] = np.inf if best is None else table.cost[end, best]
        table.other[end, camera] = -1 if best is None else best


@dataclass(frozen=True, slots=True)
class _Shots:
    """Of one camera, the shots from each earlier place to `end`. One that touches a person's own shot of the same camera goes on with it:
    it may be short, and counts as long as both together."""

    stage: Stage
    end: int
    camera: int

    def broken(self, rules: Rules) -> Counts:
        """What each of them breaks."""
        outside = 0 if self.stage.allowed[self.end] else _NO_PAUSE
        short = _hundredths(rules.min_shot_s - self._seconds(self.stage.places))
        short[self._goes_on()] = 0
        long = _hundredths(self._seconds(self.stage.better_s[self.camera]) + self._held() - rules.max_shot_s)
        return outside + _TOO_SHORT * short + _TOO_LONG * long

    def cost(self, rules: Rules) -> Numbers:
        """What each of them costs, with the cut before it."""
        spent = self.stage.spent[self.camera]
        long = np.maximum(self._seconds(self.stage.places) + self._held() - rules.max_shot_s, 0.0)
        cut = rules.cut_cost + self.stage.cut[: self.end]
        cut[0] = cut[0] if self._other_than(self.stage.before) else 0.0
        last = self.end == len(self.stage.places) - 1
        after = rules.cut_cost if last and self._other_than(self.stage.after) else 0.0
        return np.asarray(spent[self.end] - spent[: self.end] + LONG_PER_S * long + cut + after)

    def _seconds(self, clock: Numbers) -> Numbers:
        return np.asarray(clock[self.end] - clock[: self.end])

    def _other_than(self, kept: Kept | None) -> bool:
        return kept is not None and kept.camera != self.stage.cameras[self.camera].label

    def _same_as(self, kept: Kept | None) -> bool:
        return kept is not None and kept.camera == self.stage.cameras[self.camera].label

    def _goes_on(self) -> NDArray[np.bool_]:
        """Which of them touch a person's shot of this camera."""
        touching = np.full(self.end, self._same_as(self._after()))
        touching[0] |= self._same_as(self.stage.before)
        return touching

    def _held(self) -> Numbers:
        """For how long the camera is seen already, or stays, by a person's choice."""
        after = self._after()
        held = np.full(self.end, after.seconds if after is not None and self._same_as(after) else 0.0)
        if self.stage.before is not None and self._same_as(self.stage.before):
            held[0] += self.stage.before.seconds
        return held

    def _after(self) -> Kept | None:
        return self.stage.after if self.end == len(self.stage.places) - 1 else None


def _hundredths(seconds: Numbers) -> Counts:
    """How many hundredths of a second it is above zero, begun ones whole, half a millisecond none."""
    return np.maximum(np.ceil(100 * seconds - 0.05), 0).astype(np.int64)


def _walked(stage: Stage, table: _Table) -> list[Segment]:
    end = len(stage.places) - 1
    camera = int(np.lexsort((table.cost[end], table.broken[end]))[0])
    segments = []
    while end > 0:
        begin = int(table.came[end, camera])
        segments.append(Segment(float(stage.places[begin]), float(stage.places[end]), stage.cameras[camera]))
        end, camera = begin, int(table.other[begin, camera])
    return segments[::-1]
