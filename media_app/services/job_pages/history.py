"""Everything that happened to a session, on one time axis."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from media_app.core.time.axis import axis
from media_app.models import MediaAsset, MediaJob, Upload
from media_app.services.job_pages.rows import JobRow, row_of
from sessions_app.models import RecordingSession
from sessions_app.services import summaries
from sessions_app.tenancy import Context


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a session's history: something that happened, or a job with its attempts as `bars` (start and length, ‰)."""

    at: datetime
    label: str
    state: str
    tone: str
    camera: str
    who: str
    detail: str
    bars: Sequence[tuple[float, float]]
    row: JobRow | None = None


def history(context: Context, session: RecordingSession) -> list[Step]:
    """Everything that happened to a session, in order: uploads, jobs with their attempts, syncs, decisions."""
    theirs = Q(session=session) | Q(replay_of__session=session)
    jobs = list(
        MediaJob.objects.in_tenant(context)
        .filter(theirs)
        .select_related("session", "asset")
        .prefetch_related("attempt_rows")
        .order_by("created_at")
    )
    now = timezone.now()
    events = [*_uploads(session), *summaries.history(session)]
    rows: list[tuple[datetime, list[tuple[datetime, datetime]], summaries.Event | MediaJob]] = [
        (event.at, [(event.at, event.until or event.at)], event) for event in events
    ]
    for job in jobs:
        spans = [(attempt.started_at, attempt.finished_at or now) for attempt in job.attempt_rows.all()]
        rows.append((job.created_at, spans, job))
    scale = axis([(start.timestamp(), end.timestamp()) for _, spans, _ in rows for start, end in spans])

    def bar(start: datetime, end: datetime) -> tuple[float, float]:
        begin, finish = scale.place(start.timestamp()), scale.place(end.timestamp())
        return min(begin, 996.0), round(max(finish - begin, 4.0), 1)

    steps = []
    for at, spans, what in sorted(rows, key=lambda row: row[0]):
        bars = [bar(*span) for span in spans]
        if isinstance(what, MediaJob):
            shown = row_of(what, list(what.attempt_rows.all()))
            camera = what.asset.camera_key if what.asset else ""
            why = what.error_message[:300] if shown.can_retry else ""
            steps.append(
                Step(at, shown.label, shown.status_label, shown.tone, camera, what.locked_by, why, bars, shown)
            )
        else:
            steps.append(Step(at, what.label, what.state, what.tone, what.camera, what.who, what.detail, bars))
    return steps


_UPLOADS = {
    Upload.State.OPEN: ("Uploading", "busy"),
    Upload.State.COMPLETED: ("Uploaded", "good"),
    Upload.State.ABORTED: ("Canceled", "quiet"),
}


def _uploads(session: RecordingSession) -> Iterator[summaries.Event]:
    assets = MediaAsset.objects.filter(session=session)
    for upload in Upload.objects.filter(asset__in=assets).select_related("asset"):
        state, tone = _UPLOADS[Upload.State(upload.state)]
        moving = upload.state == Upload.State.OPEN
        yield summaries.Event(
            at=upload.created_at,
            label=f"Upload of {upload.filename}",
            state=state,
            tone=tone,
            until=timezone.now() if moving else upload.updated_at,
            camera=upload.asset.camera_key,
        )
