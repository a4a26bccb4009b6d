"""What was seen in a recording as a page draws it: shots, subjects and motion along the time, and places in single frames."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core.hearing import strip
from media_app.core.hearing.strip import WIDTH, Bar

#: Columns of a curve, its height, and rows of subjects: more cannot be distinguished.
COLUMNS, HEIGHT, MOST_TRACKS = 400, 10.0, 8
#: Frames of which a picture is shown.
MOST_MOMENTS = 3
#: Shots that are listed, and regions closer in time than this are in one frame, ms.
MOST_SHOTS, SAME_FRAME_MS = 200, 20.0

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShotMark:
    """A shot from `start_ms` on; `how` it begins, and how long that takes. `x` and `width` in thousandths of the recording."""

    number: int
    start_ms: float
    how: str
    slow_ms: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A subject: where it is first seen, how much of the time, when, and when it is the main one."""

    name: str
    first_ms: float
    percent: int
    bars: tuple[Bar, ...]
    main: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A box in a frame, in thousandths of the picture."""

    x: float
    y: float
    width: float
    height: float
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame, and what is in it."""

    time_ms: float
    places: tuple[Place, ...]

    @property
    def seconds(self) -> str:
        """As a media fragment counts."""
        return f"{self.time_ms / 1000:.3f}"

    @property
    def name(self) -> str:
        """As a part of an id that a selector takes as it is."""
        return str(round(self.time_ms))


@dataclass(frozen=True, slots=True)
class Curve:
    """Values along the time as lines, which are broken where nothing was measured; `most`: the largest, in percent."""

    lines: tuple[str, ...]
    most: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What is on screen. `shots`: the first of them, None where they were not looked for; `stripes`: all of them, every second one in
    either path."""

    shots: tuple[ShotMark, ...] | None
    shot_count: int
    stripes: tuple[str, str]
    tracks: tuple[TrackRow, ...]
    more_tracks: int
    main_percent: int
    motion: Curve
    camera: Curve
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """Faces as they were found, and what is in doubt."""

    rows: tuple[strip.Row, ...]
    doubts: tuple[tuple[float, float, str], ...]
    complete: bool
    moments: tuple[Moment, ...]


def seen(document: Document, duration_ms: float) -> Seen:
    """Of a `visual_meta`. Raises KeyError, TypeError or ValueError for one that is none."""
    frames, interval = document["frames"], float(document["frame_sample_interval_ms"])
    found, mains = _events(frames, interval, duration_ms)
    tracks = sorted(_tracks(frames, found, mains, duration_ms), key=lambda one: -one.percent)
    shots = document["shots"]
    marks = None if shots is None else tuple(_marks(shots, document.get("transitions") or (), duration_ms))
    with_main = sum(frame["primary_track_id"] is not None for frame in frames)
    return Seen(
        marks[:MOST_SHOTS] if marks is not None else None,
        len(marks or ()),
        (_stripes((marks or ())[::2]), _stripes((marks or ())[1::2])),
        tuple(tracks[:MOST_TRACKS]),
        max(0, len(tracks) - MOST_TRACKS),
        round(100 * with_main / len(frames)) if frames else 0,
        _curve(frames, lambda frame: frame.get("motion"), duration_ms),
        _curve(frames, _camera, duration_ms),
        tuple(_moments(frames)),
    )


def regions(document: Document, duration_ms: float) -> Regions:
    """Of a `video_region_summary`. Raises the same."""
    found, doubts = document["regions"], document["doubtful_ranges"]
    events = [{**_stretch(one), "kind": "faces"} for one in found]
    events += [{**_stretch(one), "kind": "in doubt"} for one in doubts]
    return Regions(
        strip.rows(events, duration_ms),
        tuple((float(one["start_ms"]), float(one["end_ms"]), str(one["reason"])) for one in doubts),
        bool(document["complete"]),
        tuple(_faces(found)),
    )


def _stretch(one: Document) -> dict[str, float]:
    return {"start_ms": float(one["start_ms"]), "end_ms": float(one["end_ms"])}


def _events(
    frames: Sequence[Document], interval: float, duration_ms: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """From each look to the next: every subject that is in it, and the main one."""
    found, mains = [], []
    for frame in frames:
        start = float(frame["timestamp_ms"])
        stretch = {"start_ms": start, "end_ms": min(start + interval, duration_ms)}
        found += [{**stretch, "kind": str(one["track_id"])} for one in frame["subjects"]]
        if frame["primary_track_id"] is not None:
            mains.append({**stretch, "kind": str(frame["primary_track_id"])})
    return found, mains


def _tracks(
    frames: Sequence[Document], found: Iterable[Document], mains: Iterable[Document], duration_ms: float
) -> Iterator[TrackRow]:
    first: dict[str, float] = {}
    for frame in frames:
        for one in frame["subjects"]:
            first.setdefault(str(one["track_id"]), float(frame["timestamp_ms"]))
    main = {row.kind: row.bars for row in strip.rows(mains, duration_ms)}
    for row in strip.rows(found, duration_ms):
        name = row.kind.replace("-", " ").capitalize()
        yield TrackRow(name, first[row.kind], row.percent, row.bars, main.get(row.kind, ()))


def _marks(shots: Sequence[Document], transitions: Iterable[Document], duration_ms: float) -> Iterator[ShotMark]:
    """Each shot with how it begins; that of a fade is through black or another color."""
    through = {round(float(one["time_ms"])): str(one["kind"]).replace("_", " ") for one in transitions}
    scale = WIDTH / duration_ms if duration_ms > 0 else 0.0
    for number, shot in enumerate(shots, 1):
        start, end = float(shot["start_ms"]), float(shot["end_ms"])
        slow = shot.get("dissolve_ms") or shot.get("fade_ms") or (start, start)
        how = through.get(round(start), str(shot["begins_with"]))
        yield ShotMark(number, start, how, slow[1] - slow[0], round(start * scale, 2), round((end - start) * scale, 2))


def _stripes(marks: Iterable[ShotMark]) -> str:
    return " ".join(f"M{one.x:g} 0h{one.width:g}v10h-{one.width:g}z" for one in marks)


def _camera(frame: Document) -> float | None:
    """How far the whole picture went between the two copies that were compared."""
    across, down = frame.get("camera_x"), frame.get("camera_y")
    return None if across is None or down is None else float((across**2 + down**2) ** 0.5)


def _curve(frames: Sequence[Document], value: Callable[[Document], float | None], duration_ms: float) -> Curve:
    """The largest value of each column; a column in which nothing was measured breaks the line."""
    columns: dict[int, float | None] = {}
    for frame in frames if duration_ms > 0 else ():
        column, measured = int(COLUMNS * float(frame["timestamp_ms"]) / duration_ms), value(frame)
        before = columns.setdefault(column, None)
        if measured is not None:
            columns[column] = max(before or 0.0, float(measured))
    most = max((one for one in columns.values() if one is not None), default=0.0)
    lines: list[list[str]] = [[]]
    for column in sorted(columns):
        measured = columns[column]
        if measured is None:
            lines.append([])
            continue
        height = HEIGHT * (1 - measured / most) if most > 0 else HEIGHT
        lines[-1].append(f"{WIDTH * column / COLUMNS:.1f},{height:.2f}")
    # A line of one point is drawn as one to itself, which has round ends.
    return Curve(tuple(" ".join(line if len(line) > 1 else line * 2) for line in lines if line), round(100 * most, 1))


def _moments(frames: Sequence[Document]) -> Iterator[Moment]:
    """Of each of the subjects that are the main one longest, the frame in which it is seen best; in the order of time."""
    best: dict[str, tuple[float, Document]] = {}
    seconds: dict[str, int] = {}
    for frame in frames:
        main = frame["primary_track_id"]
        for one in frame["subjects"]:
            if one["track_id"] == main:
                seconds[main] = seconds.get(main, 0) + 1
                clear = float(one["confidence"]) * one["bbox_width"] * one["bbox_height"]
                if clear > best.get(main, (0.0, frame))[0]:
                    best[main] = clear, frame
    chosen = sorted(best, key=lambda id: -seconds[id])[:MOST_MOMENTS]
    for frame in sorted((best[id][1] for id in chosen), key=lambda one: float(one["timestamp_ms"])):
        main = frame["primary_track_id"]
        places = (_place(one, "bbox_", is_main=one["track_id"] == main) for one in frame["subjects"])
        yield Moment(float(frame["timestamp_ms"]), tuple(places))


def _faces(found: Sequence[Document]) -> Iterator[Moment]:
    """Of each of the regions that last longest, the frame in which it is largest, with all that are in it."""
    longest = sorted(found, key=lambda one: one["start_ms"] - one["end_ms"])
    times = {float(max(one["boxes"], key=_area)["time_ms"]) for one in longest[:MOST_MOMENTS] if one["boxes"]}
    for time in sorted(times):
        near = [box for one in found for box in one["boxes"] if abs(box["time_ms"] - time) < SAME_FRAME_MS]
        yield Moment(time, tuple(_place(box) for box in near))


def _area(box: Document) -> float:
    return float(box["width"] * box["height"])


def _place(box: Document, prefix: str = "", *, is_main: bool = False) -> Place:
    x, y, width, height = (round(WIDTH * float(box[prefix + side]), 1) for side in ("x", "y", "width", "height"))
    return Place(x, y, width, height, is_main)
