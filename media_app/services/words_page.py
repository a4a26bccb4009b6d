"""What a page shows of what is heard in a recording: speech, music and silence as a strip, the words, and work on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.hearing import strip
from media_app.core.hearing.speakers import Line, Speakers, lines_of
from media_app.core.hearing.strip import Row
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import captions, documents, speakers
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession

#: The jobs that make what is shown.
JOBS = {"engine_asr_v1": "transcript", "engine_semantic_timeline_v1": "timeline"}
SPEAKERS = "speakers"


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording with what was heard in it. `jobs`: the newest of each that is not done, by what it makes."""

    asset: MediaAsset
    transcript: DerivedMedia | None
    timeline: DerivedMedia | None
    lines: Sequence[Line]
    rows: tuple[Row, ...]
    jobs: dict[str, MediaJob]
    may_tell_speakers: bool = False

    @property
    def duration_ms(self) -> float:
        return float(self.asset.duration_ms or 0)

    @property
    def working(self) -> bool:
        return any(job.status in MediaJob.UNFINISHED for job in self.jobs.values())

    @property
    def doubtful(self) -> int:
        """How many words are of low confidence."""
        return int(self.transcript.meta.get("low_confidence_count", 0)) if self.transcript is not None else 0


def heard_in(asset: MediaAsset) -> Heard:
    """What there is of one recording."""
    transcript = captions.transcript_of(asset)
    timeline = documents.newest(asset, kinds.AUDIO_SEMANTIC_TIMELINE)
    known = speakers.of(asset) if transcript or timeline else Speakers()
    jobs = _jobs(asset, {"transcript": transcript, "timeline": timeline})
    if (telling := _telling(asset)) is not None:
        jobs[SPEAKERS] = telling
    return Heard(
        asset,
        transcript,
        timeline,
        lines_of(_part(transcript, "segments"), known),
        strip.rows(_part(timeline, "events"), float(asset.duration_ms or 0)),
        jobs,
        bool(transcript or timeline) and not known.turns and SPEAKERS not in jobs and _may_tell(asset),
    )


def _telling(asset: MediaAsset) -> MediaJob | None:
    """The job that tells the people of a shoot apart, while it is not done."""
    if not _is_decided(asset):
        return None
    newest = MediaJob.objects.filter(session=asset.session_id, type=speakers.JOB).order_by("-created_at").first()
    return newest if newest is not None and newest.status != MediaJob.Status.COMPLETED else None


def _is_decided(asset: MediaAsset) -> bool:
    return asset.session is not None and asset.session.status == RecordingSession.Status.READY


def _may_tell(asset: MediaAsset) -> bool:
    """Whether the shoot is decided and has microphones to tell people apart by, and nobody has yet."""
    session = asset.session
    if session is None or not _is_decided(asset) or speakers.are_told(asset):
        return False
    labels = session.assets.filter(has_audio=True).values("camera_label").distinct()
    return bool(labels.count() >= speakers.LEAST_MICROPHONES)


def heard_in_shoot(session: RecordingSession) -> Heard | None:
    """Of the camera of a shoot whose words are known, else whose timeline is, else of the first: the others stood beside it."""
    cameras = [asset for asset in session.assets.order_by("camera_label", "pk") if asset.has_audio]
    ready = [asset for asset in cameras if asset.status == MediaAsset.Status.READY]
    wanted = (kinds.ASR_TRANSCRIPT, kinds.AUDIO_SEMANTIC_TIMELINE)
    known = set(documents.of_recordings(ready, wanted).values_list("kind", "asset"))
    of_known = (asset for kind in wanted for asset in ready if (kind.name, asset.pk) in known)
    chosen = next(of_known, ready[0] if ready else None)
    return heard_in(chosen) if chosen else None


def _part(row: DerivedMedia | None, name: str) -> list[dict[str, Any]]:
    if row is None:
        return []
    try:
        found: list[dict[str, Any]] = documents.read(row)[name]
    except NotFound:
        return []
    return found


def _jobs(asset: MediaAsset, made: dict[str, DerivedMedia | None]) -> dict[str, MediaJob]:
    """Jobs under way, and those that failed since what there is was made."""
    found: dict[str, MediaJob] = {}
    for job in MediaJob.objects.filter(asset=asset, type__in=JOBS).order_by("created_at"):
        what = JOBS[job.type]
        row = made[what]
        if job.status in MediaJob.UNFINISHED or (
            job.status != MediaJob.Status.COMPLETED and (row is None or job.created_at > row.created_at)
        ):
            found[what] = job
    return found
