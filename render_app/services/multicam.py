"""Multicam sessions as the seed has them: the recording session itself, its angles as tracks, its sync as the alignment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from media_app.core.files.keys import angle_number
from media_app.models import MediaAsset, MediaJob
from media_app.services.attach import attach
from sessions_app import services as sessions
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput
from sessions_app.models import RecordingSession
from sync_app.models import SyncResult
from sync_app.services import runs

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PROJECT = "multicam"


@dataclass(frozen=True, slots=True)
class TrackWish:
    """A registry asset that becomes an angle. `role` becomes the camera's name: one called wide shows everybody."""

    asset_id: UUID
    role: str = ""
    camera_label: str = ""


@dataclass(frozen=True, slots=True)
class SessionWish:
    """What a new session is called, and its tracks. `base_asset_id`: the one whose clock all others are put on."""

    title: str
    day: date
    project_id: str = _PROJECT
    tracks: tuple[TrackWish, ...] = ()
    base_asset_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Multicam:
    """A session with its angles and its sync, where there is one."""

    session: RecordingSession
    assets: Sequence[MediaAsset]
    result: SyncResult | None

    @property
    def base(self) -> MediaAsset | None:
        """The asset whose clock counts."""
        master = self.result.master_camera if self.result else self.session.preferred_master
        return next((one for one in self.assets if one.camera_key == master), None)

    def offset_ms(self, asset: MediaAsset) -> float | None:
        """Where an angle begins on the base's clock: as decided, else as computed."""
        if self.result is None:
            return None
        return self.result.camera(asset.camera_key).offset_in_force_ms

    def confidence(self, asset: MediaAsset) -> float | None:
        """How likely its offset is right, 0 to 1; the base's own is certain, and None is not known."""
        if self.result is None:
            return None
        camera = self.result.camera(asset.camera_key)
        return 1.0 if camera.is_master else camera.probability


def create(context: Context, wish: SessionWish) -> RecordingSession:
    """A new session of registry assets, or one without any yet. Raises InvalidInput, NotFound, WrongStatus."""
    labels = _labels(wish.tracks)
    of = {asset: label for label, asset in labels.items()}
    if wish.base_asset_id is not None and wish.base_asset_id not in of:
        raise InvalidInput("base_asset_id must be the asset of one of the tracks.", field="base_asset_id")
    roles = {of[one.asset_id]: one.role for one in wish.tracks if one.role}
    with transaction.atomic():
        session = sessions.create_session(
            context,
            title=wish.title,
            date=wish.day,
            project_id=wish.project_id,
            camera_names=roles,
            preferred_master=of.get(wish.base_asset_id, "") if wish.base_asset_id else "",
        )
        return attach(context, session.pk, labels)


def _labels(tracks: Sequence[TrackWish]) -> dict[str, UUID]:
    """Label → asset: as named, the rest in order."""
    free = [one for one in LABELS if one not in {track.camera_label for track in tracks}]
    found: dict[str, UUID] = {}
    for number, track in enumerate(tracks):
        label = track.camera_label or free.pop(0)
        if label in found or track.asset_id in found.values():
            raise InvalidInput("Two tracks have the same camera_label or asset_id.", field=f"tracks[{number}]")
        angle_number(label)
        found[label] = track.asset_id
    return found


def all_of(context: Context) -> QuerySet[RecordingSession]:
    """The tenant's sessions, the newest first."""
    found: QuerySet[RecordingSession] = RecordingSession.objects.in_tenant(context)
    return found.prefetch_related("assets").order_by("-created_at", "pk")


def read(context: Context, session_id: Any) -> Multicam:
    """One session. Raises NotFound."""
    session = sessions.get_session(context, session_id)
    return of_session(session)


def of_session(session: RecordingSession) -> Multicam:
    """A session with its angles and its sync."""
    return Multicam(session, list(session.assets.all()), runs.CURRENT.first(session=session.pk))


def align(context: Context, session_id: Any, *, force: bool = False) -> Multicam | MediaJob:
    """The session's sync, where there is one; else the job that computes it. `force` computes it again, which a decision by a
    person does not stop.

    Raises NotFound, WrongStatus, DecisionStands.
    """
    found = read(context, session_id)
    if found.result is not None and not force:
        return found
    if found.session.status == RecordingSession.Status.SYNCING:
        job: MediaJob | None = (
            MediaJob.objects.filter(session=found.session, type="sync_session_v1").unfinished().first()
        )
        if job is not None:
            return job
    return runs.rerun(context, session_id, force=force)
