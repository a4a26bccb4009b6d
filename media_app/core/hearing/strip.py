"""A timeline as a picture: one row for each kind, its stretches in thousandths of the whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 1000.0
#: What is narrower would not be seen, and gaps narrower than the second neither.
_NARROWEST, _GAP = 1.0, 0.5
LABELS = {"speech": "Speech", "music": "Music", "silence": "Silence", "other": "Other"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: how much of the whole it is, in percent, and where."""

    kind: str
    label: str
    percent: int
    bars: tuple[Bar, ...]


def rows(events: Iterable[Mapping[str, Any]], duration_ms: float) -> tuple[Row, ...]:
    """A row for each kind that there is any of, speech first."""
    by_kind: dict[str, list[tuple[float, float]]] = {kind: [] for kind in LABELS}
    for event in events:
        by_kind.setdefault(event["kind"], []).append((event["start_ms"], event["end_ms"]))
    return tuple(_row(kind, found, duration_ms) for kind, found in by_kind.items() if found and duration_ms > 0)


def _row(kind: str, found: list[tuple[float, float]], duration_ms: float) -> Row:
    scale = WIDTH / duration_ms
    bars: list[Bar] = []
    for start, end in sorted(found):
        x, width = start * scale, max(_NARROWEST, (end - start) * scale)
        if bars and x - (bars[-1].x + bars[-1].width) < _GAP:
            bars[-1] = Bar(bars[-1].x, round(max(bars[-1].width, x + width - bars[-1].x), 2))
        else:
            bars.append(Bar(round(x, 2), round(width, 2)))
    percent = round(100 * sum(end - start for start, end in found) / duration_ms)
    return Row(kind, LABELS.get(kind, kind.capitalize()), percent, tuple(bars))
