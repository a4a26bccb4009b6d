"""What timecodes and creation times say of an alignment by sound, and what follows from it.

Agreement is shown. A contradiction is a warning, and the camera is not `looks-good`: either the clocks were not set
together, or the sound matched in another place. Where the sound gives no offset they are offered as what they are.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from media_app.core.time.witness import Outcome, Statement, Witnesses, statements
from sync_app.core import messages
from sync_app.core.confidence import LOOKS_GOOD, REVIEW
from sync_app.core.values import Alignment, CameraSync

Said = dict[str, tuple[Statement, ...]]


def said_of(alignment: Alignment, witnesses: Mapping[str, Witnesses]) -> Said:
    """What each camera's witnesses say of its offset to the master."""
    master = witnesses.get(alignment.master, Witnesses(alignment.master))
    return {
        label: statements(master, witnesses.get(label, Witnesses(label)), _seconds(camera.offset_ms))
        for label, camera in alignment.cameras.items()
    }


def created(witnesses: Mapping[str, Witnesses]) -> dict[str, float]:
    """When the files that say so began, in seconds since 1970 by camera."""
    return {label: float(one.created) for label, one in witnesses.items() if one.created is not None}


def considered(alignment: Alignment, said: Said) -> Alignment:
    """The alignment with the warnings of its witnesses, and without `looks-good` where one contradicts."""
    cameras = {label: _considered(camera, said.get(label, ())) for label, camera in alignment.cameras.items()}
    warnings = alignment.warnings | {
        label: (*alignment.warnings.get(label, ()), *_warnings(alignment.cameras[label], given))
        for label, given in said.items()
    }
    return replace(alignment, cameras=cameras, warnings=warnings)


def with_timecode_only(alignment: Alignment, labels: Collection[str]) -> Alignment:
    """The same with what is true of cameras whose sound is nothing but timecode: they are not silent."""

    def true(label: str, warnings: tuple[str, ...]) -> tuple[str, ...]:
        wrong = (messages.silent(label), messages.no_sound(label))
        return tuple(messages.timecode_only(label) if label in labels and w in wrong else w for w in warnings)

    cameras = {label: replace(c, warnings=true(label, c.warnings)) for label, c in alignment.cameras.items()}
    warnings = {label: true(label, given) for label, given in alignment.warnings.items()}
    return replace(alignment, cameras=cameras, warnings=warnings)


def as_json(statement: Statement) -> dict[str, Any]:
    """A statement as plain values."""
    return {
        "witness": statement.kind,
        "offset_ms": round(float(statement.offset) * 1000, 4),
        "tolerance_ms": round(float(statement.tolerance) * 1000, 4),
        "outcome": str(statement.outcome),
        "message": statement.message,
    }


def _considered(camera: CameraSync, given: tuple[Statement, ...]) -> CameraSync:
    contradicted = any(statement.outcome == Outcome.CONTRADICTS for statement in given)
    classification = REVIEW if contradicted and camera.classification == LOOKS_GOOD else camera.classification
    return replace(camera, classification=classification, warnings=(*camera.warnings, *_warnings(camera, given)))


def _warnings(camera: CameraSync, given: tuple[Statement, ...]) -> tuple[str, ...]:
    return tuple(s.message for s in given if s.outcome == Outcome.CONTRADICTS or camera.offset_ms is None)


def _seconds(offset_ms: float | None) -> Fraction | None:
    return None if offset_ms is None else Fraction(round(offset_ms * 10_000), 10_000_000)
