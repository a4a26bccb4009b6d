"""When a session's sync and its pictures will be there, from what such jobs took here lately."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.utils import timezone

from media_app.core import forecast
from media_app.core.ffmpeg import proxy_rate
from media_app.core.forecast import Task
from media_app.models import MediaAsset, MediaJob, MediaJobAttempt
from media_app.services.ingest_queue import INGEST, JOIN, SOUND
from sessions_app.models import RecordingSession

SYNC = "sync_session_v1"
#: So many of the last jobs of a type say how fast they go.
LAST = 12


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds from now; None where nothing is to come, or nothing like it was measured here."""

    sync_s: float | None = None
    pictures_s: float | None = None


def forecast_of(session: RecordingSession, assets: Sequence[MediaAsset], jobs: Iterable[MediaJob]) -> Forecast:
    """Of a session with these cameras and unfinished jobs. At most three queries, none when nothing is to come."""
    under_way = list(jobs)
    by_asset: dict[UUID | None, MediaAsset] = {asset.pk: asset for asset in assets}
    sound = [_task(job, _bytes(asset)) for job, asset in _of(under_way, by_asset, SOUND)]
    pictures = [_task(job, _pictures(asset) or 0.0) for job, asset in _of(under_way, by_asset, INGEST)]
    compared = _compared(assets)
    work = sum(forecast.sync_work(compared or ()))
    syncing = [_task(job, work) for job in under_way if job.type == SYNC]
    if not syncing and compared is not None:
        syncing = [Task(work)]
    # How long the sound of tracks that are still to be joined takes is not known before.
    joining = any(job.type == JOIN for job in under_way)
    read_s = None if joining else _left(SOUND, sound)
    return Forecast(_sync(session, assets, read_s, syncing), _left(INGEST, pictures) or None)


def _of(
    jobs: Iterable[MediaJob], assets: Mapping[UUID | None, MediaAsset], job_type: str
) -> Iterator[tuple[MediaJob, MediaAsset]]:
    return ((job, assets[job.asset_id]) for job in jobs if job.type == job_type and job.asset_id in assets)


def _sync(
    session: RecordingSession, assets: Sequence[MediaAsset], read_s: float | None, syncing: list[Task]
) -> float | None:
    """Until the verdict: the sound that is still to be read, and the comparison."""
    status = RecordingSession.Status
    if session.status not in (status.INGESTING, status.SYNCING) or read_s is None:
        return None
    # What is still being sent comes when its sender likes.
    if not syncing or any(asset.status == MediaAsset.Status.UPLOADING for asset in assets):
        return None
    compared = _comparing_left(syncing)
    return None if compared is None else read_s + compared


def _comparing_left(syncing: Sequence[Task]) -> float | None:
    """By what comparisons took here; by its own progress, which moves in steps, where none has ended yet."""
    per_unit = forecast.seconds_per_unit([], _ended(SYNC))
    if per_unit is None:
        return _left(SYNC, list(syncing))
    return max(forecast.seconds_left_of_known(task, per_unit) for task in syncing)


def _left(job_type: str, tasks: list[Task]) -> float | None:
    if not tasks:
        return 0.0
    ended = [] if any(task.share >= forecast.TELLING for task in tasks) else _ended(job_type)
    return forecast.seconds_left(tasks, forecast.seconds_per_unit(tasks, ended))


def _ended(job_type: str) -> list[Task]:
    """What the last jobs of a type took."""
    attempts = list(
        MediaJobAttempt.objects.filter(outcome=MediaJobAttempt.Outcome.COMPLETED, job__type=job_type)
        .select_related("job__asset")
        .order_by("-finished_at")[:LAST]
    )
    sizes = _sizes(job_type, [attempt.job for attempt in attempts])
    return [
        Task(sizes[attempt.job_id], 1.0, (attempt.finished_at - attempt.started_at).total_seconds())
        for attempt in attempts
        if sizes.get(attempt.job_id) and attempt.finished_at
    ]


def _sizes(job_type: str, jobs: Sequence[MediaJob]) -> dict[UUID, float]:
    """What the time of each job grew with, where that is still known."""
    if job_type == SYNC:
        heard = MediaAsset.objects.comparable().filter(session__in=[job.session_id for job in jobs])
        recordings: dict[UUID | None, list[tuple[str, float]]] = defaultdict(list)
        for session_id, camera, length in heard.order_by().values_list("session_id", "camera_label", "duration_ms"):
            recordings[session_id].append((camera, (length or 0) / 1000))
        return {job.pk: sum(forecast.sync_work(recordings[job.session_id])) for job in jobs}
    size = _bytes if job_type == SOUND else _pictures
    return {job.pk: size(job.asset) or 0.0 for job in jobs if job.asset is not None}


def _task(job: MediaJob, size: float) -> Task:
    begun: datetime | None = job.locked_at if job.status == MediaJob.Status.PROCESSING else None
    return Task(size, job.progress_percent / 100, (timezone.now() - begun).total_seconds() if begun else None)


def _bytes(asset: MediaAsset) -> float:
    """The sound is read through the whole file, whose length is not known before."""
    return float(asset.size_bytes)


def _pictures(asset: MediaAsset) -> float | None:
    """The pictures of its proxy."""
    if not asset.fps or not asset.duration_ms:
        return None
    return float(proxy_rate(Fraction(asset.fps)) * asset.duration_ms / 1000)


def _compared(assets: Sequence[MediaAsset]) -> list[tuple[str, float]] | None:
    """Camera and seconds of each sound that is compared. A file that is still to be read counts by its bytes, as long as those of the session
    that were read; None where none was."""
    read = [asset for asset in assets if asset.inspected and asset.duration_ms]
    coming = [asset for asset in assets if asset.awaits_sound]
    if coming and not read:
        return None
    per_byte = sum(asset.duration_ms or 0 for asset in read) / max(1, sum(asset.size_bytes for asset in read))
    heard = [(asset.camera_label, (asset.duration_ms or 0) / 1000) for asset in read if asset.has_audio]
    return heard + [(asset.camera_label, asset.size_bytes * per_byte / 1000) for asset in coming]
