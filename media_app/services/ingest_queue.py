"""The way of a session through ingest: an asset's work is queued, and the session moves on when nothing more is coming."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from media_app import jobs
from media_app.core.files.accept import TAKE
from media_app.core.files.keys import extension_of
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

SOUND, INGEST, JOIN = "ingest_sound_v1", "ingest_asset_v1", "join_take_v1"
#: Sound goes ahead of all pictures; of those, the ones of a session that somebody looks at go first.
SOUND_PRIORITY, WATCHED_PRIORITY, PICTURE_PRIORITY = 10, 5, 2


@dataclass(frozen=True, slots=True)
class HeardChoice:
    """What a person wants to be heard: the index of a stream, numbers of its channels from 1, and how they are heard."""

    stream: int
    channels: tuple[int, ...]
    how: str


def retry_ingest(context: Context, session_id, asset_id) -> MediaJob:
    """Make an asset's derivatives anew, under a version of their own, from the original that is kept. Where its picture alone had
    failed, that alone: the sound stands, and so does what was decided.

    Raises WrongStatus while it is still uploading or being ingested, TooMuchWaiting.
    """
    quota.refuse_job(context)
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        asset = get_asset(context, session_id, asset_id)
        if asset.status not in (MediaAsset.Status.READY, MediaAsset.Status.FAILED) or not asset.original_key:
            raise WrongStatus(f"Camera {asset.camera_key} is {asset.status}. Wait until it is ready or has failed.")
        if asset.faces_hidden_at is not None:
            raise WrongStatus(
                f"The faces of camera {asset.camera_key} are hidden: a copy replaces its file. Replace the file to start over."
            )
        if asset.status == MediaAsset.Status.FAILED and asset.inspected:
            begin_picture(asset)
            return enqueue_picture(asset, next_version(asset))
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
        if not asset.inspected:
            raise WrongStatus(
                f"The audio of camera {asset.camera_key} is not ready: its file is {asset.status}. "
                "Wait for it, or replace the file."
            )
        if not asset.tracks:
            raise WrongStatus(
                f"Camera {asset.camera_key} has no measured audio to choose from. Process it again first."
            )
        before, asset.heard = asset.heard, _chosen(asset, choice).as_json() if choice else None
        asset.save(update_fields=["heard", "updated_at"])
        begin_sound(asset, session)
        _enqueue(SOUND, asset, next_version(asset), SOUND_PRIORITY, more={"heard": asset.heard, "heard_before": before})
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
    asset.sound_ready_at = asset.picture_ready_at = None
    asset.save(update_fields=["status", "status_message", "sound_ready_at", "picture_ready_at", "updated_at"])
    _wait_for_sound(session)


def begin_sound(asset: MediaAsset, session: RecordingSession | None) -> None:
    """As `begin_ingest`, where another sound is to be heard: the picture stays as it is, and so does what is said of it."""
    asset.status, asset.sound_ready_at = MediaAsset.Status.INGESTING, None
    asset.save(update_fields=["status", "sound_ready_at", "heard", "updated_at"])
    _wait_for_sound(session)


def begin_picture(asset: MediaAsset) -> None:
    """As `begin_ingest`, where the picture alone is to be made: its session goes on as it is."""
    asset.status, asset.status_message = MediaAsset.Status.INGESTING, ""
    asset.save(update_fields=["status", "status_message", "updated_at"])


def _wait_for_sound(session: RecordingSession | None) -> None:
    if session is not None and session.status != RecordingSession.Status.INGESTING:
        advance(session, to=RecordingSession.Status.INGESTING, reason="")


def enqueue_ingest(asset: MediaAsset, derived_version: int | None = None) -> MediaJob:
    """Queue the ingest of an asset: its sound, after which the picture is queued. Nobody awaits a verdict on a registry asset:
    one job does both, unless its sender says that it is sound. A take that was sent packed is joined first."""
    if extension_of(asset.original_key) == TAKE:
        return _enqueue(JOIN, asset, derived_version or asset.version, SOUND_PRIORITY)
    at_once = asset.session_id is None and asset.kind != MediaAsset.Kind.AUDIO
    version = derived_version or asset.version
    if at_once:
        return _enqueue(INGEST, asset, version, PICTURE_PRIORITY)
    return _enqueue(SOUND, asset, version, SOUND_PRIORITY)


def enqueue_picture(asset: MediaAsset, derived_version: int) -> MediaJob:
    """Queue what is left of an asset's ingest, once its sound is there."""
    return _enqueue(INGEST, asset, derived_version, PICTURE_PRIORITY, more={"picture_alone": True})


def _enqueue(
    job_type: str, asset: MediaAsset, version: int, priority: int, *, more: Mapping[str, Any] | None = None
) -> MediaJob:
    return jobs.enqueue(
        job_type,
        asset,
        input_json=job_input(asset, version) | dict(more or {}),
        priority=priority,
        dedupe_key=f"{job_type}:{asset.pk}:{version}",
    )


def ingest_job_of(asset: MediaAsset) -> MediaJob | None:
    """The last job that ingested the asset, or is to."""
    return asset.jobs.filter(type__in=(SOUND, INGEST, JOIN)).order_by("-created_at").first()


def is_sound_alone(job: MediaJob) -> bool:
    """Whether a job leaves the picture to another."""
    return job.type == SOUND


def is_picture_alone(job: MediaJob) -> bool:
    """Whether the sound was another job's."""
    return bool(job.input_json.get("picture_alone"))


def is_other_sound(job: MediaJob) -> bool:
    """Whether another sound is to be heard of a file that was ingested before."""
    return "heard_before" in job.input_json


def hurry_pictures(under_way: Iterable[MediaJob]) -> None:
    """Somebody looks at a session with these jobs: its pictures go before those of others. A page is asked for every few seconds, so
    nothing is written where nothing is to be hurried."""
    pending = MediaJob.Status.PENDING
    slow = [j.pk for j in under_way if j.type == INGEST and j.status == pending and j.priority < WATCHED_PRIORITY]
    if slow:
        waiting = MediaJob.objects.filter(pk__in=slow, status=pending)
        waiting.update(priority=WATCHED_PRIORITY, updated_at=Now())


def advance_if_ingested(session: RecordingSession | None) -> None:
    """Move a locked session on when no more sound is coming: to sync when two or more can be compared, else to a person. A
    registry asset has none to move."""
    if session is None or session.status != RecordingSession.Status.INGESTING:
        return
    assets = list(session.assets.all())
    if any(asset.awaits_sound for asset in assets):
        return
    if not assets:
        advance(session, to=RecordingSession.Status.DRAFT)
    elif len(recordings(a for a in assets if a.sound_ready)) >= 2:
        advance(session, to=RecordingSession.Status.SYNCING)
    else:
        advance(session, to=RecordingSession.Status.NEEDS_REVIEW, reason=_why_not_synced(assets))


def _why_not_synced(assets: list[MediaAsset]) -> str:
    silent = [a.camera_key for a in assets if a.inspected and not a.has_audio]
    failed = [a.camera_key for a in assets if not a.inspected]
    reasons = []
    if failed:
        reasons.append(f"{_cameras(failed)} could not be ingested")
    if silent:
        reasons.append(f"{_cameras(silent)} recorded no sound")
    if len(assets) == 1 and not reasons:
        return "There is only one camera, so there is nothing to compare. Add another."
    why = " and ".join(reasons) or "there is nothing to compare"
    return f"Sync needs two recordings with sound: {why}. Replace the file, or set the offsets by hand."


def _cameras(labels: list[str]) -> str:
    return f"camera {labels[0]}" if len(labels) == 1 else f"cameras {', '.join(labels[:-1])} and {labels[-1]}"
