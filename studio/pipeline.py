"""Which status starts which work. A finished stage moves the session; this table does the rest.

draft → ingesting (uploads and ingest, started by the upload) → syncing → needs-review → ready (a person decides)
"""

from django.dispatch import receiver

from media_app.services import webhooks
from sessions_app.models import RecordingSession
from sessions_app.services import session_advanced
from sync_app.services import review

Status = RecordingSession.Status

STARTS = {
    Status.INGESTING: review.supersede,
    Status.SYNCING: review.start_sync,
}


@receiver(session_advanced, dispatch_uid="studio.pipeline")
def go_on(session: RecordingSession, came_from: str, **_) -> None:
    """Runs inside the transaction that moved the session, so the move and the work it starts are one."""
    webhooks.session_moved(session, came_from)
    start = STARTS.get(Status(session.status))
    if start is not None:
        start(session)
