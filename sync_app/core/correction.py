"""An operator's correction of offsets and of single segments, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync_app.core import decide
from sync_app.core.synced import SyncedCamera, SyncedSegment

MOST_SEGMENTS = 1000
#: A start this near to a segment's own, in ms, means that segment.
SAME_START_MS = 0.5


class BadSegments(ValueError):
    """Segments that cannot stand; `field` is the one at fault, as the request names it."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Correction:
    """What an operator asks for: camera key → offset (ms), and camera key → `[{startMs, offsetMs}]`, both as they were sent."""

    offsets: Mapping[str, object] = field(default_factory=dict)
    segments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What stands after a correction. `segments` has the cameras alone whose segments were named."""

    offsets: dict[str, float | None]
    segments: dict[str, tuple[SyncedSegment, ...]]


@dataclass(frozen=True, slots=True)
class Start:
    """From `start_ms` of the clip on `offset_ms` holds, until the next segment starts."""

    start_ms: float
    offset_ms: float


def correct(
    cameras: Sequence[SyncedCamera],
    wanted: Correction,
    lengths_ms: Mapping[str, float | None],
    *,
    leave_out: bool = False,
) -> Corrected:
    """The offsets and segments that stand after a correction; `lengths_ms`: camera key → the clip's length; `leave_out`: cameras
    without any offset stay without.

    A camera whose segments are named keeps its other segments as they stand, moved with its offset where that is given. Without
    a given offset, the camera's follows the segment that it was taken from. Raises decide.BadOffsets, BadSegments.
    """
    by_key = {camera.key: camera for camera in cameras}
    _refuse_unknown(by_key, wanted.segments)
    segments: dict[str, tuple[SyncedSegment, ...]] = {}
    offsets = dict(wanted.offsets)
    for key, sent in wanted.segments.items():
        starts = _starts(key, sent, _length(by_key[key], lengths_ms.get(key)))
        segments[key], followed = _corrected(by_key[key], offsets.get(key), starts, lengths_ms.get(key))
        offsets.setdefault(key, followed)
    return Corrected(decide.correct(cameras, offsets, leave_out=leave_out), segments)


def _refuse_unknown(by_key: Mapping[str, SyncedCamera], sent: Mapping[str, object]) -> None:
    for key in sent:
        camera = by_key.get(key)
        if camera is None:
            there = ", ".join(by_key)
            raise BadSegments(f"There is no camera {str(key)[:20]} in this sync. It has {there}.", "segments")
        if camera.is_master:
            raise BadSegments(
                f"Camera {key} is the master: its clock has no segments. Leave it out.", f"segments.{key}"
            )


def _length(camera: SyncedCamera, length_ms: float | None) -> float:
    """The clip's length, else the end of its last segment. Raises BadSegments where neither is known."""
    known = length_ms or max((segment.end_ms for segment in camera.segments), default=0.0)
    if not known:
        raise BadSegments(
            f"The length of camera {camera.key} is not known. Process the camera again first.", f"segments.{camera.key}"
        )
    return known


def _starts(key: str, sent: object, length_ms: float) -> list[Start]:
    """A camera's segments as sent, checked one by one."""
    at = f"segments.{key}"
    if not isinstance(sent, list) or not sent or len(sent) > MOST_SEGMENTS:
        raise BadSegments(
            f'Camera {key} takes a list of 1 to {MOST_SEGMENTS} segments: [{{"startMs": 0, "offsetMs": 1234.5}}].', at
        )
    starts: list[Start] = []
    for place, one in enumerate(sent):
        here = f"{at}[{place}]"
        if not isinstance(one, dict):
            raise BadSegments(f"Segment {place} of camera {key} is not an object with startMs and offsetMs.", here)
        start = _number(one, "startMs", here)
        offset = _number(one, "offsetMs", here)
        _refuse_place(start, starts, length_ms, f"{here}.startMs")
        if abs(offset) > decide.MAX_OFFSET_MS:
            limit = f"at most {decide.MAX_OFFSET_MS:.0f} ms"
            raise BadSegments(f"The offset of a segment must lie within a day: {limit}.", f"{here}.offsetMs")
        starts.append(Start(round(start, 4), round(offset, 4)))
    return starts


def _number(one: Mapping[str, object], name: str, here: str) -> float:
    value = one.get(name)
    # JSON has whole numbers that no float can hold; no clip and no offset is as long as 1e15 ms.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise BadSegments(f"{name} must be a finite number of milliseconds.", f"{here}.{name}")
    return float(value)


def _refuse_place(start: float, before: Sequence[Start], length_ms: float, field: str) -> None:
    if not 0 <= start < length_ms:
        raise BadSegments(f"startMs lies outside the clip, which runs from 0 to {length_ms:.0f} ms.", field)
    if before and abs(start - before[-1].start_ms) < SAME_START_MS:
        raise BadSegments("Two segments start at the same time. Send each start once.", field)
    if before and start < before[-1].start_ms:
        raise BadSegments("Segments must be in order of time: send them by ascending startMs.", field)


def _corrected(
    camera: SyncedCamera, given: object, starts: Sequence[Start], length_ms: float | None
) -> tuple[tuple[SyncedSegment, ...], float | None]:
    """The camera's segments with these starts laid over them, and the offset that the camera then has."""
    stood = camera.offset_in_force_ms
    length = _length(camera, length_ms)
    first = starts[0].offset_ms if stood is None else stood
    shift = float(given) - first if isinstance(given, int | float) and abs(given) < 1e15 else 0.0
    base = camera.segments_in_force or (SyncedSegment(0.0, length, first),)
    reference = next((s for s in base if s.offset_ms == first), max(base, key=lambda s: s.end_ms - s.start_ms))
    segments = [replace(s, offset_ms=round(s.offset_ms + shift, 4)) for s in base]
    for start in starts:
        segments = _laid(segments, start, length)
    if stood is None and starts[0].start_ms > 0 and given is None:
        return tuple(segments), None
    return tuple(segments), next(s.offset_ms for s in segments if s.start_ms == reference.start_ms)


def _laid(segments: Sequence[SyncedSegment], start: Start, length_ms: float) -> list[SyncedSegment]:
    """The segments with `start`'s offset from its start on: of the segment that starts there, or of a new one, which begins a
    segment's second part."""
    out = []
    for place, segment in enumerate(segments):
        until = segments[place + 1].start_ms if place + 1 < len(segments) else length_ms
        if abs(segment.start_ms - start.start_ms) < SAME_START_MS:
            out.append(_by_hand(segment, start.offset_ms))
        elif segment.start_ms < start.start_ms <= until - SAME_START_MS:
            end = max(segment.end_ms, until) if start.start_ms >= segment.end_ms else segment.end_ms
            out.append(replace(segment, end_ms=min(segment.end_ms, start.start_ms)))
            out.append(SyncedSegment(start.start_ms, end, start.offset_ms, segment.drift_ppm))
        else:
            out.append(segment)
    return out


def _by_hand(segment: SyncedSegment, offset_ms: float) -> SyncedSegment:
    """What was measured of a segment says nothing about another offset."""
    if segment.offset_ms == offset_ms:
        return segment
    return replace(segment, offset_ms=offset_ms, confidence=None, probability=None)
