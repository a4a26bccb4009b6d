"""A time axis on which hours of nothing take little space: a shoot is processed in minutes and approved days later."""

from collections.abc import Sequence
from dataclasses import dataclass

#: What a stretch of nothing may take, as a share of all the time in which something happened.
IDLE_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Axis:
    """`knots` are (seconds, place in ‰), both rising; between two of them time runs evenly."""

    knots: tuple[tuple[float, float], ...]

    def place(self, at: float) -> float:
        """Where a moment lies, from 0 to 1000."""
        before = self.knots[0]
        for knot in self.knots:
            if at <= knot[0]:
                length = knot[0] - before[0]
                share = (at - before[0]) / length if length > 0 else 1.0
                return round(before[1] + max(0.0, share) * (knot[1] - before[1]), 1)
            before = knot
        return before[1]


def axis(spans: Sequence[tuple[float, float]]) -> Axis:
    """The axis of what happened from … to …, in seconds."""
    busy: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if busy and start <= busy[-1][1]:
            busy[-1] = (busy[-1][0], max(busy[-1][1], end))
        else:
            busy.append((start, max(start, end)))
    if not busy:
        return Axis(((0.0, 0.0), (1.0, 1000.0)))
    longest_gap = max(1.0, IDLE_SHARE * sum(end - start for start, end in busy))
    drawn, knots, last = 0.0, [], busy[0][0]
    for start, end in busy:
        drawn += min(start - last, longest_gap)
        knots.append((start, drawn))
        drawn += end - start
        knots.append((end, drawn))
        last = end
    whole = drawn or 1.0
    return Axis(tuple((at, round(1000 * place / whole, 3)) for at, place in knots))
