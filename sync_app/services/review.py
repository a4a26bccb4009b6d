"""What people do with a sync: read it, approve it, correct it, ask for it again."""

import hashlib
import json
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max, UUIDField
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import jobs
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import deletion
from sessions_app.compiled import CompiledQuery
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StaleVersion, StudioError, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session
from sync_app.core import decide
from sync_app.models import SyncDecision, SyncResult

SYNC_PRIORITY = 20
#: What a person's decision changes of a sync; its evidence is large and stays.
DECIDED = (
    "operator_status", "approved_at", "operator_offsets_ms", "decided_by", "decision_notes", "version", "updated_at",
)  # fmt: skip


#: The sync of a session that counts.
CURRENT = CompiledQuery(
    lambda session: SyncResult.objects.current().filter(session_id=session)[:1], session=UUIDField()
)

#: What people decided about it, the newest first.
DECISIONS = CompiledQuery(
    lambda session: SyncDecision.objects.filter(session_id=session).with_result(), session=UUIDField()
)


class NotSynced(StudioError):
    """No sync has been computed for this session, so far."""

    code = "not_synced"
    status = 404


class DecisionStands(StudioError):
    """An operator has decided, and only a person may undo that."""

    code = "decision_stands"
    status = 409


class OffsetsMissing(StudioError):
    """Some camera has no offset: there is nothing to approve for it."""

    code = "offsets_missing"
    status = 409


@receiver(post_delete, sender=SyncResult)
def _delete_evidence(instance: SyncResult, **_) -> None:
    deletion.schedule_deletion(key for artifacts in instance.debug_artifacts.values() for key in artifacts.values())


def start_sync(session: RecordingSession) -> MediaJob:
    """Queue the sync of a locked session, as its cameras are now. Of two calls for the same recordings, one is queued."""
    inputs = sound_inputs(session)
    fingerprint = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    return jobs.enqueue(
        "sync_session_v1",
        session.context,
        input_json={"session_id": str(session.pk), "master": session.preferred_master, "inputs": inputs},
        session=session,
        priority=SYNC_PRIORITY,
        dedupe_key=f"sync:{session.pk}:{session.preferred_master}:{fingerprint}",
    )


def sound_inputs(session: RecordingSession) -> dict[str, str]:
    """Label → checksum of the sound, for every camera that can be compared."""
    sounds = DerivedMedia.objects.filter(
        asset__session=session, asset__status=MediaAsset.Status.READY, kind=DerivedMedia.Kind.AUDIO_WAV
    )
    return dict(sounds.order_by("asset__camera_label").values_list("asset__camera_label", "checksum"))


def supersede(session: RecordingSession) -> None:
    """In the caller's transaction: the session's current result, and the decision on it, become history."""
    SyncResult.objects.current().filter(session=session).update(superseded_at=timezone.now())


def current_result(context: Context, session_id) -> SyncResult:
    """The sync that counts. Raises NotSynced while there is none, NotFound for an unknown session."""
    session = get_session(context, session_id)
    result = CURRENT.first(session=session.pk)
    if result is None:
        raise NotSynced(
            f"The sync of this session has not been computed: it is {session.status}. {session.status_reason}".strip()
        )
    return result


def run_again(context: Context, session_id, *, master: str = "", force: bool = False) -> MediaJob:
    """Queue a new sync. A decision that stands is only put aside with `force`, and is kept in the history.

    Raises DecisionStands, WrongStatus while files are still coming, InvalidInput for a master that has no sound here.
    """
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        status = RecordingSession.Status
        if session.status in (status.DRAFT, status.INGESTING):
            raise WrongStatus(
                f"The session is {session.status}: its files are not all there. The sync starts by itself."
            )
        inputs = sound_inputs(session)
        if len(inputs) < 2:
            raise WrongStatus("Sync needs two recordings with sound. Add a camera, or set the offsets by hand.")
        if master and master not in inputs:
            raise InvalidInput(
                f"Camera {master[:20]} has no sound to be master. Choose one of {', '.join(inputs)}.",
                field="masterCamera",
            )
        if not force:
            refuse_to_undo(session)
        elif _decision_of(session) is not None:
            supersede(session)
        if master:
            session.preferred_master = master
            session.save(update_fields=["preferred_master", "updated_at"])
        if session.status == status.SYNCING:
            return start_sync(session)
        advance(session, to=status.SYNCING, reason="")
        return start_sync(session)


def refuse_to_undo(session: RecordingSession) -> None:
    """Raises DecisionStands when a person has decided on the session's sync."""
    decided = _decision_of(session)
    if decided is not None:
        raise DecisionStands(
            f"{decided.decided_by} has {decided.operator_status} this sync. Send force: true to put that aside; "
            "it stays in the history."
        )


def _decision_of(session: RecordingSession) -> SyncResult | None:
    results = SyncResult.objects.current().filter(session=session)
    return results.exclude(operator_status=SyncResult.OperatorStatus.PENDING).first()


def approve(context: Context, session_id, *, approved_by: str, notes: str = "", seen: int | None = None) -> SyncResult:
    """The offsets stand as they were computed; the session becomes ready. Approving twice is harmless.

    Raises OffsetsMissing when a camera has none, StaleVersion when the result changed since `seen`, WrongStatus while
    the session is being worked on.
    """
    with transaction.atomic():
        session, result = _reviewable(context, session_id, seen)
        approved = result.operator_status == SyncResult.OperatorStatus.APPROVED
        if approved and session.status == RecordingSession.Status.READY:
            return result
        missing = decide.unplaced(result.offsets_ms)
        if missing:
            raise OffsetsMissing(
                f"No offset was found for {', '.join(missing)}. Correct the sync with one for each, or remove the camera.",
                field="offsets",
                details={"cameras": missing},
            )
        return _decide(
            context, session, result, SyncResult.OperatorStatus.APPROVED, result.offsets_ms, approved_by, notes
        )


def correct(
    context: Context,
    session_id,
    *,
    corrected_by: str,
    offsets: Mapping[str, object],
    notes: str = "",
    seen: int | None = None,
) -> SyncResult:
    """The operator's offsets stand instead; cameras left out keep what was computed. The session becomes ready.

    Raises InvalidInput naming the camera at fault, StaleVersion, WrongStatus.
    """
    with transaction.atomic():
        session, result = _reviewable(context, session_id, seen, or_blank=True)
        try:
            final = decide.correct(result.offsets_ms, offsets, result.master_camera)
        except decide.BadOffsets as error:
            field = f"offsets.{error.camera}" if error.camera else "offsets"
            raise InvalidInput(str(error), field=field) from error
        return _decide(context, session, result, SyncResult.OperatorStatus.CORRECTED, final, corrected_by, notes)


def needs_work(context: Context, session_id, *, flagged_by: str, notes: str, seen: int | None = None) -> SyncResult:
    """Somebody must look again, and `notes` says at what: the session waits for review with that reason, and a decision
    that stood is taken back. Raises InvalidInput without a reason, StaleVersion, WrongStatus.
    """
    notes = notes.strip()
    if not notes:
        raise InvalidInput("Say what needs work: the next person reads it.", field="notes")
    with transaction.atomic():
        session, result = _reviewable(context, session_id, seen, or_blank=True)
        before = result.final_offsets
        result.operator_status, result.approved_at = SyncResult.OperatorStatus.PENDING, None
        result.operator_offsets_ms, result.decided_by, result.decision_notes = None, "", ""
        result.version += 1
        result.save(update_fields=DECIDED)
        _record(session, result, SyncDecision.Action.NEEDS_WORK, context, flagged_by, notes, before, None)
        reason = f"Needs work ({flagged_by}): {notes}"
        advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=reason)
        return result


def sure_ones(context: Context) -> list[SyncResult]:
    """The syncs that one glance may approve, the oldest session first: see `decide.is_sure`."""
    waiting = RecordingSession.objects.in_tenant(context).awaiting_review().filter(status_reason="")
    results = SyncResult.objects.current().filter(
        session__in=waiting, operator_status=SyncResult.OperatorStatus.PENDING
    )
    ordered = results.select_related("session").order_by("session__created_at", "session__pk")
    return [
        result
        for result in ordered
        if decide.is_sure(result.offsets_ms, result.classification, result.warnings, result.master_camera)
    ]


def _reviewable(
    context: Context, session_id, seen: int | None, *, or_blank: bool = False
) -> tuple[RecordingSession, SyncResult]:
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
    """For a shoot that could not be compared: every camera waits for the operator's number."""
    labels = list(session.assets.filter(status=MediaAsset.Status.READY).values_list("camera_label", flat=True))
    if not labels:
        raise NotSynced("No camera of this session is ready. Add or replace a file first.")
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
        inputs=sound_inputs(session),
        computed_at=timezone.now(),
    )


def master_by_hand(session: RecordingSession, labels: list[str]) -> str:
    """Whose clock the operator's numbers are on where no sync chose a master; empty without cameras."""
    if session.preferred_master in labels:
        return session.preferred_master
    return labels[0] if labels else ""


def _decide(context, session, result, status, final, who, notes) -> SyncResult:
    before = result.final_offsets
    result.operator_status, result.approved_at = status, timezone.now()
    result.operator_offsets_ms = final if status == SyncResult.OperatorStatus.CORRECTED else None
    result.decided_by, result.decision_notes = who, notes
    result.version += 1
    result.save(update_fields=DECIDED)
    _record(session, result, status, context, who, notes, before, final)
    advance(session, to=RecordingSession.Status.READY, reason="")
    return result


def _record(session, result, action, context, who, notes, before, after) -> None:
    SyncDecision.objects.create(
        **session.context.stamp(),
        session=session,
        result=result,
        action=action,
        actor=context.actor,
        decided_by=who,
        offsets_before=before,
        offsets_after=after,
        notes=notes,
    )


def next_run(session: RecordingSession) -> int:
    return (session.sync_results.aggregate(last=Max("run"))["last"] or 0) + 1


def next_version(session: RecordingSession) -> int:
    """Versions count through all of a session's runs, so that who saw an earlier run cannot decide on this one."""
    return (session.sync_results.aggregate(last=Max("version"))["last"] or 0) + 1
