"""The data of the review page: a session's cameras, its sync with its verdict, and its decisions."""

import hashlib
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import CharField, Count, DateTimeField, Q, QuerySet, UUIDField

from media_app.core import kinds
from media_app.jobs import unwaited_types
from media_app.models import MediaAsset, MediaJob
from media_app.services.summaries import contents
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.models.compiled import CompiledQuery
from sync_app.core import decide, standing
from sync_app.core import verdict as wording
from sync_app.core.messages import named
from sync_app.core.synced import camera_order, segments_from
from sync_app.models import SyncDecision, SyncResult
from sync_app.services import review, runs

#: The files of a camera that the page draws and plays to the ear.
OF_SOUND = (kinds.AUDIO_WAV.name, kinds.WAVEFORM.name)

_PLACE: CompiledQuery[Any] = CompiledQuery(
    lambda tenant, env, created_at, session: (
        RecordingSession.objects.in_tenant(Context(tenant, env))
        .awaiting_review()
        .order_by()
        .values("tenant_id")
        .annotate(all=Count("pk"), before=Count("pk", filter=_before(created_at, session)))
        .values_list("all", "before")
    ),
    tenant=CharField(),
    env=CharField(),
    created_at=DateTimeField(),
    session=UUIDField(),
)


#: Notes that stand on the page; the others are folded.
NOTES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera with its clips in order: one lane, one picture."""

    label: str
    clips: tuple[MediaAsset, ...]
    master: str

    @property
    def first(self) -> MediaAsset:
        return self.clips[0]

    @property
    def many(self) -> bool:
        return len(self.clips) > 1

    @property
    def is_master(self) -> bool:
        return any(clip.camera_key == self.master for clip in self.clips)

    @property
    def has_picture(self) -> bool:
        return any(clip.kind == MediaAsset.Kind.VIDEO for clip in self.clips)


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of the sync or the ingest, and the clips that it holds for; none for the whole session."""

    keys: tuple[str, ...]
    sentence: str

    @property
    def named(self) -> str:
        return named(self.keys)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The session's place among those that wait for a person, counted from 1; 0 when it does not wait."""

    waiting: int
    place: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A session with its sync, cameras, jobs and decisions, read once."""

    session: RecordingSession
    result: SyncResult | None
    assets: list[MediaAsset]
    jobs: list[MediaJob]
    decisions: list[SyncDecision]

    @property
    def master(self) -> str:
        if self.result is not None:
            return self.result.master_camera
        labels = [asset.camera_key for asset in self.assets if asset.inspected]
        return review.master_by_hand(self.session, labels) or (self.assets[0].camera_key if self.assets else "")

    @property
    def rows(self) -> list[CameraRow]:
        """The cameras by letter, each with its clips."""
        ordered = sorted(self.assets, key=lambda asset: camera_order(asset.camera_key))
        grouped = groupby(ordered, key=lambda asset: asset.camera_label)
        return [CameraRow(label, tuple(clips), self.master) for label, clips in grouped]

    @property
    def may_decide(self) -> bool:
        """Whether a person may decide now: no sound is being worked on, and a camera can be used. Pictures may be to come."""
        status = RecordingSession.Status
        return self.session.status in (status.NEEDS_REVIEW, status.READY) and any(
            asset.inspected for asset in self.assets
        )

    @property
    def verdict(self) -> wording.Verdict | None:
        if self.result is None:
            return None
        result = self.result
        standing = wording.Standing(
            result.operator_status, result.decided_by, result.approved_at, result.decision_notes
        )
        return wording.verdict(result.master_camera, result.others, standing if result.decided else None)

    @property
    def may_approve(self) -> bool:
        """Whether there is a computed sync that a person may approve now."""
        return self.may_decide and self.result is not None and not self.result.by_hand

    @property
    def needs_reason(self) -> list[str]:
        """The cameras that an approval must give a reason for."""
        return decide.needs_reason(self.result.cameras) if self.result is not None else []

    @property
    def covered(self) -> set[str]:
        """The letters of the cameras of whose overlap is known what the sound shows."""
        others = self.result.others if self.result is not None else []
        return {camera_order(camera.key)[0] for camera in others if camera.coverage}

    @property
    def cautions(self) -> list[Note]:
        """What the sync and the ingest warn of, each sentence once."""
        cautions = self.result.cautions if self.result else []
        cautions += [(asset.camera_key, asset.status_message) for asset in self.assets if asset.status_message]
        cautions += [(asset.camera_key, f"Withheld: {asset.withheld}") for asset in self.assets if asset.withheld]
        cautions += [(asset.camera_key, warning) for asset in self.assets for warning in asset.warnings]
        keys: dict[str, list[str]] = {}
        for key, sentence in dict.fromkeys(cautions):
            keys.setdefault(sentence, []).append(key)
        return [Note(tuple(key for key in those if key), sentence) for sentence, those in keys.items()]

    @property
    def notes(self) -> list[Note]:
        return self.cautions[:NOTES_SHOWN]

    @property
    def folded(self) -> list[Note]:
        """The notes beyond those that stand on the page."""
        return self.cautions[NOTES_SHOWN:]

    @property
    def history(self) -> list[dict[str, Any]]:
        """The decisions, newest first, with what each changed."""
        return [
            {"decision": decision, "changes": _changes(decision), "stale": self._stale_cameras(decision)}
            for decision in self.decisions
        ]

    @property
    def sounds(self) -> dict[str, str]:
        """Camera key → the checksum of its sound, as it is now."""
        files = [(asset, file) for asset in self.assets if asset.inspected for file in asset.files]
        return {asset.camera_key: file.checksum for asset, file in files if file.kind == kinds.AUDIO_WAV.name}

    def _stale_cameras(self, decision: SyncDecision) -> list[str]:
        decided = decision.decided
        return standing.stale_cameras(decided, self.sounds) if decided and decision.stale else []

    @property
    def recordings(self) -> str:
        """Changes when what the page draws and compares is no longer what the session has. Pictures are taken in as they come."""
        cameras = self.result.cameras if self.result else []
        starts = [[segment.start_ms for segment in camera.segments_in_force] for camera in cameras]
        parts = [f"{self.master} {self.result.pk if self.result else ''} {starts}"]
        for asset in self.assets:
            made = sorted(derived.key for derived in asset.files if derived.kind in OF_SOUND)
            parts.append(f"{asset.pk} {asset.inspected} {made}")
        return _digest(parts)

    @property
    def stamp(self) -> str:
        """Changes when anything that the page shows does."""
        parts = [self.recordings, self.session.status, self.session.status_reason, self.session.title]
        parts += [f"{self.result.version}" if self.result else "", f"{len(self.decisions)}"]
        parts += [f"{job.pk} {job.status} {job.progress_percent:.0f} {job.progress_step}" for job in self.jobs]
        parts += [f"{a.status}{a.picture_ready_at}{a.status_message}{a.warnings}" for a in self.assets]
        return _digest(parts)


def read(session: RecordingSession) -> ReviewPage:
    assets, jobs = contents(session)
    unwaited = unwaited_types()
    return ReviewPage(
        session=session,
        result=runs.CURRENT.first(session=session.pk),
        assets=assets,
        jobs=[job for job in reversed(jobs) if job.type not in unwaited],
        decisions=runs.DECISIONS.all(session=session.pk),
    )


def queue(session: RecordingSession) -> QuerySet[RecordingSession]:
    """What waits for a person in the session's tenant, the oldest first."""
    return RecordingSession.objects.in_tenant(session.context).awaiting_review().order_by("created_at", "pk")


def neighbours(session: RecordingSession) -> Neighbours:
    waits = session.status == RecordingSession.Status.NEEDS_REVIEW
    found = _PLACE.rows(tenant=session.tenant_id, env=session.env, created_at=session.created_at, session=session.pk)
    waiting, before = found[0] if found else (0, 0)
    return Neighbours(waiting, before + 1 if waits else 0)


def next_waiting(session: RecordingSession) -> RecordingSession | None:
    """The next one after `session`; after the last comes the first; None when no other waits."""
    others = queue(session).exclude(pk=session.pk)
    return others.exclude(_before(session.created_at, session.pk)).first() or others.first()


def previous_waiting(session: RecordingSession) -> RecordingSession | None:
    others = queue(session).exclude(pk=session.pk)
    return others.filter(_before(session.created_at, session.pk)).last() or others.last()


def _before(created_at: Any, session: Any) -> Q:
    return Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=session)


def _changes(decision: SyncDecision) -> list[tuple[str, str]]:
    """(label, from → to) for each camera that the decision moved, then for each segment that it moved by another amount; before
    the first decision stood what was computed."""
    before, after = decision.offsets_before or {}, decision.offsets_after or {}
    whole = {key: (before.get(key, decision.result.computed_ms(key)), ms) for key, ms in after.items()}
    changes = [(key, wording.change(earlier, ms)) for key, (earlier, ms) in whole.items() if earlier != ms]
    was, now = decision.segments_before or {}, decision.segments_after or {}
    for key in now:
        earlier, ms = whole.get(key, (None, None))
        moved = ms - earlier if earlier is not None and ms is not None else 0.0
        found = wording.segment_changes(segments_from(was.get(key, ())), segments_from(now[key]), earlier, moved)
        changes += [(key, change) for change in found]
    return changes


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
