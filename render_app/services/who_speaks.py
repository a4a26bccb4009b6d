"""Telling the people of a shoot apart: a job of its own, once its sync is decided, so that words have speakers without a cut."""

from typing import Any

from media_app import jobs
from media_app.jobs import CannotSucceed, Run
from media_app.models import MediaJob
from media_app.services import quota, speakers
from render_app.core.autocut.turns import turns_in
from render_app.core.autocut.values import Conversation, Span
from render_app.core.edit.multicam import MulticamEdit
from render_app.services import conversation, shoot_speakers
from render_app.services.edit import multicam_edit, version_of
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session

TYPE = speakers.JOB
#: Nobody waits for it yet when a sync is decided: after everything that somebody asked for, before mezzanines.
PRIORITY = -5


def start(context: Context, session_id: Any) -> MediaJob:
    """The job that finds who speaks, or the one that did by the sync that stands. Raises NotDecided, NotFound, InvalidInput,
    TooMuchWaiting."""
    session = get_session(context, session_id)
    edit = multicam_edit(context, session_id)
    if len(_labels(edit)) < speakers.LEAST_MICROPHONES:
        message = "One microphone alone cannot show who speaks. At least two cameras of the session need sound."
        raise InvalidInput(message, field="session_id")
    done = MediaJob.objects.filter(session=session, type=TYPE, status=MediaJob.Status.COMPLETED)
    by_this_sync: MediaJob | None = done.filter(result_json__sync_version=edit.version).order_by("-created_at").first()
    if by_this_sync is not None and shoot_speakers.are_kept(context, edit):
        return by_this_sync
    quota.refuse_job(context)
    return _enqueue(session, priority=0)


def after_decision(session: RecordingSession) -> None:
    """In the transaction that decided a session, or corrected its sync: turns found by another sync name nobody, and the job, where
    there is anybody to distinguish."""
    speakers.outdate(session)
    labels = session.assets.filter(has_audio=True).values("camera_label").distinct()
    if labels.count() >= speakers.LEAST_MICROPHONES:
        _enqueue(session, priority=PRIORITY)


def _enqueue(session: RecordingSession, *, priority: int) -> MediaJob:
    what = {"session_id": str(session.pk)}
    # A job that runs by the sync before finds nobody by this one.
    key = f"who-speaks:{session.pk}:{version_of(session)}"
    return jobs.enqueue(TYPE, session, input_json=what, priority=priority, dedupe_key=key)


def run(run: Run) -> None:
    """The job. Raises CannotSucceed where the session is not decided any more."""
    context, asked = run.job.context, run.job.input_json
    try:
        edit = multicam_edit(context, asked["session_id"])
    except StudioError as error:
        raise CannotSucceed(error.message) from error
    spans = [Span(one.start_ms / 1000, one.end_ms / 1000) for one in edit.angles if one.audio_channels]
    if not spans:
        raise CannotSucceed("No camera of the session has sound anymore.")
    talk = conversation.heard(run, edit, conversation.whole(spans))
    stored = shoot_speakers.store(context, edit, talk)
    with run.completing() as result:
        result |= _facts(talk, edit)
        if shoot_speakers.record_if_current(stored, edit):
            return
        result["superseded"] = True


def _labels(edit: MulticamEdit) -> set[str]:
    return {one.label for one in edit.angles if one.audio_channels}


def _facts(talk: Conversation, edit: MulticamEdit) -> dict[str, Any]:
    """What a person may want to know of it."""
    return {
        "speaker_source": "mic",
        "sync_version": edit.version,
        "turns": len(turns_in(talk)),
        "speech_share": {one: round(talk.share_of(one), 4) for one in talk.microphones},
        "uncertain_share": round(talk.doubt, 4),
    }


HANDLERS = jobs.Handlers(run)
