"""What a page shows of what is heard in a recording: speech, music and silence as a strip, the words, and work on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.hearing import strip
from media_app.core.hearing.strip import Row
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import captions, documents
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession

#: The jobs that make what is shown.
JOBS = {"engine_asr_v1": "transcript", "engine_semantic_timeline_v1": "timeline"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording with what was heard in it. `jobs`: the newest of each that is not done, by what it makes."""

    asset: MediaAsset
    transcript: DerivedMedia | None
    timeline: DerivedMedia | None
    segments: Sequence[dict[str, Any]]
    rows: tuple[Row, ...]
    jobs: dict[str, MediaJob]

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
    return Heard(
        asset,
        transcript,
        timeline,
        _part(transcript, "segments"),
        strip.rows(_part(timeline, "events"), float(asset.duration_ms or 0)),
        _jobs(asset, {"transcript": transcript, "timeline": timeline}),
    )


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
