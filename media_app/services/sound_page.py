"""What a page shows of a recording's sound: its beats as a strip, enhanced and cleaned versions to listen to, and work on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.hearing.strip import WIDTH, Bar
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import documents
from sessions_app.errors import NotFound

#: The jobs that make what is shown, and what a person reads of each.
JOBS = {
    "engine_beat_features_v1": "Beats",
    "engine_voice_enhance_v1": "Clearer voices",
    "engine_preprocess_v1": "Cleaned sound",
    "engine_segment_v1": "Segments",
}
#: Versions to listen to.
MOST = 8


@dataclass(frozen=True, slots=True)
class Worked:
    """One recording with what was made of its sound. `jobs`: (what, job) of those that are not done."""

    asset: MediaAsset
    beats: dict[str, Any] | None
    bars: tuple[Bar, ...]
    versions: Sequence[DerivedMedia]
    segments: int
    jobs: Sequence[tuple[str, MediaJob]]

    @property
    def working(self) -> bool:
        return any(job.status in MediaJob.UNFINISHED for _, job in self.jobs)


def worked_on(asset: MediaAsset) -> Worked:
    """What there is of one recording."""
    kept = asset.derivatives.filter(expired_at=None, input_ref=asset.original_key)
    heard = (kinds.AUDIO_VOICE_ENHANCED.name, kinds.AUDIO_CLEAN.name)
    beats = _beats(asset)
    return Worked(
        asset,
        beats,
        _bars(beats, asset.duration_ms or 0),
        list(kept.filter(kind__in=heard).order_by("-kind", "-created_at")[:MOST]),
        kept.filter(kind=kinds.AUDIO_SEGMENT.name).count(),
        _jobs(asset),
    )


def _beats(asset: MediaAsset) -> dict[str, Any] | None:
    row = documents.newest(asset, kinds.BEAT_FEATURES)
    try:
        return documents.read(row) if row is not None else None
    except NotFound:
        return None


def _bars(beats: dict[str, Any] | None, duration_ms: int) -> tuple[Bar, ...]:
    """Each beat as a line, that of a bar's first beat wider."""
    listed = (beats or {}).get("beats", [])
    if not duration_ms:
        return ()
    return tuple(
        Bar(round(WIDTH * beat["time_ms"] / duration_ms, 2), 1.6 if beat.get("beat_index") == 0 else 0.6)
        for beat in listed
    )


def _jobs(asset: MediaAsset) -> list[tuple[str, MediaJob]]:
    """The newest job of each type, unless it is done."""
    newest: dict[str, MediaJob] = {}
    for job in MediaJob.objects.filter(asset=asset, type__in=JOBS).order_by("created_at"):
        newest[JOBS[job.type]] = job
    return [(what, job) for what, job in newest.items() if job.status != MediaJob.Status.COMPLETED]
