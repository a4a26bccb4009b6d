"""The runs of a session's sync: the one that counts, another one, and what becomes history."""

import hashlib
import json
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, UUIDField
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import jobs
from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import deletion, quota
from media_app.services.chapters import recordings
from sessions_app.core.cameras import camera_key
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StudioError, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.models.compiled import CompiledQuery
from sessions_app.services import advance, get_session
from sync_app.core import standing
from sync_app.models import SyncDecision, SyncResult

SYNC_PRIORITY = 20

#: The sync of a session that counts.
CURRENT = CompiledQuery(
    lambda session: SyncResult.objects.current().filter(session_id=session)[:1], session=UUIDField()
)

#: What people decided about it, the newest first.
DECISIONS = CompiledQuery(
    lambda session: SyncDecision.objects.filter(session_id=session).with_result(), session=UUIDField()
)


class NotSynced(StudioError):
    """The session has no sync yet."""

    code = "not_synced"
    status = 404


class DecisionStands(StudioError):
    """A person's decision, which only a person may undo."""

    code = "decision_stands"
    status = 409


@receiver(post_delete, sender=SyncResult)
def _delete_evidence(instance: SyncResult, **_) -> None:
    deletion.schedule_deletion(key for artifacts in instance.debug_artifacts.values() for key in artifacts.values())


def start_sync(session: RecordingSession) -> MediaJob:
    """Queue the sync of a locked session as its cameras are now. Two calls for the same recordings queue one job."""
    inputs = sound_inputs(session)
    fingerprint = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    return jobs.enqueue(
        "sync_session_v1",
        session,
        input_json={"session_id": str(session.pk), "master": session.preferred_master, "inputs": inputs},
        priority=SYNC_PRIORITY,
        dedupe_key=f"sync:{session.pk}:{session.preferred_master}:{fingerprint}",
    )


def sound_inputs(session: RecordingSession) -> dict[str, str]:
    """Label → checksum of the sound, for every camera that can be compared."""
    sounds = DerivedMedia.objects.filter(
        asset__in=MediaAsset.objects.inspected().filter(session=session), kind=kinds.AUDIO_WAV.name
    )
    of_clips = sounds.order_by("asset__camera_label", "asset__clip")
    rows = of_clips.values_list("asset__camera_label", "asset__clip", "checksum")
    return {camera_key(label, clip): checksum for label, clip, checksum in rows}


def supersede(session: RecordingSession) -> None:
    """In the caller's transaction: make the session's current result, and the decision on it, history."""
    SyncResult.objects.current().filter(session=session).update(superseded_at=timezone.now())


def earlier_corrections(result: SyncResult, decisions: Sequence[SyncDecision]) -> dict[str, float]:
    """Camera key → the offset (ms) that a person set before the session's recordings changed, where neither the camera's nor the
    master's sound did. Nothing once a person has decided on `result`; `decisions` are the session's, the newest first."""
    last = decisions[0].decided if decisions and decisions[0].stale else None
    if last is None or result.decided:
        return {}
    return standing.earlier_corrections(last, result.inputs, result.master_camera)


def current_result(context: Context, session_id) -> SyncResult:
    """The sync that counts. Raises NotSynced while there is none, NotFound for an unknown session."""
    session = get_session(context, session_id)
    result = CURRENT.first(session=session.pk)
    if result is None:
        raise NotSynced(
            f"The sync of this session has not been computed: it is {session.status}. {session.status_reason}".strip()
        )
    return result


def rerun(context: Context, session_id, *, master: str = "", force: bool = False) -> MediaJob:
    """Queue a new sync. A decision that stands is only put aside with `force`, and is kept in the history.

    Raises DecisionStands, WrongStatus while files are still coming, InvalidInput for a master that has no sound here.
    """
    quota.refuse_job(context)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        status = RecordingSession.Status
        _refuse_unready(session, master)
        if not force:
            refuse_to_undo(session)
        elif _decision_of(session) is not None:
            supersede(session)
        if master:
            session.preferred_master = master
            session.save(update_fields=["preferred_master", "updated_at"])
        if session.status != status.SYNCING:
            advance(session, to=status.SYNCING, reason="")
        return start_sync(session)


def _refuse_unready(session: RecordingSession, master: str) -> None:
    """Raise WrongStatus or InvalidInput unless the session has two recordings with sound, the wanted master among them."""
    status = RecordingSession.Status
    if session.status in (status.DRAFT, status.INGESTING):
        raise WrongStatus(
            f"The session is {session.status}: not all of its files are here yet. The sync starts automatically."
        )
    inputs = sound_inputs(session)
    if len(recordings(session.assets.comparable())) < 2:
        raise WrongStatus("Sync needs two recordings with sound. Add a camera, or set the offsets by hand.")
    if master and master not in inputs:
        raise InvalidInput(
            f"Camera {master[:20]} has no sound, so it cannot be the master. Choose one of {', '.join(inputs)}.",
            field="masterCamera",
        )


def refuse_to_undo(session: RecordingSession) -> None:
    """Raise DecisionStands when a person has decided on the session's sync."""
    decided = _decision_of(session)
    if decided is not None:
        raise DecisionStands(
            f"{decided.decided_by} has {decided.operator_status} this sync. Send force: true to put that aside; "
            "it stays in the history."
        )


def _decision_of(session: RecordingSession) -> SyncResult | None:
    results = SyncResult.objects.current().filter(session=session)
    return results.exclude(operator_status=SyncResult.OperatorStatus.PENDING).first()


def next_run(session: RecordingSession) -> int:
    """The number of the session's next run."""
    return (session.sync_results.aggregate(last=Max("run"))["last"] or 0) + 1


def next_version(session: RecordingSession) -> int:
    """The next version, counted through all runs: who saw an earlier run cannot decide on this one."""
    return (session.sync_results.aggregate(last=Max("version"))["last"] or 0) + 1
