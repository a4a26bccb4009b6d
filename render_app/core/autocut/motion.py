"""When a camera is being moved: its whole picture shifts, as the visual meta of its recording says."""

from collections.abc import Mapping, Sequence
from math import hypot
from typing import Any

from render_app.core.autocut.values import Span
from render_app.core.heard import Stretch
from render_app.core.intervals import joined
from render_app.core.registered import is_number

#: A picture that shifts by this share of itself between two pictures, 0.08 s apart, is moved by somebody; by less it is held.
LEAST_SHIFT = 0.0125
#: Where nothing else is known, samples are so far apart, ms.
_APART_MS = 500.0
#: Samples that follow each other lie so far apart at most, by rounding.
_SEAM_S = 0.001


def moving(summary: Mapping[str, Any], stretches: Sequence[Stretch]) -> tuple[Span, ...]:
    """When the camera of a cleaned visual meta is moved, in seconds of the master's clock: half a sample before and after each picture
    that shifted."""
    half = (summary["frame_sample_interval_ms"] or _APART_MS) / 2
    spans = [
        (stretch.at(frame["timestamp_ms"] - half) / 1000, stretch.at(frame["timestamp_ms"] + half) / 1000)
        for frame in summary["frames"]
        for stretch in stretches
        if stretch.start_ms <= frame["timestamp_ms"] < stretch.end_ms and _shifts(frame)
    ]
    return tuple(Span(*one) for one in joined(spans, _SEAM_S))


def _shifts(frame: Mapping[str, Any]) -> bool:
    across, down = frame.get("camera_x"), frame.get("camera_y")
    return is_number(across) and is_number(down) and hypot(across, down) >= LEAST_SHIFT
