"""A first film of a decided session: the cut by who speaks, the words, and the mastered film with its captions, one after another.

Each step is a job of the one queue. The cut's end begins `first_film_v1`, which begins the export once the words are there; the
row says what became of it, and asking again while it is in the making is the same film.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from media_app import jobs
from media_app.jobs import CannotSucceed, Run
from media_app.models import MediaAsset, MediaJob
from media_app.services.quota import TooMuchWaiting
from render_app.core.catalogue import cut_styles
from render_app.core.first_film import State, Step, Work, size_of, state_of, steps_of, words_of
from render_app.exchange import formats
from render_app.models import Export, FirstFilm, VideoProject
from render_app.services import autocut, cut_words, export_access, exports
from render_app.services.autocut import AutoCut
from render_app.services.edit import multicam_edit
from render_app.services.renders import TooManyRenders
from render_app.services.timeline_edits import Caller
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, StudioError, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import get_session

TYPE = autocut.FILM_TYPE
OUTPUT, MASTERING = "film", "normalise_v1"
Outcome = FirstFilm.Outcome
_STATES = {
    MediaJob.Status.PENDING: State.WAITING,
    MediaJob.Status.PROCESSING: State.WORKING,
    MediaJob.Status.COMPLETED: State.DONE,
    MediaJob.Status.FAILED: State.FAILED,
    MediaJob.Status.DEAD: State.FAILED,
    MediaJob.Status.CANCELLED: State.CANCELLED,
}
_EXPORT_STATES = {
    Export.QUEUED: State.WAITING,
    Export.PROCESSING: State.WORKING,
    Export.Outcome.COMPLETED: State.DONE,
    Export.Outcome.EXPIRED: State.DONE,
    Export.Outcome.FAILED: State.FAILED,
    Export.Outcome.CANCELLED: State.CANCELLED,
}
#: State → its label and tone.
LABELS_OF = {
    State.WAITING: ("Waiting", "busy"),
    State.WORKING: ("In the making", "busy"),
    State.DONE: ("Ready", "good"),
    State.LEFT_OUT: ("Left out", "quiet"),
    State.FAILED: ("Failed", "bad"),
    State.CANCELLED: ("Canceled", "quiet"),
}


class AnotherInTheMaking(WrongStatus):
    """A first film of another style is in the making."""

    code = "film_in_the_making"


class WordsWait(StudioError):
    """The words wait for a worker: the film is tried again later."""

    code = "words_wait"


@dataclass(frozen=True, slots=True)
class Film:
    """A first film as the API and the pages show it. `files`: what can be downloaded of its export, by name."""

    row: FirstFilm
    steps: Sequence[Step]
    project_id: str
    files: Sequence[Mapping[str, Any]] = ()
    withheld: str = ""

    @property
    def state(self) -> State:
        """Of the whole."""
        return state_of(self.steps)

    @property
    def label(self) -> str:
        """Its state as a page says it."""
        return LABELS_OF[self.state][0]

    @property
    def tone(self) -> str:
        """The color of its badge."""
        return LABELS_OF[self.state][1]

    @property
    def downloads(self) -> list[tuple[str, str, int]]:
        """Name, file name and bytes of each file."""
        return [(one["name"], _file_name(one), one["size_bytes"]) for one in self.files]

    @property
    def is_working(self) -> bool:
        """Whether something of it waits or runs."""
        return self.state in (State.WAITING, State.WORKING)


def _file_name(file: Mapping[str, Any]) -> str:
    name = str(file["name"])
    return name if "." in name else f"{name}{PurePosixPath(file['key']).suffix}"


def start(caller: Caller, session_id: Any, preset: str = autocut.DEFAULT_STYLE) -> FirstFilm:
    """The film, or the one in the making. What a person has changed in the cut is kept.

    Raises AnotherInTheMaking, and as `autocut.start`.
    """
    with transaction.atomic():
        session = get_session(caller.context, session_id, lock=True)
        there = FirstFilm.objects.filter(session=session).select_related("export__job").first()
        if there is not None and _of_row(there).is_working:
            if there.preset == preset:
                return there
            raise AnotherInTheMaking(
                f"A film of this session is already being made, with the preset {there.preset}. Wait for it, or cancel it first.",
                field="preset",
            )
        cut = autocut.start(caller, session_id, AutoCut(preset=preset))
        film = FirstFilm.objects.create(
            **session.context.stamp(), session=session, preset=preset, cut_job=cut,
            user_id=caller.user_id, created_by=caller.context.user,
        )  # fmt: skip
        # Its cut may be one that was under way, and has looked for films that wait for it a moment ago.
        autocut.go_on(cut)
    return film


def find(context: Context, session_id: Any) -> Film:
    """The latest film of a session. Raises NotFound."""
    film = latest(get_session(context, session_id))
    if film is None:
        raise NotFound("No first film of this session was asked for. Start one with POST.", field="session_id")
    return film


def latest(session: RecordingSession) -> Film | None:
    """The session's latest first film; None where none was asked for."""
    rows = FirstFilm.objects.filter(session=session).select_related("cut_job", "export__job", "export__project")
    row = rows.first()
    return _of_row(row) if row is not None else None


def panel(session: RecordingSession) -> dict[str, Any]:
    """The film of a session, for its page, and the styles that one may be made in; None before its sync is decided."""
    ready = session.status == RecordingSession.Status.READY
    return {
        "can_film": ready,
        "film": latest(session) if ready else None,
        "styles": cut_styles(),
        "style": autocut.DEFAULT_STYLE,
        "formats": formats(),
    }


def summarize(sessions: Any) -> dict[Any, Any]:
    """Nothing of it stands in the list of sessions."""
    return {}


def cancel(context: Context, session_id: Any) -> None:
    """Stop what runs of the film in the making; what was made of it stays. Raises NotFound."""
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        film = find(context, session_id)
        row = film.row
        if not film.is_working:
            return
        if row.export is not None and row.export.job is not None:
            jobs.request_cancel([row.export.job])
            return
        _end(row, Outcome.CANCELLED)
        waiting = MediaJob.objects.unfinished().filter(session=session, type=TYPE, input_json__film_id=str(row.pk))
        jobs.request_cancel([*waiting, *([row.cut_job] if row.cut_job is not None else [])])


def run(run: Run) -> None:
    """The job: begin the export, if the cut and its words are there. Raises WordsWait, TooManyRenders, CannotSucceed."""
    film = _whose_cut_is_made(run)
    if film is None:
        return
    context, session = run.job.context, film.session
    assert film.cut_job is not None
    if not _is_there(film.cut_job):
        raise CannotSucceed("The project of its cut was deleted before the film was begun. Make the film again.")
    words, made = cut_words.asked_by(film.cut_job), film.cut_job.result_json or {}
    try:
        cut_words.wait(run, words)
        captions = cut_words.captions_of(context, multicam_edit(context, session.pk), words)
        if captions.state == "listening":
            raise WordsWait(captions.message)
        captioned = captions.state == "ready" and captions.word_count > 0
        run.progress(50, "planning the film")
        export = exports.start(
            exports.Asked(Context(film.tenant_id, film.env, film.created_by), film.user_id, f"first-film-{film.pk}"),
            _request(session, made["project_id"], captioned),
        )
    except (WordsWait, TooManyRenders, TooMuchWaiting):
        raise
    except StudioError as error:
        raise CannotSucceed(error.message) from error
    with run.completing() as result:
        row = FirstFilm.objects.select_for_update().get(pk=film.pk)
        if row.outcome:
            exports.remove(export)
            return
        row.export, row.outcome, row.note = export, Outcome.EXPORTED, "" if captioned else captions.message
        row.save(update_fields=["export", "outcome", "note", "updated_at"])
        result["export_id"] = str(export.pk)


def _whose_cut_is_made(run: Run) -> FirstFilm | None:
    """The film of the job, once its cut is made; None while the cut's own end will begin another job like this one."""
    with transaction.atomic():
        films = FirstFilm.objects.filter(pk=run.job.input_json["film_id"], outcome="")
        film = films.select_related("session", "created_by").first()
        if film is None or film.cut_job_id is None:
            return None
        # Locked: a cut that ends now has ended before, or will find the film.
        film.cut_job = MediaJob.objects.select_for_update().get(pk=film.cut_job_id)
        return film if film.cut_job.status == MediaJob.Status.COMPLETED else None


def _is_there(cut: MediaJob) -> bool:
    """Whether the project that a cut made is still there."""
    made = (cut.result_json or {}).get("project_id")
    return bool(made) and VideoProject.objects.in_tenant(cut.context).filter(pk=str(made)).exists()


def _request(session: RecordingSession, project_id: str, captioned: bool) -> dict[str, Any]:
    films = session.assets.filter(kind=MediaAsset.Kind.VIDEO, width__gt=0, height__gt=0)
    size = size_of((one.width or 0, one.height or 0) for one in films)
    output = {"name": OUTPUT} | ({"width": size[0], "height": size[1]} if size else {})
    wish = {"projectId": project_id, "outputs": [output], "audio": {"preset": MASTERING}}
    return wish | ({"captions": {}} if captioned else {})


@receiver(jobs.job_given_up, dispatch_uid="render_app.first_film")
def _given_up(job: MediaJob, **_: Any) -> None:
    """A cut or a beginning that failed or was canceled is the end of the films that waited for it."""
    if job.type not in (TYPE, autocut.TYPE):
        return
    films = FirstFilm.objects.filter(outcome="")
    films = films.filter(cut_job=job) if job.type == autocut.TYPE else films.filter(pk=job.input_json["film_id"])
    stopped = job.status == MediaJob.Status.CANCELLED
    for film in films:
        _end(film, Outcome.CANCELLED if stopped else Outcome.FAILED, "" if stopped else job.error_message)


def _end(film: FirstFilm, outcome: str, note: str = "") -> None:
    film.outcome, film.note = outcome, note[:2000]
    film.save(update_fields=["outcome", "note", "updated_at"])


def _of_row(row: FirstFilm) -> Film:
    project_id, gone = "", False
    if row.cut_job is not None and row.cut_job.status == MediaJob.Status.COMPLETED:
        gone = not _is_there(row.cut_job)
        project_id = "" if gone else (row.cut_job.result_json or {})["project_id"]
    steps = steps_of(_cut(row), _words(row), _film(row), gone=gone)
    export = row.export
    if export is None or export.outcome != Export.Outcome.COMPLETED:
        return Film(row, steps, project_id)
    kept = export_access.withheld_among([export]).get(export.pk, "")
    return Film(row, steps, project_id, () if kept else tuple(export.files_json), kept)


def _cut(row: FirstFilm) -> Work:
    job = row.cut_job
    if job is None:
        return Work(State.DONE if row.outcome == Outcome.EXPORTED else State.FAILED, message=row.note)
    state = _STATES[MediaJob.Status(job.status)]
    if state == State.DONE:
        shots = len((job.result_json or {}).get("shots", ()))
        return Work(state, 100.0, f"{shots} shot{'' if shots == 1 else 's'}, each with its reason.")
    return Work(state, job.progress_percent, job.error_message if state == State.FAILED else job.progress_step)


def _words(row: FirstFilm) -> Work:
    """The listening, which goes on beside the cut. Words that cannot be had leave the film without captions, and it says so."""
    if row.outcome == Outcome.EXPORTED:
        return Work(State.LEFT_OUT, message=row.note) if row.note else Work(State.DONE, 100.0)
    if row.outcome:
        return Work(State.LEFT_OUT)
    asked = cut_words.asked_by(row.cut_job)["jobs"].values() if row.cut_job is not None else ()
    found = MediaJob.objects.filter(pk__in=asked)
    return words_of([Work(_STATES[MediaJob.Status(job.status)], job.progress_percent) for job in found])


def _film(row: FirstFilm) -> Work:
    if row.outcome == Outcome.FAILED:
        return Work(State.FAILED, message=row.note)
    if row.outcome == Outcome.CANCELLED:
        return Work(State.CANCELLED)
    if row.outcome == Outcome.EXPORTED and row.export is None:
        return Work(State.DONE, 100.0, "The export was deleted.")
    if row.export is None:
        return Work(State.WAITING)
    return _exported(row.export)


def _exported(export: Export) -> Work:
    state = _EXPORT_STATES[export.status]
    if export.outcome == Export.Outcome.EXPIRED:
        return Work(state, 100.0, "Its files were deleted when their time was over. Make the film again.")
    if state == State.FAILED:
        return Work(state, message=export.error_message)
    if state == State.DONE or export.job is None:
        return Work(state, 100.0)
    return Work(state, export.job.progress_percent, export.job.progress_step)


HANDLERS = jobs.Handlers(run)
