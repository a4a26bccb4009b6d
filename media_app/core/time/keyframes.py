"""Where a file's keyframes lie, as a few numbers: cameras set them at even distances."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

#: Distances in a row that are equal count as one; a file with more of them has no index.
MOST_RUNS = 4_000

Runs = list[list[int]]


def runs_of(numbers: Sequence[int]) -> Runs | None:
    """The distances between ascending frame numbers as [distance, how often]; None where they are too many to keep."""
    gaps = (after - before for before, after in pairwise(numbers))
    runs = [[gap, sum(1 for _ in same)] for gap, same in groupby(gaps)]
    return runs if len(runs) <= MOST_RUNS else None


def numbers_of(first: int, runs: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """The frame numbers again."""
    numbers = [first]
    for gap, times in runs:
        numbers += [numbers[-1] + gap * (step + 1) for step in range(times)]
    return tuple(numbers)
