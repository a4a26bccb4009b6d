"""What a frame of another shape shows of a picture over time: the way back from keyframes of the picture to a rectangle on it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from media_app.core.hearing.strip import WIDTH
from media_app.core.vision.boxes import Box
from media_app.core.vision.shown import COLUMNS, Moment, Place
from render_app.core.reframe import Framing, Key, Look, Shot, Suggestion

#: Shots of which a frame is shown.
MOST = 3


@dataclass(frozen=True, slots=True)
class CropPath:
    """The rectangle along the axis on which it is shorter than the picture, as the points of a band (time and place in thousandths),
    and in some frames. `without`: how many of the shots show their middle, by the reason."""

    axis: str
    band: str
    moments: tuple[Moment, ...]
    shots: int
    without: tuple[tuple[str, int], ...]


def looks_of(document: Mapping[str, Any]) -> list[Look]:
    """Where the main subject is in a recording, by its visual meta."""
    return [Look(float(frame["timestamp_ms"]), _main(frame)) for frame in document["frames"]]


def _main(frame: Mapping[str, Any]) -> Box | None:
    main = frame.get("primary_track_id")
    named = [one for one in frame["subjects"] if main is not None and one.get("track_id") == main]
    return Box(*(float(named[0][f"bbox_{side}"]) for side in ("x", "y", "width", "height"))) if named else None


def path_of(found: Suggestion, shots: Sequence[Shot], framing: Framing) -> CropPath:
    """A suggestion as it lies on the picture."""
    wide, high = framing.size
    across = wide >= high
    ends = shots[-1].end_ms if shots else 0.0
    keys, size = (found.position_x, wide) if across else (found.position_y, high)
    counts = {reason: found.reasons.count(reason) for reason in found.reasons if reason}
    return CropPath(
        "across" if across else "down",
        _band(keys, size, ends),
        tuple(_moments(found, shots, framing)),
        len(shots),
        tuple(sorted(counts.items())),
    )


def _moments(found: Suggestion, shots: Sequence[Shot], framing: Framing) -> Iterator[Moment]:
    """The middles of the longest shots, those with a subject first; in the order of time."""
    pairs = list(zip(shots, found.reasons, strict=True))
    best = sorted(pairs, key=lambda pair: (bool(pair[1]), pair[0].start_ms - pair[0].end_ms))[:MOST]
    for time in sorted((shot.start_ms + shot.end_ms) / 2 for shot, _ in best):
        yield Moment(time, (crop_at(found, framing, time),))


def crop_at(found: Suggestion, framing: Framing, time_ms: float) -> Place:
    """The rectangle at a time, in thousandths of the picture."""
    x, width = _extent(value_at(found.position_x, time_ms), framing.size[0])
    y, height = _extent(value_at(found.position_y, time_ms), framing.size[1])
    left, top, wide, high = (round(WIDTH * one, 1) for one in (x, y, width, height))
    return Place(left, top, wide, high, is_main=True)


def _extent(position: float, size: float) -> tuple[float, float]:
    """Where the frame begins on a picture of this size (in frames) whose middle lies at `position`, and how much it shows of it."""
    return 0.5 - position / size, 1 / size


def value_at(keys: Sequence[Key], time_ms: float) -> float:
    """Between two keyframes on the line, unless the earlier one holds."""
    place = max(0, bisect_right([key.time_ms for key in keys], time_ms) - 1)
    here = keys[place]
    if here.holds or place + 1 == len(keys) or time_ms <= here.time_ms:
        return here.value
    later = keys[place + 1]
    return here.value + (later.value - here.value) * (time_ms - here.time_ms) / (later.time_ms - here.time_ms)


def corners(keys: Sequence[Key], ends_ms: float) -> list[tuple[float, float]]:
    """(time, value) of a curve as it is drawn: a jump has two of one time."""
    points = []
    for key, later in zip(keys, [*keys[1:], None], strict=True):
        points.append((key.time_ms, key.value))
        if later is None:
            points.append((max(ends_ms, key.time_ms), key.value))
        elif key.holds:
            points.append((later.time_ms, key.value))
    return points


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A curve of thousandths as it is seen: of each column where it begins, its lowest and highest point, and where it ends."""
    kept: list[tuple[float, float]] = []
    for _, column in groupby(points, key=lambda point: int(COLUMNS * point[0] / WIDTH)):
        within = list(column)
        places = {0, len(within) - 1}
        places |= {end(range(len(within)), key=lambda place: within[place][1]) for end in (min, max)}
        kept += [within[place] for place in sorted(places)]
    return kept


def _band(keys: Sequence[Key], size: float, ends_ms: float) -> str:
    """The two edges of the rectangle, one there and one back."""
    if ends_ms <= 0:
        return ""
    begins = thinned([(WIDTH * time / ends_ms, _extent(value, size)[0]) for time, value in corners(keys, ends_ms)])
    back = [(x, y + 1 / size) for x, y in reversed(begins)]
    return " ".join(f"{x:.1f},{WIDTH * y:.1f}" for x, y in (*begins, *back))
