"""A clock in stretches: from when to when which line holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync_app.core.refine import Line


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the second track's clock on which one line holds. `score` and `fine` are the standard scores of the MFCCs and
    of the whitened windows there; `bent`: its line is one chord of a clock that bends."""

    start_s: float
    end_s: float
    line: Line
    score: float = 0.0
    fine: float = 0.0
    bent: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s

    @property
    def middle(self) -> float:
        """The time halfway."""
        return (self.start_s + self.end_s) / 2


def jump_s(before: Stretch, after: Stretch) -> float:
    """By how much the lag changes between two neighbours, where the second begins."""
    return float(after.line.lag(after.start_s) - before.line.lag(after.start_s))


def on_first(stretch: Stretch) -> tuple[float, float]:
    """From when to when the stretch lies on the first track's clock."""
    return float(stretch.line.at(stretch.start_s)), float(stretch.line.at(stretch.end_s))


def taken(stretch: Stretch, others: Sequence[Stretch]) -> float:
    """The share of the first track's time under a stretch that other stretches explain already: nothing happens twice."""
    start, end = on_first(stretch)
    shared = sum(max(0.0, min(end, high) - max(start, low)) for low, high in map(on_first, others))
    return shared / max(end - start, 1e-9)
