"""Who or what a film is about at each time: tracks with names, and the one of them that stays the main one."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from media_app.core.vision.boxes import Box, Found
from media_app.core.vision.tracks import Track

#: Seconds that another one must have been the better choice before it becomes the main one.
HOLD_S = 1.0
FACE, MOTION = "face", "motion"
#: A face comes before what only moves.
LABELS = (FACE, MOTION)


@dataclass(frozen=True, slots=True)
class Subject:
    """A track with its name."""

    id: str
    label: str
    track: Track
    #: Time → its place there.
    places: dict[float, Found] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[bool, float]:
        """A face before motion; then size × how sure × how long it is seen."""
        weight = sum(one.box.inside().area * one.confidence for one in self.places.values())
        return self.label == FACE, weight


@dataclass(frozen=True, slots=True)
class Primary:
    """The main subject at a time, and where it is, or was when it was last seen."""

    id: str
    box: Box


def named(label: str, tracks: Sequence[Track]) -> list[Subject]:
    """Tracks of one kind, by number."""
    return [
        Subject(f"{label}-{number}", label, track, {one.time: one.found for one in track.seen})
        for number, track in enumerate(tracks, 1)
    ]


def shot_at(time: float, cuts: Sequence[float]) -> int:
    """The number of the shot that a time lies in; a cut belongs to the shot that it begins."""
    return bisect_right(cuts, time + 1e-9)


def primaries(times: Sequence[float], subjects: Sequence[Subject], cuts: Sequence[float]) -> Iterator[Primary | None]:
    """The main subject at each time. A shot begins without one; another takes over, or none, once that has been so for HOLD_S."""
    choice, shot = _Choice(), -1
    ranks = {one.id: one.rank for one in subjects}
    for time in times:
        if shot_at(time, cuts) != shot:
            choice, shot = _Choice(), shot_at(time, cuts)
        present = [one for one in subjects if time in one.places]
        yield choice.at(time, max(present, key=lambda one: ranks[one.id], default=None))


class _Choice:
    """The main subject of one shot so far."""

    def __init__(self) -> None:
        self.current: Subject | None = None
        self.rival: Subject | None = None
        self.since: float | None = None
        self.box = Box(0, 0, 0, 0)

    def at(self, time: float, best: Subject | None) -> Primary | None:
        """The main subject, where `best` is the first of those that are here."""
        if self.current is None or best is self.current:
            self.current, self.since = best, None
        else:
            self._challenged(time, best)
        if self.current is None:
            return None
        if time in self.current.places:
            self.box = self.current.places[time].box.inside()
        return Primary(self.current.id, self.box)

    def _challenged(self, time: float, best: Subject | None) -> None:
        if self.since is None or best is not self.rival:
            self.rival, self.since = best, time
        if time - self.since >= HOLD_S - 1e-9:
            self.current, self.since = best, None
