"""A session's cameras and progress, as lists and pages show them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Subquery, UUIDField

from media_app import jobs
from media_app.core import kinds
from media_app.core.sound.heard import choices
from media_app.core.sound.heard import from_json as heard_from_json
from media_app.core.sound.tracks import from_json as track_from_json
from media_app.models import DerivedMedia, MediaAsset, MediaJob, Upload
from media_app.services import originals
from media_app.services.ingest_queue import INGEST, JOIN, SOUND
from media_app.services.upload_progress import received_bytes
from media_app.services.withheld import SHOWN, is_handed_out
from sessions_app.errors import StudioError
from sessions_app.models import RecordingSession
from sessions_app.models.compiled import Among, CompiledQuery, Ids

AssetStatus = MediaAsset.Status
Status = RecordingSession.Status
#: Statuses whose `standing` includes progress.
AT_WORK = (Status.DRAFT, Status.INGESTING, Status.SYNCING)

_CAMERAS = CompiledQuery(
    lambda session: MediaAsset.objects.filter(session_id=session).defer("media_info"), session=UUIDField()
)
_FILES = CompiledQuery(
    lambda session: DerivedMedia.objects.filter(asset__session_id=session).shown(), session=UUIDField()
)
_UNDER_WAY = CompiledQuery(lambda session: MediaJob.objects.filter(session_id=session).under_way(), session=UUIDField())
_JOBS = CompiledQuery(
    lambda session: MediaJob.objects.filter(session_id=session).defer(*MediaJob.BULKY).order_by("created_at", "pk"),
    session=UUIDField(),
)
_UPLOADS = CompiledQuery(
    lambda session: Upload.objects.filter(asset__session_id=session, state=Upload.State.OPEN), session=UUIDField()
)
_PICTURE = DerivedMedia.objects.filter(SHOWN, asset=OuterRef("pk"), kind=kinds.THUMBNAIL.name).order_by()
_ROWS = CompiledQuery(
    lambda sessions: (
        MediaAsset.objects.filter(Among("session_id", sessions))
        .annotate(thumbnail=Subquery(_PICTURE.values("pk")[:1]))
        .values_list(*_Row._fields)
    ),
    sessions=Ids(),
)


class _Row(NamedTuple):
    """A camera in a list."""

    pk: UUID
    session_id: UUID
    camera_label: str
    original_filename: str
    status: str
    sound_ready_at: datetime | None
    duration_ms: int | None
    thumbnail: UUID | None


@dataclass(frozen=True, slots=True)
class Camera:
    label: str
    filename: str
    status: str
    thumbnail: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands: the label of its chip, its tone, percent where it is known."""

    label: str
    tone: str
    percent: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class MediaSummary:
    cameras: tuple[Camera, ...]
    standing: Standing
    failed: tuple[str, ...]
    duration_ms: int | None

    @property
    def moving(self) -> bool:
        """Whether looking again soon will show something else."""
        return self.standing.tone == "busy"


def summarize(sessions: Sequence[RecordingSession]) -> Mapping[UUID, MediaSummary]:
    """Two queries at most, however many sessions; rows, not models, of which a long list would make hundreds."""
    assets: dict[UUID, list[Any]] = defaultdict(list)
    for asset in map(_Row._make, _ROWS.rows(sessions=[session.pk for session in sessions])):
        assets[asset.session_id].append(asset)
    running: dict[UUID | None, list[Any]] = defaultdict(list)
    if at_work := [session.pk for session in sessions if session.status in AT_WORK]:
        unfinished = MediaJob.objects.unfinished().filter(session__in=at_work).exclude(type__in=jobs.unwaited_types())
        of_job = ("session_id", "asset_id", "type", "progress_percent", "eta_seconds")
        for job in unfinished.values_list(*of_job, named=True):
            running[job.session_id].append(job)
    return {session.pk: _summary(session, assets[session.pk], running[session.pk]) for session in sessions}


def contents(session: RecordingSession) -> tuple[list[MediaAsset], list[MediaJob]]:
    """Its cameras, each with its files and its jobs under way; and all its jobs under way, the newest first. Three queries."""
    jobs = _UNDER_WAY.all(session=session.pk)
    assets = _with_files(session)
    for asset in assets:
        asset.under_way = [job for job in jobs if job.asset_id == asset.pk]
    return assets, jobs


def _with_files(session: RecordingSession) -> list[MediaAsset]:
    files: dict[UUID, list[DerivedMedia]] = defaultdict(list)
    for made in _FILES.all(session=session.pk):
        files[made.asset_id].append(made)
    assets = _CAMERAS.all(session=session.pk)
    known = {asset.pk: asset for asset in assets}
    for asset in assets:
        asset.session, asset.files = session, files[asset.pk]
        asset.continues = known.get(asset.continues_id) if asset.continues_id else None
        for made in asset.files:
            made.asset = asset
    return assets


def _summary(session, assets: list[Any], running: list[Any]) -> MediaSummary:
    lengths = [asset.duration_ms for asset in assets if asset.duration_ms]
    # A camera is shown once, by the first of its clips that has a picture.
    shown = {
        a.camera_label: a for a in sorted(assets, key=lambda a: (a.camera_label, a.thumbnail is None), reverse=True)
    }
    return MediaSummary(
        cameras=tuple(
            Camera(a.camera_label, a.original_filename, a.status, a.thumbnail) for a in reversed(shown.values())
        ),
        standing=standing(session.status, assets, running),
        failed=tuple(asset.camera_label for asset in assets if asset.status == AssetStatus.FAILED),
        duration_ms=max(lengths, default=None),
    )


def standing(status: str, assets: Sequence[Any], running: Iterable[Any]) -> Standing:
    """A session's state, from its status, its cameras and its unfinished jobs."""
    running = list(running)
    match status:
        case Status.DRAFT if not assets:
            return Standing("No files yet", "quiet")
        case Status.DRAFT | Status.INGESTING:
            sending = [asset for asset in assets if asset.status == AssetStatus.UPLOADING]
            if sending:
                return Standing(f"Uploading: {len(assets) - len(sending)} of {len(assets)} done", "busy")
            reading = {job.asset_id: job for job in running if job.type in (SOUND, JOIN)}
            done = [reading[a.pk].progress_percent if a.pk in reading else 100.0 for a in assets if _counts(a)]
            percent = sum(done) / len(done) if done else 0.0
            left = [job.eta_seconds for job in reading.values() if job.eta_seconds is not None]
            return Standing(f"Reading audio {percent:.0f}%", "busy", percent, max(left, default=None))
        case Status.SYNCING:
            job = next((job for job in running if job.type == "sync_session_v1"), None)
            percent = job.progress_percent if job else 0.0
            return Standing(f"Comparing audio {percent:.0f}%", "busy", percent, job.eta_seconds if job else None)
        case Status.READY:
            return Standing("Ready", "good")
    return Standing("Needs review", "ask")


def _counts(asset: Any) -> bool:
    return asset.sound_ready_at is not None or asset.status != AssetStatus.FAILED


@dataclass(frozen=True, slots=True)
class Working:
    """A job under way: `percent` None while it waits for a worker."""

    label: str
    percent: float | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class CameraPanel:
    """Everything the session page shows of one camera."""

    asset: MediaAsset
    thumbnail: DerivedMedia | None
    files: tuple[tuple[str, DerivedMedia], ...]
    working: tuple[Working, ...]
    #: Bytes here of an upload under way, None when none is or the store does not say.
    arrived: int | None
    upload: Upload | None
    #: Whether the same file may well pass on another try; else only another file helps.
    worth_retrying: bool
    #: Why the original is not handed out: something replaced it.
    fault: str
    #: What else may be listened to, as (words, body for the API, whether it is heard by choice).
    choices: tuple[tuple[str, str, bool], ...]

    @property
    def arrived_percent(self) -> float | None:
        if self.upload is None or self.arrived is None or not self.upload.size_bytes:
            return None
        return 100 * self.arrived / self.upload.size_bytes


def cameras_of(session: RecordingSession) -> tuple[list[CameraPanel], list[MediaJob]]:
    """Every camera of one session, with its files and work; and all of its jobs under way, the newest last. Four queries, and one
    look at the store per open upload."""
    jobs: dict[UUID | None, list[MediaJob]] = defaultdict(list)
    known = _JOBS.all(session=session.pk)
    for job in known:
        jobs[job.asset_id].append(job)
    uploads = {upload.asset_id: upload for upload in _UPLOADS.all(session=session.pk)}
    assets = list(_with_files(session))
    originals.look(assets)
    cameras = [_camera_panel(asset, jobs[asset.pk], uploads.get(asset.pk)) for asset in assets]
    return cameras, [job for job in known if job.status in MediaJob.UNFINISHED]


def shared_work(under_way: Sequence[MediaJob]) -> Working | None:
    """The work on all cameras together."""
    shared = [job for job in under_way if job.asset_id is None]
    return working(shared[-1]) if shared else None


def _camera_panel(asset: MediaAsset, jobs: list[MediaJob], upload: Upload | None) -> CameraPanel:
    derivatives = sorted(asset.files, key=_derivative_rank)
    last = next((job for job in reversed(jobs) if job.type in (SOUND, INGEST, JOIN)), None)
    return CameraPanel(
        asset=asset,
        thumbnail=next((d for d in derivatives if d.kind == kinds.THUMBNAIL.name and not asset.shows_nothing), None),
        files=tuple((_derivative_label(d), d) for d in derivatives if is_handed_out(d, on_page=True)),
        working=tuple(working(job) for job in jobs if job.status in MediaJob.UNFINISHED),
        arrived=_arrived(upload),
        upload=upload,
        worth_retrying=bool(asset.original_key) and (last is None or last.status != MediaJob.Status.FAILED),
        fault=originals.fault_of(asset),
        choices=tuple(_choices(asset)),
    )


def _choices(asset: MediaAsset) -> list[tuple[str, str, bool]]:
    """Studio's own choice first; none where no channel was measured."""
    if not asset.tracks or not asset.heard:
        return []
    heard = heard_from_json(asset.heard)
    offered = choices([track_from_json(stored) for stored in asset.tracks])
    found = [("Automatic: Studio chooses", json.dumps({"heard": None}), not heard.is_by_hand)]
    return found + [(one.label, json.dumps({"heard": one.as_json()}), one.stands(heard)) for one in offered]


def working(job: MediaJob) -> Working:
    step = job.progress_step[:1].upper() + job.progress_step[1:] or jobs.label_of(job.type)
    if job.status == MediaJob.Status.PENDING:
        retry = f", attempt {job.attempts + 1}" if job.attempts else ""
        return Working(f"{jobs.label_of(job.type)}{retry}: waiting to start", None, None)
    return Working(step, job.progress_percent, job.eta_seconds)


def _arrived(upload: Upload | None) -> int | None:
    if upload is None:
        return None
    try:
        return received_bytes(upload)
    except StudioError:
        return None


#: A kind's place on the page.
_PLACES = {name: place for place, name in enumerate(kinds.BY_NAME)}


def _derivative_rank(derivative: DerivedMedia) -> tuple[int, str, str]:
    place = _PLACES.get(derivative.kind, len(_PLACES))
    return place, derivative.kind, derivative.variant


def _derivative_label(derivative: DerivedMedia) -> str:
    label = kinds.label(derivative.kind)
    return f"{label}, {derivative.variant}/s" if derivative.kind == kinds.WAVEFORM.name else label
