"""What was found in single pictures as tracks over time, and where each may be hidden: fail-secure, so rather too much than too
little.

Found places are joined forward and, again, backward in time; between two of them everything between is part of the track. A
track that ends inside the picture, where no cut and no border explains it, leaves a doubt.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from media_app.core.vision.boxes import Box, Found

#: A place continues a track when it shares this much with where the track was going, or is no farther than so many of its sizes.
CONTINUES, NEAR_SIZES = 0.2, 1.0
#: Seconds that a track may be lost and found again; that it is hidden before its first and after its last; that a doubt lasts.
LOST_S, LINGER_S, DOUBT_S = 1.0, 0.5, 1.0
#: How much larger than the face its cover is.
GROWN = 1.4
#: Seconds that a face may be found after a cut, or before one, and be explained by it.
EXPLAINED_S = 0.2
#: A face so near the border may leave the picture.
EDGE = 0.03
#: A single place that is less sure than this is covered, but is no ground for a doubt.
SURE = 0.35


@dataclass(frozen=True, slots=True)
class Seen:
    """A place at a time, in seconds."""

    time: float
    found: Found


@dataclass(slots=True)
class Track:
    """One face from its first place to its last."""

    seen: list[Seen] = field(default_factory=list)

    @property
    def start(self) -> float:
        """When it was first found."""
        return min(self.seen[0].time, self.seen[-1].time)

    @property
    def end(self) -> float:
        """When it was last found."""
        return max(self.seen[0].time, self.seen[-1].time)

    @property
    def confidence(self) -> float:
        """How sure the surest of its places is."""
        return max(one.found.confidence for one in self.seen)

    @property
    def ordered(self) -> list[Seen]:
        """Its places in the order of time."""
        return sorted(self.seen, key=lambda one: one.time)

    def expected(self, time: float) -> Box:
        """Where it goes on to, by its last two places."""
        last = self.seen[-1]
        if len(self.seen) < 2 or last.time == self.seen[-2].time:
            return last.found.box
        share = (time - last.time) / (last.time - self.seen[-2].time)
        (x, y), (before_x, before_y) = last.found.box.center, self.seen[-2].found.box.center
        return last.found.box.moved(share * (x - before_x), share * (y - before_y))


@dataclass(frozen=True, slots=True)
class Doubt:
    """Seconds in which a face may be seen that was not found, and why."""

    start: float
    end: float
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """Places found at each time that was looked at, where cuts are, and how long the film lasts; in seconds. A track that is not
    found for more than `lost` has ended."""

    looked: Sequence[tuple[float, tuple[Found, ...]]]
    cuts: Sequence[float]
    duration: float
    lost: float = LOST_S

    def cut_between(self, one: float, other: float) -> bool:
        """Whether a cut lies between two times."""
        low, high = min(one, other), max(one, other)
        return any(low < cut <= high for cut in self.cuts)


def joined(scan: Scan, *, backward: bool = False) -> list[Track]:
    """The places as tracks, joined in the order of time or against it."""
    tracks: list[Track] = []
    alive: list[Track] = []
    looked = reversed(scan.looked) if backward else scan.looked
    for time, found in looked:
        alive = [one for one in alive if _may_go_on(one, time, scan)]
        free = list(found)
        for track in sorted(alive, key=lambda one: -one.confidence):
            best = max(free, key=lambda each: _likeness(track, time, each), default=None)
            if best is not None and _likeness(track, time, best) > 0:
                track.seen.append(Seen(time, best))
                free.remove(best)
        begun = [Track([Seen(time, one)]) for one in free]
        tracks += begun
        alive += begun
    return tracks


def _may_go_on(track: Track, time: float, scan: Scan) -> bool:
    last = track.seen[-1].time
    return abs(time - last) <= scan.lost and not scan.cut_between(last, time)


def _likeness(track: Track, time: float, found: Found) -> float:
    """How well a place continues a track; 0 where it does not."""
    expected, last = track.expected(time), track.seen[-1].found.box
    shared = max(expected.shared(found.box), last.shared(found.box))
    if shared >= CONTINUES:
        return 1 + shared
    (x, y), (to_x, to_y) = expected.center, found.box.center
    size = max(last.width, found.box.width, 1e-6), max(last.height, found.box.height, 1e-6)
    away = max(abs(to_x - x) / size[0], abs(to_y - y) / size[1])
    alike = 0.4 < found.box.width / max(last.width, 1e-6) < 2.5
    return 1 - away / NEAR_SIZES if alike and away < NEAR_SIZES else 0.0


def covers_at(tracks: Iterable[Track], scan: Scan, time: float) -> list[Box]:
    """What is hidden at a time: of each track its place, or all that lies between two, grown; before and after it the last place,
    larger the longer ago."""
    covers = []
    for track in tracks:
        box = _place(track, scan, time)
        if box is not None:
            covers.append(box.grown(GROWN).inside())
    return [one for one in covers if one.area > 0]


def _place(track: Track, scan: Scan, time: float) -> Box | None:
    before, after = _around(track, time)
    if before is not None and after is not None:
        return before.found.box.hull(after.found.box)
    nearest = before or after
    assert nearest is not None
    away = abs(time - nearest.time)
    if away > LINGER_S or scan.cut_between(nearest.time, time):
        return None
    return nearest.found.box.grown(1 + away / LINGER_S * 0.5)


def _around(track: Track, time: float) -> tuple[Seen | None, Seen | None]:
    """Its last place up to a time and its first from it on. A track has ten thousands of places, and is asked for every frame."""
    seen, way = track.seen, 1 if track.seen[0].time <= track.seen[-1].time else -1
    first = bisect_left(seen, way * time, key=lambda one: way * one.time)
    beyond = bisect_right(seen, way * time, key=lambda one: way * one.time)
    up_to = seen[beyond - 1] if beyond else None
    from_on = seen[first] if first < len(seen) else None
    return (up_to, from_on) if way > 0 else (from_on, up_to)


def doubts(tracks: Iterable[Track], scan: Scan) -> list[Doubt]:
    """Where a face was lost inside the picture, or came from nowhere."""
    found = []
    for track in tracks:
        if len(track.seen) < 2 and track.confidence < SURE:
            continue
        first, last = track.ordered[0], track.ordered[-1]
        if _lost(last, scan, later=True):
            end = min(scan.duration, last.time + DOUBT_S)
            found.append(Doubt(last.time, end, "a face is lost inside the picture"))
        if _lost(first, scan, later=False):
            start = max(0.0, first.time - DOUBT_S)
            found.append(Doubt(start, first.time, "a face appears inside the picture"))
    return merged(found)


def _lost(seen: Seen, scan: Scan, *, later: bool) -> bool:
    """Whether nothing explains that a track has no place past a time: no border, no cut, no end of the film."""
    near = max(EXPLAINED_S, 2.5 * _step(scan))
    at_end = seen.time >= scan.duration - near if later else seen.time <= near
    beyond = seen.time + (near if later else -near)
    return not (at_end or seen.found.box.at_edge(EDGE) or scan.cut_between(seen.time, beyond))


def _step(scan: Scan) -> float:
    times = [time for time, _ in scan.looked[:2]]
    return times[1] - times[0] if len(times) == 2 else scan.duration


def merged(found: Iterable[Doubt]) -> list[Doubt]:
    """Doubts in the order of time; those that touch are one."""
    kept: list[Doubt] = []
    for one in sorted(found, key=lambda doubt: doubt.start):
        if kept and one.start <= kept[-1].end:
            last = kept[-1]
            reason = last.reason if one.reason in last.reason else f"{last.reason}; {one.reason}"
            kept[-1] = Doubt(last.start, max(last.end, one.end), reason)
        else:
            kept.append(one)
    return kept
