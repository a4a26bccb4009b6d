"""What is seen in a clip: frames and shots of a recording on the clip's own clock, as `heard` has it for sound."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from render_app.core.heard import Stretch, Window

#: No time and no place is a larger number.
LARGEST = 1e9
MOST_PIXELS = 100_000
_BOX = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")


def cleaned(document: Any) -> dict[str, Any]:
    """A visual meta with what can be relied on: one that a client registered may be anything. What is not as it has to be is left
    out, and `shots` and `picture` are null."""
    told = document if isinstance(document, Mapping) else {}
    frames = [_frame(one) for one in _objects(told.get("frames")) if _is_number(one.get("timestamp_ms"))]
    interval = told.get("frame_sample_interval_ms")
    return {
        "frames": frames,
        "shots": _shots(told.get("shots")),
        "picture": _picture(told.get("picture")),
        "frame_sample_interval_ms": interval if _is_number(interval) else None,
    }


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    subjects = [one for one in _objects(frame.get("subjects")) if all(_is_number(one.get(name)) for name in _BOX)]
    return {**_plain(frame), "subjects": [_plain(one) for one in subjects]}


def _shots(shots: Any) -> list[dict[str, Any]] | None:
    found = _objects(shots)
    right = [one for one in found if _is_number(one.get("start_ms")) and _is_number(one.get("end_ms"))]
    return [_plain(one) for one in right] if right and len(right) == len(shots) else None


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Words, flags and numbers."""
    return {name: one for name, one in told.items() if isinstance(one, str | bool | None) or _is_number(one)}


def _picture(picture: Any) -> dict[str, Any] | None:
    sides = {name: picture.get(name) for name in ("width", "height")} if isinstance(picture, Mapping) else {}
    right = sides and all(_is_number(side) and 1 <= side <= MOST_PIXELS for side in sides.values())
    return sides if right else None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


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
