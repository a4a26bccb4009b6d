"""What is seen in a clip: frames and shots of a recording on the clip's own clock, as `heard` has it for sound."""

from collections.abc import Mapping, Sequence
from typing import Any

from render_app.core.heard import Stretch, Window
from render_app.core.registered import is_number, objects, plain

MOST_PIXELS = 100_000
_BOX = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")


def cleaned(document: Mapping[str, Any]) -> dict[str, Any]:
    """A visual meta with what can be relied on. What is not as it has to be is left out, and `shots` and `picture` are null."""
    interval = document.get("frame_sample_interval_ms")
    return {
        "frames": [_frame(one) for one in objects(document.get("frames"), "timestamp_ms")],
        "shots": _shots(document.get("shots")),
        "picture": _picture(document.get("picture")),
        "frame_sample_interval_ms": interval if is_number(interval) else None,
    }


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain(frame), "subjects": [plain(one) for one in objects(frame.get("subjects"), *_BOX)]}


def _shots(shots: Any) -> list[dict[str, Any]] | None:
    right = objects(shots, "start_ms", "end_ms")
    return [plain(one) for one in right] if right and len(right) == len(shots) else None


def _picture(picture: Any) -> dict[str, Any] | None:
    sides = {name: picture.get(name) for name in ("width", "height")} if isinstance(picture, Mapping) else {}
    right = sides and all(is_number(side) and 1 <= side <= MOST_PIXELS for side in sides.values())
    return sides if right else None


def frames_in(summary: Mapping[str, Any], stretches: Sequence[Stretch], window: Window) -> list[dict[str, Any]]:
    """The frames that the clip shows, in ms after its beginning."""
    found = [
        {**frame, "timestamp_ms": window.relative(stretch.at(frame["timestamp_ms"]))}
        for frame in summary["frames"]
        for stretch in stretches
        if stretch.start_ms <= frame["timestamp_ms"] < stretch.end_ms
        and window.in_ms <= stretch.at(frame["timestamp_ms"]) < window.out_ms
    ]
    return sorted(found, key=lambda frame: frame["timestamp_ms"])


def shots_in(summary: Mapping[str, Any], stretches: Sequence[Stretch], window: Window) -> list[dict[str, Any]]:
    """The shots that the clip shows, cut to it."""
    found = []
    for shot in summary["shots"] or []:
        for stretch in stretches:
            began = stretch.at(max(shot["start_ms"], stretch.start_ms))
            first, last = max(began, window.in_ms), min(stretch.at(min(shot["end_ms"], stretch.end_ms)), window.out_ms)
            if first < last:
                how = shot.get("begins_with") if first == began else "clip"
                times = {"start_ms": window.relative(first), "end_ms": window.relative(last)}
                found.append({**shot, **times, "begins_with": how})
    return sorted(found, key=lambda shot: float(shot["start_ms"]))
