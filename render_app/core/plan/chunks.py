"""Chunks: windows of a sequence whose pictures are rendered side by side and joined as they are.

A window has whole frames and draws what the whole film draws there, so that nothing is rendered beyond it and thrown away. Its
edges lie on one grid from the beginning of the sequence: a change re-renders the windows that see it, and no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from render_app.core.plan.request import RenderWish
from render_app.core.timeline.edges import edge_ms, frame_edge

#: A chunk's length where none is asked for, and what may be, in ms.
SEGMENT_MS, SEGMENT_RANGE = 15_000, (1_000, 600_000)
#: Named with each chunk as the seed of the API has it; windows need none.
OVERLAP_MS, OVERLAP_RANGE = 750, (0, 5_000)
#: Chunks of one film.
MOST_SEGMENTS = 500


@dataclass(frozen=True, slots=True)
class Window:
    """Frames `start` to `end` of the output at `rate`; the first window has index 0."""

    index: int
    start: int
    end: int
    rate: Fraction

    @property
    def start_ms(self) -> Fraction:
        """When it begins."""
        return edge_ms(self.start, self.rate)

    @property
    def end_ms(self) -> Fraction:
        """When it ends."""
        return edge_ms(self.end, self.rate)

    def of(self, wish: RenderWish) -> RenderWish:
        """The same wish for this window alone."""
        return replace(wish, start_ms=self.start_ms, end_ms=self.end_ms)


def windows_of(wish: RenderWish, last_ms: Fraction, segment_ms: int) -> tuple[Window, ...]:
    """The windows of what is wanted of a sequence that ends at `last_ms`, one after another."""
    rate = wish.profile.fps
    start = frame_edge(wish.start_ms, rate)
    end = frame_edge(last_ms if wish.end_ms is None else min(wish.end_ms, last_ms), rate)
    edges = {frame_edge(Fraction(segment_ms) * number, rate) for number in range(int(last_ms // segment_ms) + 1)}
    inside = sorted({edge for edge in edges if start < edge < end} | {start, end})
    return tuple(Window(number, *pair, rate) for number, pair in enumerate(pairwise(inside)))


def gap_between(windows: Sequence[Window], whole: Sequence[Window]) -> int | None:
    """The number of the first window that does not begin where the one before ends, or that leaves a part of the whole out."""
    reached = whole[0].start
    for number, one in enumerate(windows):
        if one.start != reached:
            return number
        reached = one.end
    return None if reached == whole[-1].end else len(windows) - 1
