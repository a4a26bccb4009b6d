"""A session's sync, as lists and pages show it: how sure, in words and a number; who decided what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from sessions_app.compiled import Among, CompiledQuery, Ids
from sessions_app.models import RecordingSession
from sessions_app.summaries import Event
from sync_app.models import SyncDecision, SyncResult
from sync_app.services import review

#: Classification → the word for it, and its tone; the last is the least sure.
WORDS = {
    "looks-good": ("High", "good"),
    "review-suggested": ("Fair", "ask"),
    "needs-manual-nudge": ("Low", "bad"),
}
NOT_FOUND = ("Not found", "bad")
#: What a card is made of.
SHOWN = (
    "master_camera", "operator_status", "decided_by", "offsets_ms", "operator_offsets_ms", "classification", "confidence",
    "drift_ppm", "warnings",
)  # fmt: skip
_RESULTS = CompiledQuery(
    lambda sessions: SyncResult.objects.current().filter(Among("session_id", sessions)).only("session_id", *SHOWN),
    sessions=Ids(),
)


@dataclass(frozen=True, slots=True)
class CameraSync:
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
class SyncCard:
    """The sync of a session, known by its least sure camera."""

    master: str
    operator_status: str
    decided_by: str
    cameras: tuple[CameraSync, ...]

    @property
    def worst(self) -> CameraSync | None:
        return min(self.cameras, key=lambda camera: _sureness(camera.score), default=None)


def tell(sessions: Sequence[RecordingSession]) -> Mapping[UUID, SyncCard]:
    """One query, however many sessions."""
    return {result.session_id: card(result) for result in _RESULTS.all(sessions=[session.pk for session in sessions])}


def card(result: SyncResult) -> SyncCard:
    final = result.final_offsets or result.offsets_ms
    return SyncCard(
        master=result.master_camera,
        operator_status=result.operator_status,
        decided_by=result.decided_by,
        cameras=tuple(_camera(result, label, final) for label in result.cameras if label != result.master_camera),
    )


def rank_by_confidence(sessions: QuerySet[RecordingSession]) -> Iterable[UUID]:
    """The ids of the sessions, the least sure first; those without a sync that counts come last."""
    current = SyncResult.objects.current().filter(session__in=sessions.order_by().values("pk"))
    worst = {
        session: min(map(_sureness, confidence.values()), default=float("inf"))
        for session, confidence in current.values_list("session_id", "confidence")
    }
    newest_first = sessions.order_by("-created_at", "-pk").values_list("pk", flat=True)
    return sorted(newest_first, key=lambda session: worst.get(session, float("inf")))


def panel(session: RecordingSession) -> dict[str, Any]:
    """What the session's page shows of its sync: its card, as dealt, and every decision, the newest first."""
    return {"sync": session.card["sync"], "decisions": review.DECISIONS.all(session=session.pk)}


def happened(session: RecordingSession) -> Iterator[Event]:
    """Each sync and each decision of a session, as its history tells them."""
    for result in SyncResult.objects.filter(session=session).defer("details", "inputs", "debug_artifacts"):
        worst = card(result).worst
        yield Event(
            at=result.computed_at,
            words=f"Sync, run {result.run}",
            state="Replaced later" if result.superseded_at else "Counts",
            tone="quiet" if result.superseded_at else "good",
            detail=f"Camera {worst.label} is least sure: {worst.word.lower()}." if worst else "",
        )
    for decision in review.DECISIONS.all(session=session.pk):
        sends_back = decision.action == SyncDecision.Action.NEEDS_WORK
        yield Event(
            at=decision.created_at,
            words=f"Decision: {decision.action.replace('-', ' ')}",
            state="Stale" if decision.stale else "Sent back" if sends_back else "Counts",
            tone="quiet" if decision.stale else "ask" if sends_back else "good",
            who=decision.decided_by,
            detail=decision.notes[:200],
        )


def _camera(result: SyncResult, label: str, final: Mapping[str, float | None]) -> CameraSync:
    word, tone = WORDS.get(result.classification.get(label) or "", NOT_FOUND)
    if result.offsets_ms.get(label) is None:
        word, tone = NOT_FOUND
    return CameraSync(
        label=label,
        word=word,
        tone=tone,
        score=result.confidence.get(label),
        offset_ms=final.get(label),
        computed_ms=result.offsets_ms.get(label),
        drift_ppm=result.drift_ppm.get(label),
        warnings=tuple(result.warnings.get(label) or ()),
    )


def _sureness(score: float | None) -> float:
    return float("-inf") if score is None else score
