"""A session's sync as lists and pages show it: its confidence as a word and a number, and who decided what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from sessions_app.models import RecordingSession
from sessions_app.models.compiled import Among, CompiledQuery, Ids
from sessions_app.services.summaries import Event
from sync_app.core.synced import SyncedCamera
from sync_app.models import SyncDecision, SyncResult
from sync_app.services import runs

#: Classification → its label and tone; the last is the least certain.
CONFIDENCE = {
    "looks-good": ("High", "good"),
    "review-suggested": ("Medium", "ask"),
    "needs-manual-nudge": ("Low", "bad"),
}
NOT_FOUND = ("Not found", "bad")
#: Decision → its label in the history.
DECISIONS = {"approved": "Sync approved", "corrected": "Sync corrected", "needs-work": "Sync needs work"}
#: The columns of a summary.
SHOWN = (
    "master_camera", "operator_status", "decided_by", "offsets_ms", "operator_offsets_ms", "classification", "confidence",
    "probability", "drift_ppm", "warnings",
)  # fmt: skip
_RESULTS = CompiledQuery(
    lambda sessions: SyncResult.objects.current().filter(Among("session_id", sessions)).only("session_id", *SHOWN),
    sessions=Ids(),
)


@dataclass(frozen=True, slots=True)
class CameraSummary:
    """One camera against the master. `offset_ms` stands after a decision, `computed_ms` as the sync found it."""

    label: str
    word: str
    tone: str
    score: float | None
    offset_ms: float | None
    computed_ms: float | None
    drift_ppm: float | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """The sync of a session, known by its least confident camera."""

    master: str
    operator_status: str
    decided_by: str
    cameras: tuple[CameraSummary, ...]

    @property
    def worst(self) -> CameraSummary | None:
        return min(self.cameras, key=lambda camera: _rank(camera.score), default=None)


def summarize(sessions: Sequence[RecordingSession]) -> Mapping[UUID, SyncSummary]:
    """The summary of each session that has a sync. One query, however many sessions."""
    found = _RESULTS.all(sessions=[session.pk for session in sessions])
    return {result.session_id: summary(result) for result in found}


def summary(result: SyncResult) -> SyncSummary:
    return SyncSummary(
        master=result.master_camera,
        operator_status=result.operator_status,
        decided_by=result.decided_by,
        cameras=tuple(_camera(camera) for camera in result.others),
    )


def rank_by_confidence(sessions: QuerySet[RecordingSession]) -> Iterable[UUID]:
    """The ids of the sessions, the least certain first; those without a current sync come last."""
    current = SyncResult.objects.current().filter(session__in=sessions.order_by().values("pk"))
    worst = {
        result.session_id: min(map(_rank, result.scores), default=float("inf"))
        for result in current.only("session_id", "confidence")
    }
    newest_first = sessions.order_by("-created_at", "-pk").values_list("pk", flat=True)
    return sorted(newest_first, key=lambda session: worst.get(session, float("inf")))


def panel(session: RecordingSession) -> dict[str, Any]:
    """The session page's panel: the session's sync summary and every decision, the newest first."""
    return {"sync": session.summary["sync"], "decisions": runs.DECISIONS.all(session=session.pk)}


def history(session: RecordingSession) -> Iterator[Event]:
    """Each sync and each decision of a session, with the one that stands."""
    for result in SyncResult.objects.filter(session=session).defer("details", "inputs", "debug_artifacts"):
        worst = summary(result).worst
        yield Event(
            at=result.computed_at,
            label=f"Sync, run {result.run}",
            state="Replaced" if result.superseded_at else "Current",
            tone="quiet" if result.superseded_at else "good",
            detail=f"Least certain is camera {worst.label}: {worst.word.lower()}." if worst else "",
        )
    newest = True
    for decision in runs.DECISIONS.all(session=session.pk):
        state, tone = _decision_state(decision, newest=newest)
        newest = newest and decision.stale
        yield Event(
            at=decision.created_at,
            label=DECISIONS[decision.action],
            state=state,
            tone=tone,
            who=decision.decided_by,
            detail=decision.notes[:200],
        )


def _decision_state(decision: SyncDecision, *, newest: bool) -> tuple[str, str]:
    """The state and tone of a decision; `newest` of those that are not stale is the one that stands."""
    if decision.stale:
        return "Stale", "quiet"
    if not newest:
        return "Replaced", "quiet"
    return ("Sent back", "ask") if decision.action == SyncDecision.Action.NEEDS_WORK else ("In force", "good")


def _camera(camera: SyncedCamera) -> CameraSummary:
    word, tone = NOT_FOUND if camera.offset_ms is None else CONFIDENCE.get(camera.classification, NOT_FOUND)
    return CameraSummary(
        label=camera.key,
        word=word,
        tone=tone,
        score=camera.confidence,
        offset_ms=camera.offset_in_force_ms,
        computed_ms=camera.offset_ms,
        drift_ppm=camera.drift_ppm,
        warnings=camera.warnings,
    )


def _rank(score: float | None) -> float:
    """How certain a score is; a camera without one comes before all others."""
    return float("-inf") if score is None else score
