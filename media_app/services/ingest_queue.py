"""The way of a session through ingest: an asset's work is queued, and the session moves on when nothing more is coming."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from media_app import jobs
from media_app.core.sound.heard import Heard, by_hand
from media_app.core.sound.tracks import from_json as track_from_json
from media_app.models import MediaAsset, MediaJob
from media_app.services import quota
from media_app.services.asset_jobs import job_input
from media_app.services.assets import get_asset, next_version
from media_app.services.chapters import recordings
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance, get_session

INGEST_PRIORITY = 10


@dataclass(frozen=True, slots=True)
class HeardChoice:
    """What a person wants to be heard: the index of a stream, numbers of its channels from 1, and how they are heard."""

    stream: int
    channels: tuple[int, ...]
    how: str


def ingest_again(context: Context, session_id, asset_id) -> MediaJob:
    """Make an asset's derivatives anew, under a version of their own, from the original that is kept.

    Raises WrongStatus while it is still uploading or being ingested, TooMuchWaiting.
    """
    quota.refuse_job(context)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        asset = get_asset(context, session_id, asset_id)
        if asset.status not in (MediaAsset.Status.READY, MediaAsset.Status.FAILED) or not asset.original_key:
            raise WrongStatus(f"Camera {asset.camera_key} is {asset.status}. Wait until it is ready or has failed.")
        begin_ingest(asset, session)
        return enqueue_ingest(asset, derived_version=next_version(asset))


def choose_heard(context: Context, session_id, asset_id, choice: HeardChoice | None) -> MediaAsset:
    """Listen to another track or channel of an asset: its sound is made anew, and the session is synced again. None goes
    back to what Studio chooses.

    Raises WrongStatus while the asset is not ready, InvalidInput for what its file has not, TooMuchWaiting.
    """
    quota.refuse_job(context)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        asset = get_asset(context, session_id, asset_id)
        if asset.status != MediaAsset.Status.READY:
            raise WrongStatus(f"Camera {asset.camera_key} is {asset.status}. Wait until it is ready.")
        if not asset.tracks:
            raise WrongStatus(
                f"Camera {asset.camera_key} has no measured audio to choose from. Process it again first."
            )
        before, asset.heard = asset.heard, _chosen(asset, choice).as_json() if choice else None
        asset.save(update_fields=["heard", "updated_at"])
        begin_ingest(asset, session)
        enqueue_ingest(
            asset, next_version(asset), more={"sound_alone": True, "heard": asset.heard, "heard_before": before}
        )
    return asset


def _chosen(asset: MediaAsset, choice: HeardChoice) -> Heard:
    tracks = [track_from_json(stored) for stored in asset.tracks]
    try:
        return by_hand(tracks, choice.stream, choice.channels, choice.how)
    except ValueError as error:
        raise InvalidInput(str(error), field="heard") from error


def begin_ingest(asset: MediaAsset, session: RecordingSession | None) -> None:
    """In the transaction that queues the work: the asset of a locked session is being made usable."""
    asset.status, asset.status_message = MediaAsset.Status.INGESTING, ""
    asset.save(update_fields=["status", "status_message", "updated_at"])
    if session is not None and session.status != RecordingSession.Status.INGESTING:
        advance(session, to=RecordingSession.Status.INGESTING, reason="")


def enqueue_ingest(
    asset: MediaAsset, derived_version: int | None = None, *, more: Mapping[str, Any] | None = None
) -> MediaJob:
    """Queue the ingest of an asset. `more` of the job's input: with `sound_alone`, only WAV, peaks and what carries them are
    made anew; `heard` is what shall be listened to, `heard_before` what a failure goes back to."""
    derived_version = derived_version or asset.version
    return jobs.enqueue(
        "ingest_asset_v1",
        asset,
        input_json=job_input(asset, derived_version) | dict(more or {}),
        priority=INGEST_PRIORITY,
        dedupe_key=f"ingest:{asset.pk}:{derived_version}",
    )


def advance_if_ingested(session: RecordingSession | None) -> None:
    """Move a locked session on when nothing more is coming: to sync when two or more can be compared, else to a person. A
    registry asset has none to move."""
    if session is None or session.status != RecordingSession.Status.INGESTING:
        return
    assets = list(session.assets.all())
    if any(asset.status in (MediaAsset.Status.UPLOADING, MediaAsset.Status.INGESTING) for asset in assets):
        return
    if not assets:
        advance(session, to=RecordingSession.Status.DRAFT)
    elif len(recordings(a for a in assets if a.status == MediaAsset.Status.READY and a.has_audio)) >= 2:
        advance(session, to=RecordingSession.Status.SYNCING)
    else:
        advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=_why_not_synced(assets))


def _why_not_synced(assets: list[MediaAsset]) -> str:
    silent = [a.camera_key for a in assets if a.status == MediaAsset.Status.READY and not a.has_audio]
    failed = [a.camera_key for a in assets if a.status == MediaAsset.Status.FAILED]
    reasons = []
    if failed:
        reasons.append(f"{_cameras(failed)} could not be ingested")
    if silent:
        reasons.append(f"{_cameras(silent)} recorded no sound")
    if len(assets) == 1 and not reasons:
        return "There is only one camera, so there is nothing to compare it with. Add another."
    why = " and ".join(reasons) or "there is nothing to compare"
    return f"Sync needs two recordings with sound: {why}. Replace the file, or set the offsets by hand."


def _cameras(labels: list[str]) -> str:
    return f"camera {labels[0]}" if len(labels) == 1 else f"cameras {', '.join(labels[:-1])} and {labels[-1]}"
