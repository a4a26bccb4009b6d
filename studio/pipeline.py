"""The work that each status starts. A finished stage moves the session; this table does the rest.

draft → ingesting (uploads and ingest, started by the upload) → syncing → needs-review → ready (a person decides; who speaks is found)
"""

from django.dispatch import receiver

from media_app.services import webhooks
from render_app.services import heard_once, who_speaks
from sessions_app.models import RecordingSession
from sessions_app.services import session_advanced
from sync_app.services import runs

Status = RecordingSession.Status


def _decided(session: RecordingSession) -> None:
    """What was moved through the sync before goes, and who speaks is found by the one that stands."""
    heard_once.outdate(session)
    who_speaks.after_decision(session)


STARTS = {
    Status.INGESTING: runs.supersede,
    Status.SYNCING: runs.start_sync,
    Status.READY: _decided,
}


@receiver(session_advanced, dispatch_uid="studio.pipeline")
def continue_pipeline(session: RecordingSession, came_from: str, **_) -> None:
    """Start the status's work, inside the transaction that moved the session, or changed what its status rests on."""
    if came_from != session.status:
        webhooks.session_moved(session, came_from)
    start = STARTS.get(Status(session.status))
    if start is not None:
        start(session)
