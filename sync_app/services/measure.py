"""The job of sync: listen to every camera, keep one offset each, with the evidence."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone

from media_app import storage
from media_app.core.files import keys
from media_app.core.time.witness import Witnesses, statements
from media_app.jobs import CannotSucceed, Run
from media_app.models import MediaAsset, MediaJob
from media_app.services import deletion
from media_app.services.ingest import is_timecode_only, room_for_sound, sound_of, witnesses_of
from sessions_app.errors import WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance
from sync_app import plots
from sync_app.core import engine, witnesses
from sync_app.core.values import Alignment
from sync_app.models import SyncResult
from sync_app.services.review import (
    next_run,
    next_version,
    refuse_to_undo,
    sound_inputs,
    start_sync,
    supersede,
)


def sync_session(run: Run) -> None:
    """Listen to every camera, keep one offset each, with the evidence; then hand the session to a person."""
    session = RecordingSession.objects.filter(jobs=run.job).first()
    if session is None:
        return
    if not is_current(run.job, session):
        with run.completing() as result:
            result["superseded"] = True
            start_again(session)
        return
    alignment = _listen(run, session, run.job.input_json["master"])
    evidence = _store_evidence(session, run, alignment)
    with run.completing() as result:
        now = RecordingSession.objects.filter(jobs=run.job).first()
        if now is None or now.status != RecordingSession.Status.SYNCING or not is_current(run.job, now):
            result["superseded"] = True
            if now is not None:
                start_again(now)
            return
        recorded = record(now, alignment, evidence)
        result.update(sync_result=str(recorded.pk), offsets_ms=recorded.offsets_ms, confidence=recorded.confidence)
        result["checksums"] = checksums(alignment)
        advance(now, to=RecordingSession.Status.NEEDS_REVIEW, reason="")


def replay_sync(run: Run, first: MediaJob) -> dict[str, str]:
    """Listen again to what `first` listened to: camera → checksum of what was found, nothing stored."""
    session = RecordingSession.objects.in_tenant(first.context).filter(pk=first.input_json.get("session_id")).first()
    if session is None or first.input_json.get("inputs") != sound_inputs(session):
        raise CannotSucceed("The recordings have changed since: there is nothing to do over.")
    return checksums(_listen(run, session, first.input_json["master"]))


def _listen(run: Run, session: RecordingSession, preferred: str | None) -> Alignment:
    """Every camera of the session that has sound, compared."""
    assets = list(session.assets.comparable())
    if preferred not in {asset.camera_label for asset in assets}:
        preferred = None
    run.reserve(sum(room_for_sound(asset) for asset in assets))
    with ExitStack() as open_tracks:
        tracks = [
            open_tracks.enter_context(sound_of(asset, _room(run, asset), cancelled=run.cancelled)) for asset in assets
        ]

        def tell(done: float, step: str) -> None:
            run.check()
            run.progress(100 * done, step)

        alignment = engine.align(tracks, master=preferred, on_progress=tell)
    alignment = witnesses.with_timecode_only(alignment, {a.camera_label for a in assets if is_timecode_only(a)})
    return witnesses.considered(alignment, _said(alignment, assets))


def _said(alignment: Alignment, assets: Iterable[MediaAsset]) -> witnesses.Said:
    return witnesses.said_of(alignment, {asset.camera_label: witnesses_of(asset) for asset in assets})


def checksums(alignment: Alignment) -> dict[str, str]:
    """Camera → checksum of its offset, confidence and drift, for a replay to compare. Rounded as they are kept."""
    found = {"master": [alignment.master]} | {
        f"camera {label}": [_rounded(value) for value in (camera.offset_ms, camera.confidence, camera.drift_ppm)]
        for label, camera in alignment.cameras.items()
    }
    return {name: hashlib.sha256(json.dumps(values).encode()).hexdigest() for name, values in found.items()}


def is_current(job: MediaJob, session: RecordingSession) -> bool:
    """Whether the job listens to what the session holds now, with the master that is asked for now."""
    asked = job.input_json
    return bool(asked.get("inputs") == sound_inputs(session) and asked.get("master") == session.preferred_master)


def start_again(session: RecordingSession) -> None:
    """A locked session that still waits for its sync gets one of what it holds now."""
    if session.status == RecordingSession.Status.SYNCING:
        start_sync(session)


def sync_failed(job: MediaJob) -> None:
    """The sync was given up: a person takes over, and reads why. A job that nobody waits for any more is no reason to."""
    session = RecordingSession.objects.filter(jobs=job).first()
    if session is None or session.status != RecordingSession.Status.SYNCING:
        return
    if not is_current(job, session):
        start_again(session)
        return
    reason = f"The sync could not be computed: {job.error_message} Run it again, or set the offsets by hand."
    advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=reason)


def sync_again(job: MediaJob) -> None:
    """A person gives the job another try: as if they had asked the session to be synced again."""
    session = RecordingSession.objects.filter(jobs=job).first()
    if session is None or not is_current(job, session):
        raise WrongStatus("The recordings have changed since: run the session's sync again instead.")
    refuse_to_undo(session)
    if session.status != RecordingSession.Status.SYNCING:
        advance(session, to=RecordingSession.Status.SYNCING, reason="")


def record(session: RecordingSession, alignment: Alignment, evidence: Mapping[str, dict[str, str]]) -> SyncResult:
    """In the caller's transaction: a new current result of a locked session; the one before becomes history."""
    found = alignment.cameras
    no_sound = _no_sound(session, alignment.master)
    nothing = dict.fromkeys(no_sound)
    said = _said(alignment, session.assets.comparable())
    supersede(session)
    deletion.confirm(key for artifacts in evidence.values() for key in artifacts.values())
    return SyncResult.objects.create(
        **session.context.stamp(),
        session=session,
        run=next_run(session),
        version=next_version(session),
        master_camera=alignment.master,
        offsets_ms={alignment.master: 0.0} | {label: _rounded(c.offset_ms) for label, c in found.items()} | nothing,
        confidence={label: _rounded(c.confidence) for label, c in found.items()} | nothing,
        probability={label: _rounded(c.probability) for label, c in found.items()} | nothing,
        classification={label: c.classification for label, c in found.items()}
        | dict.fromkeys(no_sound, "needs-manual-nudge"),
        drift_ppm={label: _rounded(c.drift_ppm) for label, c in found.items()} | nothing,
        warnings={label: list(warned) for label, warned in alignment.warnings.items()} | no_sound,
        details={
            "drift_error_ppm": {label: _rounded(c.drift_error_ppm) for label, c in found.items()},
            "pieces": {label: [asdict(piece) for piece in c.pieces] for label, c in found.items()},
            "witnesses": {label: [witnesses.as_json(one) for one in told] for label, told in said.items()},
            "quality": {label: asdict(quality) for label, quality in alignment.quality.items()},
        },
        inputs=sound_inputs(session),
        debug_artifacts=dict(evidence),
        computed_at=timezone.now(),
    )


def _no_sound(session: RecordingSession, master: str) -> dict[str, list[str]]:
    """The cameras that have no sound, and what is to be said of each: where its timecode or its date puts it, too."""
    assets = {asset.camera_label: asset for asset in session.assets.filter(status=MediaAsset.Status.READY)}
    clock = witnesses_of(assets[master]) if master in assets else Witnesses(master)
    return {
        label: [
            "This camera recorded no sound: set its offset by hand.",
            *(one.message for one in statements(clock, witnesses_of(asset), None)),
        ]
        for label, asset in assets.items()
        if not asset.has_audio
    }


def _store_evidence(session: RecordingSession, run: Run, alignment: Alignment) -> dict[str, dict[str, str]]:
    """The curve as JSON and as a picture, per camera, under keys of this attempt alone."""
    store, placed = storage.store(), {}
    number = next_run(session)
    angles = {asset.camera_label: asset.angle() for asset in session.assets.comparable()}
    for label, found in alignment.cameras.items():
        key = {
            kind: keys.sync_key(angles[label], str(session.pk), number, f".{run.token.hex[:8]}{extension}")
            for kind, extension in (("curve", ".json"), ("plot", ".png"))
        }
        deletion.reserve(key.values())
        run.fence()
        store.put_bytes(key["curve"], found.evidence.as_json().encode(), content_type="application/json")
        store.put_bytes(key["plot"], plots.evidence_png(label, found), content_type="image/png")
        placed[label] = key
    return placed


def _room(run: Run, asset: MediaAsset) -> Path:
    folder = run.scratch / asset.camera_label
    folder.mkdir(exist_ok=True)
    return folder


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
