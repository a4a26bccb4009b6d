"""What people decide about a sync: approve it, correct it, send it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StaleVersion, StudioError, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session
from sync_app.core import correction, decide
from sync_app.core.correction import Correction
from sync_app.core.synced import segments_as_rows
from sync_app.models import SyncDecision, SyncResult
from sync_app.services.runs import CURRENT, NotSynced, next_run, next_version, sound_inputs

Action = SyncDecision.Action

#: What a person's decision changes of a sync; its evidence is large and stays.
DECIDED = (
    "operator_status", "approved_at", "operator_offsets_ms", "operator_segments", "decided_by", "decision_notes", "version",
    "updated_at",
)  # fmt: skip


class ReasonRequired(StudioError):
    """A decision against the measurement, without a reason in `notes`."""

    code = "reason_required"
    status = 422


class BadSegments(StudioError):
    """Segments that cannot stand."""

    code = "invalid_segments"
    status = 422


#: Camera key → its segments as the database keeps them.
SegmentRows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, why, and the offsets (ms) that stand from then on: None where the sync needs work. `segments`: those that a
    person set."""

    action: str
    actor: str
    decided_by: str
    notes: str
    offsets: Mapping[str, float | None] | None
    segments: SegmentRows | None = None


def approve(context: Context, session_id, *, approved_by: str, notes: str = "", seen: int | None = None) -> SyncResult:
    """Accept the offsets as they were computed; the session becomes ready. Approving twice is harmless.

    A camera that was not placed stays without an offset, and out of the edit. Raises NotSynced, ReasonRequired when a
    camera has no offset or a score below 5 and `notes` is empty, StaleVersion when the result changed since `seen`, WrongStatus while
    the session is being worked on.
    """
    with transaction.atomic():
        session, result = _reviewable(context, session_id, seen)
        approved = result.operator_status == SyncResult.OperatorStatus.APPROVED
        if approved and session.status == RecordingSession.Status.READY:
            return result
        if result.by_hand:
            raise NotSynced(
                "No sync was computed for this session: there is nothing to approve. Correct it by hand instead."
            )
        _require_reason(result, notes)
        return _make_ready(result, Decision(Action.APPROVED, context.actor, approved_by, notes, result.offsets_ms))


def correct(
    context: Context,
    session_id,
    *,
    corrected_by: str,
    wanted: Correction,
    notes: str = "",
    seen: int | None = None,
) -> SyncResult:
    """Set the operator's offsets and segments; cameras left out keep what was computed, and with `notes` those without an offset
    stay without. The session becomes ready.

    Raises InvalidInput or BadSegments naming the camera at fault, ReasonRequired where there is only one camera, StaleVersion,
    WrongStatus.
    """
    with transaction.atomic():
        session, result = _reviewable(context, session_id, seen, or_blank=True)
        final = _corrected(session, result, wanted, leave_out=bool(notes.strip()))
        if not result.others and not notes.strip():
            raise ReasonRequired(
                f"Only camera {result.master_camera} can be used: nothing is synced with it. Say in notes why the session is "
                "ready with one camera, or add another.",
                field="notes",
                details={"cameras": []},
            )
        rows = {key: segments_as_rows(segments) for key, segments in final.segments.items()}
        made = Decision(Action.CORRECTED, context.actor, corrected_by, notes, final.offsets, rows or None)
        return _make_ready(result, made)


def _corrected(
    session: RecordingSession, result: SyncResult, wanted: Correction, *, leave_out: bool
) -> correction.Corrected:
    """What stands after the correction. Raises InvalidInput, BadSegments."""
    lengths = {asset.camera_key: asset.duration_ms for asset in session.assets.all()} if wanted.segments else {}
    try:
        return correction.correct(result.cameras, wanted, lengths, leave_out=leave_out)
    except correction.BadSegments as error:
        raise BadSegments(str(error), field=error.field) from error
    except decide.BadOffsets as error:
        field = f"offsets.{error.camera}" if error.camera else "offsets"
        raise InvalidInput(str(error), field=field) from error


def needs_work(context: Context, session_id, *, flagged_by: str, notes: str, seen: int | None = None) -> SyncResult:
    """Send the session back for review, with `notes` as the reason; a decision that stood is taken back.

    Raises InvalidInput without a reason, StaleVersion, WrongStatus.
    """
    notes = notes.strip()
    if not notes:
        raise InvalidInput("Say what needs work: the next person reads it.", field="notes")
    with transaction.atomic():
        session, result = _reviewable(context, session_id, seen, or_blank=True)
        before = _stands(result)
        result.operator_status, result.approved_at = SyncResult.OperatorStatus.PENDING, None
        result.operator_offsets_ms, result.decided_by, result.decision_notes = None, "", ""
        result.operator_segments = None
        _save(result, Decision(Action.NEEDS_WORK, context.actor, flagged_by, notes, None), before)
        reason = f"Needs work ({flagged_by}): {notes}"
        advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=reason)
        return result


def confident_matches(context: Context) -> list[SyncResult]:
    """The syncs that one glance may approve, the oldest session first: see `decide.is_confident`. What a person corrected once
    is not among them."""
    waiting = RecordingSession.objects.in_tenant(context).awaiting_review().filter(status_reason="")
    pending = SyncResult.objects.current().filter(operator_status=SyncResult.OperatorStatus.PENDING)
    corrected = SyncDecision.objects.filter(session=OuterRef("session"), action=Action.CORRECTED)
    ordered = pending.filter(~Exists(corrected), session__in=waiting).select_related("session")
    return [
        result
        for result in ordered.order_by("session__created_at", "session__pk")
        if decide.is_confident(result.cameras)
    ]


def _reviewable(
    context: Context, session_id, seen: int | None, *, or_blank: bool = False
) -> tuple[RecordingSession, SyncResult]:
    """The locked session and its current result, as the caller saw it in version `seen`."""
    session = get_session(context, session_id, lock=True)
    if session.status not in (RecordingSession.Status.NEEDS_REVIEW, RecordingSession.Status.READY):
        raise WrongStatus(
            f"The session is {session.status}: there is nothing to decide yet. Wait until it needs review."
        )
    result = CURRENT.first(session=session.pk)
    known = result.version if result is not None else 0
    if result is None and or_blank:
        result = _blank_result(session)
    if result is None:
        raise NotSynced(
            f"No sync was computed: {session.status_reason or 'the session has none'} Correct it by hand instead."
        )
    if seen is not None and seen != known:
        raise StaleVersion(
            f"The sync changed since you read it (you saw version {seen}, it is {known}). Read it again and decide.",
            field="version",
            details={"version": known, "finalOffsets": result.final_offsets, "decidedBy": result.decided_by},
        )
    result.session = session
    return session, result


def _blank_result(session: RecordingSession) -> SyncResult:
    """A result for a shoot that could not be compared: every camera waits for the operator's offset."""
    labels = [asset.camera_key for asset in session.assets.inspected()]
    if not labels:
        raise NotSynced("No camera of this session can be used. Add or replace a file first.")
    master = master_by_hand(session, labels)
    others = [label for label in labels if label != master]
    return SyncResult.objects.create(
        **session.context.stamp(),
        session=session,
        run=next_run(session),
        version=next_version(session),
        master_camera=master,
        offsets_ms={master: 0.0} | dict.fromkeys(others),
        confidence=dict.fromkeys(others),
        probability=dict.fromkeys(others),
        classification=dict.fromkeys(others, "needs-manual-nudge"),
        drift_ppm=dict.fromkeys(others),
        details={"by_hand": True},
        inputs=sound_inputs(session),
        computed_at=timezone.now(),
    )


def master_by_hand(session: RecordingSession, labels: list[str]) -> str:
    """Whose clock the operator's numbers are on where no sync chose a master; empty without cameras."""
    if session.preferred_master in labels:
        return session.preferred_master
    return labels[0] if labels else ""


def _require_reason(result: SyncResult, notes: str) -> None:
    """Raise ReasonRequired when the sync is weak and nobody says why it is approved."""
    weak = decide.needs_reason(result.cameras)
    if weak and not notes.strip():
        raise ReasonRequired(
            f"{decide.why_reason(result.cameras)} Listen, then correct the sync, or approve it with a reason in notes.",
            field="notes",
            details={"cameras": weak},
        )


def _make_ready(result: SyncResult, made: Decision) -> SyncResult:
    """The decision's offsets stand and the session becomes ready."""
    before = _stands(result)
    corrected = made.action == Action.CORRECTED
    result.operator_status, result.approved_at = made.action, timezone.now()
    result.operator_offsets_ms = made.offsets if corrected else None
    result.operator_segments = made.segments
    result.decided_by, result.decision_notes = made.decided_by, made.notes
    _save(result, made, before)
    # A sync that is corrected while the session is ready has other offsets under what was made by it.
    advance(result.session, to=RecordingSession.Status.READY, reason="", anew=_stands(result) != before)
    return result


def _stands(result: SyncResult) -> tuple[Mapping[str, float | None] | None, SegmentRows]:
    """The offsets that a person decided, and the segments in force."""
    return result.final_offsets, _segments_of(result)


def _segments_of(result: SyncResult) -> SegmentRows:
    """The segments in force, of each camera that has several."""
    return {
        camera.key: segments_as_rows(camera.segments_in_force) for camera in result.others if camera.segments_in_force
    }


def _save(result: SyncResult, made: Decision, before: tuple[Mapping[str, float | None] | None, SegmentRows]) -> None:
    result.version += 1
    result.save(update_fields=DECIDED)
    offsets_before, segments_before = before
    SyncDecision.objects.create(
        **result.session.context.stamp(),
        session=result.session,
        result=result,
        action=made.action,
        actor=made.actor,
        decided_by=made.decided_by,
        offsets_before=offsets_before,
        offsets_after=made.offsets,
        segments_before=segments_before or None,
        segments_after=(_segments_of(result) or None) if made.offsets is not None else None,
        notes=made.notes,
    )
