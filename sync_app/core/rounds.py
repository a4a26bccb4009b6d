"""Which pairs of tracks are worth comparing, and in which order: all of a few; of many, each with the longest first.

Forty clips against a recorder of five hours are forty comparisons that place them all; every pair with every other would be
thousands that say nothing more. A clip that no long track places is compared with all others, since some hear only each other.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

Pair = tuple[str, str]

#: Up to so many tracks, all are compared with all.
ALL_OF = 8
#: The longest tracks, of different cameras, that every other is compared with: the second closes the loop of the first.
HUBS = 2
#: Further long tracks, for what these do not place.
MORE_HUBS = 2


def camera_of(label: str) -> str:
    """The camera of a clip: B for B.2."""
    return label.partition(".")[0]


def next_pairs(labels: Sequence[str], seconds: Mapping[str, float], done: Mapping[Pair, bool]) -> list[Pair]:
    """The pairs to compare next; none when there is nothing more to learn.

    `done`: the pairs that were compared → whether they are believed. Pairs are in the order of `labels`. Clips of one camera
    are never compared: it cannot have recorded two at once. The pairs of one clip follow each other, so that its sound is at
    hand for all of them.
    """
    every = [pair for pair in combinations(labels, 2) if camera_of(pair[0]) != camera_of(pair[1])]
    if len(labels) <= ALL_OF:
        return [pair for pair in every if pair not in done]
    hubs = longest(labels, seconds)
    placed = _connected(hubs[0], done)
    first = [pair for pair in every if set(pair) & set(hubs[:HUBS]) and pair not in done]
    if first:
        return sorted(first, key=lambda pair: [labels.index(label) for label in pair if label not in hubs[:HUBS]])
    for hub in hubs[HUBS:]:
        wanted = [pair for pair in every if hub in pair and pair not in done and _other(pair, hub) not in placed]
        if wanted:
            return wanted
    return [pair for pair in every if pair not in done and not set(pair) <= placed]


def longest(labels: Sequence[str], seconds: Mapping[str, float]) -> list[str]:
    """The longest track of each camera, the longest first."""
    ranked = sorted(labels, key=lambda label: (-seconds[label], labels.index(label)))
    first = {camera_of(label): label for label in reversed(ranked)}
    return sorted(first.values(), key=ranked.index)[: HUBS + MORE_HUBS]


def _connected(start: str, done: Mapping[Pair, bool]) -> set[str]:
    """All that believed pairs connect with `start`."""
    found, edges = {start}, [pair for pair, believed in done.items() if believed]
    grown = True
    while grown:
        reached = {label for pair in edges if found & set(pair) for label in pair}
        grown = not reached <= found
        found |= reached
    return found


def _other(pair: Pair, label: str) -> str:
    return pair[1] if pair[0] == label else pair[0]
