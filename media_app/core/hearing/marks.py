"""What is heard as marks along a line of time, small enough for a page: stretches, beats, and words by their times alone."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

Document = Mapping[str, Any]


def stretches(timeline: Document) -> list[tuple[str, float, float]]:
    """(kind, start, end) of each event of a semantic timeline, in ms, in the order of time."""
    found = [
        (str(one["kind"]), *times) for one in _rows(timeline, "events") if "kind" in one and (times := _times(one))
    ]
    return sorted(found, key=lambda one: one[1:])


def beats(features: Document, timeline: Document) -> list[float]:
    """When each beat is, in ms: as the beat engine found them, else as the timeline has them."""
    rows = [*_rows(features, "beats")] or [*_rows(timeline, "beats")]
    times = (one.get("time_ms") for one in rows)
    return sorted(float(time) for time in times if _is_time(time))


def words(transcript: Document) -> list[tuple[float, float]]:
    """(start, end) of each word, in ms, in the order of time."""
    segments = _rows(transcript, "segments")
    return sorted(times for one in segments for word in _rows(one, "words") if (times := _times(word)))


def _rows(document: Document, name: str) -> Iterable[Document]:
    rows = document.get(name)
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []


def _times(row: Document) -> tuple[float, float] | None:
    start, end = row.get("start_ms"), row.get("end_ms")
    return (float(start), float(end)) if _is_time(start) and _is_time(end) and start <= end else None


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)
