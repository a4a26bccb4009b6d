"""Everything a sync says about one camera, as one value: what was computed, and what stands after a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LOOKS_GOOD, SUGGESTED, MANUAL = "looks-good", "review-suggested", "needs-manual-nudge"
#: A standard score below this is no match: a person listens, or places the camera by hand.
LOW_SCORE = 5.0


@dataclass(frozen=True, slots=True)
class SyncedSegment:
    """A stretch of the camera's own clock with one offset, `start_ms` to `end_ms` after the file's time zero.

    `t_master = t_camera * (1 + drift_ppm / 1e6) + offset_ms / 1000` inside it. `drift_ppm` is None where the camera's own holds.
    """

    start_ms: float
    end_ms: float
    offset_ms: float
    drift_ppm: float | None = None
    confidence: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the sound shows from `start_ms` to `end_ms` of the camera's clock: agreeing, silent, drowned or contradicting."""

    start_ms: float
    end_ms: float
    state: str


@dataclass(frozen=True, slots=True)
class SyncedCamera:
    """One camera on the master's clock. Times in ms; a positive offset means that the camera started after the master.

    `offset_ms` is what the sync computed, `final_offset_ms` what a person decided: None before a decision. `confidence` is the
    standard score and `probability` the chance that the offset is right (0 … 1); both are None for the master.
    `heard` says which track and channels were compared. `segments` is empty where one line holds; `final_segments` are those
    that a person set, None where they move with the offset. `continues` is the key of the chapter before it, where the camera
    split one recording into files; a later chapter of the master counts as master. `witnesses`: what timecode and times of creation
    say of its offset.
    """

    key: str
    is_master: bool = False
    offset_ms: float | None = None
    final_offset_ms: float | None = None
    confidence: float | None = None
    probability: float | None = None
    classification: str = MANUAL
    drift_ppm: float | None = None
    drift_error_ppm: float | None = None
    segments: tuple[SyncedSegment, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    warnings: tuple[str, ...] = ()
    heard: Mapping[str, Any] | None = None
    final_segments: tuple[SyncedSegment, ...] | None = None
    continues: str = ""
    witnesses: tuple[Mapping[str, Any], ...] = ()

    @property
    def offset_in_force_ms(self) -> float | None:
        """The decided offset, or the computed one before a decision."""
        return self.offset_ms if self.final_offset_ms is None else self.final_offset_ms

    @property
    def corrected(self) -> bool:
        """Whether a person decided on another offset than the computed one, or set segments."""
        moved = self.final_offset_ms is not None and self.final_offset_ms != self.offset_ms
        return moved or self.final_segments is not None

    @property
    def weak(self) -> bool:
        """Whether there is no computed offset, or one with a score below LOW_SCORE."""
        return not self.is_master and (
            self.offset_ms is None or (self.confidence is not None and self.confidence < LOW_SCORE)
        )

    @property
    def segments_in_force(self) -> tuple[SyncedSegment, ...]:
        """The segments that a person set, else all moved by what a person moved the camera; empty unless there are several."""
        if self.final_segments is not None:
            return self.final_segments if len(self.final_segments) > 1 else ()
        if self.offset_ms is None or self.offset_in_force_ms is None or len(self.segments) < 2:
            return ()
        moved = self.offset_in_force_ms - self.offset_ms
        return tuple(
            SyncedSegment(s.start_ms, s.end_ms, round(s.offset_ms + moved, 4), s.drift_ppm, s.confidence, s.probability)
            for s in self.segments
        )


def segments_from(rows: Sequence[Mapping[str, Any]]) -> tuple[SyncedSegment, ...]:
    """Stored segments in order of time. Rows of older versions have no drift or confidence of their own."""
    ordered = sorted(rows, key=lambda row: float(row["start_s"]))
    return tuple(
        SyncedSegment(
            start_ms=row["start_s"] * 1000,
            end_ms=row["end_s"] * 1000,
            offset_ms=row["offset_ms"],
            drift_ppm=row.get("drift_ppm"),
            confidence=row.get("confidence"),
            probability=row.get("probability"),
        )
        for row in ordered
    )


def segments_as_rows(segments: Sequence[SyncedSegment]) -> list[dict[str, Any]]:
    """What `segments_from` reads."""
    return [
        {
            "start_s": segment.start_ms / 1000,
            "end_s": segment.end_ms / 1000,
            "offset_ms": segment.offset_ms,
            "drift_ppm": segment.drift_ppm,
            "confidence": segment.confidence,
            "probability": segment.probability,
        }
        for segment in segments
    ]


def coverage_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Coverage, ...]:
    """Stored coverage, in the order in which it was kept."""
    return tuple(Coverage(row["start_s"] * 1000, row["end_s"] * 1000, row["state"]) for row in rows)


def first_chapter(key: str, continues: Mapping[str, str]) -> str:
    """The key of the recording's first chapter; `continues` is chapter → the one before."""
    seen = {key}
    while (before := continues.get(key)) is not None and before not in seen:
        seen.add(before)
        key = before
    return key


def camera_order(key: str) -> tuple[str, int]:
    """A sort key: B, B.2, B.10, C."""
    label, _, clip = key.partition(".")
    return label, int(clip) if clip.isdecimal() else 1
