"""Stretches of time as pairs of their ends."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeVar

Time = TypeVar("Time", float, Fraction)


def joined(spans: Iterable[tuple[Time, Time]], within: float = 0.0) -> list[tuple[Time, Time]]:
    """Spans in order, those that touch or lie at most `within` apart as one."""
    found: list[tuple[Time, Time]] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] <= within:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
