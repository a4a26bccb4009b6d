"""A decided shoot: all its cameras on the master's clock. Frame 0 of its timeline is the instant at which the earliest
camera shows its first frame.
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from media_app.core.time.timebase import NTSC_30, NTSC_60
from render_app.core.edit.angle import Angle
from render_app.core.edit.rates import DEFAULT_RATE, editing_rate


@dataclass(frozen=True, slots=True)
class MulticamEdit:
    """A session whose sync a person has decided. `angles`, one for each clip of a camera, are in the order of their keys; `left_out` has the label of
    each camera that has no usable file, and why."""

    session_id: str
    title: str
    project_id: str
    day: date
    status: str
    master: str
    operator_status: str
    decided_by: str
    approved_at: datetime | None
    version: int
    angles: tuple[Angle, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def angle(self, camera: str) -> Angle | None:
        return next((angle for angle in self.angles if angle.camera == camera), None)

    @property
    def cameras(self) -> dict[str, tuple[Angle, ...]]:
        """Label → the clips of that camera; B has all of B, B.2, B.3."""
        labels = dict.fromkeys(angle.label for angle in self.angles)
        return {label: tuple(angle for angle in self.angles if angle.label == label) for label in labels}

    @property
    def leader(self) -> Angle | None:
        """Whose frame rate and size the timeline has: the master, or the first camera with a picture."""
        pictures = [angle for angle in self.angles if angle.has_picture]
        return next((angle for angle in pictures if angle.camera == self.master), pictures[0] if pictures else None)

    @property
    def rate(self) -> Fraction:
        """The timeline's frames per second. Raises CannotExport."""
        return editing_rate(self.leader.rate) if self.leader else DEFAULT_RATE

    def drop_frame(self, rate: Fraction) -> bool:
        """Whether timeline labels at `rate` are drop-frame: as the leader's are, or any camera's where it has none."""
        leader = self.leader
        timecode = leader.timecode if leader and leader.timecode else "".join(angle.timecode for angle in self.angles)
        return rate in (NTSC_30, NTSC_60) and ";" in timecode

    @property
    def origin(self) -> Fraction:
        """Frame 0 of the timeline, in seconds on the master's clock."""
        return min(
            (line.on_master(line.begin) for angle in self.angles for line in angle.lines),
            default=Fraction(0),
        )

    @property
    def union(self) -> tuple[float, float] | None:
        """From the first time zero to the last end, in ms on the master's clock; None without cameras."""
        if not self.angles:
            return None
        return min(angle.start_ms for angle in self.angles), max(angle.end_ms for angle in self.angles)

    @property
    def overlap(self) -> tuple[float, float] | None:
        """When every camera was recording, in ms on the master's clock; None where they never all were."""
        if not self.angles:
            return None
        start, end = max(angle.start_ms for angle in self.angles), min(angle.end_ms for angle in self.angles)
        return (start, end) if start < end else None
