"""The job of sync: listen to every camera, keep one offset each, with the evidence."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from media_app.core.files import keys
from media_app.core.kinds import JSON, Kind
from media_app.core.time.witness import Witnesses, statements
from media_app.jobs import Run
from media_app.making.files import Outputs, describe
from media_app.making.workspace import workspace_of
from media_app.models import MediaAsset, MediaJob
from media_app.services.artifacts import Completion, FileJob, Placed
from media_app.services.sound import is_timecode_only, seconds_of, sound_bytes, sound_of, witnesses_of
from sessions_app.errors import WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance
from sync_app import plots
from sync_app.core import chapters, engine, witnesses
from sync_app.core.chapters import Chapter
from sync_app.core.values import Alignment
from sync_app.models import SyncResult
from sync_app.services.runs import (
    next_run,
    next_version,
    refuse_to_undo,
    sound_inputs,
    start_sync,
    supersede,
)

#: A sync's evidence has no row of its own: the result names its keys.
CURVE, PLOT = Kind("curve", "Correlation curve", ".json", JSON), Kind("plot", "Plot", ".png", "image/png")


@dataclass(frozen=True, slots=True)
class Synced(Outputs):
    """The evidence as files, and what they are evidence of."""

    alignment: Alignment | None = None


def _session_of(job: MediaJob) -> RecordingSession | None:
    """The session that waits for this job; None when its recordings changed since, or nobody waits any more. A job that has
    ended is replayed: nobody waits for that one."""
    session = RecordingSession.objects.in_tenant(job.context).filter(pk=job.input_json.get("session_id")).first()
    if session is None or job.input_json.get("inputs") != sound_inputs(session):
        return None
    waits = session.status == RecordingSession.Status.SYNCING and is_current(job, session)
    return session if waits or job.status in MediaJob.ENDED else None


def _make(run: Run, job: MediaJob, session: RecordingSession) -> Synced:
    """Listen to every camera, keep one offset each, with the evidence: per camera the curve as JSON and as a picture."""
    alignment = _listen(run, session, job.input_json["master"])
    folder = workspace_of(run).subfolder("evidence").folder
    files = []
    for label, found in alignment.cameras.items():
        (folder / f"{label}.json").write_bytes(found.evidence.as_json().encode())
        (folder / f"{label}.png").write_bytes(plots.evidence_png(label, found))
        files += [describe(kind, folder / f"{label}{kind.extension}", variant=label) for kind in (CURVE, PLOT)]
    return Synced(tuple(files), alignment=alignment)


def _place(run: Run, job: MediaJob, session: RecordingSession, outputs: Synced) -> Placed:
    """Keys of this attempt alone."""
    angles = {asset.camera_key: asset.angle() for asset in session.assets.comparable()}
    number, attempt = next_run(session), run.token.hex[:8]
    return {
        keys.sync_key(angles[file.variant], str(session.pk), number, f".{attempt}{file.kind.extension}"): file
        for file in outputs.files
    }


def _register(made: Completion[RecordingSession, Synced]) -> dict[str, Any]:
    """The session's new result; then the session is handed to a person."""
    alignment = made.outputs.alignment
    assert alignment
    evidence: dict[str, dict[str, str]] = defaultdict(dict)
    for key, file in made.placed.items():
        evidence[file.variant][file.kind.name] = key
    recorded = record(made.subject, alignment, evidence)
    advance(made.subject, to=RecordingSession.Status.NEEDS_REVIEW, reason="")
    return {
        "sync_result": str(recorded.pk),
        "offsets_ms": recorded.offsets_ms,
        "confidence": recorded.confidence,
    }


def _superseded(job: MediaJob) -> None:
    session = RecordingSession.objects.filter(jobs=job).first()
    if session is not None:
        restart(session)


def _listen(run: Run, session: RecordingSession, preferred: str | None) -> Alignment:
    """Every camera of the session that has sound, compared."""
    assets = list(session.assets.comparable())
    takes = _recordings(assets)
    if preferred not in takes:
        preferred = None
    run.reserve(sum(sound_bytes(asset) for asset in assets))
    with ExitStack() as open_tracks:
        sounds = {
            asset.camera_key: open_tracks.enter_context(sound_of(asset, _folder(run, asset), cancelled=run.cancelled))
            for asset in assets
        }
        tracks = [chapters.joined([sounds[c.key] for c in of], [c.seconds for c in of]) for of in takes.values()]

        def report(done: float, step: str) -> None:
            run.check()
            run.progress(100 * done, step)

        known = {asset.camera_key: witnesses_of(asset) for asset in assets}
        found = engine.align(tracks, master=preferred, on_progress=report, created=witnesses.created(known))
        alignment = chapters.spread(found, takes)
    alignment = witnesses.with_timecode_only(alignment, {a.camera_key for a in assets if is_timecode_only(a)})
    return witnesses.considered(alignment, witnesses.said_of(alignment, known))


def _recordings(assets: Sequence[MediaAsset]) -> dict[str, list[Chapter]]:
    keys_of = {asset.pk: asset.camera_key for asset in assets}
    before = {asset.camera_key: keys_of[asset.continues_id] for asset in assets if asset.continues_id in keys_of}
    return chapters.recordings({asset.camera_key: seconds_of(asset) for asset in assets}, before)


def _said(alignment: Alignment, assets: Iterable[MediaAsset]) -> witnesses.Said:
    return witnesses.said_of(alignment, {asset.camera_key: witnesses_of(asset) for asset in assets})


def _checksums(outputs: Synced, placed: Placed) -> dict[str, str]:
    """Camera → checksum of its offset, confidence and drift, for a replay to compare. Rounded as they are kept."""
    alignment = outputs.alignment
    assert alignment
    found = {"master": [alignment.master]} | {
        f"camera {label}": [_rounded(value) for value in (camera.offset_ms, camera.confidence, camera.drift_ppm)]
        for label, camera in alignment.cameras.items()
    }
    return {name: hashlib.sha256(json.dumps(values).encode()).hexdigest() for name, values in found.items()}


def is_current(job: MediaJob, session: RecordingSession) -> bool:
    """Whether the job listens to what the session holds now, with the master that is asked for now."""
    asked = job.input_json
    return bool(asked.get("inputs") == sound_inputs(session) and asked.get("master") == session.preferred_master)


def restart(session: RecordingSession) -> None:
    """A locked session that still waits for its sync gets one of what it holds now."""
    if session.status == RecordingSession.Status.SYNCING:
        start_sync(session)


def sync_failed(job: MediaJob) -> None:
    """The sync was given up: a person takes over, and reads why. A job that nobody waits for any more is no reason to."""
    session = RecordingSession.objects.filter(jobs=job).first()
    if session is None or session.status != RecordingSession.Status.SYNCING:
        return
    if not is_current(job, session):
        restart(session)
        return
    reason = f"The sync could not be computed: {job.error_message} Run it again, or set the offsets by hand."
    advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=reason)


def retry_sync(job: MediaJob) -> None:
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
    inspected = session.assets.inspected().select_related("continues")
    assets = {asset.camera_key: asset for asset in inspected}
    judged = {label: camera for label, camera in found.items() if camera.confidence is not None or not camera.placed}
    no_sound = _no_sound(assets, alignment.master)
    said = _said(alignment, assets.values())
    nothing = dict.fromkeys(no_sound)
    supersede(session)
    return SyncResult.objects.create(
        **session.context.stamp(),
        session=session,
        run=next_run(session),
        version=next_version(session),
        master_camera=alignment.master,
        offsets_ms={alignment.master: 0.0} | {label: _rounded(c.offset_ms) for label, c in found.items()} | nothing,
        confidence={label: _rounded(c.confidence) for label, c in judged.items()} | nothing,
        probability={label: _rounded(c.probability) for label, c in judged.items()} | nothing,
        classification={label: c.classification for label, c in judged.items()}
        | dict.fromkeys(no_sound, "needs-manual-nudge"),
        drift_ppm={label: _rounded(c.drift_ppm) for label, c in found.items()} | nothing,
        warnings={label: list(warned) for label, warned in alignment.warnings.items()} | no_sound,
        details={
            "drift_error_ppm": {label: _rounded(c.drift_error_ppm) for label, c in found.items()},
            "segments": {label: [asdict(segment) for segment in c.segments] for label, c in found.items()},
            "coverage": {label: [asdict(cover) for cover in c.coverage] for label, c in found.items()},
            "witnesses": {label: [witnesses.as_json(one) for one in given] for label, given in said.items()},
            "continues": {a.camera_key: a.continues.camera_key for a in assets.values() if a.continues},
            "heard": {label: asset.heard for label, asset in assets.items() if asset.heard},
            "quality": {label: asdict(quality) for label, quality in alignment.quality.items()},
        },
        inputs=sound_inputs(session),
        debug_artifacts=dict(evidence),
        computed_at=timezone.now(),
    )


def _no_sound(assets: Mapping[str, MediaAsset], master: str) -> dict[str, list[str]]:
    """The cameras that have no sound, and what is to be said of each: where its timecode or its date puts it, too."""
    clock = witnesses_of(assets[master]) if master in assets else Witnesses(master)
    return {
        label: [
            "This camera recorded no sound: set its offset by hand.",
            *(one.message for one in statements(clock, witnesses_of(asset), None)),
        ]
        for label, asset in assets.items()
        if not asset.has_audio
    }


def _folder(run: Run, asset: MediaAsset) -> Path:
    folder = run.scratch / asset.camera_key
    folder.mkdir(exist_ok=True)
    return folder


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


SYNC: FileJob[RecordingSession, Synced] = FileJob(
    _session_of, _make, _place, _register, superseded=_superseded, checksums=_checksums, counted=False
)
HANDLERS = SYNC.handlers(sync_failed, retry_sync)
