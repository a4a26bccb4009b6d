"""When a camera is being moved: its whole picture shifts, as the visual meta of its recording says."""

from collections.abc import Iterable, Mapping, Sequence
from math import hypot
from typing import Any

from render_app.core.autocut.values import Span
from render_app.core.heard import Stretch
from render_app.core.registered import is_number

#: A picture that shifts by this share of itself between two pictures, 0.08 s apart, is moved by somebody; by less it is held.
LEAST_SHIFT = 0.0125
#: Where nothing else is known, samples are so far apart, ms.
_APART_MS = 500.0


def moving(summary: Mapping[str, Any], stretches: Sequence[Stretch]) -> tuple[Span, ...]:
    """When the camera of a cleaned visual meta is moved, in seconds of the master's clock: half a sample before and after each picture
    that shifted."""
    half = (summary["frame_sample_interval_ms"] or _APART_MS) / 2
    spans = [
        Span(stretch.at(frame["timestamp_ms"] - half) / 1000, stretch.at(frame["timestamp_ms"] + half) / 1000)
        for frame in summary["frames"]
        for stretch in stretches
        if stretch.start_ms <= frame["timestamp_ms"] < stretch.end_ms and _shifts(frame)
    ]
    return tuple(_joined(sorted(spans, key=lambda one: one.start)))


def _shifts(frame: Mapping[str, Any]) -> bool:
    across, down = frame.get("camera_x"), frame.get("camera_y")
    return is_number(across) and is_number(down) and hypot(across, down) >= LEAST_SHIFT


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for one in spans:
        if joined and one.start <= joined[-1].end + 0.001:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined
