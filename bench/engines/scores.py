"""What a measurement is held against, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

#: A goal is at most or at least this.
MOST, LEAST = "≤", "≥"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `goal` is None where a figure has none."""

    engine: str
    what: str
    value: float
    unit: str = ""
    goal: float | None = None
    way: str = MOST
    note: str = ""

    @property
    def good(self) -> bool:
        if self.goal is None:
            return True
        return self.value <= self.goal if self.way == MOST else self.value >= self.goal

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"{self.way} {self.goal:g}"
        mark = "" if self.goal is None else "ok" if self.good else "MISSED"
        return f"{self.engine:10s} {self.what:44s} {self.value:9.3f} {self.unit:8s} {goal:>9s} {mark:7s} {self.note}"


def shown(rows: Sequence[Row]) -> int:
    """Print them; how many missed their goal."""
    for row in rows:
        print(row, flush=True)
    return sum(not row.good for row in rows)
